import { readScopedId } from "../../messenger-platform/address.ts";
import type { Addressing } from "../connector.ts";

export const addressing: Addressing = { channel: "instagram", readAddress: readScopedId, example: "8000000000000001" };
