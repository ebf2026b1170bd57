/**
 * Intercom's inbox on the loopback: contacts, conversations, replies, notes and tags by the REST API 2.16, and the
 * webhooks of an app. Like the real one, it knows no id of whoever writes, tells a bot's reply under two topics, hands
 * out bodies as HTML unless plain text is asked for, takes no attribute that the workspace does not have, and opens a
 * closed conversation when its customer writes. Knows nothing of whoever calls it.
 */
import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import * as z from "zod";
import { type Incoming, parseJson, type Server } from "../http.ts";
import {
  type DeskDeed,
  type DeskStore,
  type Signature,
  startTicketDesk,
  type TicketDesk,
  type TicketDeskOptions,
} from "../ticket-desk.ts";
import { type ApiOptions, createApi } from "./api.ts";
import { refusal } from "./request.ts";
import { seconds } from "./shapes.ts";
import { createWorkspace } from "./workspace.ts";

/** The workspace: where it is hosted, and the teammate for whom the API may act. */
export const IntercomWorkspace = z.object({ region: z.enum(["us", "eu", "au"]), adminId: z.string() });

export interface IntercomSimulatorOptions extends TicketDeskOptions, ApiOptions {
  region: "us" | "eu" | "au";
  accessToken: string;
  clientSecret: string;
}

const FILE_ORIGINS = {
  us: "https://downloads.intercomcdn.com",
  eu: "https://downloads.intercomcdn.eu",
  au: "https://downloads.au.intercomcdn.com",
} as const;

const VERSIONS = new Set(["2.13", "2.14", "2.15", "2.16"]);
const RETRY_AFTER_MS = 60_000;

/** @throws when the port is taken */
export async function startIntercomSimulator(options: IntercomSimulatorOptions): Promise<Server> {
  return startTicketDesk(options, (store, _, tell) => intercom(store, tell, options));
}

function intercom(store: DeskStore, tell: (deed: DeskDeed) => void, options: IntercomSimulatorOptions): TicketDesk {
  const { accessToken, clientSecret, region } = options;
  const workspace = createWorkspace(store, FILE_ORIGINS[region]);
  const api = createApi(store, workspace, tell, options);
  return {
    async api(request) {
      if (!isSame(request.headers.authorization ?? "", `Bearer ${accessToken}`))
        return refusal(401, "unauthorized", "Access Token Invalid");
      const version = request.headers["intercom-version"];
      if (version !== undefined && !VERSIONS.has(version))
        return refusal(400, "intercom_version_invalid", "The requested version could not be found");
      return (await api(request)) ?? refusal(404, "not_found", "Resource Not Found");
    },
    newId: (kind) => (kind === "file" || kind === "contact" ? randomUUID() : workspace.newPartId()),
    webhooks: workspace.webhooks,
    sign({ body }, signature) {
      const key = signature === "wrong" ? `not ${clientSecret}` : clientSecret;
      return { "content-type": "application/json", ...signed(body, key, signature) };
    },
    // Once more after a minute, as integrators tell; the schedule is not published.
    retryAfterMs(outcome, attempt) {
      const isTaken = outcome.kind === "answered" && outcome.status >= 200 && outcome.status < 300;
      return isTaken || attempt > 1 ? undefined : RETRY_AFTER_MS;
    },
    refusals: {
      down: refusal(503, "service_unavailable", "Sorry, the API service is temporarily unavailable"),
      refused: refusal(422, "parameter_invalid", "The message cannot be taken"),
      throttled: (_, status = 429) => ({
        ...refusal(status, "rate_limit_exceeded", "Exceeded rate limit"),
        headers: { "x-ratelimit-reset": String(seconds(Date.now()) + 10) },
      }),
      broken: refusal(500, "server_error", "Server Error"),
    },
    customerOf: (request) => customerOf(request, store),
    isWrite: ({ method, path }) => method !== "GET" && path !== "/conversations/search",
  };
}

/** By whom the path or the body names: a conversation, a contact, or one that is to be made. */
function customerOf({ path, body }: Incoming, { contacts, tickets }: DeskStore): string | undefined {
  const [, first, second = "", third] = path.split("/").map(decodeURIComponent);
  if (second === "find_by_external_id") return third;
  const json = (parseJson(body) ?? {}) as { phone?: string; external_id?: string; from?: { id?: string } };
  const ticket = first === "conversations" ? tickets.get(second) : undefined;
  const contact = contacts.get(ticket?.contact ?? json.from?.id ?? second);
  return contact?.phone ?? contact?.externalId ?? contact?.id ?? json.phone ?? json.external_id;
}

function signed(body: string, key: string, signature: Signature): Record<string, string> {
  if (signature === "missing") return {};
  const hex = createHmac("sha1", key).update(body, "utf8").digest("hex");
  return { "x-hub-signature": `sha1=${signature === "truncated" ? hex.slice(0, -8) : hex}` };
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
