import * as z from "zod/mini";
import type { DeskCustomer, Saying, StatusWord } from "../../domain/telling.ts";
import type { NotTold, Place, TellOutcome, TicketWay } from "../helpdesk.ts";
import { askAccount, refusalOf, unlessMissing } from "./api.ts";
import { stateOf } from "./conversation.ts";
import { dropFailure, keepFailure } from "./failures.ts";
import { type Inbox, inboxOf } from "./inbox.ts";
import { single } from "./listing.ts";
import { contactOf, nameOf, openTicket } from "./open.ts";
import { Conversation } from "./payload.ts";
import { sayIn } from "./say.ts";
import type { Secrets, Settings } from "./settings.ts";

type Here = Place<Settings, Secrets>;

const TOLD: TellOutcome = { kind: "told", ids: [] };
/** There is nothing to tell it to, which only a fault of ours can bring about. */
const NO_TICKET: TellOutcome = { kind: "closed", detail: "no conversation is open" };

const Labels = z.object({ payload: z.array(z.string()) });

export const way: TicketWay<Settings, Secrets> = { say, status, state, tag, customer, fields };

/** A customer's message opens a resolved conversation again by itself, unless it is muted. */
async function say(saying: Saying, place: Here): Promise<TellOutcome> {
  if (place.ticket.id !== undefined) return sayIn(place.ticket.id, saying, place);
  const inbox = inboxFor(place);
  if ("kind" in inbox) return inbox;
  const opened = await openTicket(saying, place, inbox);
  return opened.kind === "opened" ? sayIn(opened.id, saying, place) : opened;
}

/**
 * Every message is `sent` from the start, so that the word is needed only where the desk has marked it as failed by
 * itself. A status that it has already is not set again: in the webhook that comes of it, that would look as if an
 * agent had taken the failure back.
 */
async function status(word: StatusWord, place: Here): Promise<TellOutcome> {
  const { id } = place.ticket;
  if (id === undefined) return NO_TICKET;
  const { message, status: wanted, reason, at } = word;
  if (wanted === "sent") {
    const listing = await single(place, id, message);
    if (listing.kind === "refused") return refusalOf(listing.asked);
    if (listing.message?.status !== "failed") {
      await dropFailure(place, message);
      return TOLD;
    }
  }
  const asked = await askAccount(place, {
    method: "PATCH",
    path: `/conversations/${encodeURIComponent(id)}/messages/${encodeURIComponent(message)}`,
    json: { status: wanted, ...(wanted === "failed" && { external_error: reason ?? "It could not be sent." }) },
  });
  if (!asked.isOk) return refusalOf(asked);
  // Not before: a failure that is not shown yet looks like one that an agent has taken back.
  if (wanted === "failed") await keepFailure(place, message, at);
  else await dropFailure(place, message);
  return TOLD;
}

/** One that is snoozed, or a bot's, is open: it stays as it is. */
async function state(wanted: "open" | "closed", place: Here): Promise<TellOutcome> {
  const { id } = place.ticket;
  if (id === undefined) return NO_TICKET;
  const shown = await show(id, place);
  if ("kind" in shown) return shown;
  if (stateOf(shown.status) === wanted) return TOLD;
  const path = `/conversations/${encodeURIComponent(id)}/toggle_status`;
  const json = { status: wanted === "closed" ? "resolved" : "open" };
  const asked = await askAccount(place, { method: "POST", path, json });
  return asked.isOk ? TOLD : refusalOf(asked);
}

/** Labels are set all at once. Agents see those that the account has a label for. */
async function tag(tags: readonly string[], place: Here): Promise<TellOutcome> {
  const { id } = place.ticket;
  if (id === undefined) return NO_TICKET;
  const path = `/conversations/${encodeURIComponent(id)}/labels`;
  const asked = await askAccount(place, { method: "GET", path });
  if (!asked.isOk) return refusalOf(asked);
  const labels = Labels.safeParse(asked.json);
  // Without knowing them, all would be taken away.
  if (!labels.success) return { kind: "unavailable", detail: "no list of labels" };
  const { payload: present } = labels.data;
  const all = [...new Set([...present, ...tags])];
  if (all.length === present.length) return TOLD;
  const set = await askAccount(place, { method: "POST", path, json: { labels: all } });
  return set.isOk ? TOLD : refusalOf(set);
}

/** A name that somebody gave the contact in Chatwoot stays. */
async function customer(known: DeskCustomer, place: Here): Promise<TellOutcome> {
  const inbox = inboxFor(place);
  if ("kind" in inbox) return inbox;
  const conversation = { ...place.conversation, customer: known };
  const found = await contactOf({ ...place, conversation }, inbox);
  if (found.kind !== "contact") return found;
  const { id, name: present = "" } = found.contact;
  const name = nameOf(known);
  const { name: given } = place.ticket.kept;
  const isOurs = present === "" || given === undefined || present === given;
  if (present !== name) {
    if (!isOurs) return TOLD;
    const asked = await askAccount(place, { method: "PUT", path: `/contacts/${id}`, json: { name } });
    if (!asked.isOk) return unlessMissing(asked, "there is no such contact in the account");
  }
  await place.keep({ kept: { name } });
  return TOLD;
}

/** All of a conversation's attributes are set at once: what others have put there goes with ours. */
async function fields(place: Here): Promise<TellOutcome> {
  const { id } = place.ticket;
  if (id === undefined) return NO_TICKET;
  const shown = await show(id, place);
  if ("kind" in shown) return shown;
  const present = shown.custom_attributes ?? {};
  const { fields: wanted } = place.conversation;
  if (Object.entries(wanted).every(([name, value]) => present[name] === value)) return TOLD;
  const path = `/conversations/${encodeURIComponent(id)}/custom_attributes`;
  const asked = await askAccount(place, {
    method: "POST",
    path,
    json: { custom_attributes: { ...present, ...wanted } },
  });
  return asked.isOk ? TOLD : refusalOf(asked);
}

async function show(id: string, place: Here): Promise<Conversation | NotTold> {
  const asked = await askAccount(place, { method: "GET", path: `/conversations/${encodeURIComponent(id)}` });
  if (!asked.isOk) return refusalOf(asked);
  return Conversation.safeParse(asked.json).data ?? { kind: "unavailable", detail: "no conversation" };
}

function inboxFor({ desk, conversation }: Here): Inbox | NotTold {
  const inbox = inboxOf(desk.settings, conversation.account);
  return inbox ?? { kind: "unavailable", detail: `the settings name no inbox for the account ${conversation.account}` };
}
