/**
 * Gorgias on the loopback: the part of its API that a messaging bridge needs, and an HTTP integration. Knows what Gorgias
 * documents, and nothing of whoever calls it.
 */
import * as z from "zod";
import type { Server } from "../http.ts";
import { type Signature, startTicketDesk, type TicketDeskOptions } from "../ticket-desk.ts";
import { createAccount } from "./account.ts";
import { createApi } from "./api.ts";
import { failure } from "./errors.ts";
import { bodiesOf, type Form } from "./webhooks.ts";

/** An account with the user whose API key is used. */
export const GorgiasAccount = z.object({
  domain: z.string(),
  email: z.string(),
  integrationUserId: z.number().default(6001),
  channel: z.string().default("api"),
});

interface GorgiasOptions extends TicketDeskOptions, z.output<typeof GorgiasAccount> {
  apiKey: string;
  /** Of the HTTP integration, as its owner wrote them. */
  headers: Record<string, string>;
  /** Its request body: ids and what says whether they are of interest, by default. */
  form?: Form;
}

const IDS: Form = {
  event: "{{event.type}}",
  ticket_id: "{{ticket.id}}",
  ticket_external_id: "{{ticket.external_id}}",
  ticket_channel: "{{ticket.channel}}",
  ticket_status: "{{ticket.status}}",
  ticket_updated: "{{ticket.updated_datetime}}",
  ticket_closed: "{{ticket.closed_datetime}}",
  ticket_tags: "{{ticket.tags | tojson}}",
  assignee_id: "{{ticket.assignee_user.id}}",
  assignee_name: "{{ticket.assignee_user.name}}",
  message_id: "{{message.id}}",
  message_external_id: "{{message.external_id}}",
  message_from_agent: "{{message.from_agent}}",
  message_public: "{{message.public}}",
  message_channel: "{{message.channel}}",
};

/** @throws when the port is taken */
export async function startGorgias({ form = IDS, ...options }: GorgiasOptions): Promise<Server> {
  const { email, integrationUserId: id, channel, apiKey } = options;
  return startTicketDesk(options, (store, _, tell) => {
    const account = createAccount(store, { integration: { id, email, name: "Integration" }, channel });
    const api = createApi(account, { credentials: { email, apiKey }, tell });
    return {
      api: api.answer,
      newId: account.newId,
      webhooks: (deed) =>
        bodiesOf(deed, account, form).map((body) => ({ body, headers: { "content-type": "application/json" } })),
      sign: (_webhook, signature) => headersOf(options.headers, signature),
      // Nothing is promised of a second time.
      retryAfterMs: () => undefined,
      refusals: {
        down: failure(503, "Service unavailable."),
        refused: failure(400, "Failed to save.", { _schema: ["Invalid input."] }),
        throttled: (_code, status = 429) => failure(status, "Too many requests. Please slow down."),
        broken: failure(500, "Internal server error."),
      },
      customerOf: api.customerOf,
      isWrite: ({ method }) => method !== "GET",
    };
  });
}

/** Nothing is signed: whoever knows what the integration sends can send it, and whenever. */
function headersOf(headers: Record<string, string>, signature: Signature): Record<string, string> {
  if (signature === "missing") return {};
  const changed = (value: string) =>
    signature === "wrong" ? `${value}-of-somebody` : signature === "truncated" ? value.slice(0, 8) : value;
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, changed(value)]));
}
