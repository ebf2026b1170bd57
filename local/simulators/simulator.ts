/**
 * What every simulated vendor has: its API, a record of the requests that came to it, and a control surface below
 * `/_simulator/` through which a test or a person is the customer. Everything is kept in memory.
 */
import type * as z from "zod";
import { createFaults, DESK_FAULTS, type FaultKind, FaultOrder, type Faults } from "./faults.ts";
import { createFiles, type Files } from "./files.ts";
import { type Answer, type Incoming, listen, parseJson, type Reaction, type Server } from "./http.ts";
import { createPhones, type Phones } from "./phones.ts";
import { createWebhooks, type Webhooks } from "./webhooks.ts";

/** What a vendor is built from. */
export interface World {
  faults: Faults;
  phones: Phones;
  webhooks: Webhooks;
  /** What customers have sent. */
  files: Files;
  /** Aborted when the simulator stops. */
  closing: AbortSignal;
}

export interface Vendor {
  api(request: Incoming): Promise<Reaction>;
  /** `POST /_simulator/<name>`, each with the JSON that came. */
  controls: Record<string, (body: unknown) => Promise<Answer>>;
  /** Faults that the real one cannot have. */
  impossible: readonly FaultKind[];
  /** A helpdesk, which has some faults of its own. */
  isDesk?: true;
  /** `GET /_simulator/<name>`, beside those that all have. */
  views?: Record<string, (query: URLSearchParams) => Answer>;
  /** The request's body as the vendor reads it. */
  readBody(request: Incoming): unknown;
}

/** One request that the API got; credentials are left out. */
interface Seen {
  number: number;
  method: string;
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  body: unknown;
  /** Null when it got no answer. */
  status: number | null;
}

const CREDENTIALS = new Set(["authorization", "cookie", "proxy-authorization", "api_access_token", "x-api-key"]);

/** Checks what came to a control; a fault is answered 400 with one sentence per field. */
export function control<Schema extends z.ZodType>(
  schema: Schema,
  act: (body: z.output<Schema>) => Answer | Promise<Answer>,
): (body: unknown) => Promise<Answer> {
  return async (body) => {
    const checked = schema.safeParse(body);
    if (checked.success) return act(checked.data);
    return wrong(checked.error.issues.map(({ path, message }) => `${path.join(".") || "body"}: ${message}`).join("; "));
  };
}

/** 400 of the control surface. */
export function wrong(sentence: string): Answer {
  return { status: 400, body: { error: sentence } };
}

/** Whether a spelling of a customer (of a query, of a fault) means the customer who is kept under this key. */
export type IsCustomer = (key: string, spelling: string) => boolean;

/** @throws when the port is taken */
export async function startSimulator(
  port: number,
  isCustomer: IsCustomer,
  build: (world: World) => Vendor,
): Promise<Server> {
  const closing = new AbortController();
  const faults = createFaults(isCustomer);
  const world: World = {
    faults,
    phones: createPhones(isCustomer),
    webhooks: createWebhooks(faults, closing.signal),
    files: createFiles(faults, closing.signal),
    closing: closing.signal,
  };
  const vendor = build(world);
  const requests: Seen[] = [];

  async function api(request: Incoming): Promise<Reaction> {
    const kept = ([name]: [string, string]) => !CREDENTIALS.has(name) && name !== "access_token";
    const seen: Seen = {
      number: requests.length + 1,
      method: request.method,
      path: request.path,
      query: Object.fromEntries([...request.query].filter(kept)),
      headers: Object.fromEntries(Object.entries(request.headers).filter(kept)),
      body: vendor.readBody(request),
      status: null,
    };
    requests.push(seen);
    const reaction = await vendor.api(request);
    if (typeof reaction !== "string") seen.status = reaction.status;
    return reaction;
  }

  const orderFault = control(FaultOrder, (order) => {
    const isForeign = DESK_FAULTS.has(order.kind) && !vendor.isDesk;
    if (isForeign || vendor.impossible.includes(order.kind)) return wrong(`kind: this vendor knows no ${order.kind}`);
    faults.order(order);
    return ok({ pending: faults.pending() });
  });

  const server = await listen(port, async (request) => {
    if (!request.path.startsWith("/_simulator/")) return api(request);
    const name = request.path.slice("/_simulator/".length);
    const after = Number(request.query.get("after") ?? 0);
    switch (`${request.method} ${name}`) {
      case "GET requests":
        return ok({ data: requests.filter(({ number }) => number > after) });
      case "GET webhooks":
        return ok({ data: world.webhooks.deliveries.filter(({ number }) => number > after) });
      case "GET messages": {
        const customer = request.query.get("customer");
        return ok({ data: world.phones.list({ after, ...(customer && { customer }) }) });
      }
      case "GET faults":
        return ok({ pending: faults.pending() });
      case "DELETE faults":
        faults.clear();
        return ok({ pending: [] });
    }
    const view = request.method === "GET" ? vendor.views?.[name] : undefined;
    if (view) return view(request.query);
    const act = name === "faults" ? orderFault : vendor.controls[name];
    if (!act || request.method !== "POST") {
      return { status: 404, body: { error: `There is no ${request.method} ${request.path} here.` } };
    }
    return act(parseJson(request.body));
  });
  return {
    url: server.url,
    close: async () => {
      closing.abort();
      await server.close();
    },
  };
}

export function ok(body: unknown): Answer {
  return { status: 200, body };
}

/**
 * The faults of a send: refuses it, or takes it and hides that it did. `accept` does what the vendor does without a
 * fault.
 */
export async function withSendFaults(
  faults: Faults,
  customer: string,
  send: {
    throttled: (code: number | undefined, status: number | undefined) => Answer;
    broken: Answer;
    accept: () => Promise<Answer>;
  },
): Promise<Reaction> {
  const throttled = faults.take("429", { customer });
  if (throttled) {
    const refusal = send.throttled(throttled.code, throttled.status);
    const { retryAfterSeconds } = throttled;
    return retryAfterSeconds ? { ...refusal, headers: { "retry-after": String(retryAfterSeconds) } } : refusal;
  }
  const broken = faults.take("500", { customer });
  if (broken) {
    if (broken.accepted) await send.accept();
    return send.broken;
  }
  const answer = await send.accept();
  if (answer.status >= 300) return answer;
  if (faults.take("timeout_after_accepting", { customer })) return "hang";
  if (faults.take("reset_after_accepting", { customer })) return "reset";
  return answer;
}
