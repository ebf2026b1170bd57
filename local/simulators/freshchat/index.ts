/**
 * Freshchat on the loopback: users, conversations of topics, messages and uploads by the API, version 2, and the one
 * webhook of an account, which tells of everything that is said, in every conversation and by whomever, with an RSA
 * signature. As far as is known of the real one: it takes no id of whoever writes, lists a user's conversations by their
 * ids alone, opens a resolved conversation when its user writes, takes nothing in one that is not the user's latest, and
 * tells of files without their address. Knows nothing of whoever calls it.
 */
import { type KeyObject, sign as signedBy } from "node:crypto";
import * as z from "zod";
import { type Incoming, parseJson, type Server } from "../http.ts";
import {
  type DeskDeed,
  type DeskStore,
  type DeskWebhook,
  type Signature,
  startTicketDesk,
  type TicketDesk,
  type TicketDeskOptions,
} from "../ticket-desk.ts";
import { agentIdOf, createAccount } from "./account.ts";
import { refusal } from "./answers.ts";
import { createApi } from "./api.ts";
import { publicKeyOf, signingKeyOf } from "./keys.ts";

/** The account: where it is, its topics, and the agent for whom the API writes. */
export const FreshchatAccount = z.object({
  domain: z.string(),
  channelIds: z.union([z.string(), z.record(z.string(), z.string())]),
  agentId: z.string(),
});

export interface FreshchatOptions extends z.output<typeof FreshchatAccount>, TicketDeskOptions {
  apiToken: string;
  /** As the account shows it; it signs with the other half. */
  publicKey: string;
}

/** @throws when the port is taken */
export async function startFreshchatSimulator(options: FreshchatOptions): Promise<Server> {
  return startTicketDesk(options, (store, _, tell) => freshchat(store, tell, options));
}

function freshchat(store: DeskStore, tell: (deed: DeskDeed) => void, options: FreshchatOptions): TicketDesk {
  const { domain, channelIds, publicKey } = options;
  const account = createAccount(store, `https://${domain}.freshchat.com`);
  const channels = typeof channelIds === "string" ? [channelIds] : Object.values(channelIds);
  const key = signingKeyOf(publicKey);
  const another = signingKeyOf(publicKeyOf("of another account"));
  return {
    api: createApi(store, account, tell, { ...options, channels }),
    newId: account.newId,
    webhooks: (deed) => webhooksOf(deed, account),
    sign: ({ body }, signature) => signed(body, signature === "wrong" ? another : key, signature),
    // There is a count of retries, and nobody says when they come: whoever relies on them finds out here.
    retryAfterMs: () => undefined,
    refusals: {
      down: refusal(503, "SERVICE_UNAVAILABLE", "Service unavailable"),
      refused: refusal(400, "INVALID_VALUE", "The request cannot be taken"),
      throttled: (_, status = 429) => refusal(status, "TOO_MANY_REQUESTS", "Too many requests"),
      broken: refusal(500, "INTERNAL_SERVER_ERROR", "Internal server error"),
    },
    customerOf: (request) => customerOf(request, store),
    isWrite: ({ method }) => method !== "GET",
  };
}

/** Nothing is told of messages that change or go, and nothing of labels. */
function webhooksOf(deed: DeskDeed, account: ReturnType<typeof createAccount>): readonly DeskWebhook[] {
  const { ticket } = deed;
  const conversation = account.conversationJson(ticket);
  const interaction = { interaction_id: account.roomOf(ticket).interaction };
  const isByAgent = { type: "agent", id: agentIdOf("Ana") };
  switch (deed.type) {
    case "message": {
      const message = account.messageJson(deed.message, ticket, true);
      return [webhook("message_create", { type: message.actor_type, id: message.actor_id }, { message })];
    }
    case "state":
      return ticket.status === "closed"
        ? [
            webhook("conversation_resolution", isByAgent, {
              resolve: { resolver: "agent", resolver_id: isByAgent.id, conversation, ...interaction },
            }),
          ]
        : [
            webhook("conversation_reopen", isByAgent, {
              reopen: { reopener: "agent", reopener_id: isByAgent.id, conversation, ...interaction },
            }),
          ];
    case "assigned": {
      const to = conversation.assigned_agent_id;
      const assignment = {
        assignor: "agent",
        assignor_id: isByAgent.id,
        to_agent_id: to,
        conversation,
        ...interaction,
      };
      return [webhook("conversation_assignment", isByAgent, { assignment })];
    }
    default:
      return [];
  }
}

function webhook(action: string, actor: { type: string; id: string }, data: object): DeskWebhook {
  const body = {
    actor: { actor_type: actor.type, actor_id: actor.id },
    action,
    action_time: new Date().toISOString(),
    data,
  };
  const headers = { "content-type": "application/json", "x-freshchat-payload-version": "v2", "x-retry-count": "0" };
  return { body: JSON.stringify(body), headers };
}

function signed(body: string, key: KeyObject, signature: Signature): Record<string, string> {
  if (signature === "missing") return {};
  const whole = signedBy("sha256", Buffer.from(body), key).toString("base64");
  return { "x-freshchat-signature": signature === "truncated" ? whole.slice(0, 64) : whole };
}

/** By whom the path or the body names: a conversation, a user, or one that is to be made. */
function customerOf({ path, body }: Incoming, { contacts, tickets }: DeskStore): string | undefined {
  const [, , first, second = ""] = path.split("/").map(decodeURIComponent);
  const json = (parseJson(body) ?? {}) as { phone?: string; reference_id?: string; users?: { id?: string }[] };
  const ticket = first === "conversations" ? tickets.get(second) : undefined;
  const contact = contacts.get(ticket?.contact ?? json.users?.[0]?.id ?? second);
  return contact?.phone ?? contact?.externalId ?? json.phone ?? json.reference_id;
}
