/**
 * Posts to addresses that developers have named. What is not on the public internet is refused, by the address that a
 * name really has when the connection is made: a name that was harmless yesterday may lead inside today. Connections
 * are not kept, since one that is kept asks nobody for its address again.
 */
import type { LookupAddress } from "node:dns";
import * as http from "node:http";
import * as https from "node:https";
import { Socket } from "node:net";
import type { DeliveryError } from "../domain/subscription.ts";
import type { JudgeUrl, PostWebhook, WebhookAnswer } from "../ports.ts";
import { createPublicAgents, isForbiddenAddress } from "./public-agents.ts";
import { signatureHeaders } from "./standard-webhooks.ts";

interface WebhookOptions {
  /** In the local run alone: this machine may be reached, without TLS too. */
  reachesThisMachine: boolean;
  timeoutMs?: number;
  /** From then on it is slow. */
  slowMs?: number;
}

const TIMEOUT_MS = 15_000;
const SLOW_MS = 3_000;
/** The answer's words do not matter: of more than this the status alone is taken. */
const LARGEST_ANSWER_BYTES = 65_536;
const THIS_MACHINE = ["127.0.0.1", "::1"];
const CONTENT_TYPE = "application/cloudevents+json";

export function createPostWebhook(options: WebhookOptions): PostWebhook {
  const { reachesThisMachine, timeoutMs = TIMEOUT_MS, slowMs = SLOW_MS } = options;
  const guards = agents(reachesThisMachine);
  return async ({ url: text, id, body, keys, now, headers, onSlow = () => {} }) => {
    const began = performance.now();
    const took = () => Math.round(performance.now() - began);
    const url = URL.parse(text);
    if (!url || faultOf(url, reachesThisMachine)) return { error: "forbidden_address", durationMs: took() };
    const slow = setTimeout(onSlow, slowMs);
    try {
      const answer = await exchange(url, {
        agent: url.protocol === "http:" ? guards.http : guards.https,
        timeoutMs,
        body,
        headers: {
          "content-type": CONTENT_TYPE,
          "user-agent": "Recado",
          ...headers,
          ...signatureHeaders({ id, now, body }, keys),
        },
        now,
      });
      return { ...answer, durationMs: took() };
    } finally {
      clearTimeout(slow);
    }
  };
}

/** Looks a name up as a delivery would, and connects to nobody. */
export function createJudgeUrl({ reachesThisMachine }: Pick<WebhookOptions, "reachesThisMachine">): JudgeUrl {
  const { http: guard } = agents(reachesThisMachine);
  return async (text) => {
    const url = URL.parse(text);
    if (!url) return "forbidden";
    const fault = faultOf(url, reachesThisMachine);
    if (fault) return fault;
    const host = url.hostname.replace(/^\[|\]$/g, "");
    return new Promise((resolve) => {
      const socket = guard.createConnection({ host, port: Number(url.port) || 443 }, (error: unknown) => {
        if (error instanceof Error) resolve(verdict(error));
      });
      if (!(socket instanceof Socket)) return resolve("forbidden");
      socket.on("error", (error: Error) => resolve(verdict(error)));
      const end = (result: "allowed") => {
        resolve(result);
        socket.destroy();
      };
      // The guard stands before this: what it refuses never comes so far.
      socket.once("lookup", (error: Error | null, _address: LookupAddress["address"]) => {
        if (!error) end("allowed");
      });
      // An address instead of a name, which needs no look-up: the guard has judged it already.
      setImmediate(() => socket.connecting && isAddress(host) && end("allowed"));
      socket.once("connect", () => end("allowed"));
    });
  };
}

function agents(reachesThisMachine: boolean) {
  return createPublicAgents(reachesThisMachine ? THIS_MACHINE : []);
}

function faultOf(url: URL, reachesThisMachine: boolean): "not_https" | "credentials" | undefined {
  if (url.username || url.password) return "credentials";
  const isHere = [...THIS_MACHINE, "[::1]", "localhost"].includes(url.hostname);
  if (url.protocol === "https:" || (url.protocol === "http:" && reachesThisMachine && isHere)) return undefined;
  return "not_https";
}

function isAddress(host: string): boolean {
  return /^[\d.]+$/.test(host) || host.includes(":");
}

/** What became of the attempt to find the name. */
function verdict(error: Error): "forbidden" | "not_found" | "allowed" {
  if (isForbiddenAddress(error)) return "forbidden";
  const code = "code" in error ? String(error.code) : "";
  return code === "ENOTFOUND" || code.startsWith("EAI_") ? "not_found" : "allowed";
}

interface Exchange {
  agent: http.Agent;
  timeoutMs: number;
  headers: Record<string, string>;
  body: string;
  now: number;
}

function exchange(
  url: URL,
  { agent, timeoutMs, headers, body, now }: Exchange,
): Promise<Omit<WebhookAnswer, "durationMs">> {
  return new Promise((resolve) => {
    const { request: begin } = url.protocol === "http:" ? http : https;
    const request = begin(url, { method: "POST", agent, headers: { ...headers, "content-length": bytesOf(body) } });
    const settle = (answer: Omit<WebhookAnswer, "durationMs">) => {
      clearTimeout(timer);
      resolve(answer);
      request.destroy();
    };
    /** Of the answer that has begun. */
    let began: { status: number } | undefined;
    const breakOff = (error: DeliveryError) => settle(began ? { ...began, error: "cut_short" } : { error });
    const timer = setTimeout(() => settle({ ...began, error: "timeout" }), timeoutMs);
    request.on("error", (error) => breakOff(wordFor(error)));
    request.on("close", () => breakOff("connection_reset"));
    request.on("response", (response) => {
      const { statusCode: status = 0 } = response;
      began = { status };
      const whole = () => settle({ status, ...judged(status), ...waitOf(response, now) });
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > LARGEST_ANSWER_BYTES) whole();
      });
      response.on("error", () => breakOff("connection_reset"));
      response.on("end", () => (response.complete ? whole() : breakOff("connection_reset")));
    });
    request.end(body);
  });
}

function bytesOf(body: string): number {
  return Buffer.byteLength(body);
}

function judged(status: number): { error?: DeliveryError } {
  if (status >= 200 && status < 300) return {};
  return { error: status >= 300 && status < 400 ? "redirect" : "status" };
}

/** Seconds, or a date. */
function waitOf({ headers }: http.IncomingMessage, now: number): { retryAfterMs?: number } {
  const asked = headers["retry-after"];
  if (asked === undefined) return {};
  const ms = /^\d+$/.test(asked) ? Number(asked) * 1000 : Date.parse(asked) - now;
  return ms > 0 ? { retryAfterMs: ms } : {};
}

const WORDS: Readonly<Record<string, DeliveryError>> = {
  ENOTFOUND: "name_not_found",
  EAI_AGAIN: "name_not_found",
  ECONNREFUSED: "connection_refused",
  ECONNRESET: "connection_reset",
  EPIPE: "connection_reset",
  ETIMEDOUT: "timeout",
};

/** An error's message may quote the address; its code does not. The guard's errors have none. */
function wordFor(error: Error): DeliveryError {
  if (isForbiddenAddress(error)) return "forbidden_address";
  const code = "code" in error ? String(error.code) : "";
  if (code.startsWith("HPE_")) return "invalid_answer";
  if (/^(ERR_TLS|ERR_SSL|CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO|EPROTO)/.test(code)) return "tls";
  return WORDS[code] ?? "network";
}
