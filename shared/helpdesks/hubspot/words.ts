import type { Saying } from "../../domain/telling.ts";

/** The text of a saying, with what of it has no other place. @param missing names of files that could not be shown */
export function wordsOf(
  { text, location }: Saying,
  { missing, place }: { missing: readonly string[]; place: boolean },
): string {
  const where = place && location ? placeText(location) : [];
  return [...(text ? [text] : []), ...where, ...missing.map((name) => `[${name}]`)].join("\n");
}

function placeText({ latitude, longitude, name, address }: NonNullable<Saying["location"]>): string[] {
  const told = [name, address].filter((word) => word !== undefined && word !== "");
  return [...told.map(String), `${latitude}, ${longitude}`];
}
