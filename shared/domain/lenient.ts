import * as z from "zod/mini";

/**
 * Reads an odd value as an absent one. `z.catch` says the same, but a bundle with it is 10 kB larger, and this is for the
 * receiver.
 */
export function lenient<Schema extends z.ZodMiniType>(schema: Schema) {
  return z.optional(z.transform((value: unknown): z.output<Schema> | undefined => schema.safeParse(value).data));
}
