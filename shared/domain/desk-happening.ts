/** What happened at a helpdesk, in the domain's words: what its webhooks become, and what waits in its queue. */
import * as z from "zod";

/** A file that an agent attached, where the desk keeps it: under an address, or under an id that has to be asked about. */
const DeskFile = z.object({
  url: z.string(),
  id: z.string().optional(),
  contentType: z.string().optional(),
  fileName: z.string().optional(),
});
export type DeskFile = z.infer<typeof DeskFile>;

/** How the text of a reply is written: as it reads, or with the marks of a language. */
export const TextFormat = z.enum(["plain", "markdown", "html"]);
export type TextFormat = z.infer<typeof TextFormat>;

const about = {
  /** The desk's id of it: the same one does nothing twice. */
  id: z.string(),
  /** Whose conversation: by ours, or by the desk's ticket. */
  conversation: z.string().optional(),
  ticket: z.string().optional(),
  /** When it happened there, ms since 1970, where the desk says. */
  at: z.number().optional(),
};

export const DeskHappening = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("reply"),
    ...about,
    author: z.object({ type: z.enum(["agent", "bot"]), name: z.string().optional() }),
    text: z.string().optional(),
    /** `plain` unless it says otherwise. */
    format: TextFormat.optional(),
    files: z.array(DeskFile),
    /** The desk's id of the message that it answers. */
    replyTo: z.string().optional(),
  }),
  z.object({ type: z.literal("state"), ...about, state: z.enum(["open", "closed"]) }),
  /** Without `assignee`: nobody's any more. */
  z.object({
    type: z.literal("assigned"),
    ...about,
    assignee: z.object({ id: z.string().optional(), name: z.string().optional() }).optional(),
  }),
  /** All that the ticket has now. */
  z.object({ type: z.literal("tags"), ...about, tags: z.array(z.string()) }),
  /** An agent changed or took back a reply after it was written; `of` is the desk's id of that reply. */
  z.object({ type: z.literal("edited"), ...about, of: z.string() }),
  z.object({ type: z.literal("deleted"), ...about, of: z.string() }),
  /** An agent asks for a reply that failed to be sent again. */
  z.object({ type: z.literal("again"), ...about, of: z.string() }),
  /** Something happened in the ticket; what, is to be asked. */
  z.object({ type: z.literal("look"), ...about }),
]);
export type DeskHappening = z.infer<typeof DeskHappening>;

/** What take-reply is told. `receivedAt` in ms since 1970. */
export const DeskItem = z.object({ desk: z.string(), happening: DeskHappening, receivedAt: z.number() });
export type DeskItem = z.infer<typeof DeskItem>;
