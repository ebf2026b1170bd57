import { type Asked, ofTicket } from "../ask.ts";
import type { Place, TellOutcome, TicketWay } from "../helpdesk.ts";
import { halfDone, request } from "./api.ts";
import { changeContact, contactOf, findContact } from "./contact.ts";
import { setFields } from "./fields.ts";
import { finish, isOpenedWith, open } from "./open.ts";
import { isOurs, stateId } from "./part.ts";
import { Conversation, Made, partsOf } from "./payload.ts";
import { reply } from "./reply.ts";
import type { Secrets, Settings } from "./settings.ts";

type IntercomPlace = Place<Settings, Secrets>;

const NOTHING_TO_DO: TellOutcome = { kind: "told", ids: [] };

/**
 * The customer speaks as a contact, everything else is a note: a comment of a teammate would come back as a reply, and
 * might be mailed. A conversation that is closed opens by itself when the customer writes.
 */
export const way: TicketWay<Settings, Secrets> = {
  async say(saying, place) {
    const { id: conversation } = place.ticket;
    const isCustomer = saying.from === "customer";
    if (conversation === undefined)
      return isCustomer ? open(saying, place) : { kind: "refused", detail: "no conversation is open" };
    if (!isCustomer) return reply(saying, { conversation, contact: undefined }, place);
    const contact = await contactOf(place);
    if ("outcome" in contact) return contact.outcome;
    const at = { conversation, contact: contact.id };
    return isOpenedWith(saying, place) ? finish(saying, at, place) : reply(saying, at, place);
  },

  async state(state, place) {
    const { id } = place.ticket;
    if (id === undefined) return NOTHING_TO_DO;
    const { adminId } = place.desk.settings;
    const asked = await request(
      place,
      "POST",
      `${at(id)}/parts`,
      state === "closed"
        ? { message_type: "close", type: "admin", admin_id: adminId }
        : { message_type: "open", admin_id: adminId },
    );
    if (asked.isOk) return { kind: "told", ids: changeIn(asked, state) };
    if (asked.outcome.kind !== "refused" || asked.status === 404) return ofTicket(asked);
    // Somebody was quicker, perhaps.
    const looked = await request(place, "GET", at(id));
    const { success, data } = Conversation.safeParse(looked.isOk ? looked.json : undefined);
    return success && data.state === state ? NOTHING_TO_DO : asked.outcome;
  },

  async tag(tags, place) {
    const { id } = place.ticket;
    if (id === undefined) return NOTHING_TO_DO;
    for (const [done, name] of tags.entries()) {
      const outcome = await addTag(name, id, place);
      if (outcome.kind !== "told") return done > 0 ? halfDone(outcome) : outcome;
    }
    return NOTHING_TO_DO;
  },

  async customer(customer, place) {
    const { contact: kept } = place.ticket.kept;
    const found = kept ? { id: kept } : await findContact(customer, place);
    if ("outcome" in found) return found.outcome;
    return found.id === undefined ? NOTHING_TO_DO : changeContact(found.id, customer, place);
  },

  async fields(place) {
    const { id } = place.ticket;
    return id === undefined ? NOTHING_TO_DO : setFields(id, { fields: place.conversation.fields }, place);
  },
};

/** A tag has to be there before it is put anywhere; asking for one that is there gives that one. */
async function addTag(name: string, conversation: string, place: IntercomPlace): Promise<TellOutcome> {
  const tag = await request(place, "POST", "/tags", { name });
  if (!tag.isOk) return tag.outcome;
  const { success, data } = Made.safeParse(tag.json);
  if (!success) return { kind: "refused", detail: "an answer without the tag's id" };
  const body = { id: data.id, admin_id: place.desk.settings.adminId };
  const put = await request(place, "POST", `${at(conversation)}/tags`, body);
  return put.isOk ? NOTHING_TO_DO : ofTicket(put);
}

/** The part that the change became, by which it is known again when it is told back. */
function changeIn({ json }: Extract<Asked, { isOk: true }>, state: "open" | "closed"): string[] {
  const { success, data } = Conversation.safeParse(json);
  const type = state === "closed" ? "close" : "open";
  const part = success && partsOf(data).findLast((one) => isOurs(one) && one.part_type === type);
  return part ? [stateId(part, state)] : [];
}

function at(conversation: string): string {
  return `/conversations/${encodeURIComponent(conversation)}`;
}
