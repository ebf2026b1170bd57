/**
 * Front with application channels of one app: the Channel API, what of the Core API concerns conversations, the call that
 * each agent's message makes, and the webhooks of the application. As with the real one, a message that is imported is
 * shown to the channel's webhook, an external id that comes twice is two messages, lists do not show external ids to the
 * company's token, nothing is posted twice, and the answer to an agent's message is what the agent sees.
 */
import * as z from "zod";
import type { Answer, Incoming, Server } from "../http.ts";
import type { World } from "../simulator.ts";
import { type DeskDeed, type DeskStore, startTicketDesk, type TicketDesk } from "../ticket-desk.ts";
import { type Access, askerOf } from "./access.ts";
import { createChannelApi } from "./channel-api.ts";
import { createCompany } from "./company.ts";
import { createCoreApi } from "./core-api.ts";
import { broken, down, refused, throttled, unauthorized } from "./errors.ts";
import { handleIn } from "./request.ts";
import { createWebhooks } from "./webhooks.ts";

/** The app and its channels, as whoever uses them has them in their settings. */
export const FrontApp = z.object({
  appId: z.string(),
  channels: z
    .union([z.string(), z.record(z.string(), z.string())])
    .default({})
    .transform((channels) => (typeof channels === "string" ? [channels] : Object.values(channels))),
});

export interface FrontOptions extends Access {
  /** A free one by default. */
  port?: number;
  /** The public address of the webhooks. */
  webhookUrl: string;
  /** Where they are really posted. */
  deliverTo: string;
}

/** @throws when the port is taken */
export async function startFrontSimulator(options: FrontOptions): Promise<Server> {
  return startTicketDesk(options, (store, world, tell) => front(options, { store, world, tell }));
}

function front(
  options: FrontOptions,
  { store, world, tell }: { store: DeskStore; world: World; tell: (deed: DeskDeed) => void },
): TicketDesk {
  const company = createCompany(store, world, tell);
  const calls = createWebhooks(company, options);
  const ofChannel = createChannelApi(company, calls);
  const ofCompany = createCoreApi(company);

  async function api(request: Incoming): Promise<Answer> {
    const asker = askerOf(request, options);
    if (!asker) return unauthorized;
    const path = partsOf(request);
    const [kind, channel = "", ...rest] = path;
    if (kind !== "channels") return ofCompany(path, asker, request);
    return asker === "company" || asker.channel !== channel ? unauthorized : ofChannel(channel, rest, request);
  }

  return {
    ...{ api, newId: company.newId, webhooks: calls.webhooks, sign: calls.sign, answered: calls.answered },
    // An agent sees that a message did not go out, and sends it again; the rest is lost.
    retryAfterMs: () => undefined,
    refusals: { down, refused, throttled, broken },
    customerOf(request) {
      const [kind, which = "", what, thread = ""] = partsOf(request);
      if (kind === "contacts") return which.replace(/^alt:\w+:/, "");
      const isStatus = kind === "channels" && what === "conversations";
      const found = isStatus ? company.threaded(thread, which) : store.tickets.get(which);
      return found ? company.handleOf(found) : handleIn(request);
    },
    isWrite: ({ method }) => method !== "GET",
  };
}

function partsOf({ path }: Incoming): string[] {
  return path.slice(1).split("/").map(decodeURIComponent);
}
