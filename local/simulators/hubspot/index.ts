/**
 * HubSpot's conversations inbox with one custom channel of one app: its API, and the webhooks of the channel and of the
 * app. As with the real one, a message that the app published itself comes back by webhook, webhooks are posted once,
 * lists have the newest first with what happened to the thread among what was said, and files are private.
 */
import { randomUUID } from "node:crypto";
import * as z from "zod";
import type { Answer, Incoming, Server } from "../http.ts";
import { type DeskDeed, type DeskStore, startTicketDesk, type TicketDesk } from "../ticket-desk.ts";
import { broken, down, notFound, refused, throttled, unauthorized } from "./errors.ts";
import { signedUrl, upload } from "./files.ts";
import { messageShape, type Portal } from "./shapes.ts";
import { signed } from "./signature.ts";
import { createThreads, type Threads } from "./threads.ts";

/** The app and its channel, as whoever uses them has them in their settings. */
export const HubspotApp = z.object({
  channelId: z.string(),
  /** Ids of the channel's accounts: one, or several by names. */
  channelAccounts: z
    .union([z.string(), z.record(z.string(), z.string())])
    .transform((given) => (typeof given === "string" ? [given] : Object.values(given))),
  appId: z.string(),
  portalId: z.string().default("8000001"),
});

export interface HubspotOptions extends z.output<typeof HubspotApp> {
  /** A free one by default. */
  port?: number;
  accessToken: string;
  clientSecret: string;
  /** The public address of the webhooks, query and all. */
  webhookUrl: string;
  /** Where they are really posted. */
  deliverTo: string;
}

const CHANNELS = "/conversations/custom-channels/2026-09";
const THREADS = "/conversations/conversations/2026-09/threads";

/** @throws when the port is taken */
export async function startHubspotSimulator(options: HubspotOptions): Promise<Server> {
  return startTicketDesk(options, (store, _world, tell) => hubspot(options, store, tell));
}

function hubspot(options: HubspotOptions, store: DeskStore, tell: (deed: DeskDeed) => void): TicketDesk {
  const { channelId, appId, accessToken, clientSecret, portalId } = options;
  const portal: Portal = { portalId, channelId, appId };
  const newId: TicketDesk["newId"] = (kind) =>
    kind === "message" ? randomUUID().replaceAll("-", "") : String(7_000_000_000 + store.number());
  const threads = createThreads({ ...options, portal, store, tell, newId });

  async function api(request: Incoming): Promise<Answer> {
    const { method, path } = request;
    if (request.headers.authorization !== `Bearer ${accessToken}`) return unauthorized;
    if (`${method} ${path}` === "POST /files/v3/files") return upload(request, store, () => newId("file"));
    const [, file] = /^\/files\/v3\/files\/(\d+)\/signed-url$/.exec(path) ?? [];
    if (method === "GET" && file !== undefined) return signedUrl(file, request, store);
    if (`${method} ${path}` === `GET ${THREADS}`) return threads.list(request);
    const [, thread, messages] = path.startsWith(`${THREADS}/`)
      ? (ONE_THREAD.exec(path.slice(THREADS.length)) ?? [])
      : [];
    if (thread !== undefined)
      return ofThread(`${method}${messages ?? ""}`, decodeURIComponent(thread), request, threads);
    const [, channel, message] = path.startsWith(`${CHANNELS}/`)
      ? (ONE_CHANNEL.exec(path.slice(CHANNELS.length)) ?? [])
      : [];
    if (channel !== undefined && channel !== channelId) return notFound("The channel");
    if (channel !== undefined && method === "POST" && message === undefined) return threads.publish(request);
    if (channel !== undefined && method === "PATCH" && message !== undefined)
      return threads.setStatus(decodeURIComponent(message), request);
    return notFound("The page");
  }

  /** Comments stay inside, and of what customers write the channel itself is not told. */
  function webhooks(deed: DeskDeed) {
    const { ticket } = deed;
    if (deed.type === "message") {
      const { message } = deed;
      if (message.isPrivate || message.author.type === "customer") return [];
      const contact = store.contacts.get(ticket.contact);
      const channelAccountId = threads.accountOf(ticket.id);
      const body = JSON.stringify({
        type: "OUTGOING_CHANNEL_MESSAGE_CREATED",
        portalId,
        channelIntegrationThreadIds: threads.integrationIdsOf(ticket.id),
        message: messageShape(message, { ticket, contact, portal, channelAccountId }),
      });
      return [{ body, headers: JSON_HEADERS }];
    }
    if (deed.type !== "state" && deed.type !== "assigned") return [];
    const change = threads.noteActivity(deed.type, ticket);
    const body = JSON.stringify([
      {
        ...{ eventId: store.number(), subscriptionId: 24, portalId: Number(portalId), appId: Number(appId) },
        ...{ occurredAt: change.at, subscriptionType: "conversation.propertyChange", attemptNumber: 0 },
        ...{ objectId: Number(ticket.id), changeSource: "USER" },
        propertyName: deed.type === "state" ? "status" : "assignedTo",
        propertyValue: change.newStatus ?? change.assignedTo ?? "",
      },
    ]);
    return [{ body, headers: JSON_HEADERS }];
  }

  return {
    api,
    newId,
    webhooks,
    sign: ({ body }, signature, url) =>
      signed({ url, body, secret: clientSecret, older: body.startsWith("[") ? "v1" : "v2" }, signature),
    // Whether the real one posts again is not known: whoever relies on it finds out here.
    retryAfterMs: () => undefined,
    refusals: { down, refused, throttled, broken },
    customerOf: (request) => threads.customerOf(request),
    isWrite: ({ method }) => method !== "GET",
  };
}

const JSON_HEADERS = { "content-type": "application/json" };
const ONE_THREAD = /^\/([^/]+)(\/messages)?$/;
const ONE_CHANNEL = /^\/([^/]+)\/messages(?:\/([^/]+))?$/;

function ofThread(what: string, id: string, request: Incoming, threads: Threads): Answer {
  switch (what) {
    case "GET":
      return threads.show(id);
    case "PATCH":
      return threads.update(id, request);
    case "GET/messages":
      return threads.messages(id, request);
    case "POST/messages":
      return threads.comment(id, request);
    default:
      return notFound("The page");
  }
}
