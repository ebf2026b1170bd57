/**
 * Two kinds of webhooks come to the same address: what agents write comes by the custom channel, one at a time, and what
 * becomes of threads by the app's subscriptions, in batches.
 */
import type { WebhookRequest } from "../../channels/connector.ts";
import type { DeskHappening } from "../../domain/desk-happening.ts";
import { jsonIn } from "../../domain/json.ts";
import { isRecord } from "../../domain/raw-element.ts";
import type { Desk, DeskParse } from "../helpdesk.ts";
import { unreadable } from "../unreadable.ts";
import { AppEvent, ChannelEvent, Message, msOf } from "./payload.ts";
import { replyIn } from "./reply.ts";
import type { Secrets, Settings } from "./settings.ts";

export function parse({ body }: WebhookRequest, { settings }: Desk<Settings, Secrets>): DeskParse {
  const json = jsonIn(body);
  if (json === undefined) return { ok: false, reason: "the body is not JSON" };
  const happenings: DeskHappening[] = [];
  for (const event of Array.isArray(json) ? json : [json]) {
    const read = ofEvent(event, settings);
    if (!read.ok) return read;
    happenings.push(...read.happenings);
  }
  return { ok: true, happenings };
}

const NOTHING: DeskParse = { ok: true, happenings: [] };

function ofEvent(event: unknown, settings: Settings): DeskParse {
  if (!isRecord(event)) return { ok: false, reason: "the body is no event, and no list of them" };
  return "subscriptionType" in event ? ofApp(event, settings) : ofChannel(event, settings);
}

function ofChannel(json: unknown, settings: Settings): DeskParse {
  const event = ChannelEvent.safeParse(json);
  if (!event.success) return unreadable(event.error);
  const { type, portalId, channelIntegrationThreadIds: threads } = event.data;
  if (type !== "OUTGOING_CHANNEL_MESSAGE_CREATED" || isForeign(portalId, settings)) return NOTHING;
  const message = Message.safeParse(event.data.message);
  if (!message.success) return unreadable(message.error, "message");
  const reply = replyIn(message.data, settings);
  if (!reply) return NOTHING;
  const [conversation] = (threads ?? []).flatMap((thread) => CONVERSATION.exec(thread)?.[1] ?? []);
  return { ok: true, happenings: [{ ...reply, ...(conversation !== undefined && { conversation }) }] };
}

/** The thread's id of ours: the conversation's, and behind a dot what thread it follows. */
const CONVERSATION = /^(conv_[A-Za-z0-9_-]{22})(?:\.|$)/;

function ofApp(json: unknown, settings: Settings): DeskParse {
  const event = AppEvent.safeParse(json);
  if (!event.success) return unreadable(event.error);
  const { subscriptionType, portalId, objectId: ticket, propertyName, propertyValue, occurredAt } = event.data;
  if (subscriptionType !== "conversation.propertyChange" || isForeign(portalId, settings)) return NOTHING;
  if (propertyName !== "status" && propertyName !== "assignedTo") return NOTHING;
  const at = msOf(occurredAt);
  if (!ticket || at === undefined) return { ok: false, reason: "objectId or occurredAt is missing" };
  const value = String(propertyValue ?? "");
  // HubSpot's own `eventId` is not the same for certain when it comes again.
  const about = { id: `${ticket}#${propertyName}#${value}#${at}`, ticket, at };
  if (propertyName === "assignedTo")
    return { ok: true, happenings: [{ type: "assigned", ...about, ...(value !== "" && { assignee: { id: value } }) }] };
  if (value !== "OPEN" && value !== "CLOSED") return NOTHING;
  return { ok: true, happenings: [{ type: "state", ...about, state: value === "OPEN" ? "open" : "closed" }] };
}

function isForeign(portalId: string | null | undefined, settings: Settings): boolean {
  return settings.portalId !== undefined && Boolean(portalId) && portalId !== settings.portalId;
}
