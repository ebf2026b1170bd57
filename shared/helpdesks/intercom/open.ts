/**
 * A new conversation with the customer's first words. What was begun is kept before each request, so that whoever goes
 * on after a crash, or after an answer that was lost, does not open a second one.
 */
import type { Saying } from "../../domain/telling.ts";
import type { Place, TellOutcome } from "../helpdesk.ts";
import { halfDone, request } from "./api.ts";
import { isSameText } from "./body.ts";
import { contactOf, type Sought } from "./contact.ts";
import { setFields } from "./fields.ts";
import { Found, MadeMessage } from "./payload.ts";
import { isPicture, pictureUrls, reply, wordsOf } from "./reply.ts";
import type { Secrets, Settings } from "./settings.ts";

/** The clocks of whoever told the time of a message, and of the desk. */
const CLOCKS_SECONDS = 120;

/** A 404 at a contact that was just made, or that was merged or deleted meanwhile: to be found anew, in a moment. */
const NOT_YET = { kind: "unavailable", detail: "the contact cannot be written for yet" } as const;

export async function open(saying: Saying, place: Place<Settings, Secrets>): Promise<TellOutcome> {
  const contact = await contactOf(place);
  if ("outcome" in contact) return contact.outcome;
  const { opening } = place.ticket.kept;
  const isBegun = opening === saying.id || opening === soughtOnce(saying);
  if (place.isRepeated && isBegun) {
    const earlier = await opened(saying, contact.id, place);
    if ("outcome" in earlier) return earlier.outcome;
    if (earlier.id !== undefined) {
      await place.keep({ id: earlier.id, kept: { opening: saying.id } });
      return finish(saying, { conversation: earlier.id, contact: contact.id }, place);
    }
    if (opening === saying.id) {
      // What was just written, a search may not know yet: it is asked a second time before anything is written again.
      await place.keep({ kept: { opening: soughtOnce(saying) } });
      return { kind: "unavailable", detail: "the conversation may be there and not be found yet" };
    }
  }
  const pictures = await pictureUrls(saying.files, place);
  await place.keep({ kept: { contact: contact.id, opening: saying.id } });
  const asked = await request(place, "POST", "/conversations", {
    from: { type: "user", id: contact.id },
    body: wordsOf(saying),
    ...(pictures.length > 0 && { attachment_urls: pictures }),
  });
  if (!asked.isOk) {
    if (asked.status !== 404) return asked.outcome;
    await place.keep({ kept: { contact: "" } });
    return NOT_YET;
  }
  const { success, data } = MadeMessage.safeParse(asked.json);
  if (!success) return { kind: "uncertain", detail: "an answer without the conversation's id" };
  const { id, conversation_id: conversation } = data;
  await place.keep({ id: conversation });
  const rest = await finish(saying, { conversation, contact: contact.id }, { ...place, isRepeated: false });
  return rest.kind === "told" ? { kind: "told", ids: [sourceId(id), ...rest.ids] } : rest;
}

/** Whether the conversation was opened with this very saying. */
export function isOpenedWith({ id }: Saying, { ticket }: Place): boolean {
  return ticket.kept.opening === id;
}

/** What comes after the first words: the files that cannot come with them, the title and the fields. */
export async function finish(
  saying: Saying,
  at: { conversation: string; contact: string },
  place: Place<Settings, Secrets>,
): Promise<TellOutcome> {
  const files = saying.files.filter((file) => !isPicture(file));
  const shown: TellOutcome =
    files.length > 0 ? await reply({ ...saying, text: "", files }, at, place) : { kind: "told", ids: [] };
  if (shown.kind !== "told") return halfDone(shown);
  const { fields, title } = place.conversation;
  const set = await setFields(at.conversation, { fields, title }, place);
  // A workspace without the attributes has the conversation all the same.
  return set.kind === "told" || set.kind === "refused" ? shown : halfDone(set);
}

/** The conversation that an earlier try of this has opened. */
async function opened(saying: Saying, contact: string, place: Place<Settings, Secrets>): Promise<Sought> {
  const since = Math.floor(saying.at / 1000) - CLOCKS_SECONDS;
  const asked = await request(place, "POST", "/conversations/search", {
    query: {
      operator: "AND",
      value: [
        { field: "contact_ids", operator: "=", value: contact },
        { field: "created_at", operator: ">", value: since },
      ],
    },
    pagination: { per_page: 20 },
  });
  // Nothing was written by asking.
  if (!asked.isOk)
    return { outcome: asked.outcome.kind === "uncertain" ? { ...asked.outcome, kind: "unavailable" } : asked.outcome };
  const { success, data } = Found.safeParse(asked.json);
  if (!success) return { outcome: { kind: "unavailable", detail: "an answer that is no list of conversations" } };
  // The same person may have said the same on another channel, at the same time.
  const isForeign = (ours: unknown) => ours && ours !== place.conversation.fields.recado_conversation;
  const found = data.conversations.find(
    ({ id, source, custom_attributes: attributes }) =>
      id !== place.follows?.id &&
      isSameText(source?.body ?? "", wordsOf(saying)) &&
      !isForeign(attributes?.recado_conversation),
  );
  return { id: found?.id };
}

function soughtOnce({ id }: Saying): string {
  return `${id}?`;
}

/** The first words are no part of the conversation, and their ids are counted apart from those of parts. */
function sourceId(id: string): string {
  return `source:${id}`;
}
