/** What a desk that speaks our own form sends. Strict where it makes history, so that its maker hears of a slip at once. */
import * as z from "zod/mini";

const id = z.string().check(z.minLength(1), z.maxLength(200));
const conversation = z.string().check(z.regex(/^conv_[A-Za-z0-9_-]{22}$/));
const WORD = "[\\w!#$&^.+-]+";
/** `type/subtype`, with parameters or without. */
const contentType = new RegExp(`^${WORD}/${WORD}( ?; ?${WORD}="?${WORD}"?)*$`);
const Attachment = z.object({
  url: z.string().check(z.regex(/^https?:\/\/\S+$/), z.maxLength(4000)),
  contentType: z.optional(z.string().check(z.regex(contentType), z.maxLength(200))),
  fileName: z.optional(
    z.string().check(
      z.maxLength(200),
      z.refine((name) => name.isWellFormed()),
    ),
  ),
});

export const Told = z.discriminatedUnion("type", [
  z.object({
    id,
    type: z.literal("reply"),
    conversation,
    text: z.optional(z.string()),
    attachments: z.optional(z.array(Attachment).check(z.maxLength(10))),
    agent: z.optional(z.object({ name: z.optional(z.string()), isBot: z.optional(z.boolean()) })),
  }),
  z.object({ id, type: z.literal("note"), conversation }),
  z.object({ id, type: z.literal("state"), conversation, state: z.enum(["open", "closed"]) }),
]);
