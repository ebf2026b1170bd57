import { generic } from "./generic/index.ts";
import type { Helpdesk } from "./helpdesk.ts";

/** Every helpdesk there is; its key is its folder and its name in the configuration. */
export const helpdesks = { generic } as const;
export type HelpdeskName = keyof typeof helpdesks;

/** Where a helpdesk of this kind is, by settings that were checked. */
export function originsOf(name: HelpdeskName, settings: Readonly<Record<string, unknown>>): readonly string[] {
  const helpdesk: Helpdesk = helpdesks[name];
  return helpdesk.origins(settings);
}
