import { ofTicket } from "../ask.ts";
import type { Place, TellOutcome, TicketWay } from "../helpdesk.ts";
import { askAsAgent } from "./api.ts";
import { exchange } from "./contact.ts";
import { addTags, setFields } from "./fields.ts";
import { write } from "./messages.ts";
import { finish, open } from "./open.ts";
import type { Secrets, Settings } from "./settings.ts";
import { STATUSES } from "./status.ts";

type Here = Place<Settings, Secrets>;

/**
 * The customer opens a conversation as a live chat's visitor does; all else is written with an agent's key, the
 * customer's words as the contact's. A customer's message opens a conversation again by itself. What the business wrote
 * elsewhere is a public reply there: nobody listens at the other end of the live chat.
 */
export const way: TicketWay<Settings, Secrets> = {
  async say(saying, place) {
    const { id, kept } = place.ticket;
    if (id === undefined) return open(saying, place);
    // An earlier try opened it with these words, and came no further.
    if (kept.opened === saying.id)
      return finish(saying, { ticket: id, ...(kept.first !== undefined && { first: kept.first }) }, place);
    return write(saying, id, place);
  },

  state: (state, place) =>
    inTicket(place, async (id) => {
      const path = `/conversations/${encodeURIComponent(id)}/status`;
      const asked = await askAsAgent(place, { method: "PUT", path, json: { status: STATUSES[state] } });
      return asked.isOk ? { kind: "told", ids: [] } : ofTicket(asked);
    }),

  tag: (tags, place) => inTicket(place, (id) => addTags(tags, id, place)),

  async customer(customer, place) {
    const { account } = place.conversation;
    const entered = await exchange({ account, customer }, place);
    return entered.isOk ? { kind: "told", ids: [] } : entered.outcome;
  },

  fields: (place) => inTicket(place, (id) => setFields(id, place)),
};

async function inTicket({ ticket }: Here, act: (id: string) => Promise<TellOutcome>): Promise<TellOutcome> {
  return ticket.id === undefined ? { kind: "refused", detail: "no conversation is open" } : act(ticket.id);
}
