/** The local run under measurement: Recado's own template on this machine, and what it asks of AWS. */
import { Agent, request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import type { RecordedCall } from "../local/gateway/gateway.ts";
import { startLocal } from "../local/start.ts";
import sample from "../recado.config.ts";
import { checkConfig } from "../shared/config.ts";
import { Envelope } from "../shared/domain/envelope.ts";
import { signed } from "./webhook-bodies.ts";

/** What the documentation gives the sample account in the local run. */
const APP_SECRET = "local-whatsapp-appSecret";
const API_KEY = "local-api-key";

export interface Published {
  envelope: Envelope;
  /** `performance.now()` when it reached the event bus. */
  at: number;
}

export interface Stack {
  /** Signs and posts a webhook of WhatsApp; gives the status of the answer. */
  webhook(payload: object): Promise<number>;
  /** `POST <path>` of the API or of a simulator. @throws Error unless it was taken */
  post(path: string, body: object): Promise<void>;
  /** Waits for an event on the bus, which may have come already. @throws Error when it does not come */
  published(fits: (envelope: Envelope) => boolean): Promise<Published>;
  /** Every event on the bus so far. */
  events: readonly Published[];
  /** Every call to AWS so far, in order. */
  calls: readonly RecordedCall[];
  /** Waits until nothing calls AWS any more but the pollers that look for work. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

const PATIENCE_MS = 30_000;
const QUIET_MS = 400;

/** @param folder an empty one, for all of its data */
export async function startStack(folder: string): Promise<Stack> {
  const local = await startLocal({ port: 0, dataDir: join(folder, "local"), config: checkConfig(sample) });
  const calls: RecordedCall[] = [];
  const events: Published[] = [];
  let waiting: { fits: (envelope: Envelope) => boolean; found: (published: Published) => void }[] = [];
  let busyAt = performance.now();
  local.gateway.onCall((call) => {
    calls.push(call);
    if (call.action !== "sqs:ReceiveMessage") busyAt = performance.now();
  });
  local.gateway.onEvent((_, { Detail }) => {
    const published = { envelope: Envelope.parse(JSON.parse(Detail)), at: performance.now() };
    events.push(published);
    for (const { fits, found } of waiting) if (fits(published.envelope)) found(published);
    waiting = waiting.filter(({ fits }) => !fits(published.envelope));
  });
  const agent = new Agent({ keepAlive: true });

  return {
    calls,
    events,
    async webhook(payload) {
      const { body, signature } = signed(APP_SECRET, payload);
      const headers = { "content-type": "application/json", "x-hub-signature-256": signature };
      const { status } = await send(`${local.url}/webhooks/whatsapp-cloud`, { headers, body, agent });
      return status;
    },
    async post(path, body) {
      const headers = { "content-type": "application/json", authorization: `Bearer ${API_KEY}` };
      const { status, text } = await send(local.url + path, { headers, body: JSON.stringify(body), agent });
      if (status >= 300) throw new Error(`POST ${path} was answered with ${status}: ${text}`);
    },
    async published(fits) {
      const known = events.find(({ envelope }) => fits(envelope));
      if (known) return known;
      const { promise, resolve, reject } = Promise.withResolvers<Published>();
      waiting.push({ fits, found: resolve });
      const patience = setTimeout(() => reject(new Error("An event did not reach the bus")), PATIENCE_MS);
      return promise.finally(() => clearTimeout(patience));
    },
    async settled() {
      while (performance.now() - busyAt < QUIET_MS) await sleep(QUIET_MS / 4);
    },
    async stop() {
      agent.destroy();
      await local.stop();
    },
  };
}

function send(
  url: string,
  { headers, body, agent }: { headers: Record<string, string>; body: string; agent: Agent },
): Promise<{ status: number; text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  const outgoing = request(url, { method: "POST", headers, agent }, (incoming) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
  });
  outgoing.on("error", reject);
  outgoing.end(body);
  return promise;
}

const AboutMessage = z.looseObject({
  id: z.string().optional(),
  providerMessageId: z.string().optional(),
});

/** The ids in an event about a message. */
export function messageOf({ data }: Envelope): z.infer<typeof AboutMessage> {
  return AboutMessage.safeParse(data.message).data ?? {};
}
