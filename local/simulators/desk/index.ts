/**
 * A helpdesk on the loopback, as a developer would write one in an afternoon: it takes signed events, knows again what
 * it has had, shows conversations, and posts signed replies. Knows what is documented, and nothing of whoever calls it.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { type Answer, call, type Incoming, parseJson, type Reaction, type Server } from "../http.ts";
import { control, ok, startSimulator, type Vendor, type World, withSendFaults, wrong } from "../simulator.ts";
import { faultOf, Signature, signed } from "./signature.ts";

export interface DeskSimulatorOptions {
  /** A free one by default. */
  port?: number;
  /** Where the desk stands in public: its path takes events, and files stand beside it. */
  url: string;
  /** Where replies are really posted. */
  deliverTo: string;
  secret: string;
  /** Waits between attempts of a webhook that was not answered with success; their number bounds the attempts. */
  retryAfterMs?: readonly number[];
}

/** What a desk reads of an event. */
const DeskEvent = z.looseObject({
  id: z.string(),
  type: z.string(),
  subject: z.string(),
  sequence: z.string(),
  data: z.record(z.string(), z.unknown()),
});
type DeskEvent = z.output<typeof DeskEvent>;

/** One event as it came; what comes again under its `webhook-id` changes nothing. */
interface Arrival {
  number: number;
  webhookId: string;
  conversation: string;
  isRepeated: boolean;
  event: DeskEvent;
}

const Reply = z.strictObject({
  /** Of the conversation, as the events name it. */
  conversation: z.string(),
  type: z.enum(["reply", "note", "state"]).default("reply"),
  /** A new one unless it is told. */
  id: z.string().optional(),
  text: z.string().optional(),
  attachments: z.array(z.strictObject({ contentType: z.string(), fileName: z.string().optional() })).optional(),
  agent: z.strictObject({ name: z.string().optional(), isBot: z.boolean().optional() }).optional(),
  state: z.string().optional(),
  signature: z.enum(Signature).default("valid"),
});
const GivenWebhook = z.strictObject({
  /** JSON, or the raw body. */
  body: z.unknown(),
  id: z.string().optional(),
  signature: z.enum(Signature).default("valid"),
});

const RETRY_AFTER_MS: readonly number[] = [1000, 5000, 30_000];
const TIMEOUT_MS = 15_000;

/** @throws when the port is taken */
export async function startDeskSimulator(options: DeskSimulatorOptions): Promise<Server> {
  const isSame = (key: string, spelling: string) => key === spelling;
  return startSimulator(options.port ?? 0, isSame, (world) => desk(world, options));
}

function desk(world: World, { url, deliverTo, secret, retryAfterMs = RETRY_AFTER_MS }: DeskSimulatorOptions): Vendor {
  const { origin, pathname } = new URL(url);
  const arrivals: Arrival[] = [];
  const replies: { conversation: string; id: string; body: string }[] = [];

  async function api(request: Incoming): Promise<Reaction> {
    const [, file] = /^\/files\/([\w-]+)$/.exec(request.path) ?? [];
    if (request.method === "GET" && file !== undefined) {
      const found = world.files.find(file);
      if (found && world.faults.take("file_not_ready", found)) return refusal(503, "the file is being looked at");
      return found ? world.files.give(found, refusal(404, "no such file")) : refusal(404, "no such file");
    }
    if (request.method === "GET" && request.path === `${pathname}/replies`) return listed(request);
    if (request.method !== "POST" || request.path !== pathname) return refusal(404, "nothing is here");
    const fault = faultOf(request.headers, request.body, secret);
    if (fault !== undefined) return refusal(401, fault);
    const { success, data: event } = DeskEvent.safeParse(parseJson(request.body));
    if (!success) return refusal(400, "this is no event");

    const customer = event.subject;
    if (world.faults.take("down", { customer })) return refusal(503, "the desk is being mended");
    const slow = world.faults.take("slow", { customer });
    if (slow) await sleep(slow.delayMs, undefined, { signal: world.closing }).catch(() => {});
    if (world.faults.take("refused", { customer })) return refusal(422, "the desk does not like this one");
    return withSendFaults(world.faults, customer, {
      throttled: (_, status = 429) => refusal(status, "too many"),
      broken: refusal(500, "the desk has failed"),
      accept: async () => take(event, request.headers["webhook-id"] ?? ""),
    });
  }

  /** What agents wrote in a conversation behind a reply, for whoever signs the question. */
  function listed({ query, headers }: Incoming): Answer {
    const fault = faultOf(headers, `?${query}`, secret);
    if (fault !== undefined) return refusal(401, fault);
    const all = replies.filter(({ conversation }) => conversation === query.get("conversation"));
    const after = all.findIndex(({ id }) => id === query.get("after"));
    return ok({ data: all.slice(after + 1).map(({ body }) => parseJson(body)) });
  }

  function take(event: DeskEvent, webhookId: string): Answer {
    const isRepeated = arrivals.some((one) => one.webhookId === webhookId);
    arrivals.push({ number: arrivals.length + 1, webhookId, conversation: event.subject, isRepeated, event });
    return ok({ isRepeated });
  }

  async function reply({ signature, attachments, ...told }: z.output<typeof Reply>): Promise<Answer> {
    const { conversation, id = `reply_${randomUUID()}` } = told;
    const files = attachments?.map(({ contentType, fileName }) => {
      const kept = world.files.keep({ customer: conversation, contentType, id: randomUUID() });
      return { url: `${origin}/files/${kept.id}`, contentType, ...(fileName !== undefined && { fileName }) };
    });
    const body = JSON.stringify({ ...told, id, ...(files && { attachments: files }) });
    replies.push({ conversation, id, body });
    void world.webhooks.deliver({
      url: deliverTo,
      headers: signed({ id, body, secret }, signature),
      body,
      customer: conversation,
      about: "message",
      retryAfterMs: (outcome, attempt) =>
        outcome.kind === "answered" && outcome.status >= 200 && outcome.status < 300
          ? undefined
          : retryAfterMs[attempt - 1],
    });
    return ok({ id });
  }

  const wanted = (query: URLSearchParams) => {
    const conversation = query.get("conversation");
    return arrivals.filter((one) => conversation === null || one.conversation === conversation);
  };

  return {
    api,
    impossible: [
      ...(["expired_window", "receipts_first", "receipts_twice", "receipts_backwards", "failed"] as const),
      ...(["other_file", "profile_unavailable"] as const),
    ],
    isDesk: true,
    readBody: ({ body }) => parseJson(body) ?? body,
    views: {
      events: (query) => ok({ data: wanted(query).filter(({ number }) => number > Number(query.get("after") ?? 0)) }),
      conversations: (query) => {
        const kept = wanted(query).filter(({ isRepeated }) => !isRepeated);
        const rows = [...Map.groupBy(kept, ({ conversation }) => conversation)];
        return ok({ data: rows.map(([id, those]) => ({ id, events: those.map(({ event }) => event) })) });
      },
    },
    controls: {
      reply: control(Reply, reply),
      webhooks: control(GivenWebhook, async ({ body: given, id = `webhook_${randomUUID()}`, signature }) => {
        const body = typeof given === "string" ? given : JSON.stringify(given);
        if (body === undefined) return wrong("body: there is none");
        const answer = await call(
          deliverTo,
          { method: "POST", headers: signed({ id, body, secret }, signature), body },
          { timeoutMs: TIMEOUT_MS, closing: world.closing },
        );
        return ok(
          answer.kind === "answered"
            ? { status: answer.status, body: answer.body }
            : { status: null, body: answer.kind },
        );
      }),
    },
  };
}

function refusal(status: number, error: string): Answer {
  return { status, body: { error } };
}
