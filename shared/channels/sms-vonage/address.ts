/** Vonage writes numbers without their plus sign. */

/** As the conversation names it; short codes and names stay as they are. */
export function addressOf(party: string): string {
  return /^[1-9]\d{7,14}$/.test(party) ? `+${party}` : party;
}

/** As Vonage writes it. */
export function partyOf(address: string): string {
  return address.replace(/^\+(?=\d+$)/, "");
}
