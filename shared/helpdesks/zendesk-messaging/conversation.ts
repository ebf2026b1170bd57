/** The user and the conversation that stand for a customer and one conversation of theirs: found, made, handed over. */
import { isRecord } from "../../domain/raw-element.ts";
import type { DeskCustomer, Saying } from "../../domain/telling.ts";
import type { NotTold, Place } from "../helpdesk.ts";
import { askZendesk, query, refusalOf } from "./api.ts";
import { Conversation, ConversationPage, OneConversation } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";

export type ZendeskPlace = Place<Settings, Secrets>;
type Opened = { kind: "opened"; id: string } | NotTold;

/** In the metadata of a conversation: the saying that it was opened with, which tells it from one before it. */
const OPENED_BY = "recado_opened_by";
const LONGEST_NAME = 128;
const LONGEST_TITLE = 100;
/** Of one value; all of a conversation's metadata may have 4 kB. */
const LONGEST_VALUE = 200;
const MOST_PAGES = 5;

/**
 * One that is new, or that an earlier try of the same saying has left. The user is made first: that one is there already
 * (409) is how Zendesk keeps one user to an external id. Conversations it would double.
 */
export async function openConversation(saying: Saying, place: ZendeskPlace): Promise<Opened> {
  const { customer } = place.conversation;
  const json = {
    externalId: customer.id,
    profile: profileOf(customer),
    metadata: { address: cut(customer.address, LONGEST_VALUE), ...(customer.phone && { phone: customer.phone }) },
  };
  const made = await askZendesk(place, { method: "POST", path: "/users", json });
  if (!made.isOk && made.status !== 409) return notGone(refusalOf(made));
  const opened = place.isRepeated ? await openedBefore(saying, place) : undefined;
  if (opened?.kind === "opened") await place.keep({ id: opened.id });
  return opened ?? openNew(saying, place);
}

/** No e-mail address, ever: Zendesk would write to it. Without a name, an agent sees how the channel calls them. */
export function profileOf({ name, phone, address }: DeskCustomer): { givenName: string } {
  return { givenName: cut(name || phone || address, LONGEST_NAME) };
}

/**
 * Hands the conversation to whom the settings name: once when it is new, and again when nobody has it any more, as after
 * a ticket was closed. In between it stays with whom it was handed on to.
 */
export async function handOver(id: string, place: ZendeskPlace): Promise<NotTold | undefined> {
  const { switchboardIntegration } = place.desk.settings;
  if (switchboardIntegration === undefined) return undefined;
  const path = `/conversations/${encodeURIComponent(id)}`;
  if (place.ticket.kept.handedOver === id) {
    const shown = await askZendesk(place, { method: "GET", path });
    if (!shown.isOk) return refusalOf(shown);
    if (OneConversation.safeParse(shown.json).data?.conversation.activeSwitchboardIntegration) return undefined;
  }
  const passed = await askZendesk(place, {
    method: "POST",
    path: `${path}/passControl`,
    json: { switchboardIntegration },
  });
  if (passed.isOk) {
    await place.keep({ kept: { handedOver: id } });
    return undefined;
  }
  const refusal = refusalOf(passed);
  const isGone = refusal.kind === "closed" && refusal.detail.endsWith("conversation_not_found");
  // A switchboard without such an integration, or none at all, is no fault of what the customer says.
  const isOurs = refusal.kind === "refused" || (refusal.kind === "closed" && !isGone);
  return isOurs ? { kind: "unavailable", detail: `passControl: ${refusal.detail}` } : refusal;
}

async function openNew(saying: Saying, place: ZendeskPlace): Promise<Opened> {
  const { customer, id, title, fields } = place.conversation;
  const metadata = Object.entries({ ...fields, recado_conversation: id, [OPENED_BY]: saying.id }).map(
    ([name, value]) => [name, cut(value, LONGEST_VALUE)] as const,
  );
  const json = {
    type: "personal",
    participants: [{ userExternalId: customer.id, subscribeSDKClient: false }],
    ...(title && { displayName: cut(title, LONGEST_TITLE) }),
    metadata: Object.fromEntries(metadata),
  };
  const made = await askZendesk(place, { method: "POST", path: "/conversations", json });
  if (!made.isOk) return notGone(refusalOf(made));
  const conversation = OneConversation.safeParse(made.json).data?.conversation;
  if (!conversation) return { kind: "uncertain", detail: "the answer names no conversation" };
  await place.keep({ id: conversation.id });
  return { kind: "opened", id: conversation.id };
}

async function openedBefore(saying: Saying, place: ZendeskPlace): Promise<Opened | undefined> {
  const filter = { "filter[userExternalId]": place.conversation.customer.id, "page[size]": "100" };
  let after: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const path = `/conversations${query({ ...filter, ...(after !== undefined && { "page[after]": after }) })}`;
    const listed = await askZendesk(place, { method: "GET", path });
    if (!listed.isOk) return notGone(refusalOf(listed));
    const { data } = ConversationPage.safeParse(listed.json);
    if (!data) return { kind: "unavailable", detail: "the list of conversations cannot be read" };
    for (const one of data.conversations) {
      const { data: conversation } = Conversation.safeParse(one);
      if (conversation && isRecord(conversation.metadata) && conversation.metadata[OPENED_BY] === saying.id)
        return { kind: "opened", id: conversation.id };
    }
    after = data.meta?.hasMore ? data.meta.afterCursor : undefined;
    if (after === undefined) return undefined;
  }
  return undefined;
}

/** What is not there although no conversation was asked about (the user whom another request has just deleted) comes again. */
function notGone(refusal: NotTold): NotTold {
  return refusal.kind === "closed" ? { kind: "unavailable", detail: refusal.detail } : refusal;
}

function cut(text: string, most: number): string {
  return text.length > most ? [...text.slice(0, most - 1)].filter((one) => one.isWellFormed()).join("") : text;
}
