/**
 * LibreDesk 2.7 on the loopback, as far as a live chat is concerned: the widget's doors, the agents' API and the
 * webhooks, with what is known of their ways: bearer sessions for a signed token, one message that opens a conversation,
 * contacts' messages by an agent's key as HTML, custom attributes that are replaced as a whole, signed webhooks that are
 * tried once. Knows nothing of whoever calls it.
 */
import { createHmac, randomUUID } from "node:crypto";
import * as z from "zod";
import type { Posted, Server } from "../http.ts";
import { type Signature, startTicketDesk, type TicketDesk } from "../ticket-desk.ts";
import { agentApi } from "./agent-api.ts";
import { failure } from "./answers.ts";
import { createRooms } from "./rooms.ts";
import { webhooksOf } from "./webhooks.ts";
import { tokenClaims, widgetApi } from "./widget.ts";

/** Where it stands in public, without a path, and its live chat inboxes: one, or some by any name. */
export const LibredeskPlace = z.object({
  baseUrl: z.string(),
  inboxes: z.union([z.string(), z.record(z.string(), z.string())]),
});

export interface LibredeskOptions extends z.output<typeof LibredeskPlace> {
  /** A free one by default. */
  port?: number;
  /** That of every inbox. */
  inboxSecret: string;
  apiKey: string;
  apiSecret: string;
  webhookSecret: string;
  webhookUrl: string;
  deliverTo: string;
  /** Of one address. */
  widgetRequestsPerMinute?: number;
}

const SIGNATURE = "x-libredesk-signature";

/** @throws when the port is taken */
export async function startLibredeskSimulator(options: LibredeskOptions): Promise<Server> {
  const { webhookSecret, webhookUrl, deliverTo, port } = options;
  return startTicketDesk(
    { webhookUrl, deliverTo, ...(port !== undefined && { port }) },
    (store, _world, tell): TicketDesk => {
      const rooms = createRooms(store, options, tell);
      const widget = widgetApi(rooms);
      const agents = agentApi(rooms);
      const sign = (body: string, key: string) => `sha256=${createHmac("sha256", key).update(body).digest("hex")}`;
      return {
        api: async (request) =>
          request.path.startsWith("/api/v1/widget/") ? widget.answer(request) : agents.answer(request),
        newId: (kind) => (kind === "contact" ? String(store.number()) : randomUUID()),
        webhooks: (deed) => webhooksOf(deed, rooms),
        sign: ({ body }, signature): Record<string, string> => {
          const kinds: Record<Signature, Record<string, string>> = {
            valid: { [SIGNATURE]: sign(body, webhookSecret) },
            // No time is signed: an old one is as good as a new one.
            stale: { [SIGNATURE]: sign(body, webhookSecret) },
            wrong: { [SIGNATURE]: sign(body, `not ${webhookSecret}`) },
            missing: {},
            truncated: { [SIGNATURE]: sign(body, webhookSecret).slice(0, 40) },
          };
          return kinds[signature];
        },
        retryAfterMs: (_outcome: Posted) => undefined,
        refusals: {
          down: failure(503, "GeneralException", "Service unavailable"),
          refused: failure(400, "InputException", "Something went wrong, please try again later."),
          throttled: (_code, status = 429) =>
            failure(status, "GeneralException", "Too many requests. Please try again later."),
          broken: failure(500, "GeneralException", "Something went wrong, please try again later."),
        },
        isWrite: ({ method }) => method !== "GET",
        customerOf: (request) => {
          const claims = tokenClaims(request);
          if (claims) return claims.phone_number ?? claims.external_user_id;
          const ticket = store.tickets.get(/\/conversations\/([\w-]+)/.exec(request.path)?.[1] ?? "");
          const contact = ticket?.contact ?? widget.contactOf(request);
          const known = contact === undefined ? undefined : store.contacts.get(contact);
          return known?.phone ?? known?.externalId;
        },
      };
    },
  );
}
