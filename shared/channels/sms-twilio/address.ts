import { readNumber } from "../../domain/phone-number.ts";
import type { Addressing } from "../connector.ts";

/** What stands for senders who show no number: ANONYMOUS, RESTRICTED and UNAVAILABLE, typed on a telephone's keys. */
export const MASKED: ReadonlySet<string> = new Set(["+266696687", "+7378742833", "+86282452253"]);

export const addressing: Addressing = {
  channel: "sms",
  readAddress(written) {
    const read = readNumber(written);
    return read && !MASKED.has(read.address) ? read : undefined;
  },
  example: "+351910000000",
};
