/**
 * The product as it is deployed, started from its synthesized template, and the outside world of a journey: providers
 * that sign with an HMAC written here, a developer with the API key of the local run, and a count of what AWS was asked.
 */
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect, inject, vi } from "vitest";
import * as z from "zod";
import type { Principal, RecordedCall } from "../../local/gateway/gateway.ts";
import { startLocal, synthesizeLocal } from "../../local/start.ts";
import sample from "../../recado.config.ts";
import { S3Objects } from "../../shared/aws/objects.ts";
import { Table } from "../../shared/aws/table.ts";
import { type Config, checkConfig } from "../../shared/config.ts";
import {
  type ApiConversation,
  type ApiMessage,
  ConversationPage,
  EventPage,
  MessagePage,
  SentMessage,
} from "../../shared/domain/api-shapes.ts";
import { Envelope } from "../../shared/domain/envelope.ts";

/** Two busy cores: what should be there in a moment may take long, and only never is wrong. */
export const SOON = { timeout: 180_000, interval: 100 };

/** What providers call and sign; no host that this machine has. */
export const PUBLIC_URL = "https://recado.example";
export const PHONE_NUMBER_ID = "100000000000001";
export const PAGE_ID = "200000000000001";
export const SMS_NUMBER = "+15550000002";
export const TWILIO_ACCOUNT = "AC00000000000000000000000000000001";

const ADMINISTRATOR: Principal = {
  name: "journey",
  roleArn: "arn:aws:iam::000000000000:role/journey",
  accessKeyId: "ASIAJOURNEY",
  secretAccessKey: "journey",
  policies: "administrator",
};

export interface Answer {
  status: number;
  text: string;
  /** Undefined when the body is no JSON. */
  json: unknown;
}

export async function call(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, text, json: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A directory for the data of one local run. */
export function newDataDir(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "recado-journey-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}

const assemblies = new Map<string, ReturnType<typeof synthesizeLocal>>();

/** Synthesized once for all runs of the same configuration in this process; each gets a template of its own. */
export function assemblyOf(config: Config): ReturnType<typeof synthesizeLocal> {
  const name = JSON.stringify(config);
  const folder = join(inject("assemblies"), `${process.pid}-${assemblies.size}`);
  const assembly = assemblies.get(name) ?? synthesizeLocal(config, folder);
  assemblies.set(name, assembly);
  return structuredClone(assembly);
}

// What providers send.

export function hubSignature(appSecret: string, body: string | Buffer): string {
  return `sha256=${createHmac("sha256", appSecret).update(body).digest("hex")}`;
}

/** Over the public URL and every parameter, sorted by name. */
export function twilioSignature(authToken: string, url: string, params: Readonly<Record<string, string>>): string {
  const written = Object.keys(params)
    .sort()
    .map((name) => name + params[name]);
  return createHmac("sha1", authToken)
    .update(url + written.join(""))
    .digest("base64");
}

/** A webhook of Meta, signed for `account`. `url` is where the local run really listens. */
export function postMeta(
  url: string,
  connector: "whatsapp-cloud" | "messenger" | "instagram",
  payload: unknown,
  account = connector === "whatsapp-cloud" ? "whatsapp" : connector,
): Promise<Answer> {
  const body = typeof payload === "string" ? payload : JSON.stringify(payload);
  return call(`${url}/webhooks/${connector}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-hub-signature-256": hubSignature(`local-${account}-appSecret`, body),
    },
    body,
  });
}

export function postTwilio(url: string, params: Readonly<Record<string, string>>): Promise<Answer> {
  const path = "/webhooks/sms-twilio";
  return call(url + path, {
    method: "POST",
    headers: { "x-twilio-signature": twilioSignature("local-sms-authToken", PUBLIC_URL + path, params) },
    body: new URLSearchParams(params),
  });
}

/** Unix seconds as WhatsApp writes them. */
export function secondsNow(): string {
  return String(Math.floor(Date.now() / 1000));
}

/** The webhook around elements of `messages`, `statuses`, `contacts`. */
export function whatsAppWebhook(value: object, field = "messages"): object {
  const metadata = { display_phone_number: "15550000001", phone_number_id: PHONE_NUMBER_ID };
  const change = { field, value: { messaging_product: "whatsapp", metadata, ...value } };
  return { object: "whatsapp_business_account", entry: [{ id: "90000000000001", changes: [change] }] };
}

export function whatsAppText(from: string, id: string, body: string, timestamp = secondsNow()): object {
  return { from, id, timestamp, type: "text", text: { body } };
}

export function messengerWebhook(messaging: readonly object[]): object {
  return { object: "page", entry: [{ id: PAGE_ID, time: Date.now(), messaging }] };
}

export function messengerText(from: string, mid: string, text: string): object {
  return { sender: { id: from }, recipient: { id: PAGE_ID }, timestamp: Date.now(), message: { mid, text } };
}

export function smsText(From: string, MessageSid: string, Body: string): Record<string, string> {
  const ids = { AccountSid: TWILIO_ACCOUNT, MessageSid, SmsSid: MessageSid, SmsMessageSid: MessageSid };
  return { ...ids, From, To: SMS_NUMBER, Body, NumMedia: "0", SmsStatus: "received" };
}

// What a developer sees.

const AUTHORIZED = { authorization: "Bearer local-api-key" };

/** The API of a run, in this process or in another one. */
export function apiAt(url: string) {
  async function all<Row>(path: string, page: z.ZodType<{ data: Row[]; nextCursor: string | null }>): Promise<Row[]> {
    const rows: Row[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const query: string = cursor ? `?limit=100&cursor=${encodeURIComponent(cursor)}` : "?limit=100";
      const { status, json, text } = await call(`${url}${path}${query}`, { headers: AUTHORIZED });
      if (status !== 200) throw new Error(`GET ${path} was answered ${status}: ${text}`);
      const { data, nextCursor } = page.parse(json);
      rows.push(...data);
      cursor = nextCursor;
    }
    return rows;
  }
  const conversations = () => all<ApiConversation>("/v1/conversations", ConversationPage);
  return {
    conversations,
    messages: (conversation: string) => all<ApiMessage>(`/v1/conversations/${conversation}/messages`, MessagePage),
    events: (conversation: string) => all<Envelope>(`/v1/conversations/${conversation}/events`, EventPage),
    accountEvents: (account: string) => all<Envelope>(`/v1/accounts/${account}/events`, EventPage),
    /** Waits until the customer's conversation is there. */
    async conversationWith(address: string): Promise<string> {
      return vi.waitFor(async () => {
        const [found, ...more] = (await conversations()).filter((one) => one.address === address);
        if (!found || more.length > 0)
          throw new Error(`${more.length + (found ? 1 : 0)} conversations with ${address}`);
        return found.id;
      }, SOON);
    },
    get: (path: string) => call(url + path, { headers: AUTHORIZED }),
    post: (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
      call(url + path, {
        method: "POST",
        headers: { ...AUTHORIZED, "content-type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    patch: (path: string, body: unknown) =>
      call(url + path, {
        method: "PATCH",
        headers: { ...AUTHORIZED, "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    delete: (path: string) => call(url + path, { method: "DELETE", headers: AUTHORIZED }),
    /** Sends a text and gives the id of the message. */
    async send(conversation: string, text: string): Promise<string> {
      const answer = await this.post(`/v1/conversations/${conversation}/messages`, { content: { type: "text", text } });
      expect(answer).toMatchObject({ status: 202, json: { message: { status: "queued" } } });
      return SentMessage.parse(answer.json).message.id;
    },
    async message(conversation: string, id: string): Promise<ApiMessage> {
      const found = (await this.messages(conversation)).find((message) => message.id === id);
      if (!found) throw new Error(`${id} is not there yet`);
      return found;
    },
  };
}

// The vendors.

const Written = z.object({ ids: z.tuple([z.string()]) });
/** Requests that a simulated vendor got. */
const VendorRequests = z.object({
  data: z.array(
    z.object({
      method: z.string(),
      path: z.string(),
      // A look-up has none.
      body: z.record(z.string(), z.unknown()).catch({}),
      status: z.number().nullable(),
    }),
  ),
});
/** What a customer's phone has got. */
const Phone = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      text: z.string().default(""),
      statuses: z.array(z.object({ status: z.string(), at: z.string() })),
    }),
  ),
});

/** @param name of a simulator of the local run at `url`; without it `url` is the simulator's own */
export function simulatorAt(url: string, name?: string) {
  const control = `${url}${name ? `/_simulators/${name}` : ""}/_simulator`;
  const post = async (what: string, body: object) => {
    const answer = await call(`${control}/${what}`, { method: "POST", body: JSON.stringify(body) });
    if (answer.status !== 200) throw new Error(`The simulator refused ${what}: ${answer.text}`);
    return answer.json;
  };
  return {
    /** A customer writes; gives the provider's id. */
    async write(writing: object): Promise<string> {
      const { ids } = Written.parse(await post("messages", writing));
      return ids[0];
    },
    order: (fault: object) => post("faults", fault),
    /** Those that carry this text, oldest first. */
    async requests(text: string) {
      const { data } = VendorRequests.parse((await call(`${control}/requests`)).json);
      return data.filter(({ body }) => JSON.stringify(body).includes(JSON.stringify(text)));
    },
    async phone(customer: string) {
      const query = new URLSearchParams({ customer });
      return Phone.parse((await call(`${control}/messages?${query}`)).json).data;
    },
  };
}

/** What a simulated helpdesk has got, as it came. */
const DeskEvents = z.object({
  data: z.array(z.object({ webhookId: z.string(), isRepeated: z.boolean(), event: Envelope })),
});

/** The simulated helpdesk of the local run at `url`. */
export function deskAt(url: string) {
  const { order } = simulatorAt(url, "desk");
  const control = `${url}/_simulators/desk/_simulator`;
  return {
    order,
    /** An agent writes, or does something else; gives the id that the desk has for it. */
    async reply(told: object): Promise<string> {
      const answer = await call(`${control}/reply`, { method: "POST", body: JSON.stringify(told) });
      return z.object({ id: z.string() }).parse(answer.json).id;
    },
    /** In the order in which they came, those that came again too. */
    async events(conversation: string) {
      const answer = await call(`${control}/events?${new URLSearchParams({ conversation })}`);
      return DeskEvents.parse(answer.json).data;
    },
  };
}

// The run.

function messageOf(data: Envelope["data"]): { id?: string; providerMessageId?: string } {
  return (data as { message?: { id?: string; providerMessageId?: string } }).message ?? {};
}

export interface StackOptions {
  dataDir?: string;
  /** In place of the sample's. */
  accounts?: Record<string, { connector: string } & Record<string, unknown>>;
  /** None unless they are what it is about. */
  helpdesks?: Record<string, { helpdesk: string } & Record<string, unknown>> | undefined;
  policies?: Partial<Config["policies"]>;
  streams?: Partial<Config["streams"]>;
  environment?: Record<string, string>;
}

export async function startStack({
  dataDir,
  policies = {},
  streams = {},
  environment = {},
  accounts,
  helpdesks = {},
}: StackOptions = {}) {
  const own = dataDir === undefined ? newDataDir() : undefined;
  const lines: string[] = [];
  const config = checkConfig({ ...sample, policies, streams, helpdesks, ...(accounts && { accounts }) });
  const local = await startLocal({
    port: 0,
    dataDir: dataDir ?? own?.path ?? "",
    publicUrl: PUBLIC_URL,
    environment,
    config,
    assembly: assemblyOf(config),
    log: (line) => lines.push(line),
  });
  const { gateway, url, outputs } = local;
  const calls: RecordedCall[] = [];
  const published: Envelope[] = [];
  let worked = 0;
  gateway.onCall((one) => {
    calls.push(one);
    if (one.principal !== ADMINISTRATOR.name) worked += 1;
  });
  gateway.onEvent((_, { Detail }) => published.push(Envelope.parse(JSON.parse(Detail))));
  gateway.addPrincipal(ADMINISTRATOR);
  const access = gateway.clients(ADMINISTRATOR);
  const sqs = new SQSClient(access);
  const dynamodb = new DynamoDBClient(access);
  const s3 = new S3Client({ ...access, forcePathStyle: true });
  const tableName = outputs.TableName ?? "";
  const table = new Table({
    tableName,
    objects: new S3Objects({ bucket: outputs.BucketName ?? "", client: s3 }),
    client: dynamodb,
  });

  // What settle-send is to look at later than any test would wait is not waited for.
  const isSettling = (policies.uncertainAfterSeconds ?? 600) < 60;
  const states = ["", "NotVisible", ...(isSettling ? ["Delayed" as const] : [])] as const;

  const { QueueUrls: queues = [] } = await sqs.send(new ListQueuesCommand({}));
  const work = queues.filter((name) => !name.includes("dead-letters"));

  async function waiting(QueueUrl: string): Promise<number> {
    const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
    const counts = states.map((state) => Attributes[`ApproximateNumberOfMessages${state}`]);
    return counts.reduce((sum, count) => sum + Number(count), 0);
  }

  /** Where work was found last. */
  let busy: string | undefined;

  async function isIdle(): Promise<boolean> {
    // A worker passes work on before it lets go of its own, so a second look at nothing is the end.
    for (let look = 0; look < 2; look++) {
      // To look at all queues is work in itself: not while somebody asks AWS for anything, nor while the last one is full.
      const before = worked;
      await sleep(20);
      if (worked > before || (busy && (await waiting(busy)) > 0)) return false;
      const counts = await Promise.all(work.map(waiting));
      busy = work.find((_, index) => counts[index]);
      if (busy) return false;
    }
    return true;
  }

  let looking = Promise.resolve(false);
  let next: Promise<boolean> | undefined;
  /** One look at a time for all who wait; each gets one that began after it had asked. */
  function areIdle(): Promise<boolean> {
    next ??= looking.then(() => {
      next = undefined;
      looking = isIdle();
      return looking;
    });
    return next;
  }

  return {
    ...apiAt(url),
    local,
    url,
    dataDir: dataDir ?? own?.path ?? "",
    /** What functions and the run itself have logged. */
    lines,
    /** Every permission that AWS was asked for, with the capacity that it took. */
    calls,
    /** What has come out of the bus. */
    published,
    sqs,
    dynamodb,
    s3,
    table,
    tableName,
    bucket: outputs.BucketName ?? "",
    administrator: ADMINISTRATOR,
    graph: simulatorAt(url, "graph"),
    twilio: simulatorAt(url, "twilio"),
    desk: deskAt(url),
    whatsapp: (payload: unknown) => postMeta(url, "whatsapp-cloud", payload),
    messenger: (payload: unknown) => postMeta(url, "messenger", payload),
    sms: (params: Readonly<Record<string, string>>) => postTwilio(url, params),
    /** URL of the queue with this name. */
    queue(name: string): string {
      const found = queues.find((one) => one.endsWith(`/recado-local-${name}`));
      if (!found) throw new Error(`There is no queue ${name}`);
      return found;
    },
    /**
     * What came out of the bus about one of our messages, and everything else of its conversation since it was queued:
     * types without `message.`.
     */
    publishedAfter(message: string): string[] {
      const from = published.findIndex(({ type, data }) => type === "message.queued" && messageOf(data).id === message);
      const { subject } = published[from] ?? {};
      return published.flatMap((event, index) =>
        index >= from && event.subject === subject ? [event.type.replace("message.", "")] : [],
      );
    },
    /** The conversation that holds the provider's message, once it has come out of the bus. */
    conversationOf(providerMessageId: string): Promise<string> {
      return vi.waitFor(() => {
        const found = published.find(({ data }) => messageOf(data).providerMessageId === providerMessageId);
        if (!found) throw new Error(`${providerMessageId} was not published`);
        return found.subject;
      }, SOON);
    },
    /** Waits until everything that was accepted is worked off: then what is not there will not come. */
    async settled(): Promise<void> {
      await vi.waitFor(async () => {
        if (!(await areIdle())) throw new Error("work is left in the queues");
      }, SOON);
    },
    async stop(): Promise<void> {
      await local.stop();
      own?.remove();
    },
  };
}
