/** The one local address: everything that the world reaches over HTTP, on 127.0.0.1. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Schedules } from "../event-sources/schedules.ts";
import type { Lambda } from "../lambda/lambda.ts";
import type { HttpApi } from "../template/stack.ts";
import { type FunctionUrlRoute, serveFunctionUrl } from "./function-urls.ts";
import { serveHttpApi } from "./http-api.ts";
import { type HttpResponse, jsonResponse, splitTarget } from "./payload.ts";
import { passOn } from "./proxy.ts";

export interface FrontRoutes {
  region: string;
  accountId: string;
  publicUrl: string;
  lambda: Lambda;
  functionUrls: readonly FunctionUrlRoute[];
  httpApis: readonly HttpApi[];
  /** `GET /_schedules` lists them, `POST /_schedules/<name>` has one invoke its function now. */
  schedules: Pick<Schedules, "names" | "runNow">;
  /** Name below `/_simulators/` → address of its own server. */
  simulators: Readonly<Record<string, string>>;
  /** Ms since 1970. */
  now: () => number;
}

export interface Front {
  port: number;
  /** `http://127.0.0.1:<port>` */
  url: string;
  /** Until then every request, `/healthz` too, is answered 503. */
  serve(routes: FrontRoutes): void;
  /** Takes no new requests, and waits until those that came have their answers. */
  close(): Promise<void>;
}

/** Functions end sooner; this is for senders that never finish their request. */
const LONGEST_GOODBYE_MS = 8_000;

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<HttpResponse | "answered">;

/**
 * @param port 0 for any free one
 * @throws Error in one sentence when the port is taken
 */
export async function openFront(port: number): Promise<Front> {
  let isClosing = false;
  let answer: Answer = async () => jsonResponse(503, { message: "Service Unavailable" });
  const server = createServer(async (request, response) => {
    try {
      const answered = await answer(request, response);
      if (answered === "answered") return;
      // A connection that is kept alive would hold up the end.
      if (isClosing) response.setHeader("connection", "close");
      write(response, answered);
    } catch {
      // The sender left in the middle of its request: there is nobody to answer.
      response.destroy();
    }
  });
  await listen(server, port);
  const { port: taken } = server.address() as AddressInfo;
  return {
    port: taken,
    url: `http://127.0.0.1:${taken}`,
    serve: (routes) => {
      answer = answerOf(routes);
    },
    async close() {
      isClosing = true;
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      const cut = setTimeout(() => server.closeAllConnections(), LONGEST_GOODBYE_MS);
      await promise;
      clearTimeout(cut);
    },
  };
}

function answerOf(routes: FrontRoutes): Answer {
  const options = { ...routes, publicUrl: new URL(routes.publicUrl) };
  const functionUrls = routes.functionUrls.map((route) => ({
    path: `/${route.path}`,
    serve: serveFunctionUrl(route, options),
  }));
  const [serveApi] = routes.httpApis.map((api) => serveHttpApi(api, options));
  return async (request, response) => {
    const { path, query } = splitTarget(request.url ?? "/");
    const [, simulator = "", rest = "/"] = /^\/_simulators\/([^/]+)(\/.*)?$/.exec(path) ?? [];
    const origin = routes.simulators[simulator];
    if (origin) {
      passOn(request, response, new URL(`${rest}${query && `?${query}`}`, origin));
      return "answered";
    }
    const [isSchedules, schedule = ""] = /^\/_schedules(?:\/([^/]+))?$/.exec(path) ?? [];
    if (isSchedules) return serveSchedules(request.method ?? "", schedule, routes.schedules);
    const url = functionUrls.find((candidate) => path === candidate.path || path.startsWith(`${candidate.path}/`));
    if (url) return url.serve(request);
    return serveApi ? serveApi(request) : jsonResponse(404, { message: "Not Found" });
  };
}

async function serveSchedules(
  method: string,
  name: string,
  { names, runNow }: FrontRoutes["schedules"],
): Promise<HttpResponse> {
  if (method === "GET" && name === "") return jsonResponse(200, { data: names });
  if (method !== "POST" || !names.includes(name)) return jsonResponse(404, { message: "Not Found" });
  const { ok, answers } = await runNow(name);
  return jsonResponse(ok ? 200 : 502, { answers });
}

function write(response: ServerResponse, { status, headers, body }: HttpResponse): void {
  response.writeHead(status, { ...headers, "content-length": body.length });
  response.end(body);
}

async function listen(server: Server, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(port, "127.0.0.1", resolve);
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
      throw new Error(`Port ${port} is taken by another program; set PORT to a free one.`, { cause: error });
    }
    throw error;
  }
}
