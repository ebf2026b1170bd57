/**
 * How a phone network cuts a text into segments, each of which is charged: 160 septets in the GSM alphabet or 70 UTF-16
 * units, 153 or 67 when there are several, because each then carries a header (3GPP TS 23.038 and 23.040). A preview:
 * what the provider counts is what it charges.
 */

/** GSM 03.38. Lower-case ç and nearly all accented vowels of Portuguese are not in it. */
const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
/** Two septets each: an escape and a character. */
const EXTENSION = new Set("\f^{}\\[~]|€");

export interface Segments {
  encoding: "GSM-7" | "UCS-2";
  segments: number;
  /** Septets in GSM-7, UTF-16 units in UCS-2. */
  units: number;
}

/** Counts the text as `networkText` spells it. The empty text has no segment. */
export function segments(text: string): Segments {
  const characters = [...networkText(text)];
  const isGsm = characters.every((character) => BASIC.has(character) || EXTENSION.has(character));
  const costs = characters.map((character) => (isGsm ? (EXTENSION.has(character) ? 2 : 1) : character.length));
  const units = costs.reduce((sum, cost) => sum + cost, 0);
  const encoding = isGsm ? "GSM-7" : "UCS-2";
  if (units <= (isGsm ? 160 : 70)) return { encoding, segments: units === 0 ? 0 : 1, units };
  const room = isGsm ? 153 : 67;
  let count = 1;
  let used = 0;
  for (const cost of costs) {
    // An escaped character or a pair of surrogates never straddles two segments.
    if (used + cost > room) {
      count += 1;
      used = 0;
    }
    used += cost;
  }
  return { encoding, segments: count, units };
}

/** The shortest spelling of a text: accents composed with their letters (NFC), line ends of one character. */
export function networkText(text: string): string {
  return text.normalize("NFC").replace(/\r\n?/g, "\n");
}
