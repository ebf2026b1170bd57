/**
 * Phone numbers as far as matching goes: which spellings reach one handset. Small and without a library, since it runs
 * at the door. What is shown, stored or sent to is never rewritten by any of this.
 */
import type { Channel } from "./event.ts";

/** A spelling, and the one that stands for it: the number without what one network writes and another leaves out. */
const VARIANTS: readonly (readonly [RegExp, string])[] = [
  // Brazil: mobiles got a 9 in front; WhatsApp keeps many under the number from before. Landlines begin with 2–5.
  [/^(\+?55[1-9][1-9])([6-9]\d{7})$/, "$19$2"],
  // Mexico: the 1 of mobiles, abolished in 2019, goes on in WhatsApp's numbers.
  [/^(\+?52)1([2-9]\d{9})$/, "$1$2"],
  // Argentina: a 9 when a mobile is called from abroad, a 15 behind the area code when from inside.
  [/^(\+?54)9([1-3]\d{9})$/, "$1$2"],
  [/^(\+?54)(?:(11)15(\d{8})|([23]\d\d)15(\d{7})|([23]\d{3})15(\d{6}))$/, "$1$2$3$4$5$6$7"],
];

/**
 * The form in which two spellings of one handset's number are equal.
 * @param number country code first, with `+` or without, which stays as it is; anything else comes back unchanged
 */
export function matchable(number: string): string {
  for (const [spelling, form] of VARIANTS) if (spelling.test(number)) return number.replace(spelling, form);
  return number;
}

/** `+` and digits, when that is what the text is. Short codes, names and masked senders are no numbers. */
export function phoneNumber(text: string | undefined): { number?: string } {
  return text !== undefined && /^\+[1-9]\d{7,14}$/.test(text) ? { number: text } : {};
}

/**
 * A number as people write it, with its country: `+351 910 000 000`, `+1 (555) 000-0001`. Where a number is what names
 * the customer, its bare form is their address.
 */
export function readNumber(written: string): { address: string; number: string } | undefined {
  // Whether this 0 is dialled from abroad, its writer alone knows.
  if (written.includes("(0)")) return undefined;
  // With what an address book may have put around it unseen.
  const { number } = phoneNumber(written.replace(/[\s\p{Cf}\p{Pd}()./]/gu, ""));
  return number === undefined ? undefined : { address: number, number };
}

/**
 * What the conversation of an address is named after: where addresses are numbers, all spellings of one have one name.
 */
export function spelledAlike(channel: Channel, address: string): string {
  return channel === "whatsapp" || channel === "sms" ? matchable(address) : address;
}
