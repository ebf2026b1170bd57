/**
 * Chatwoot 4.13 on the loopback, as far as its API inboxes are concerned, with what is known of its ways: contacts that
 * are found again by their source id, conversations and messages that are not, custom attributes and labels that are
 * replaced as a whole, statuses that integrations set, and webhooks for everything, each tried once. Knows nothing of
 * whoever calls it.
 */
import { createHmac, randomUUID } from "node:crypto";
import * as z from "zod";
import { type Incoming, parseJson, type Server } from "../http.ts";
import { type Signature, startTicketDesk, type TicketDesk } from "../ticket-desk.ts";
import { type Account, createAccount, invalid, setMessageStatus } from "./account.ts";
import { answer } from "./api.ts";
import { webhooksOf } from "./webhooks.ts";

const Inbox = z.object({ id: z.number(), identifier: z.string() });

/** Where it stands in public, its account, and its API inboxes: one, some by any name, or both. */
export const ChatwootPlace = z.object({
  baseUrl: z.string(),
  accountId: z.number(),
  inbox: Inbox.optional(),
  inboxes: z.record(z.string(), Inbox).default({}),
});

interface ChatwootOptions extends z.output<typeof ChatwootPlace> {
  /** A free one by default. */
  port?: number;
  /** Of a user. */
  apiToken: string;
  /** That of every inbox, although each of a real one's has its own. */
  webhookSecret: string;
  webhookUrl: string;
  deliverTo: string;
}

/** How old a stale webhook is. */
const STALE_SECONDS = 600;

/** @throws when the port is taken */
export async function startChatwootSimulator(options: ChatwootOptions): Promise<Server> {
  const { apiToken, webhookSecret, webhookUrl, deliverTo, port } = options;
  const { baseUrl, accountId: id, inbox, inboxes } = options;
  const place = {
    id,
    baseUrl: baseUrl.replace(/\/+$/, ""),
    inboxes: [...(inbox ? [inbox] : []), ...Object.values(inboxes)],
  };
  return startTicketDesk(
    { webhookUrl, deliverTo, ...(port !== undefined && { port }) },
    (store, _world, tell): TicketDesk => {
      const account = createAccount(place, store, tell);
      return {
        api: (request) => answer(request, account, apiToken),
        newId: () => String(store.number()),
        webhooks: (deed) => webhooksOf(deed, account),
        sign: ({ body }, signature) => signed(body, webhookSecret, signature),
        retryAfterMs: () => undefined,
        // A message whose webhook is not taken is marked as failed, whoever has written it.
        answered(deed, { status }) {
          if (deed.type !== "message" || status < 300 || deed.message.status === "failed") return;
          const { ticket, message } = deed;
          if (setMessageStatus(message, "failed", String(status), account)) tell({ type: "status", ticket, message });
        },
        refusals: {
          down: { status: 503, headers: { "content-type": "text/html" }, body: Buffer.from("<h1>503</h1>") },
          refused: invalid("Validation failed: Content is invalid"),
          throttled: (_code, status = 429) => ({
            ...{ status, headers: { "content-type": "text/plain" }, body: Buffer.from("Retry later\n") },
          }),
          broken: { status: 500, body: { status: 500, error: "Internal Server Error" } },
        },
        isWrite: ({ method }) => method !== "GET",
        customerOf: (request) => customerOf(request, account),
      };
    },
  );
}

function signed(body: string, secret: string, signature: Signature): Record<string, string> {
  const seconds = Math.floor(Date.now() / 1000) - (signature === "stale" ? STALE_SECONDS : 0);
  const key = signature === "wrong" ? `not ${secret}` : secret;
  const whole = `sha256=${createHmac("sha256", key).update(`${seconds}.${body}`).digest("hex")}`;
  const headers = { "content-type": "application/json", "x-chatwoot-delivery": randomUUID() };
  if (signature === "missing") return headers;
  const shown = signature === "truncated" ? whole.slice(0, 40) : whole;
  return { ...headers, "x-chatwoot-timestamp": String(seconds), "x-chatwoot-signature": shown };
}

function customerOf({ path, body }: Incoming, { store }: Account): string | undefined {
  const [, conversation] = /\/conversations\/(\d+)/.exec(path) ?? [];
  const [, contact] = /\/accounts\/\d+\/contacts\/(\d+)/.exec(path) ?? [];
  const given = parseJson(body) as { contact_id?: unknown; phone_number?: unknown; source_id?: unknown } | undefined;
  const id = store.tickets.get(conversation ?? "")?.contact ?? contact ?? String(given?.contact_id ?? "");
  const known = store.contacts.get(id);
  if (known) return known.phone ?? known.externalId ?? known.name;
  const told = given?.phone_number ?? given?.source_id;
  return typeof told === "string" ? told : undefined;
}
