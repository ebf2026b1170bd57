/**
 * How many WhatsApp webhooks one core receives in a second: verified, parsed and turned into items of the mailbox, by
 * the code of `functions/receive-webhook` with a mailbox that only counts. Beside it the peer, through its public webhook
 * API and with a handler that only counts, on the same signed bodies.
 */
import { createHash } from "node:crypto";
import { randomFromPool } from "../functions/receive-webhook/random.ts";
import { webhookReceiver } from "../functions/receive-webhook/receive-webhook.ts";
import type { Receiver, WebhookReply, WebhookRequest } from "../shared/channels/connector.ts";
import { connectors } from "../shared/channels/registry.ts";
import type { Mailbox } from "../shared/ports.ts";
import { median } from "./numbers.ts";
import { startPeer } from "./peers.ts";
import {
  LONG_TEXT,
  PHONE_NUMBER_ID,
  SHORT_TEXT,
  type SignedBody,
  signed,
  textWebhook,
  WORST_TEXT,
} from "./webhook-bodies.ts";

export interface ReceiveRow {
  body: string;
  bytes: number;
  /** Webhooks per second of processor time, median of the rounds. */
  oursPerSecond: number;
  /** Without what the peer has no counterpart of: ids, keys and items for the mailbox. */
  oursNormalizedPerSecond: number;
  /** The same, but handed over and answered as web `Request` and `Response`, the way the peer takes them. */
  oursThroughRequestPerSecond: number;
  peerPerSecond: number;
  /** `oursPerSecond` / `peerPerSecond`, median of the rounds. */
  ratio: number;
  ratioThroughRequest: number;
  ratioNormalized: number;
}

interface Workload {
  name: string;
  text: string;
  /** Webhooks of one round: the slower, the fewer. */
  ours: number;
  peer: number;
}

const WORKLOADS: readonly Workload[] = [
  { name: "text of 100 characters", text: SHORT_TEXT, ours: 4000, peer: 800 },
  { name: "text of 900 characters", text: LONG_TEXT, ours: 4000, peer: 400 },
  { name: "worst text of 4,096", text: WORST_TEXT, ours: 1000, peer: 1 },
];
const ROUNDS = 7;
const CUSTOMERS = 500;

const secrets = { appSecret: "bench-app-secret", verifyToken: "bench-verify-token", accessToken: "bench-access-token" };

/** @throws Error when either side refused or lost a webhook: then the figures would mean nothing */
export async function measureReceive(): Promise<ReceiveRow[]> {
  const rows: ReceiveRow[] = [];
  for (const workload of WORKLOADS) rows.push(await measureBody(workload));
  return rows;
}

async function measureBody({ name, text, ...counts }: Workload): Promise<ReceiveRow> {
  const ours = startOurs();
  const peer = await startPeer({ ...secrets, phoneNumberId: PHONE_NUMBER_ID });
  const rounds: Record<"ours" | "normalized" | "wrapped" | "peer", number>[] = [];
  let bytes = 0;
  let toUs = 0;
  let toPeer = 0;
  // What a function says on level info never leaves Lambda, where it runs on level WARN.
  const { info } = console;
  console.info = () => {};
  try {
    // The first rounds are for the compiler.
    for (let round = -3; round < ROUNDS; round++) {
      const bodies = bodiesOf(`${name} ${round}`, text, counts.ours);
      const forPeer = bodies.slice(0, counts.peer);
      bytes = bodies[0]?.body.length ?? 0;
      const figures = {
        ours: await perSecond(bodies, (body) => expectOk(ours.receive(toWebhookRequest(body)))),
        normalized: await perSecond(bodies, async (body) => expectOne(normalize(toWebhookRequest(body)))),
        peer: await perSecond(forPeer, (body) => expectOk(peer.receive(toRequest(body)))),
        wrapped: await perSecond(bodies, (body) => expectOk(throughRequest(ours, toRequest(body)))),
      };
      toUs += 2 * bodies.length;
      toPeer += forPeer.length;
      if (round >= 0) rounds.push(figures);
    }
  } finally {
    console.info = info;
  }
  if (ours.queued() !== toUs) throw new Error(`Recado queued ${ours.queued()} of ${toUs} messages`);
  if (peer.handled() !== toPeer) throw new Error(`The peer handled ${peer.handled()} of ${toPeer} messages`);
  return {
    body: name,
    bytes,
    oursPerSecond: median(rounds.map((round) => round.ours)),
    oursThroughRequestPerSecond: median(rounds.map((round) => round.wrapped)),
    peerPerSecond: median(rounds.map((round) => round.peer)),
    ratio: median(rounds.map((round) => round.ours / round.peer)),
    oursNormalizedPerSecond: median(rounds.map((round) => round.normalized)),
    ratioNormalized: median(rounds.map((round) => round.normalized / round.peer)),
    ratioThroughRequest: median(rounds.map((round) => round.wrapped / round.peer)),
  };
}

/** New message ids in every round: a repeated one would be dropped early by whoever remembers it. */
function bodiesOf(round: string, text: string, length: number): SignedBody[] {
  return Array.from({ length }, (_, number) => {
    const id = `wamid.HBgL${createHash("sha256").update(`${round} ${number}`).digest("base64")}`;
    return signed(secrets.appSecret, textWebhook(number % CUSTOMERS, id, text, Date.now()));
  });
}

/**
 * By processor time of this process, not by the clock: what else runs on the machine then counts for nothing, and what
 * the collector does on another core counts.
 */
async function perSecond(bodies: readonly SignedBody[], receive: (body: SignedBody) => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  for (const body of bodies) await receive(body);
  const { user, system } = process.cpuUsage(before);
  return bodies.length / ((user + system) / 1e6);
}

interface Ours {
  receive: (request: WebhookRequest) => Promise<WebhookReply>;
  /** Messages received. */
  queued(): number;
}

function startOurs(): Ours {
  let count = 0;
  const mailbox: Mailbox = {
    async deliver(items) {
      count += items.filter(({ type }) => type === "message.received").length;
    },
  };
  const objects = {
    async put() {
      throw new Error("None of these webhooks is large or unreadable");
    },
  };
  const documents = new Map<string, Record<string, unknown>>([
    ["deployment", { idSecret: "bench-id-secret" }],
    ["whatsapp", { ...secrets, appSecret: [secrets.appSecret], verifyToken: [secrets.verifyToken] }],
  ]);
  const receive = webhookReceiver(
    {
      receiver: connectors["whatsapp-cloud"].receiver as Receiver,
      connector: "whatsapp-cloud",
      channel: "whatsapp",
      joinByNumber: true,
      accounts: [{ name: "whatsapp", settings: { phoneNumberId: PHONE_NUMBER_ID } }],
    },
    {
      mailbox,
      objects,
      secrets: async () => documents,
      clock: Date,
      random: randomFromPool,
    },
  );
  return { receive, queued: () => count };
}

const RECEIVER = connectors["whatsapp-cloud"].receiver;
const ACCOUNT = {
  name: "whatsapp",
  settings: connectors["whatsapp-cloud"].settings.parse({ phoneNumberId: PHONE_NUMBER_ID }),
  secrets: { ...secrets, appSecret: [secrets.appSecret], verifyToken: [secrets.verifyToken] },
};

/** From the raw bytes to what happened, in the domain's words. */
function normalize(request: WebhookRequest): number {
  const verdict = RECEIVER.verify(request, ACCOUNT);
  const result = verdict.ok ? RECEIVER.parse(request, [ACCOUNT]) : { ok: false as const };
  return result.ok ? result.parsed.length : 0;
}

function expectOne(happenings: number): void {
  if (happenings !== 1) throw new Error(`A webhook with one message gave ${happenings} happenings`);
}

const URL_OF_WEBHOOK = "https://bench.example/webhooks/whatsapp-cloud";

function headersOf({ signature }: SignedBody) {
  return { "content-type": "application/json", "x-hub-signature-256": signature };
}

function toWebhookRequest(signedBody: SignedBody): WebhookRequest {
  const body = Buffer.from(signedBody.body, "utf8");
  return {
    method: "POST",
    url: URL_OF_WEBHOOK,
    query: {},
    headers: headersOf(signedBody),
    body,
    receivedAt: Date.now(),
  };
}

function toRequest(signedBody: SignedBody): Request {
  return new Request(URL_OF_WEBHOOK, { method: "POST", headers: headersOf(signedBody), body: signedBody.body });
}

async function throughRequest({ receive }: Ours, request: Request): Promise<Response> {
  const { method, url, headers } = request;
  const body = Buffer.from(await request.arrayBuffer());
  const receivedAt = Date.now();
  const answer = await receive({ method, url, query: {}, headers: Object.fromEntries(headers), body, receivedAt });
  return new Response(answer.body, { status: answer.status, headers: { "content-type": answer.contentType } });
}

async function expectOk(answer: Promise<{ status: number }>): Promise<void> {
  const { status } = await answer;
  if (status !== 200) throw new Error(`A webhook was answered with ${status}`);
}
