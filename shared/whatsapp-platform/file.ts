import type { Content } from "../domain/content.ts";

export type Media = Extract<Content, { type: "image" }>["media"];

/**
 * An upload of the same number by its id, else the address where Meta fetches it.
 * @throws where there is neither
 */
export function fileOf({ providerMediaId, url }: Media): { id: string } | { link: string } {
  if (providerMediaId !== undefined) return { id: providerMediaId };
  if (url !== undefined) return { link: url };
  throw new Error("whatsapp-cloud needs a file's address or Meta's id of it");
}
