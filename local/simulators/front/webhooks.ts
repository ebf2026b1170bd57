/** The call that each agent's message makes, what the channel hears of imports, and the application's webhooks. */
import { createHmac } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import type { DeskDeed, DeskMessage, DeskTicket, DeskWebhook, Signature, TicketDesk } from "../ticket-desk.ts";
import type { Company } from "./company.ts";
import { teammate } from "./shapes.ts";

export interface Webhooks extends Pick<TicketDesk, "webhooks" | "sign"> {
  answered(deed: DeskDeed, answer: { status: number; body: unknown }): void;
  /** Tells the channel that a message was imported; resolves when it was told. */
  imported(message: DeskMessage, ticket: DeskTicket, channel: string): Promise<void>;
  /** Resolves when agents' messages that are on their way were answered, or after a moment. */
  settled(): Promise<void>;
}

const ON_ITS_WAY_MS = 500;
const STALE_MS = 600_000;
/** The application's names for what lists of events call otherwise. */
const NAMES: Readonly<Record<string, string>> = {
  archive: "conversation_archived",
  reopen: "conversation_reopened",
  assign: "assignee_changed",
  tag: "tag_added",
  comment: "new_comment_added",
  out_reply: "outbound_sent",
};

export function createWebhooks(
  company: Company,
  { appSecret, deliverTo }: { appSecret: string; deliverTo: string },
): Webhooks {
  const { threads, events, id, world } = company;
  /** Agents' messages whose answer is still to come. */
  const asked = new Map<string, () => void>();
  let waiting: Promise<void>[] = [];

  function webhooks(deed: DeskDeed): DeskWebhook[] {
    const { ticket } = deed;
    switch (deed.type) {
      case "message": {
        const { message } = deed;
        if (message.isPrivate)
          return [event(ticket, "comment", { _meta: { type: "comment" }, data: { id: message.id } })];
        // In the application's webhooks a preview, without the words.
        const preview = event(ticket, "out_reply", { _meta: { type: "message" }, data: { id: message.id } });
        return [sent(message, ticket), preview];
      }
      case "state":
        return [event(ticket, ticket.status === "closed" ? "archive" : "reopen")];
      case "assigned":
        return [event(ticket, "assign", { _meta: { type: "teammate" }, data: teammate(ticket.assignee) })];
      case "tags":
        return [event(ticket, "tag", { _meta: { type: "tag" }, data: { name: ticket.tags.at(-1) } })];
      // What was sent cannot be changed there.
      default:
        return [];
    }
  }

  /** The call by which a message leaves Front. */
  function sent(message: DeskMessage, ticket: DeskTicket): DeskWebhook {
    const { channel = "" } = threads.get(ticket.id) ?? {};
    waiting = [...waiting, new Promise<void>((resolve) => asked.set(message.id, resolve))].slice(-20);
    const { id: own, ...payload } = company.message(message, ticket, { channel });
    const isBot = message.author.type === "bot";
    const body = {
      type: isBot ? "message_autoreply" : "message",
      // An automatic reply has no id yet.
      payload: isBot ? { ...payload, type: "auto_reply", author: null } : { id: own, ...payload },
      metadata: metadataOf(ticket),
    };
    return { body: JSON.stringify(body) };
  }

  function event(ticket: DeskTicket, type: string, target?: object): DeskWebhook {
    const happened = {
      id: id("evt"),
      type,
      emitted_at: Date.now() / 1000,
      source: company.source,
      ...(target && { target }),
    };
    events.set(ticket.id, [...(events.get(ticket.id) ?? []), happened]);
    const payload = { ...happened, conversation: company.conversation(ticket, "company") };
    return { body: JSON.stringify({ type: NAMES[type], authorization: { id: "cmp_1" }, payload }) };
  }

  /** Only the first answer is that of the message itself. */
  function answered(deed: DeskDeed, { status, body }: { status: number; body: unknown }): void {
    if (deed.type !== "message") return;
    const settle = asked.get(deed.message.id);
    if (!settle) return;
    asked.delete(deed.message.id);
    const taken = Taken.safeParse(body);
    if (status < 300 && taken.success) {
      deed.message.marker = taken.data.external_id;
      const thread = threads.get(deed.ticket.id);
      const { external_conversation_id: external } = taken.data;
      if (thread && !thread.externalIds.includes(external)) thread.externalIds.push(external);
    } else {
      const told = Refused.safeParse(body);
      const statusReason = told.success ? told.data.message : "The channel's servers are unresponsive.";
      Object.assign(deed.message, { status: "failed", statusReason });
    }
    settle();
  }

  function sign({ body }: DeskWebhook, signature: Signature): Record<string, string> {
    const timestamp = String(Date.now() - (signature === "stale" ? STALE_MS : 0));
    const key = signature === "wrong" ? `${appSecret}.` : appSecret;
    const whole = createHmac("sha256", key).update(`${timestamp}:${body}`).digest("base64");
    return {
      "content-type": "application/json",
      "x-front-request-timestamp": timestamp,
      ...(signature !== "missing" && { "x-front-signature": signature === "truncated" ? whole.slice(0, 20) : whole }),
    };
  }

  async function imported(message: DeskMessage, ticket: DeskTicket, channel: string): Promise<void> {
    const payload = company.message(message, ticket, { channel });
    const body = JSON.stringify({ type: "message_imported", payload, metadata: metadataOf(ticket) });
    await world.webhooks.deliver({
      ...{ url: deliverTo, headers: sign({ body }, "valid"), body, about: "receipt" },
      customer: company.handleOf(ticket),
      retryAfterMs: () => undefined,
    });
  }

  async function settled(): Promise<void> {
    const moment = sleep(ON_ITS_WAY_MS, undefined, { signal: world.closing }).catch(() => {});
    await Promise.race([Promise.all(waiting), moment]);
  }

  function metadataOf(ticket: DeskTicket) {
    const { externalIds = [] } = threads.get(ticket.id) ?? {};
    return { external_conversation_id: externalIds[0], external_conversation_ids: externalIds };
  }

  return { webhooks, sign, answered, imported, settled };
}

const Taken = z.object({ type: z.literal("success"), external_id: z.string(), external_conversation_id: z.string() });
const Refused = z.object({ message: z.string() });
