/**
 * Fetches a file from an address that somebody else has named. What is not on the public internet is refused: by the
 * address that a name really has when the connection is made, and again at every redirect.
 */
import * as http from "node:http";
import * as https from "node:https";
import type { Fetched, FetchFile } from "../ports.ts";
import { createPublicAgents, isForbiddenAddress } from "./public-agents.ts";
import { spool } from "./spool.ts";
import type { StandIn } from "./stand-in.ts";

export interface DownloadOptions {
  /** Origins that another one stands in for, which alone may lie on this machine. For the local run. */
  standIns?: readonly StandIn[];
  /** In milliseconds: until connected, between two pieces of the file, for all of it. */
  timeoutsMs?: { connect: number; idle: number; total: number };
}

/** A slow provider gives 100 MB in the last of them; a function has time left to keep the file. */
const TIMEOUTS_MS = { connect: 5_000, idle: 15_000, total: 120_000 };
const MOST_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Refusals that are none for good. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

/** Some providers give a page instead of the file to whoever does not say what it is. */
const HEADERS = { "user-agent": "Recado", accept: "*/*", "accept-encoding": "identity" };

export function createFetchFile({ standIns = [], timeoutsMs = TIMEOUTS_MS }: DownloadOptions = {}): FetchFile {
  const { https: guarded } = createPublicAgents();
  const unguarded = { "http:": new http.Agent(), "https:": new https.Agent() };

  return async ({ url: first, credentials, largestBytes }) => {
    const deadline = Date.now() + timeoutsMs.total;
    let url = URL.parse(first);
    let mayKnow = url !== null && credentials !== undefined && isFor(credentials.origins, url.origin, standIns);
    for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
      if (!url) return { kind: "unusable", detail: "not a URL" };
      const target = placed(url, standIns);
      const isStandIn = standIns.some(({ by }) => new URL(by).origin === target.origin);
      if (!isStandIn && target.protocol !== "https:") return { kind: "forbidden_address", detail: "not https" };
      if (url.username || url.password) return { kind: "forbidden_address", detail: "credentials in the URL" };
      const agent = isStandIn ? unguarded[target.protocol === "http:" ? "http:" : "https:"] : guarded;
      const headers = { ...HEADERS, ...(mayKnow && credentials?.headers) };
      const limits = { ...timeoutsMs, total: deadline - Date.now(), largestBytes };
      const answer = await fetchOnce(target, { headers, agent, limits });
      if (answer.kind !== "redirect") return answer;
      const next: URL | null = URL.parse(answer.location, url.href);
      mayKnow &&= next?.origin === url.origin;
      url = next;
    }
    return { kind: "unusable", detail: "too many redirects" };
  };
}

/** A stand-in counts as the vendor's own. */
function isFor(origins: readonly string[], origin: string, standIns: readonly StandIn[]): boolean {
  const stoodFor = standIns.flatMap(({ by, origins: replaced }) => (new URL(by).origin === origin ? replaced : []));
  return origins.includes(origin) || origins.some((one) => stoodFor.includes(one));
}

function placed(url: URL, standIns: readonly StandIn[]): URL {
  const standIn = standIns.find(({ origins }) => origins.includes(url.origin));
  return standIn ? new URL(`${url.pathname}${url.search}`, standIn.by) : url;
}

interface Exchange {
  headers: Record<string, string>;
  agent: http.Agent;
  limits: { connect: number; idle: number; total: number; largestBytes: number };
}

type Step = Fetched | { kind: "redirect"; location: string };

async function fetchOnce(url: URL, { headers, agent, limits }: Exchange): Promise<Step> {
  const { request: begin } = url.protocol === "http:" ? http : https;
  const request = begin(url, { headers, agent, timeout: limits.idle });
  const breakOff = (code: string) => request.destroy(Object.assign(new Error(code), { code }));
  const whole = setTimeout(() => breakOff("not done in time"), Math.max(limits.total, 1));
  const connecting = setTimeout(() => breakOff("no connection in time"), limits.connect);
  request.on("timeout", () => breakOff("nothing came in time"));
  try {
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      request.on("socket", (socket) => {
        const connected = url.protocol === "http:" ? "connect" : "secureConnect";
        socket.once(connected, () => clearTimeout(connecting));
      });
      request.on("response", resolve);
      request.on("error", reject);
      request.on("close", () => reject(Object.assign(new Error("closed"), { code: "closed" })));
      request.end();
    });
    return await take(response, limits.largestBytes);
  } catch (cause) {
    return faultOf(cause);
  } finally {
    clearTimeout(whole);
    clearTimeout(connecting);
    request.destroy();
  }
}

async function take(response: http.IncomingMessage, largestBytes: number): Promise<Step> {
  const { statusCode: status = 0, headers } = response;
  if (REDIRECTS.has(status) && headers.location !== undefined) return { kind: "redirect", location: headers.location };
  if (status >= 500 || PASSING.has(status)) {
    const seconds = Number(headers["retry-after"] ?? Number.NaN);
    return { kind: "unavailable", detail: `HTTP ${status}`, ...(seconds > 0 && { retryAfterSeconds: seconds }) };
  }
  if (status >= 400) return { kind: "dead", status };
  if (status !== 200) return { kind: "unusable", detail: `HTTP ${status}` };
  const encoding = headers["content-encoding"]?.toLowerCase() ?? "identity";
  // What unpacks itself may become any size, and none was asked for.
  if (encoding !== "identity") return { kind: "unusable", detail: "encoded content" };
  if (Number(headers["content-length"] ?? 0) > largestBytes) return { kind: "too_large" };
  const file = await spool(response, { largestBytes, contentType: headers["content-type"] });
  if (!file) return { kind: "too_large" };
  if (file.size > 0) return { kind: "fetched", file };
  await file.close();
  return { kind: "unavailable", detail: "an empty file" };
}

/** An error's message may quote the address; its code does not. The guard's errors have none. */
function faultOf(cause: unknown): Fetched {
  if (!(cause instanceof Error)) throw cause;
  if ("code" in cause && typeof cause.code === "string") return { kind: "unavailable", detail: cause.code };
  if (isForbiddenAddress(cause)) return { kind: "forbidden_address", detail: "not a public address" };
  throw cause;
}
