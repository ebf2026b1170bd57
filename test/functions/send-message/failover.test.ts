/** A message that one provider certainly did not take goes to the next account: once, whatever fails between. */
import * as fc from "fast-check";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { sendMessage } from "../../../functions/send-message/send-message.ts";
import type { Content } from "../../../shared/domain/content.ts";
import type { Failure } from "../../../shared/domain/event.ts";
import { FAULTS, type Fault, Faults } from "../../fakes/faults.ts";
import {
  accepts,
  acceptsSilently,
  type Behaviour,
  HOUR_MS,
  isDown,
  MESSAGE,
  NOW,
  REQUEST,
  rejects,
  SendingWorld,
  throttles,
} from "../../fakes/sending-world.ts";

beforeAll(() => {
  vi.spyOn(console, "warn").mockReturnValue();
  vi.spyOn(console, "error").mockReturnValue();
});

const takes: Behaviour = { isAccepted: true, outcome: { kind: "sent", providerMessageId: "other.1" } };

function rejectsAs(name: Failure["class"]): Behaviour {
  return { isAccepted: false, outcome: { kind: "rejected", failure: { class: name, code: "1", reason: name } } };
}

async function lived(given: ConstructorParameters<typeof SendingWorld>[0]): Promise<SendingWorld> {
  const world = new SendingWorld(given);
  await world.untilQuiet();
  return world;
}

const ITS_OWN: [string, Behaviour][] = [
  ["the account is throttled", throttles("account", 600)],
  ["no connection is made", isDown],
  ...(["auth", "account", "rate", "transient"] as const).map((name): [string, Behaviour] => [name, rejectsAs(name)]),
];

describe("the provider's own side", () => {
  it.each(ITS_OWN)("%s: the next account sends it at once", async (_, behaviour) => {
    const world = await lived({ vendor: [behaviour], standIns: { second: [takes] } });
    expect(world.requestedBy).toEqual(["whatsapp", "second"]);
    expect(world.now).toBe(NOW);
    expect(world.message()).toMatchObject({ status: "sent", providerMessageId: "other.1", via: "second" });
    expect([...world.table.providerMessages.keys()]).toEqual(["second other.1"]);
    expect(world.requests[1]?.correlation).toBe(world.requests[0]?.correlation);
  });

  it("a pause that is known already is not waited for", async () => {
    const world = new SendingWorld({ standIns: { second: [takes] } });
    await world.table.pause("whatsapp", NOW + HOUR_MS);
    await world.untilQuiet();
    expect(world.acceptedBy).toEqual(["second"]);
    expect(world.now).toBe(NOW);
  });

  it("one after the other, in the order of the owner", async () => {
    const world = await lived({ vendor: [isDown], standIns: { second: [rejectsAs("auth")], third: [takes] } });
    expect(world.requestedBy).toEqual(["whatsapp", "second", "third"]);
    expect(world.message().via).toBe("third");
  });
});

describe("what no other account would do better", () => {
  const classes = ["window", "policy", "template", "payload", "unreachable", "opted_out", "unknown"] as const;
  it.each(classes)("a refusal as %s ends the message", async (name) => {
    const world = await lived({ vendor: [rejectsAs(name)], standIns: { second: [takes] } });
    expect(world.acceptedBy).toEqual([]);
    expect(world.message()).toMatchObject({ status: "failed", failure: { class: name } });
  });

  it("a throttle of this customer alone is waited for", async () => {
    const world = await lived({ vendor: [throttles("pair", 3), accepts], standIns: { second: [takes] } });
    expect(world.acceptedBy).toEqual(["whatsapp"]);
  });

  it.each(["fail", "resend"] as const)("an uncertain send stays where it is (policy %s)", async (policy) => {
    const vendor = [acceptsSilently, isDown, accepts];
    const world = await lived({ vendor, standIns: { second: [takes] }, policy });
    expect(world.acceptedBy).not.toContain("second");
  });

  it("a claim without an outcome stays where it is", async () => {
    const world = new SendingWorld({ standIns: { second: [takes] } });
    await world.table.takeClaim(MESSAGE, 0, NOW - 1);
    await world.untilQuiet();
    expect(world.requests).toEqual([]);
    expect(world.message()).toMatchObject({ status: "failed", failure: { assumed: true } });
  });
});

describe("when all were asked in vain", () => {
  it("it waits, and the first is asked again", async () => {
    const world = await lived({ vendor: [isDown, isDown, accepts], standIns: { second: [isDown] } });
    expect(world.requestedBy).toEqual(["whatsapp", "second", "whatsapp", "second", "whatsapp"]);
    expect(world.now - NOW).toBe(15_000);
    expect(world.message()).toMatchObject({ status: "sent", providerMessageId: "wamid.1" });
    expect(world.message().via).toBeUndefined();
  });

  it("refusals for good end it", async () => {
    const world = await lived({ vendor: [rejectsAs("account")], standIns: { second: [rejectsAs("auth")] } });
    expect(world.requests).toHaveLength(2);
    expect(world.message()).toMatchObject({ status: "failed", failure: { class: "auth" } });
  });

  it("one who refuses for good does not end what another may still take", async () => {
    const world = await lived({ vendor: [isDown, accepts], standIns: { second: [rejectsAs("auth")] } });
    expect(world.acceptedBy).toEqual(["whatsapp"]);
  });

  it("its time ends it, however many there are", async () => {
    const standIns = { second: [isDown], third: [throttles("account", 60)] };
    const world = await lived({ vendor: [isDown], standIns, capabilities: { windowHours: 48 } });
    expect(world.message()).toMatchObject({ status: "failed", failure: { code: "expired" } });
    expect(world.types().filter((type) => type === "message.failed")).toHaveLength(1);
    expect(world.now).toBeLessThan(NOW + 25 * HOUR_MS);
  });
});

describe("several parts", () => {
  const parts: Content[] = ["one", "two", "three"].map((text) => ({ type: "text", text }));
  const each = (prefix: string): Behaviour[] =>
    parts.map((_, index) => ({
      isAccepted: true,
      outcome: { kind: "sent", providerMessageId: `${prefix}.${index}` },
    }));

  it("go the way of the first", async () => {
    const world = await lived({ vendor: [isDown], standIns: { second: each("other") }, parts });
    expect(world.acceptedBy).toEqual(["second", "second", "second"]);
    expect(world.message()).toMatchObject({ status: "sent", via: "second" });
  });

  it("stay where the first went, whatever happens there", async () => {
    const [one, ...rest] = each("first");
    const vendor = [one ?? accepts, isDown, rejectsAs("account"), ...rest];
    const world = await lived({ vendor, standIns: { second: each("other") }, parts });
    expect(world.acceptedBy).toEqual(["whatsapp"]);
    expect(world.message()).toMatchObject({ status: "failed", failure: { class: "account" } });
  });

  it("are not cut anew: an account whose provider takes less at once is passed over", async () => {
    const world = await lived({
      vendor: [isDown, accepts],
      standIns: { second: [takes] },
      parts: [{ type: "text", text: "x".repeat(5000) }],
    });
    expect(world.acceptedBy).toEqual(["whatsapp"]);
  });
});

describe("when both accounts have the message", () => {
  const passed = { ...REQUEST, via: "second", tried: [{ account: "whatsapp" }] };

  it("the second waits while the first is at it, and sends when that one has given up", async () => {
    const world = new SendingWorld({ standIns: { second: [takes] } });
    await world.table.takeClaim(MESSAGE, 0, NOW);
    expect(await world.deliver(passed)).toEqual({ kind: "retry", afterSeconds: 5 });
    await world.table.releaseClaim(MESSAGE, 0, NOW);
    expect(await world.deliver(passed)).toEqual({ kind: "done" });
    expect(world.acceptedBy).toEqual(["second"]);
  });

  it("the first sends no part behind one that went out by the second", async () => {
    const parts: Content[] = ["one", "two"].map((text) => ({ type: "text", text }));
    const world = new SendingWorld({ standIns: { second: [takes] }, parts });
    const reference = { id: MESSAGE, providerMessageId: "other.1" };
    world.write("sent", "message.sent", { message: reference }, NOW, "second");
    expect(await world.deliver(REQUEST)).toEqual({ kind: "done" });
    expect(world.requests).toEqual([]);
  });
});

it("an account that is not configured, or has no secrets, is passed over", async () => {
  const accounts = { second: { kind: "not_configured" }, third: { kind: "no_secrets", isNews: false } } as const;
  const standIns = { second: [takes], third: [takes], fourth: [takes] };
  const world = await lived({ vendor: [isDown], standIns, accounts });
  expect(world.acceptedBy).toEqual(["fourth"]);
});

const COURSES: Record<string, { vendor: readonly Behaviour[]; standIns: Record<string, readonly Behaviour[]> }> = {
  "the second takes it": { vendor: [isDown], standIns: { second: [takes] } },
  "the second is uncertain": { vendor: [throttles("account", 60)], standIns: { second: [acceptsSilently] } },
  "the second refuses, the first recovers": { vendor: [isDown, accepts], standIns: { second: [rejectsAs("auth")] } },
  "both refuse": { vendor: [rejectsAs("account")], standIns: { second: [rejects] } },
  "the third takes it": { vendor: [rejectsAs("auth")], standIns: { second: [isDown], third: [takes] } },
};

/** Nothing is lost, nothing is there twice, and what is told is true. */
function expectTruth(world: SendingWorld): void {
  const { status, failure, providerMessageId, via = "whatsapp" } = world.message();
  expect(world.accepted).toBeLessThanOrEqual(1);
  expect(["sent", "failed"]).toContain(status);
  if (status === "sent") {
    expect(world.acceptedBy).toEqual([via]);
    expect([...world.table.providerMessages.keys()]).toEqual([`${via} ${providerMessageId}`]);
    expect(world.types().filter((type) => type === "message.sent")).toHaveLength(1);
  }
  if (status === "failed" && !failure?.assumed) expect(world.accepted).toBe(0);
}

describe.each(Object.entries(COURSES))("when %s", (_, given) => {
  it("one fault anywhere, and another behind it", async () => {
    const { calls } = (await lived(given)).faults;
    for (let first = 1; first <= calls; first++) {
      for (const one of FAULTS) {
        expectTruth(await lived({ ...given, faults: new Faults(new Map([[first, one]])) }));
        for (let second = first + 1; second <= first + 10; second++) {
          const two: Fault = (first + second) % 2 ? "crash after" : "world after";
          const planned = new Map([
            [first, one],
            [second, two],
          ]);
          expectTruth(await lived({ ...given, faults: new Faults(planned) }));
        }
      }
    }
  });

  it("both accounts have it at once, in every order of their calls", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const world = new SendingWorld(given);
        const ordered = <Port extends object>(port: Port): Port =>
          new Proxy(port, {
            get: (target, name) => {
              const method: unknown = Reflect.get(target, name);
              if (typeof method !== "function") return method;
              return scheduler.scheduleFunction(async (...args: unknown[]) => method.apply(target, args));
            },
          });
        const { table, sender, ...rest } = world.ports;
        const { render, send } = sender;
        const ports = { ...rest, table: ordered(table), sender: { render, send: ordered({ send }).send } };
        const passed = { ...REQUEST, via: "second", tried: [{ account: "whatsapp" }] };
        world.queue.push(passed);
        await scheduler.waitFor(Promise.all([sendMessage(REQUEST, 1, ports), sendMessage(passed, 1, ports)]));
        await world.untilQuiet();
        expectTruth(world);
      }),
      { numRuns: Number(process.env.RECADO_TEST_RUNS ?? 20) },
    );
  });
});
