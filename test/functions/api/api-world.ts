/** The API over the table in memory, with record-event behind its mailbox. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { vi } from "vitest";
import { api } from "../../../functions/api/api.ts";
import { Callers } from "../../../functions/api/authenticate.ts";
import type { Ports } from "../../../functions/api/route.ts";
import { addressing } from "../../../shared/channels/addresses.ts";
import { Problem } from "../../../shared/domain/api-shapes.ts";
import type { Capabilities } from "../../../shared/domain/capabilities.ts";
import type { DeliveryRequest, MailboxItem, SignalRequest } from "../../../shared/domain/mailbox.ts";
import type { ApiKey, Scope } from "../../../shared/ports.ts";
import { SECRET } from "../../fakes/arrivals.ts";
import { MemoryBatches, MemoryBatchQueue } from "../../fakes/memory-batches.ts";
import { MemoryErasures } from "../../fakes/memory-erasures.ts";
import { MemoryKeys } from "../../fakes/memory-keys.ts";
import { MemoryMediaLinks } from "../../fakes/memory-media-links.ts";
import { MemoryObjects } from "../../fakes/memory-objects.ts";
import { MemorySubscriptions } from "../../fakes/memory-subscriptions.ts";
import { pump } from "../../fakes/pump.ts";
import { world } from "../../fakes/world.ts";

export const DAY_MS = 86_400_000;
const KEY = "local-api-key";

const carriesText = {
  carries: { text: { longestText: 4096 } },
  receipts: ["sent", "delivered", "read", "failed"],
  correlates: true,
} as const;
const accounts = new Map<string, Capabilities>([
  ["whatsapp", { ...carriesText, windowHours: 24 }],
  ["sms", { ...carriesText, carries: { text: { longestText: 1600, segmented: true } } }],
  ["messenger", { ...carriesText, windowHours: 24 }],
]);

interface Asked {
  /** An object is sent as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
  key?: string | undefined;
}

export function apiWorld(overrides: Partial<Ports> = {}) {
  for (const level of ["info", "warn", "error"] as const) vi.spyOn(console, level).mockImplementation(() => {});
  const { table, mailbox, clock, bells, ports: recording } = world();
  const keys = new MemoryKeys();
  const addKey = (key: string, id: string, scopes: Scope[], limits: Pick<ApiKey, "accounts" | "limit"> = {}) =>
    keys.add(createHash("sha256").update(key).digest("hex"), { id, scopes, ...limits });
  addKey(KEY, "key_all", ["read", "send", "admin"]);
  const files = new MemoryMediaLinks();
  const signalled: SignalRequest[] = [];
  const subscriptions = new MemorySubscriptions();
  const rung: DeliveryRequest[] = [];
  const erasures = new MemoryErasures();
  const erasing: string[] = [];
  const batches = new MemoryBatches();
  const batchQueue = new MemoryBatchQueue();
  const objects = new MemoryObjects();
  let drawn = 0;
  const ports: Ports & { callers: Callers } = {
    table,
    mailbox,
    files,
    signals: { signal: async (request) => void signalled.push(request) },
    subscriptions,
    deliveryBells: { ringDelivery: async (request) => void rung.push(request) },
    erasures,
    erasureBells: { ringErasure: async ({ id }) => void erasing.push(id) },
    batches,
    batchQueue,
    objects,
    post: async () => ({ status: 204, durationMs: 7 }),
    judgeUrl: async () => "allowed",
    clock,
    random: (bytes) => createHash("sha256").update(String(drawn++)).digest().subarray(0, bytes),
    deployment: async () => ({ idSecret: SECRET }),
    accounts,
    addressing: new Map([
      ["whatsapp", addressing["whatsapp-cloud"]],
      ["sms", addressing["sms-twilio"]],
      ["messenger", addressing.messenger],
    ]),
    joinByNumber: true,
    expiresAfterSeconds: 86_400,
    quietHours: undefined,
    fallbackTemplates: new Map(),
    largestMediaBytes: 104_857_600,
    document: (name) => readFileSync(`docs/contract/${name}.json`, "utf8"),
    epoch: 3,
    callers: new Callers({ keys, clock }),
    ...overrides,
  };

  /** As it is, whether JSON or not. */
  async function answer(method: string, url: string, { body, headers, key = KEY }: Asked = {}) {
    const [path = "", query = ""] = url.split(/\?(.*)/s);
    const written = typeof body === "string" || body === undefined ? (body ?? "") : JSON.stringify(body);
    return api(
      {
        id: "request-1",
        origin: "https://api.example",
        method,
        path,
        query,
        headers: {
          ...(key && { authorization: `Bearer ${key}` }),
          ...(body !== undefined && { "content-type": "application/json" }),
          ...headers,
        },
        body: body instanceof Uint8Array ? body : Buffer.from(written),
      },
      ports,
    );
  }

  async function ask(method: string, url: string, asked: Asked = {}) {
    const given = await answer(method, url, asked);
    return { ...given, json: JSON.parse(given.body) };
  }

  /** Everything that waits in the mailbox becomes history. */
  const record = () => pump(mailbox, () => recording);

  return {
    table,
    keys,
    mailbox,
    files,
    clock,
    bells,
    signalled,
    subscriptions,
    rung,
    erasures,
    erasing,
    batches,
    batchQueue,
    objects,
    ports,
    answer,
    ask,
    addKey,
    record,
    async arrive(...items: MailboxItem[]) {
      await mailbox.deliver(items);
      await record();
    },
    /** Everything that a call could leave behind. */
    traces: () => structuredClone({ waiting: mailbox.waiting, answers: [...table.answers], logs: [...table.logs] }),
  };
}

/** What a refusal must look like, whatever its cause. */
export function problemIn(answer: { status: number; headers: Record<string, string>; json: unknown }): Problem {
  const problem = Problem.parse(answer.json);
  if (problem.status !== answer.status) throw new Error(`status ${problem.status} in an answer with ${answer.status}`);
  if (answer.headers["content-type"] !== "application/problem+json") throw new Error("not problem+json");
  return problem;
}

export const say = (text: string) => ({ content: { type: "text", text } });
