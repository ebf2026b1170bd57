import type { DeskCustomer, Saying } from "../../domain/telling.ts";
import { multipart } from "../../http/multipart.ts";
import type { NotTold, TellOutcome, TicketWay } from "../helpdesk.ts";
import { askZendesk, query, refusalOf } from "./api.ts";
import { handOver, openConversation, profileOf, type ZendeskPlace } from "./conversation.ts";
import { MARKER } from "./message.ts";
import { contentOf, type Part, partsOf } from "./parts.ts";
import { Message, MessagePage, Participants, PostedMessages, Uploaded } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";

export const way: TicketWay<Settings, Secrets> = { say, customer };

/** In the metadata of a message, beside the marker: which of the saying's messages it is, from 1. */
const PART = "recado_part";
const LONGEST_DISPLAY_NAME = 100;

/** A closed ticket is Zendesk's matter: what the customer says in the same conversation opens another one there. */
async function say(saying: Saying, place: ZendeskPlace): Promise<TellOutcome> {
  const opened =
    place.ticket.id === undefined
      ? await openConversation(saying, place)
      : { kind: "opened" as const, id: place.ticket.id };
  if (opened.kind !== "opened") return opened;
  const obstacle =
    saying.from === "customer"
      ? await handOver(opened.id, place)
      : isNote(saying)
        ? await seenBy(opened.id, place)
        : undefined;
  if (obstacle) return obstacle;
  const written = place.isRepeated ? await writtenBefore(saying, opened.id, place) : new Map<number, string>();
  if (!(written instanceof Map)) return written;
  const ids: string[] = [];
  for (const [index, part] of partsOf(saying).entries()) {
    const found = written.get(index + 1);
    const outcome: TellOutcome =
      found === undefined
        ? await write(part, { saying, number: index + 1, id: opened.id, place })
        : { kind: "told", ids: [found] };
    if (outcome.kind !== "told") return ids.length > 0 ? halfway(outcome) : outcome;
    ids.push(...outcome.ids);
  }
  return { kind: "told", ids };
}

async function customer(person: DeskCustomer, place: ZendeskPlace): Promise<TellOutcome> {
  const path = `/users/${encodeURIComponent(person.id)}`;
  const named = await askZendesk(place, { method: "PATCH", path, json: { profile: profileOf(person) } });
  return named.isOk ? { kind: "told", ids: [] } : named.outcome;
}

/** For agents alone. */
function isNote({ isPrivate, from }: Saying): boolean {
  return isPrivate || from === "recado";
}

/**
 * Zendesk's conversations have no private messages. A note is one that goes to no channel, and its history is read by
 * agents alone as long as the customer has no channel of Zendesk's own (its widget, its WhatsApp …): then none is written.
 */
async function seenBy(id: string, place: ZendeskPlace): Promise<NotTold | undefined> {
  const listed = await askZendesk(place, {
    method: "GET",
    path: `/conversations/${encodeURIComponent(id)}/participants`,
  });
  if (!listed.isOk) return refusalOf(listed);
  const { data } = Participants.safeParse(listed.json);
  if (!data) return { kind: "unavailable", detail: "the participants cannot be read" };
  const isOnChannel = data.participants.some(({ clientAssociations = [] }) => clientAssociations.length > 0);
  return isOnChannel
    ? { kind: "refused", detail: "the customer would see it: they have a channel of Zendesk's" }
    : undefined;
}

/** Of an earlier try: its number of the saying's messages → Zendesk's id. */
async function writtenBefore(saying: Saying, id: string, place: ZendeskPlace): Promise<Map<number, string> | NotTold> {
  const listed = await askZendesk(place, { method: "GET", path: `/conversations/${encodeURIComponent(id)}/messages` });
  if (!listed.isOk) return refusalOf(listed);
  const { data: page } = MessagePage.safeParse(listed.json);
  if (!page) return { kind: "unavailable", detail: "the messages cannot be read" };
  const messages = page.messages.flatMap((one) => Message.safeParse(one).data ?? []);
  const ours = messages.filter(({ metadata }) => metadata?.[MARKER] === saying.id);
  return new Map(ours.map((message) => [Number(message.metadata?.[PART]), message.id]));
}

async function write(
  part: Part,
  { saying, number, id, place }: { saying: Saying; number: number; id: string; place: ZendeskPlace },
): Promise<TellOutcome> {
  const uploaded = part.kind === "file" ? await upload(part, id, place) : {};
  if ("kind" in uploaded) return uploaded;
  const json = {
    author: authorOf(saying, place),
    content: contentOf(part, uploaded.mediaUrl),
    metadata: { [MARKER]: saying.id, [PART]: number },
    // What the business says here has been said elsewhere already: no channel is to send it.
    ...(saying.from !== "customer" && { destination: { integrationType: "none" } }),
  };
  const path = `/conversations/${encodeURIComponent(id)}/messages`;
  const posted = await askZendesk(place, { method: "POST", path, json });
  if (!posted.isOk) return refusalOf(posted);
  const { data } = PostedMessages.safeParse(posted.json);
  if (!data) return { kind: "uncertain", detail: "the answer names no message" };
  return { kind: "told", ids: data.messages.map((message) => message.id) };
}

function authorOf({ from, author }: Saying, { conversation }: ZendeskPlace): object {
  if (from === "customer") return { type: "user", userExternalId: conversation.customer.id };
  const displayName = (from === "recado" ? "Recado" : (author ?? "")).slice(0, LONGEST_DISPLAY_NAME);
  return { type: "business", ...(displayName !== "" && { displayName }) };
}

/** A file that is gone, or of a kind that Zendesk does not take, is named instead: the words with it are not to be lost. */
async function upload(
  { file }: Extract<Part, { kind: "file" }>,
  id: string,
  place: ZendeskPlace,
): Promise<{ mediaUrl?: string } | NotTold> {
  const bytes = await place.files.read(file.id);
  if (!bytes) return {};
  const { contentType, body } = multipart([
    { name: "source", fileName: file.fileName, contentType: file.contentType, bytes },
  ]);
  const path = `/attachments${query({ access: "public", for: "message", conversationId: id })}`;
  const taken = await askZendesk(place, { method: "POST", path, body, headers: { "content-type": contentType } });
  if (!taken.isOk) {
    const refusal = refusalOf(taken);
    return refusal.kind === "refused" ? {} : refusal;
  }
  const { data } = Uploaded.safeParse(taken.json);
  return data ? { mediaUrl: data.attachment.mediaUrl } : { kind: "uncertain", detail: "the answer names no file" };
}

/** Some of the saying's messages are written, so that whoever tries again has to look for them first. */
function halfway(outcome: NotTold): NotTold {
  const isCertain = outcome.kind === "throttled" || outcome.kind === "unavailable";
  return isCertain ? { kind: "uncertain", detail: `halfway through: ${outcome.detail}` } : outcome;
}
