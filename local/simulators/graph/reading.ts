/**
 * What a business asks the Graph API for, beside sending: the history of a message of WhatsApp's, the conversations of a
 * Page or an Instagram account, and which of their news are told to the app.
 */
import { randomInt } from "node:crypto";
import type { Answer, Incoming } from "../http.ts";
import type { PhoneMessage } from "../phones.ts";
import { ok } from "../simulator.ts";
import { badToken, metaError, unknownObject } from "./errors.ts";
import type { Page } from "./messenger.ts";
import type { Threads } from "./threads.ts";

/** Fields of a subscription that the app has until somebody takes them away. */
const EVERYTHING = [
  ...["messages", "messaging_postbacks", "message_deliveries", "message_reads", "message_echoes"],
  ...["message_reactions", "message_edits", "messaging_referrals", "messaging_optins", "messaging_seen"],
];
const APP_ID = "600000000000001";

/** Which Pages and accounts tell their news. */
export interface Subscriptions {
  isTold(id: string): boolean;
  /** Sets it as an hour of failures, or a person in Meta's console, would. */
  set(id: string, subscription: { fields: readonly string[]; mayManage: boolean }): void;
  answer(page: Page, request: Incoming): Answer;
}

export function createSubscriptions(): Subscriptions {
  const known = new Map<string, { fields: readonly string[]; mayManage: boolean }>();
  const of = (id: string) => known.get(id) ?? { fields: EVERYTHING, mayManage: true };
  return {
    isTold: (id) => of(id).fields.length > 0,
    set: (id, subscription) => void known.set(id, subscription),
    answer(page, { method, query, body }) {
      const { fields, mayManage } = of(page.id);
      if (method === "GET") {
        const app = { category: "Business", link: "https://app.example", name: "App", id: APP_ID };
        return ok({ data: fields.length > 0 ? [{ ...app, subscribed_fields: fields }] : [] });
      }
      if (!mayManage) {
        const message = "(#200) Requires pages_manage_metadata permission to manage the object";
        return metaError({ status: 403, code: 200, message });
      }
      const wanted = query.get("subscribed_fields") ?? new URLSearchParams(body).get("subscribed_fields") ?? "";
      const names = wanted.split(",").filter(Boolean);
      if (names.length === 0)
        return metaError({ code: 100, message: "(#100) Param subscribed_fields must be non-empty." });
      known.set(page.id, { fields: names, mayManage });
      return ok({ success: true });
    },
  };
}

interface Owners {
  phoneNumbers: readonly { id: string; accessToken: string }[];
  /** By the `platform` that a conversation is on. */
  inboxes: readonly { platform: "messenger" | "instagram"; pages: readonly Page[]; threads: Threads }[];
  subscriptions: Subscriptions;
  /** What was sent, and what failed, of WhatsApp's. */
  sent: () => readonly PhoneMessage[];
  failures: ReadonlyMap<string, { from: string; at: string }>;
}

/** @returns undefined when the request asks for none of it */
export function read(request: Incoming, token: string | undefined, owners: Owners): Answer | undefined {
  const [, version = "", id = "", edge = "", ...rest] = request.path.split("/");
  if (!/^v\d+\.\d+$/.test(version) || rest.length > 0) return undefined;
  const isRead = request.method === "GET" && ["message_history", "conversations", "messages"].includes(edge);
  if (!isRead && edge !== "subscribed_apps") return undefined;
  const number = owners.phoneNumbers.find(({ accessToken }) => accessToken === token);
  const inbox = owners.inboxes.find(({ pages }) => pages.some(({ accessToken }) => accessToken === token));
  const page = inbox?.pages.find(({ accessToken }) => accessToken === token);
  if (!number && !page) return metaError(badToken);
  if (edge === "message_history" && number?.id === id) return history(id, request.query, owners);
  if (!inbox || !page) return metaError(unknownObject(id));
  const isOwn = page.id === id || id === "me";
  if (edge === "subscribed_apps" && isOwn) return owners.subscriptions.answer(page, request);
  const { query } = request;
  const next = (after: string) => {
    const following = new URLSearchParams(query);
    following.set("after", after);
    following.set("access_token", token ?? "");
    return `https://graph.facebook.com${request.path}?${following}`;
  };
  if (edge === "conversations" && isOwn) {
    const isHere = (query.get("platform") ?? "messenger") === inbox.platform;
    return ok(isHere ? inbox.threads.conversations(page.id, query, next) : { data: [] });
  }
  const messages = edge === "messages" ? inbox.threads.messages(page.id, id, query, next) : undefined;
  return messages ? ok(messages) : metaError(unknownObject(id));
}

/** Of one message; without `fields` only its ids. */
function history(number: string, query: URLSearchParams, { sent, failures }: Owners): Answer {
  const wanted = query.get("message_id");
  const limit = Number(query.get("limit") ?? 25);
  const isPage = Number.isInteger(limit) && limit >= 1 && limit <= 100;
  if (!isPage) return metaError({ code: 100, message: "(#100) Param limit must be between 1 and 100" });
  if (wanted !== null && !wanted.startsWith("wamid."))
    return metaError({ code: 100, message: "Invalid parameter: message_id format is invalid" });
  const eventOf = (status: string, at: string) => ({
    id: String(randomInt(1e12)),
    delivery_status: status.toUpperCase(),
    timestamp: Math.floor(Date.parse(at) / 1000),
    webhook_update_state: "DELIVERED",
    application: { id: APP_ID },
  });
  const reached = sent()
    .filter(({ from }) => from === number)
    .map(({ id, statuses }) => ({ id, events: statuses.slice(1).map(({ status, at }) => eventOf(status, at)) }));
  const failed = [...failures]
    .filter(([, { from }]) => from === number)
    .map(([id, { at }]) => ({ id, events: [eventOf("failed", at)] }));
  const found = [...reached, ...failed].filter(({ id }) => wanted === null || id === wanted).slice(0, limit);
  const hasEvents = /\bevents\b/.test(query.get("fields") ?? "");
  const data = found.map(({ id, events }) => ({
    id: String(randomInt(1e12)),
    message_id: id,
    ...(hasEvents && { events: { data: events } }),
  }));
  return ok({ data });
}
