/** Vonage writes numbers without their plus sign. */
import { readNumber } from "../../domain/phone-number.ts";
import type { Addressing } from "../connector.ts";

export const addressing: Addressing = { channel: "sms", readAddress: readNumber, example: "+351910000000" };

/** As the conversation names it; short codes and names stay as they are. */
export function addressOf(party: string): string {
  return /^[1-9]\d{7,14}$/.test(party) ? `+${party}` : party;
}

/** As Vonage writes it. */
export function partyOf(address: string): string {
  return address.replace(/^\+(?=\d+$)/, "");
}
