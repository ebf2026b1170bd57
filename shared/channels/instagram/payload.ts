/**
 * What Instagram tells in a way of its own: that a message was seen. The rest of its webhooks is that of the platform
 * (shared/messenger-platform/payload.ts).
 */
import * as z from "zod/mini";
import { lenient } from "../../domain/lenient.ts";

export const Receipts = z.object({
  read: lenient(z.object({ mid: lenient(z.string().check(z.minLength(1), z.maxLength(400))) })),
});
