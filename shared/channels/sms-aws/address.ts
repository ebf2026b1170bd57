import { readNumber } from "../../domain/phone-number.ts";
import type { Addressing } from "../connector.ts";

export const addressing: Addressing = { channel: "sms", readAddress: readNumber, example: "+351910000000" };
