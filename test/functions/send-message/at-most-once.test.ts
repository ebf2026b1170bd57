/**
 * A message reaches the vendor at most once, and its end is told truthfully, whatever fails between: every fault at
 * every call of every course of events, pairs of them, and every interleaving of two workers.
 */
import * as fc from "fast-check";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { sendMessage } from "../../../functions/send-message/send-message.ts";
import { FAULTS, type Fault, Faults } from "../../fakes/faults.ts";
import {
  accepts,
  acceptsSilently,
  type Behaviour,
  isDown,
  REQUEST,
  rejects,
  SendingWorld,
  swallows,
  throttles,
} from "../../fakes/sending-world.ts";

// Tens of thousands of lives, each with its log lines.
beforeAll(() => {
  vi.spyOn(console, "warn").mockReturnValue();
  vi.spyOn(console, "error").mockReturnValue();
});

const COURSES: Record<string, readonly Behaviour[]> = {
  accepts: [accepts],
  rejects: [rejects],
  "throttles the pair, then accepts": [throttles("pair", 3), accepts],
  "throttles the account, then accepts": [throttles("account", 30), accepts],
  "is down, then accepts": [isDown, isDown, accepts],
  "accepts silently": [acceptsSilently, accepts],
  swallows: [swallows, accepts],
};
const courses = Object.entries(COURSES);

/** How many calls behind the first fault a second one may strike; the long runs look further. */
const NEAR = process.env.RECADO_TEST_RUNS ? 12 : 3;

type Given = NonNullable<ConstructorParameters<typeof SendingWorld>[0]>;

async function lived(given: Given, planned: ReadonlyMap<number, Fault> = new Map()): Promise<SendingWorld> {
  const world = new SendingWorld({ ...given, faults: new Faults(planned) });
  await world.untilQuiet();
  return world;
}

/** What must hold at the end of every life. */
function expectTruth(world: SendingWorld, { policy = "fail" }: Given): void {
  const { status, failure, providerMessageId } = world.message();
  expect(world.accepted).toBeLessThanOrEqual(policy === "fail" ? 1 : 2);
  expect(world.requests.length).toBeGreaterThanOrEqual(world.accepted);
  expect(["sent", "failed"]).toContain(status);
  if (status === "sent") {
    expect(world.accepted).toBeGreaterThan(0);
    expect(world.table.providerMessages.get(`whatsapp ${providerMessageId}`)).toBeDefined();
  }
  // A failure that is not assumed means: the customer certainly has nothing.
  if (status === "failed" && !failure?.assumed) expect(world.accepted).toBe(0);
}

describe.each(["fail", "resend"] as const)("policy %s", (policy) => {
  describe.each([false, true])("recorded late: %s", (recordsLate) => {
    it.each(courses)("one fault anywhere, when the vendor %s", async (_, vendor) => {
      const given: Given = { vendor, policy, recordsLate };
      const { calls } = (await lived(given)).faults;
      for (let call = 1; call <= calls; call++) {
        for (const fault of FAULTS) expectTruth(await lived(given, new Map([[call, fault]])), given);
      }
    });
  });

  it.each(courses)("two faults anywhere, when the vendor %s", async (_, vendor) => {
    const given: Given = { vendor, policy };
    const { calls } = (await lived(given)).faults;
    for (let first = 1; first <= calls; first++) {
      for (const one of FAULTS) {
        // The first fault makes new calls behind it: those are where the second one is.
        for (let second = first + 1; second <= first + NEAR; second++) {
          const other = FAULTS[(first + second) % FAULTS.length] ?? "crash after";
          for (const two of new Set<Fault>(["crash after", "world after", other])) {
            expectTruth(
              await lived(
                given,
                new Map([
                  [first, one],
                  [second, two],
                ]),
              ),
              given,
            );
          }
        }
      }
    }
  });
});

it("without a fault, everything that the vendor takes and says so is sent", async () => {
  for (const [name, vendor] of courses) {
    const world = await lived({ vendor });
    const expected = name === "rejects" || name === "swallows" || name === "accepts silently" ? "failed" : "sent";
    expect([name, world.message().status]).toEqual([name, expected]);
  }
});

it("two workers at once, in every order of their calls", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.constantFrom(...courses),
      fc.integer({ min: 0, max: 20 }),
      async (scheduler, [, vendor], tick) => {
        const world = new SendingWorld({ vendor });
        const ordered = <Port extends object>(port: Port): Port =>
          new Proxy(port, {
            get: (target, name) => {
              const method: unknown = Reflect.get(target, name);
              if (typeof method !== "function") return method;
              return scheduler.scheduleFunction(async (...given: unknown[]) => {
                world.now += tick;
                return method.apply(target, given);
              });
            },
          });
        const { render, send } = world.ports.sender;
        const ports = {
          ...world.ports,
          table: ordered(world.ports.table),
          mailbox: ordered(world.ports.mailbox),
          settlements: ordered(world.ports.settlements),
          sender: { render, send: ordered({ send }).send },
        };
        const workers = Promise.all([sendMessage(REQUEST, 1, ports), sendMessage(REQUEST, 2, ports)]);
        await scheduler.waitFor(workers);
        expect(world.accepted).toBeLessThanOrEqual(1);
        await world.untilQuiet();
        expectTruth(world, {});
      },
    ),
    { numRuns: Number(process.env.RECADO_TEST_RUNS ?? 40) },
  );
});
