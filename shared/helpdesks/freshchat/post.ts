import type { Place, TellOutcome, TicketWay } from "../helpdesk.ts";
import { open } from "./open.ts";
import type { Secrets, Settings } from "./settings.ts";
import { reopen, resolve } from "./status.ts";
import { changeUser, findUser } from "./user.ts";
import { write } from "./write.ts";

type Here = Place<Settings, Secrets>;

/** The customer speaks as a user of Freshchat's, all else is a note. What becomes of a reply cannot be shown beside it. */
export const way: TicketWay<Settings, Secrets> = {
  async say(saying, place) {
    const { id } = place.ticket;
    if (id !== undefined) return write(saying, id, place);
    if (saying.from === "customer") return open(saying, place);
    return { kind: "refused", detail: "no conversation is open" };
  },

  state: (state, place) => inTicket(place, (id) => (state === "closed" ? resolve(id, place) : reopen(id, place))),

  async customer(customer, place) {
    const { user: kept } = place.ticket.kept;
    const found = kept ? { isOk: true as const, id: kept } : await findUser(customer, place);
    if (!found.isOk) return found.outcome;
    if (found.id === undefined) return { kind: "told", ids: [] };
    const asked = await changeUser(found.id, customer, place);
    return asked.isOk ? { kind: "told", ids: [] } : asked.outcome;
  },
};

async function inTicket({ ticket }: Here, act: (id: string) => Promise<TellOutcome>): Promise<TellOutcome> {
  return ticket.id === undefined ? { kind: "refused", detail: "no conversation is open" } : act(ticket.id);
}
