/** The HTTP of a simulated vendor: a server on the loopback, and the client that posts its webhooks. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";

export interface Incoming {
  method: string;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: string;
  /** The body as it came. */
  bytes: Buffer;
}

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  /** Sent as JSON, but for bytes, which say in the headers what they are. */
  body: unknown;
}

/** `hang` never answers, `reset` breaks the connection; both after the whole request was read. */
export type Reaction = Answer | "hang" | "reset";

export interface Server {
  url: string;
  close(): Promise<void>;
}

/** Listens on 127.0.0.1; port 0 takes a free one. What `react` throws is answered 500 with its sentence. */
export async function listen(port: number, react: (request: Incoming) => Promise<Reaction>): Promise<Server> {
  const server = createServer(async (request, response) => {
    try {
      await answer(response, await react(await read(request)));
    } catch (error) {
      await answer(response, { status: 500, body: { error: `The simulator failed: ${String(error)}` } });
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function read(request: IncomingMessage): Promise<Incoming> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const url = new URL(request.url ?? "/", "http://simulator");
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) headers[name] = String(value);
  const bytes = Buffer.concat(chunks);
  return {
    method: request.method ?? "GET",
    path: url.pathname,
    query: url.searchParams,
    headers,
    body: bytes.toString("utf8"),
    bytes,
  };
}

async function answer(response: ServerResponse, reaction: Reaction): Promise<void> {
  if (reaction === "hang") return;
  if (reaction === "reset") {
    response.socket?.resetAndDestroy();
    return;
  }
  response.writeHead(reaction.status, { "content-type": "application/json; charset=utf-8", ...reaction.headers });
  const { body } = reaction;
  if (body instanceof Readable) {
    // Who has had enough goes away.
    response.on("close", () => body.destroy());
    body.pipe(response);
  } else response.end(body instanceof Uint8Array ? body : JSON.stringify(body));
}

export type Posted =
  | { kind: "answered"; status: number; contentType: string; body: string }
  /** No connection came about. */
  | { kind: "unreachable" }
  /** Connected, but no whole answer in time. */
  | { kind: "interrupted" };

/** One request, redirects not followed. */
export async function call(
  url: string,
  request: { method: "GET" | "POST"; headers?: Record<string, string>; body?: string },
  limits: { timeoutMs: number; closing: AbortSignal },
): Promise<Posted> {
  try {
    const response = await fetch(url, {
      ...request,
      redirect: "manual",
      signal: AbortSignal.any([AbortSignal.timeout(limits.timeoutMs), limits.closing]),
    });
    const contentType = response.headers.get("content-type") ?? "";
    return { kind: "answered", status: response.status, contentType, body: await response.text() };
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as { code?: string };
    const isUnconnected = code === "ECONNREFUSED" || code === "ENOTFOUND" || code === "UND_ERR_CONNECT_TIMEOUT";
    return { kind: isUnconnected ? "unreachable" : "interrupted" };
  }
}

/**
 * Where a URL is really posted: the public origin is this machine, every other one is called as it is. The fragment is
 * for the vendor alone.
 */
export function reach(url: string, { publicUrl, deliverTo }: { publicUrl: string; deliverTo: string }): string {
  const [withoutFragment = ""] = url.split("#");
  const { origin, pathname, search } = new URL(withoutFragment);
  return origin === new URL(publicUrl).origin ? `${new URL(deliverTo).origin}${pathname}${search}` : withoutFragment;
}

/** The JSON value, or undefined where the text is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
