/**
 * A message that waits for its time and is cancelled meanwhile: of the caller and the sender one wins, both are told the
 * truth, and nothing goes out twice, whatever fails between.
 */
import * as fc from "fast-check";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { cancelMessage } from "../../../functions/api/message.ts";
import { PublicError } from "../../../functions/api/problem.ts";
import type { Call } from "../../../functions/api/route.ts";
import { sendMessage } from "../../../functions/send-message/send-message.ts";
import { sendScheduled } from "../../../functions/send-scheduled/send-scheduled.ts";
import type { MailboxItem, SendRequest } from "../../../shared/domain/mailbox.ts";
import { WorldFault } from "../../../shared/ports.ts";
import { queuedKey } from "../../../shared/sending/prepare.ts";
import { FAULTS, type Fault, Faults } from "../../fakes/faults.ts";
import { MemorySchedule } from "../../fakes/memory-schedule.ts";
import {
  accepts,
  acceptsSilently,
  type Behaviour,
  isDown,
  LOG,
  MESSAGE,
  NOW,
  REQUEST,
  rejects,
  SendingWorld,
} from "../../fakes/sending-world.ts";

beforeAll(() => {
  vi.spyOn(console, "warn").mockReturnValue();
  vi.spyOn(console, "error").mockReturnValue();
});

type Step = "look" | "send" | "cancel" | "record";

/** What the first request comes to, and who stands in. */
interface Providers {
  vendor: Behaviour;
  standIns?: Record<string, readonly Behaviour[]>;
}

/** A world whose message waits for its time, with the caller who may cancel it. */
class CancellingWorld extends SendingWorld {
  readonly schedule = new MemorySchedule();
  /** What the caller was told each time; nothing where the answer was lost. */
  readonly told: ("cancelled" | "not_cancellable")[] = [];

  constructor({ vendor, standIns = {} }: Providers, faults = new Faults()) {
    super({ vendor: [vendor, accepts], standIns, faults });
    this.queue.length = 0;
    const [, queued] = this.table.logs.get(LOG) ?? [];
    if (queued) queued.key = queuedKey(MESSAGE, "whatsapp", this.ports);
    this.table.places.set(MESSAGE, { conversation: LOG, account: "whatsapp" });
    this.schedule.waiting.set(MESSAGE, { request: REQUEST, at: NOW - 1 });
    this.schedule.minute = Math.floor(NOW / 60_000) - 2;
  }

  cancelling(table: unknown = this.faults.on(this.table)): Promise<unknown> {
    const { mailbox, clock, random, idSecret } = this.ports;
    const ports = { table, mailbox, clock, random, deployment: async () => ({ idSecret }) };
    return cancelMessage({ request: { query: "" }, name: MESSAGE, ports } as unknown as Call).then(
      () => this.told.push("cancelled"),
      (cause) => {
        if (!(cause instanceof PublicError)) throw cause;
        if (cause.code !== "not_cancellable") throw new Error(cause.code);
        this.told.push("not_cancellable");
      },
    );
  }

  async take(step: Step): Promise<void> {
    if (step === "record") return this.record();
    if (step === "send") return this.sendOnce();
    const handOver = this.faults.call(async (request: SendRequest) => void this.queue.push(request));
    const look = () =>
      sendScheduled({
        schedule: this.faults.on(this.schedule),
        handOver,
        clock: this.ports.clock,
        remaining: () => 60_000,
      });
    try {
      await this.faults.invocation<unknown>(step === "look" ? look : () => this.cancelling());
    } catch (cause) {
      if (!(cause instanceof WorldFault || cause instanceof TypeError)) throw cause;
    }
  }

  /** One delivery of the request at the head of the queue, which forgets what is done. */
  async sendOnce(): Promise<void> {
    const [request] = this.queue;
    if (request && (await this.deliver(request)).kind === "done") this.queue.shift();
  }

  async untilOver(): Promise<void> {
    await this.take("look");
    await this.take("look");
    await this.untilQuiet();
  }
}

function expectTruth(world: CancellingWorld): void {
  const { status, failure } = world.message();
  expect(world.accepted).toBeLessThanOrEqual(1);
  expect(["sent", "failed"]).toContain(status);
  if (status === "failed" && !failure?.assumed) expect(world.accepted).toBe(0);
  const told = world.table.logs.get(LOG)?.at(-1);
  if (failure?.class === "cancelled") expect(told).toMatchObject({ type: "message.failed", account: "whatsapp" });
  if (world.told.includes("cancelled")) {
    expect(world.accepted).toBe(0);
    expect(failure?.class).toBe("cancelled");
  }
}

const ORDERS: readonly (readonly Step[])[] = [
  ["cancel", "record", "look", "send"],
  ["cancel", "look", "send", "record"],
  ["look", "cancel", "send", "record"],
  ["look", "send", "cancel", "record"],
  ["look", "send", "record", "cancel"],
  ["cancel", "look", "cancel", "send", "record", "cancel"],
];
const isLong = process.env.RECADO_TEST_RUNS !== undefined;
const takes: Behaviour = { isAccepted: true, outcome: { kind: "sent", providerMessageId: "other.1" } };
const providers: Record<string, Providers> = {
  accepts: { vendor: accepts },
  "is down": { vendor: isDown },
  "is down, and another account stands in": { vendor: isDown, standIns: { second: [takes] } },
  ...(isLong && { rejects: { vendor: rejects }, "accepts silently": { vendor: acceptsSilently } }),
};
const faults: readonly Fault[] = isLong ? FAULTS : ["crash before", "crash after", "world after"];

async function lived(order: readonly Step[], given: Providers, planned: ReadonlyMap<number, Fault> = new Map()) {
  const world = new CancellingWorld(given, new Faults(planned));
  for (const step of order) await world.take(step);
  await world.untilOver();
  return world;
}

describe.each(Object.entries(providers))("when the vendor %s", (_, given) => {
  it.each(ORDERS.map((order) => [order.join(", "), order] as const))("one fault anywhere in: %s", async (_, order) => {
    const { calls } = (await lived(order, given)).faults;
    for (let call = 1; call <= calls; call++)
      for (const fault of faults) expectTruth(await lived(order, given, new Map([[call, fault]])));
  });
});

it("cancelled before its sender has it, it reaches no vendor", async () => {
  const world = await lived(["cancel", "look", "send"], { vendor: accepts });
  expect([world.told, world.requests]).toEqual([["cancelled"], []]);
  expect(world.types()).toEqual(["message.received", "message.queued", "message.failed"]);
});

it("sent before it is cancelled, it is sent", async () => {
  const world = await lived(["look", "send", "cancel"], { vendor: accepts });
  expect([world.told, world.message().status]).toEqual([["not_cancellable"], "sent"]);
});

it("a sender and a caller at once, in every order of their calls: one of them wins", async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.constantFrom(...Object.values(providers)), async (scheduler, given) => {
      const world = new CancellingWorld(given);
      const ordered = <Port extends object>(port: Port): Port =>
        new Proxy(port, {
          get: (target, name) => {
            const method: unknown = Reflect.get(target, name);
            if (typeof method !== "function") return method;
            return scheduler.scheduleFunction(async (...given: unknown[]) => method.apply(target, given));
          },
        });
      const { render, send } = world.ports.sender;
      const mailbox = ordered({ deliver: async (items: readonly MailboxItem[]) => void world.mailbox.push(...items) });
      const ports = { ...world.ports, table: ordered(world.ports.table), mailbox };
      const sending = sendMessage(REQUEST, 1, { ...ports, sender: { render, send: ordered({ send }).send } });
      await scheduler.waitFor(Promise.all([sending, world.cancelling(ordered(world.table))]));
      seen.add(world.told.join());
      await world.untilOver();
      expectTruth(world);
    }),
    { numRuns: Number(process.env.RECADO_TEST_RUNS ?? 60) },
  );
  expect([...seen].sort()).toEqual(["cancelled", "not_cancellable"]);
});
