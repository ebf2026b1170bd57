/** What Chatwoot posts about a deed: an API inbox gets every event, whether it wants it or not. */
import type { DeskDeed, DeskTicket, DeskWebhook } from "../ticket-desk.ts";
import { type Account, addActivity, retry } from "./account.ts";
import { toldConversationJson, toldMessageJson } from "./shapes.ts";

type Changes = Record<string, { previous_value: unknown; current_value: unknown }>[];

export function webhooksOf(deed: DeskDeed, account: Account): DeskWebhook[] {
  const { ticket } = deed;
  switch (deed.type) {
    case "message": {
      const created = event("message_created", toldMessageJson(deed.message, ticket, account));
      const isFirst = ticket.messages[0] === deed.message;
      return isFirst ? [event("conversation_created", toldConversationJson(ticket, account)), created] : [created];
    }
    // What was written cannot be changed.
    case "edited":
      return [];
    case "again":
      if (!retry(deed.message, account)) return [];
      ticket.updatedAt = Date.now();
      return [event("message_updated", toldMessageJson(deed.message, ticket, account))];
    case "status":
    case "deleted":
      ticket.updatedAt = Date.now();
      return [event("message_updated", toldMessageJson(deed.message, ticket, account))];
    case "state":
      return state(ticket, account);
    case "assigned":
      return assigned(ticket, account);
    case "tags": {
      const { told } = account.particulars(ticket);
      const change = { previous_value: told.labels, current_value: ticket.tags };
      told.labels = [...ticket.tags];
      return [updated(ticket, [{ label_list: change }], account)];
    }
  }
}

/** Both events tell it. */
function state(ticket: DeskTicket, account: Account): DeskWebhook[] {
  const particulars = account.particulars(ticket);
  // Its screens know two words.
  if ((ticket.status === "closed") !== (particulars.status === "resolved"))
    particulars.status = ticket.status === "closed" ? "resolved" : "open";
  const { status, told } = particulars;
  if (status === told.status) return [];
  const changes: Changes = [{ status: { previous_value: told.status, current_value: status } }];
  told.status = status;
  addActivity(ticket, `Conversation was marked ${status}`, account);
  const body = { ...toldConversationJson(ticket, account), changed_attributes: changes };
  return [event("conversation_status_changed", body), updated(ticket, changes, account)];
}

function assigned(ticket: DeskTicket, account: Account): DeskWebhook[] {
  const { told } = account.particulars(ticket);
  const numberOf = (name: string | undefined) => (name === undefined ? null : account.userId(name));
  const change = { previous_value: numberOf(told.assignee), current_value: numberOf(ticket.assignee) };
  told.assignee = ticket.assignee;
  addActivity(ticket, `Assigned to ${ticket.assignee}`, account);
  return [updated(ticket, [{ assignee_id: change }], account)];
}

function updated(ticket: DeskTicket, changes: Changes, account: Account): DeskWebhook {
  return event("conversation_updated", { ...toldConversationJson(ticket, account), changed_attributes: changes });
}

function event(name: string, body: object): DeskWebhook {
  return { body: JSON.stringify({ ...body, event: name }) };
}
