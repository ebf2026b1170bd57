/** The outgoing Http port: one request, and how sure we are of what came of it. */
import * as http from "node:http";
import * as https from "node:https";
import type { Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import type { Http, HttpAnswer, HttpRequest } from "../ports.ts";
import { type Connections, keepConnections } from "./connections.ts";
import type { StandIn } from "./stand-in.ts";

/** No provider's answer to a send comes near it. */
const LARGEST_ANSWER_BYTES = 1_048_576;
/** A helpdesk answers with all that stands in a ticket. */
export const LARGEST_TICKET_BYTES = 16_777_216;

interface HttpOptions {
  /** For all of it: connection, request and answer. */
  timeoutMs: number;
  /** For the local run alone. */
  replaces?: StandIn | undefined;
  /** A larger answer is broken off. */
  largestBytes?: number;
}

/**
 * `not_sent` is given only where it is certain: the name was not found, the connection was refused or did not stand in
 * time, TLS failed, or the socket broke before it had taken a byte of the request. Everything after that without a
 * whole answer (time-out, reset, an answer cut short or too large) is `interrupted`, a dead kept-alive socket included.
 * `detail` is an error code or a few words of ours, never anything of the request.
 */
export function createHttp({ timeoutMs, replaces, largestBytes = LARGEST_ANSWER_BYTES }: HttpOptions): Http {
  const connections = keepConnections();
  return async (request) => {
    const url = URL.parse(request.url);
    if (!url) return { kind: "not_sent", detail: "not a URL" };
    if (replaces?.origins.includes(url.origin)) moveTo(url, replaces.by);
    // One turn of the loop, so that what the other side closed meanwhile is known to be closed.
    await setImmediate();
    connections.closeIdle();
    return exchange(url, request, { timeoutMs, largestBytes, connections });
  };
}

function moveTo(url: URL, origin: string): void {
  const { protocol, hostname, port } = new URL(origin);
  // In this order: a default port of the old scheme must not be taken for none of the new one.
  url.protocol = protocol;
  url.hostname = hostname;
  url.port = port;
}

function exchange(
  url: URL,
  { method, headers, body }: HttpRequest,
  { timeoutMs, largestBytes, connections }: { timeoutMs: number; largestBytes: number; connections: Connections },
): Promise<HttpAnswer> {
  return new Promise((resolve) => {
    let carrier: { socket: Socket; writtenBefore: number } | undefined;
    let request: http.ClientRequest | undefined;

    let isSettled = false;
    const settle = (answer: HttpAnswer) => {
      isSettled = true;
      clearTimeout(timer);
      resolve(answer);
    };
    const breakOff = (detail: string) => {
      // Once answered, the socket may be another request's already.
      if (isSettled) return;
      const isUnsent = !carrier || carrier.socket.bytesWritten === carrier.writtenBefore;
      settle({ kind: isUnsent ? "not_sent" : "interrupted", detail });
      request?.destroy();
    };
    const timer = setTimeout(() => breakOff(carrier ? "no answer in time" : "no connection in time"), timeoutMs);

    try {
      const { request: begin } = url.protocol === "http:" ? http : https;
      request = begin(url, { method, headers, agent: connections.agentFor(url.protocol), timeout: timeoutMs });
    } catch (cause) {
      // Node refuses a header that HTTP cannot carry, before anything is opened.
      return breakOff(codeOf(cause));
    }
    request.on("socket", (socket) => {
      carrier = { socket, writtenBefore: socket.bytesWritten };
    });
    request.on("error", (error) => breakOff(codeOf(error)));
    // Without an error: the other side switched protocols, or closed in order before it answered.
    request.on("close", () => breakOff("closed"));
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > largestBytes) return breakOff(`answer over ${largestBytes / 1_048_576} MB`);
        chunks.push(chunk);
      });
      response.on("error", (error) => breakOff(codeOf(error)));
      response.on("end", () => {
        if (!response.complete) return breakOff("answer cut short");
        if (carrier) connections.answered(carrier.socket);
        settle({
          kind: "answer",
          status: response.statusCode ?? 0,
          headers: flat(response.headers),
          body: Buffer.concat(chunks).toString(),
        });
      });
    });
    request.end(body);
  });
}

/** Node has lower-cased the names. */
function flat(headers: http.IncomingHttpHeaders): Record<string, string> {
  const given = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, [value].flat().join(", ")]],
  );
  return Object.fromEntries(given);
}

/** An error's message may quote the address; its code does not. */
function codeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return "unknown";
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.name;
}
