import type { WebhookRequest } from "../../channels/connector.ts";
import type { DeskHappening } from "../../domain/desk-happening.ts";
import { jsonIn } from "../../domain/json.ts";
import { isRecord } from "../../domain/raw-element.ts";
import type { Desk, DeskParse } from "../helpdesk.ts";
import { isOurs } from "./marks.ts";
import { Assignee, Flat, isNothing, type Message, Tags, type Ticket, Webhook } from "./payload.ts";
import { channelOf } from "./reply.ts";
import type { Secrets, Settings } from "./settings.ts";

/**
 * An HTTP integration tells of every ticket of the account: ours have an external id of ours or, should Gorgias not tell
 * it, are of our channel. What an agent wrote is not taken from here: the ticket is to be looked into (`heard`), so that
 * a webhook needs to carry no more than ids, and replies that come in the wrong order go out in the right one.
 */
export function parse({ body }: WebhookRequest, { settings }: Desk<Settings, Secrets>): DeskParse {
  const json = jsonIn(body);
  if (json === undefined) return { ok: false, reason: "the body is not JSON: is the integration's request body?" };
  const { data: webhook } = Webhook.safeParse(json);
  if (!isRecord(json) || !webhook) return { ok: false, reason: "the body is no object of ids, and no {{context}}" };
  const flat = Flat.parse(json);
  const message = webhook.message ?? flatMessage(webhook.message_id, flat);
  const ticket = webhook.ticket ?? flatTicket(webhook.ticket_id ?? message?.ticket_id, flat, json);
  if (!ticket) return { ok: false, reason: "there is no ticket's id", field: "ticket_id" };
  if (isForeign(ticket, settings)) return { ok: true, happenings: [] };
  const event = isRecord(webhook.event) ? webhook.event.type : webhook.event;
  return { ok: true, happenings: happeningsOf(event, ticket, message) };
}

function isForeign({ external_id: externalId, channel }: Ticket, settings: Settings): boolean {
  if (externalId !== undefined) return !isOurs(externalId);
  return channel !== undefined && channel !== channelOf(settings);
}

/** @param event undefined where the integration does not tell it: then either may have happened */
function happeningsOf(event: string | undefined, ticket: Ticket, message: Message | undefined): DeskHappening[] {
  switch (event) {
    case "ticket-message-created":
      return wordIn(ticket, message);
    case undefined:
      return [...wordIn(ticket, message), ...changesOf(event, ticket)];
    case "ticket-created":
    case "ticket-message-failed":
      return [];
    default:
      return changesOf(event, ticket);
  }
}

/** Only what certainly is no reply is left out here: whoever looks into the ticket sees it as it is. */
function wordIn(ticket: Ticket, message: Message | undefined): DeskHappening[] {
  if (message && (message.from_agent === false || message.public === false)) return [];
  if (message?.channel === "internal-note" || isOurs(message?.external_id)) return [];
  const id = message ? `${message.id}#look` : `${ticket.id}#look#${ticket.updated_datetime ?? ""}`;
  return [{ type: "look", id, ticket: ticket.id, ...timeOf(message?.created_datetime) }];
}

/**
 * The ticket as it is now: what of it has changed, Gorgias does not tell. Ids are made of what is so, so that the same
 * told again is nothing new; that somebody has the ticket is one thing as long as nobody asks for changes of that alone.
 */
function changesOf(event: string | undefined, ticket: Ticket): DeskHappening[] {
  const { id, status, updated_datetime: updated = "", closed_datetime: closed } = ticket;
  const at = timeOf(updated);
  const happenings: DeskHappening[] = [];
  if (status === "closed") {
    const time = closed ?? updated;
    happenings.push({ type: "state", id: `${id}#closed#${time}`, ticket: id, ...timeOf(time), state: "closed" });
  } else if (status === "open") {
    happenings.push({ type: "state", id: `${id}#open#${updated}`, ticket: id, ...at, state: "open" });
  }
  const isOfAssignee = event === "ticket-assignment-updated";
  const { id: who, name } = Assignee.safeParse(ticket.assignee_user).data ?? {};
  const key = `${id}#assigned#${who ?? "nobody"}${isOfAssignee ? `#${updated}` : ""}`;
  if (who !== undefined) {
    const assignee = { id: who, ...(name !== undefined && { name }) };
    happenings.push({ type: "assigned", id: key, ticket: id, ...at, assignee });
  } else if (isOfAssignee && ticket.assignee_user === null) {
    happenings.push({ type: "assigned", id: key, ticket: id, ...at });
  }
  const { data: tags } = Tags.safeParse(ticket.tags);
  if (tags) {
    const names = tags.map((tag) => (typeof tag === "string" ? tag : tag.name));
    happenings.push({ type: "tags", id: `${id}#tags#${updated}`, ticket: id, ...at, tags: names });
  }
  return happenings;
}

function flatTicket(id: string | undefined, flat: Flat, json: Record<string, unknown>): Ticket | undefined {
  if (id === undefined) return undefined;
  const { assignee_id: who, ticket_tags: tags } = flat;
  const isHeld = typeof who === "number" || (typeof who === "string" && !isNothing(who));
  return {
    id,
    external_id: flat.ticket_external_id,
    channel: flat.ticket_channel,
    status: flat.ticket_status,
    updated_datetime: flat.ticket_updated,
    closed_datetime: flat.ticket_closed,
    ...("assignee_id" in json && { assignee_user: isHeld ? { id: who, name: flat.assignee_name } : null }),
    tags: typeof tags === "string" ? jsonIn(tags) : tags,
  };
}

function flatMessage(id: string | undefined, flat: Flat): Message | undefined {
  if (id === undefined) return undefined;
  return {
    id,
    external_id: flat.message_external_id,
    from_agent: flat.message_from_agent,
    public: flat.message_public,
    channel: flat.message_channel,
  };
}

function timeOf(timestamp: string | undefined): { at?: number } {
  const at = Date.parse(timestamp ?? "");
  return Number.isNaN(at) ? {} : { at };
}
