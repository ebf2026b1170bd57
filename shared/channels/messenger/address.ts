import { readScopedId } from "../../messenger-platform/address.ts";
import type { Addressing } from "../connector.ts";

export const addressing: Addressing = { channel: "messenger", readAddress: readScopedId, example: "8000000000000001" };
