/**
 * Zendesk Support on the loopback: the part of the Ticketing API that a messaging bridge needs, and event webhooks about
 * tickets. Knows what Zendesk documents, and nothing of whoever calls it.
 */
import { createHmac, randomUUID } from "node:crypto";
import * as z from "zod";
import type { Server } from "../http.ts";
import { type DeskDeed, type Signature, startTicketDesk, type TicketDeskOptions } from "../ticket-desk.ts";
import { createAccount, type ZendeskUser } from "./account.ts";
import { createApi } from "./api.ts";
import { failure } from "./errors.ts";
import { eventsOf } from "./events.ts";

/** An account with the user whom the API token is used as. */
export const ZendeskAccount = z.object({ subdomain: z.string(), email: z.string(), integrationUserId: z.number() });

interface ZendeskTicketsOptions extends TicketDeskOptions, z.output<typeof ZendeskAccount> {
  apiToken: string;
  /** Of the webhook. */
  signingSecret: string;
}

const STALE_MS = 600_000;
const MOST_ATTEMPTS = { conflict: 3, timeout: 5 };
const RETRY_AFTER_MS = 1_000;

/** @throws when the port is taken */
export async function startZendeskTickets(options: ZendeskTicketsOptions): Promise<Server> {
  const { subdomain, email, integrationUserId: id, apiToken, signingSecret } = options;
  return startTicketDesk(options, (store, _, tell) => {
    const account = createAccount(store, { subdomain, integration: { id, name: "Integration" } });
    /** Who does what is told: somebody at the screens, unless it came by the API. */
    let actor: ZendeskUser | undefined;
    const tellAs = (user: ZendeskUser, deed: DeskDeed) => {
      actor = user;
      tell(deed);
      actor = undefined;
    };
    const api = createApi(account, { credentials: { email, apiToken }, tell: tellAs });
    return {
      api: api.answer,
      newId: account.newId,
      webhooks: (deed) =>
        eventsOf(deed, account, actor).map((event) => ({
          body: JSON.stringify(event),
          headers: { "content-type": "application/json; charset=utf-8", "x-zendesk-account-id": "22129848" },
        })),
      sign: ({ body }, signature) => signed(body, signature, signingSecret),
      retryAfterMs(outcome, attempt) {
        const most =
          outcome.kind === "interrupted"
            ? MOST_ATTEMPTS.timeout
            : outcome.kind === "answered" && outcome.status === 409
              ? MOST_ATTEMPTS.conflict
              : 0;
        return attempt < most ? RETRY_AFTER_MS : undefined;
      },
      refusals: {
        down: failure(503, "ServiceUnavailable", "Zendesk is down for maintenance"),
        refused: failure(422, "RecordInvalid", "Record validation errors", {
          base: [{ description: "Ticket field: needs to be filled in" }],
        }),
        throttled: (_, status = 429) =>
          failure(status, "APIRateLimitExceeded", "Number of allowed API requests per minute exceeded"),
        broken: failure(500, "InternalError", "An internal error occurred"),
      },
      customerOf: api.customerOf,
      isWrite: ({ method }) => method !== "GET",
    };
  });
}

function signed(body: string, signature: Signature, secret: string): Record<string, string> {
  const about = {
    "x-zendesk-webhook-id": "01J0000000000000000000HOOK",
    "x-zendesk-webhook-invocation-id": randomUUID(),
  };
  if (signature === "missing") return about;
  const now = Date.now() - (signature === "stale" ? STALE_MS : 0);
  const timestamp = new Date(now).toISOString().replace(/\.\d+Z$/, "Z");
  const key = signature === "wrong" ? `${secret}-of-another-webhook` : secret;
  const whole = createHmac("sha256", key).update(`${timestamp}${body}`).digest("base64");
  return {
    ...about,
    "x-zendesk-webhook-signature": signature === "truncated" ? whole.slice(0, 20) : whole,
    "x-zendesk-webhook-signature-timestamp": timestamp,
  };
}
