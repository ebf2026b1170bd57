/** How a conversation comes by its ticket. */
import type { Saying } from "../../domain/telling.ts";
import { notNow, ofTicket, type Refusal } from "../ask.ts";
import type { Place, TellOutcome } from "../helpdesk.ts";
import { askGorgias } from "./api.ts";
import { findCustomer } from "./contact.ts";
import { uploadFiles } from "./files.ts";
import { ticketMark } from "./marks.ts";
import { isIt, messageJson, newestMessages } from "./messages.ts";
import { Page, Ticket } from "./payload.ts";
import { channelOf } from "./reply.ts";
import type { Secrets, Settings } from "./settings.ts";

type Here = Place<Settings, Secrets>;

const LONGEST_SUBJECT = 200;
/** How far the two clocks may be apart, in ms. */
const SKEW_MS = 300_000;
/** A customer's newest tickets that are looked through for one that an earlier try may have opened. */
const LOOKED_AT = 30;
/** Those of them that bear no mark at all and are looked into. */
const MOST_LOOKED_INTO = 3;

/** Opens one with what is said; after an earlier try, only if that has not. */
export async function openTicket(saying: Saying, place: Here): Promise<TellOutcome> {
  const { conversation, desk, keep } = place;
  const customer = await findCustomer(conversation.customer, place);
  if (customer.kind !== "found") return customer;
  if (place.isRepeated) {
    const before = await openedBefore(saying, customer.id, place);
    if (before) return before;
  }
  const uploaded = await uploadFiles(saying.files, place);
  if ("kind" in uploaded) return uploaded;
  const sides = { customer: customer.id, account: conversation.account, address: conversation.customer.address };
  const isFromAgent = saying.from !== "customer";
  const json = {
    channel: channelOf(desk.settings),
    via: "api",
    from_agent: isFromAgent,
    status: "open",
    subject: conversation.title.slice(0, LONGEST_SUBJECT),
    customer: { id: Number(customer.id) },
    external_id: ticketMark(conversation.id, saying.id),
    messages: [messageJson(saying, { ...uploaded, sides, settings: desk.settings })],
  };
  const asked = await askGorgias(place, { method: "POST", path: "/tickets", json });
  // Nothing is there yet that could be gone.
  if (!asked.isOk) return asked.status === 404 ? notNow(asked.outcome) : asked.outcome;
  const { data: ticket } = Ticket.safeParse(asked.json);
  if (!ticket) return { kind: "uncertain", detail: "no ticket in the answer" };
  await keep({ id: ticket.id });
  return { kind: "told", ids: (ticket.messages ?? []).flatMap((one) => one?.id ?? []) };
}

/**
 * By its mark; should Gorgias not keep that, one that came by the API since and holds these words. Undefined: there is
 * none.
 */
async function openedBefore(saying: Saying, customer: string, place: Here): Promise<TellOutcome | undefined> {
  const query = { customer_id: customer, order_by: "created_datetime:desc", limit: String(LOOKED_AT) };
  const asked = await askGorgias(place, { method: "GET", path: `/tickets?${new URLSearchParams(query)}` });
  if (!asked.isOk) return notNow(asked.outcome);
  const { data } = Page.safeParse(asked.json);
  if (!data) return { kind: "unavailable", detail: "no tickets in the answer" };
  const tickets = data.data.flatMap((one) => Ticket.safeParse(one).data ?? []);
  const mark = ticketMark(place.conversation.id, saying.id);
  const marked = tickets.find((one) => one.external_id === mark);
  const unmarked = tickets.filter(
    ({ id, external_id: other, created_datetime: time }) =>
      other === undefined && id !== place.follows?.id && Date.parse(time ?? "") >= saying.at - SKEW_MS,
  );
  for (const { id } of marked ? [marked] : unmarked.slice(0, MOST_LOOKED_INTO)) {
    const found = await findIn(id, saying, place);
    if ("kind" in found) return found;
    if (!marked && found.ids.length === 0) continue;
    await place.keep({ id });
    return { kind: "told", ids: found.ids };
  }
  return undefined;
}

async function findIn(ticket: string, saying: Saying, place: Here): Promise<{ ids: string[] } | Refusal> {
  const listed = await newestMessages(ticket, { from: 0, most: 100 }, place);
  if (!listed.isOk) {
    const outcome = ofTicket(listed);
    return outcome.kind === "closed" ? { ids: [] } : outcome;
  }
  return { ids: listed.messages.filter((one) => isIt(saying, one)).map(({ id }) => id) };
}
