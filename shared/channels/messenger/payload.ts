/**
 * What Messenger tells in a way of its own: delivery and reading, by watermarks. The rest of its webhooks is that of the
 * platform (shared/messenger-platform/payload.ts).
 */
import * as z from "zod/mini";
import { lenient } from "../../domain/lenient.ts";

const milliseconds = lenient(z.number());

export const Receipts = z.object({
  delivery: lenient(z.object({ watermark: milliseconds, mids: lenient(z.array(z.unknown())) })),
  read: lenient(z.object({ watermark: milliseconds })),
});
export type Receipts = z.infer<typeof Receipts>;

export const Mid = z.string().check(z.minLength(1), z.maxLength(400));
