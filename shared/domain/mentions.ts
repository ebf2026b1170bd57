/** Whether a text that nobody could read names a customer: by their address, in the ways in which providers write it. */

/** What is shorter is found in any text. */
const SHORTEST = 6;

/**
 * The ways in which an address may stand in a text: as it is, with or without its `+`, and inside of base64, as
 * WhatsApp's ids of messages have it.
 */
export function spellingsOf(address: string): string[] {
  const bare = address.replace(/^\+/, "");
  if (bare.length < SHORTEST) return [];
  return [bare, ...inBase64(bare)];
}

/** @param spellings of all addresses that are looked for */
export function mentions(text: string, spellings: readonly string[]): boolean {
  return spellings.some((spelling) => {
    for (let at = text.indexOf(spelling); at !== -1; at = text.indexOf(spelling, at + 1)) {
      // A number within a longer one is another number.
      const around = [text[at - 1], text[at + spelling.length]];
      const isWhole = !/^\d+$/.test(spelling) || !around.some((sign) => sign !== undefined && /\d/.test(sign));
      if (isWhole) return true;
    }
    return false;
  });
}

/** Three bytes become four characters: wherever the text begins, so much of it is always written in the same way. */
function inBase64(text: string): string[] {
  return [0, 1, 2].map((ahead) => {
    const written = Buffer.from("\0".repeat(ahead) + text)
      .toString("base64")
      .replace(/=+$/, "");
    const isCutOff = (ahead + Buffer.byteLength(text)) % 3 !== 0;
    return written.slice(ahead === 0 ? 0 : ahead + 1, isCutOff ? -1 : undefined);
  });
}
