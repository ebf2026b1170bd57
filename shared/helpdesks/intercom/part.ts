/** What one part of a conversation tells, the same whether a webhook brings it or the API lists it. */
import type { DeskFile, DeskHappening } from "../../domain/desk-happening.ts";
import { isBlank, isHtml, picturesIn } from "./body.ts";
import type { Part } from "./payload.ts";

type Of<Type extends DeskHappening["type"]> = Extract<DeskHappening, { type: Type }>;

/**
 * Parts that the customer would see when they say anything: a comment may close or open again at the same time, and is
 * then called by that. Whatever else there is (`note`, `note_and_reopen`, workflows …) stays inside; so do the words of
 * an assignment: by the API they are a response, but what a teammate writes to the next one may be called the same.
 */
const PUBLIC = new Set(["comment", "quick_reply", "close", "open"]);
/** `team`: what automations say in the name of a team. */
const WRITERS: Readonly<Record<string, "agent" | "bot">> = { admin: "agent", bot: "bot", team: "bot" };

/** Whether anybody but the customer made the part. */
export function isOurs({ author }: Part): boolean {
  return WRITERS[author?.type ?? ""] !== undefined;
}

/** The reply that a part is; undefined for notes, for the customer's own words, and for what says nothing. */
export function replyIn(part: Part, ticket: string): Of<"reply"> | undefined {
  if (!isPublic(part)) return undefined;
  const { text, urls } = picturesIn(part.body ?? "");
  const files = [...(part.attachments ?? []).flatMap(fileOf), ...urls.map((url) => ({ url }))];
  const isSilent = isBlank(text);
  if (isSilent && files.length === 0) return undefined;
  return {
    type: "reply",
    id: part.id,
    ticket,
    ...atOf(part),
    author: { type: writerOf(part), ...(part.author?.name && { name: part.author.name }) },
    ...(!isSilent && { text, format: isHtml(text) ? ("html" as const) : ("plain" as const) }),
    files,
  };
}

/** A comment whose words did not come with it. */
export function isComment(part: Part): boolean {
  return isPublic(part) && part.part_type === "comment";
}

export function stateIn(part: Part, ticket: string, state: "open" | "closed"): Of<"state"> {
  return { type: "state", id: stateId(part, state), ticket, ...atOf(part), state };
}

/** What a change of state is known by: closing and opening are parts of their own. */
export function stateId({ id }: { id: string }, state: "open" | "closed"): string {
  return `${id}:${state}`;
}

/** Nobody is `0`, `null` or nothing at all. The name is known where the author took it. */
export function assignedIn(part: Part, ticket: string): Of<"assigned"> {
  const { assigned_to: to, author } = part;
  const id = to?.id && to.id !== "0" ? to.id : undefined;
  const name = to?.name || (id !== undefined && id === author?.id ? author.name : undefined);
  return {
    type: "assigned",
    id: `${part.id}:assigned`,
    ticket,
    ...atOf(part),
    ...(id !== undefined && { assignee: { id, ...(name && { name }) } }),
  };
}

export function deletedIn(id: string, ticket: string | undefined): Of<"deleted"> {
  return { type: "deleted", id: `${id}:deleted`, ...(ticket !== undefined && { ticket }), of: id };
}

/** The desk counts in seconds; what is no time of ours is left out. */
function atOf({ created_at: seconds }: { created_at?: number | null | undefined }): { at?: number } {
  return typeof seconds === "number" && seconds > 0 && seconds < 1e11 ? { at: seconds * 1000 } : {};
}

function isPublic(part: Part): boolean {
  return isOurs(part) && PUBLIC.has(part.part_type ?? "") && part.redacted !== true;
}

function writerOf({ author }: Part): "agent" | "bot" {
  const isMachine = author?.from_ai_agent === true || author?.is_ai_answer === true;
  return isMachine ? "bot" : (WRITERS[author?.type ?? ""] ?? "bot");
}

function fileOf({ url, name, content_type: contentType }: NonNullable<Part["attachments"]>[number]): DeskFile[] {
  if (!url) return [];
  return [{ url, ...(contentType && { contentType }), ...(name && { fileName: name }) }];
}
