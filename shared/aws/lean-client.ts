/**
 * AWS without its SDK, for the receiver alone: three signed calls, where a client of the SDK would cost 50 ms of every
 * cold start. Speaks to `AWS_ENDPOINT_URL_<SERVICE>` where that is set, as the SDK does.
 */
import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import aws4 from "aws4";
import { WorldFault } from "../ports.ts";

interface LeanCall {
  service: "sqs" | "s3" | "ssm";
  method: "POST" | "PUT";
  path: string;
  headers: Record<string, string>;
  body: string | Uint8Array;
}

/** Sends one call, again where that helps, and gives the body of the success. @throws WorldFault when it does not help */
export type LeanClient = (call: LeanCall) => Promise<string>;

/** A provider waits some seconds for its answer: all tries together must stay below that. */
const TRIES = 4;
const TRY_TIMEOUT_MS = 2_000;
const FIRST_WAIT_MS = 50;

/** @param firstWaitMs doubles with every try; the wait is a random part of it, so that functions do not return in step */
export function createLeanClient(env: NodeJS.ProcessEnv, { firstWaitMs = FIRST_WAIT_MS } = {}): LeanClient {
  const agents = { "http:": new HttpAgent({ keepAlive: true }), "https:": new HttpsAgent({ keepAlive: true }) };
  return async (call) => {
    for (let tried = 1; ; tried++) {
      const answer = await attempt(call, env, agents);
      if (answer.kind === "success") return answer.body;
      if (!answer.isPassing || tried === TRIES) throw new WorldFault(`${call.service}: ${answer.detail}`);
      await sleep(Math.random() * firstWaitMs * 2 ** tried);
    }
  };
}

type Answer = { kind: "success"; body: string } | { kind: "fault"; detail: string; isPassing: boolean };

function attempt(
  call: LeanCall,
  env: NodeJS.ProcessEnv,
  agents: { "http:": HttpAgent; "https:": HttpsAgent },
): Promise<Answer> {
  const region = env.AWS_REGION ?? "us-east-1";
  const endpoint = new URL(
    env[`AWS_ENDPOINT_URL_${call.service.toUpperCase()}`] ?? `https://${call.service}.${region}.amazonaws.com`,
  );
  const body = Buffer.from(call.body);
  const { method, path, headers } = aws4.sign(
    {
      service: call.service,
      region,
      method: call.method,
      path: call.path,
      headers: { ...call.headers, host: endpoint.host, "content-length": String(body.length) },
      body,
    },
    {
      accessKeyId: env.AWS_ACCESS_KEY_ID ?? "",
      secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? "",
      ...(env.AWS_SESSION_TOKEN && { sessionToken: env.AWS_SESSION_TOKEN }),
    },
  );
  const isPlain = endpoint.protocol === "http:";
  const { hostname, port } = endpoint;
  const options = { hostname, port, method, path, headers, signal: AbortSignal.timeout(TRY_TIMEOUT_MS) };
  return new Promise((resolve) => {
    const failed = (error: Error) => resolve({ kind: "fault", detail: error.name, isPassing: true });
    const outgoing = isPlain
      ? httpRequest({ ...options, agent: agents["http:"] })
      : httpsRequest({ ...options, agent: agents["https:"] });
    outgoing.on("error", failed).on("response", (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("error", failed);
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () => resolve(judged(incoming.statusCode ?? 0, Buffer.concat(chunks).toString("utf8"))));
    });
    outgoing.end(body);
  });
}

function judged(status: number, body: string): Answer {
  if (status >= 200 && status < 300) return { kind: "success", body };
  const [, code = ""] = /(?:__type"\s*:\s*"(?:[^"#]*#)?|<Code>)([A-Za-z.]+)/.exec(body) ?? [];
  const isPassing = status >= 500 || status === 429 || /Throttl|TooManyRequests|SlowDown/.test(code);
  return { kind: "fault", detail: `HTTP ${status} ${code}`.trim(), isPassing };
}
