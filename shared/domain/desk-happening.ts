/** What happened at a helpdesk, in the domain's words: what its webhooks become, and what waits in its queue. */
import * as z from "zod";

/** A file that an agent attached, where the desk keeps it. */
const DeskFile = z.object({
  url: z.string(),
  contentType: z.string().optional(),
  fileName: z.string().optional(),
});

/** Whose conversation: by ours, or by the desk's ticket. */
const about = {
  /** The desk's id of it: the same one does nothing twice. */
  id: z.string(),
  conversation: z.string().optional(),
  ticket: z.string().optional(),
};

export const DeskHappening = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("reply"),
    ...about,
    author: z.object({ type: z.enum(["agent", "bot"]), name: z.string().optional() }),
    text: z.string().optional(),
    files: z.array(DeskFile),
  }),
  z.object({ type: z.literal("state"), ...about, state: z.enum(["open", "closed"]) }),
]);
export type DeskHappening = z.infer<typeof DeskHappening>;

/** What take-reply is told. `receivedAt` in ms since 1970. */
export const DeskItem = z.object({ desk: z.string(), happening: DeskHappening, receivedAt: z.number() });
export type DeskItem = z.infer<typeof DeskItem>;
