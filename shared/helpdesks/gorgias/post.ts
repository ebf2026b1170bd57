import type { Saying } from "../../domain/telling.ts";
import { notNow, ofTicket } from "../ask.ts";
import type { NotTold, Place, TellOutcome, TicketWay } from "../helpdesk.ts";
import { askGorgias, ticketPath } from "./api.ts";
import { ofOurId } from "./contact.ts";
import { uploadFiles } from "./files.ts";
import { findSaid, messageJson } from "./messages.ts";
import { openTicket } from "./open.ts";
import { Message, Ticket } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";

type Here = Place<Settings, Secrets>;

const DONE: TellOutcome = { kind: "told", ids: [] };

/**
 * Everything is written by the API: the customer's words as theirs, what the business said elsewhere as sent already, all
 * else as internal notes.
 */
export const way: TicketWay<Settings, Secrets> = {
  say: (saying, place) =>
    place.ticket.id === undefined ? openTicket(saying, place) : write(saying, place.ticket.id, place),

  state: (state, place) =>
    inTicket(place, async (id) => {
      const asked = await askGorgias(place, { method: "PUT", path: ticketPath(id), json: { status: state } });
      return asked.isOk ? DONE : ofTicket(asked);
    }),

  tag: (tags, place) =>
    inTicket(place, async (id) => {
      const json = { names: tags };
      const asked = await askGorgias(place, { method: "POST", path: ticketPath(id, "/tags"), json });
      return asked.isOk ? DONE : ofTicket(asked);
    }),

  async customer({ id, name }, place) {
    if (name === undefined) return DONE;
    const customer = await ofOurId(id, place);
    // What a shop calls its own customer is the shop's.
    if (customer.kind !== "found") return customer.kind === "none" ? DONE : customer;
    const path = `/customers/${encodeURIComponent(customer.id)}`;
    const asked = await askGorgias(place, { method: "PUT", path, json: { name } });
    return asked.isOk ? DONE : asked.outcome;
  },
};

/** Says it at the end of a ticket, which is opened by it if it is the customer's; after an earlier try, only if it is not there. */
async function write(saying: Saying, ticket: string, place: Here): Promise<TellOutcome> {
  const { conversation, desk } = place;
  let customer: string | undefined;
  if (!isNote(saying)) {
    const ready = await readyFor(saying, ticket, place);
    if (ready.kind !== "ready") return ready;
    customer = ready.customer;
  }
  if (place.isRepeated) {
    const said = await findSaid(saying, ticket, place);
    if (!said.isOk) return said.status === 404 ? ofTicket(said) : notNow(said.outcome);
    if (said.message) return { kind: "told", ids: [said.message.id] };
  }
  const uploaded = await uploadFiles(saying.files, place);
  if ("kind" in uploaded) return uploaded;
  const sides =
    customer === undefined
      ? undefined
      : { customer, account: conversation.account, address: conversation.customer.address };
  const json = messageJson(saying, { ...uploaded, sides, settings: desk.settings });
  const asked = await askGorgias(place, { method: "POST", path: ticketPath(ticket, "/messages"), json });
  if (!asked.isOk) return ofTicket(asked);
  const { data: message } = Message.safeParse(asked.json);
  return { kind: "told", ids: message ? [message.id] : [] };
}

/**
 * Whose ticket it is now, since agents merge customers, and that it is open. It is opened before anything is said in it:
 * so what comes of that says nothing about whether it was said.
 */
async function readyFor(
  { from }: Saying,
  ticket: string,
  place: Here,
): Promise<{ kind: "ready"; customer: string } | NotTold> {
  const asked = await askGorgias(place, { method: "GET", path: ticketPath(ticket) });
  if (!asked.isOk) return ofTicket(asked);
  const { data } = Ticket.safeParse(asked.json);
  if (data?.customer?.id === undefined)
    return { kind: "unavailable", detail: "no ticket with a customer in the answer" };
  const isCustomers = from === "customer";
  // Nobody looks into the trash.
  if (isCustomers && data.trashed_datetime !== undefined)
    return { kind: "closed", detail: "the ticket is in the trash" };
  if (isCustomers && data.status === "closed") {
    const opened = await askGorgias(place, { method: "PUT", path: ticketPath(ticket), json: { status: "open" } });
    if (!opened.isOk) return opened.status === 404 ? ofTicket(opened) : notNow(opened.outcome);
  }
  return { kind: "ready", customer: data.customer.id };
}

async function inTicket({ ticket: { id } }: Here, act: (id: string) => Promise<TellOutcome>): Promise<TellOutcome> {
  return id === undefined ? DONE : act(id);
}

function isNote({ from, isPrivate }: Saying): boolean {
  return from === "recado" || isPrivate;
}
