/** One call of the API: sent, repeated where that is safe, and its answer understood. */
import type { Problem } from "../domain/api-shapes.ts";
import type { Access, SendOptions } from "./access.ts";
import { RecadoError } from "./error.ts";

export interface Call {
  method?: "GET" | "POST" | "PATCH" | "DELETE";
  path: string;
  query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** JSON. */
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  /** Whether doing it twice is the same as once. */
  isRepeatable?: boolean;
  signal?: AbortSignal | undefined;
}

const RETRIES = 4;
const FIRST_WAIT_MS = 500;
/** From then on the wait no longer doubles: 8 s are long enough to spare a Recado that is away. */
const DOUBLINGS = 4;
/** Whoever is told to wait longer is told so, and decides; but for a call that is repeated for ever. */
const LONGEST_WAIT_MS = 30_000;
/** A timer takes no more than 24 days. */
const DAY_SECONDS = 86_400;

/** Where something may answer later; below the page's own origin in a browser. */
const ADDRESS = /^(https?:\/\/|\/|$)/;

/** A call that may be repeated: done twice it is the same as once, unless `more` says otherwise. @throws RecadoError */
export function ask<Shape>(
  access: Access,
  method: NonNullable<Call["method"]>,
  path: string,
  more: Omit<Call, "method" | "path"> = {},
): Promise<Shape> {
  return request(access, { method, path, isRepeatable: true, ...more });
}

export function once({ idempotencyKey = crypto.randomUUID() }: SendOptions): { "idempotency-key": string } {
  return { "idempotency-key": idempotencyKey };
}

/** @throws RecadoError */
export async function request<Shape>(access: Access, call: Call): Promise<Shape> {
  const { retries = RETRIES } = access;
  for (let attempt = 0; ; attempt++) {
    const answered = await attemptOnce<Shape>(access, call);
    if ("shape" in answered) return answered.shape;
    const { error } = answered;
    // A Retry-After of 0 says nothing: whoever repeats for ever would do it without a pause.
    const retryAfterMs = answered.retryAfterMs || FIRST_WAIT_MS * 2 ** Math.min(attempt, DOUBLINGS);
    // Refused before anything was done: that is safe to repeat, whatever it is.
    const isWorthIt =
      error.status === 429 ||
      (call.isRepeatable && (error.status >= 500 || (error.code === "unreachable" && ADDRESS.test(access.url))));
    const isTooLong = retryAfterMs > LONGEST_WAIT_MS && retries !== Number.POSITIVE_INFINITY;
    if (!isWorthIt || attempt >= retries || isTooLong) throw error;
    // Many who were refused together shall not come back together.
    await wait(retryAfterMs * (1 + Math.random() / 4), call.signal);
  }
}

type Answered<Shape> = { shape: Shape } | { error: RecadoError; retryAfterMs?: number };

async function attemptOnce<Shape>(access: Access, call: Call): Promise<Answered<Shape>> {
  const { method = "GET", path, query = {}, body, headers = {}, signal } = call;
  const ask = access.fetch ?? fetch;
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) asked.set(name, String(value));
  const search = asked.size > 0 ? `?${asked}` : "";
  let response: Response;
  let text: string;
  try {
    response = await ask(`${access.url.replace(/\/+$/, "")}${path}${search}`, {
      method,
      headers: {
        authorization: `Bearer ${access.key}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
    text = await response.text();
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    if (cause instanceof RecadoError) throw cause;
    const message = `Recado does not answer at ${access.url}.`;
    return { error: new RecadoError(message, { code: "unreachable", cause }) };
  }
  const json = parsed(text);
  if (response.ok && (json !== undefined || text === "")) return { shape: json as Shape };
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return {
    error: refusal(response, json),
    ...(seconds >= 0 && { retryAfterMs: Math.min(seconds, DAY_SECONDS) * 1000 }),
  };
}

function refusal({ status, headers, ok }: Response, json: unknown): RecadoError {
  const { code, detail, title, requestId, field } = (json ?? {}) as Partial<Problem>;
  // What stands before Recado, such as the gateway's own throttle, answers in another form.
  const known = code ?? (status === 429 ? "rate_limited" : ok ? "not_understood" : `http_${status}`);
  return new RecadoError(detail ?? title ?? `Recado answered ${status}.`, {
    code: known,
    status,
    requestId: requestId ?? headers.get("apigw-requestid") ?? undefined,
    field,
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @throws what the signal was aborted with */
export function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
