import { beforeEach, describe, expect, test, vi } from "vitest";
import { sendScheduled } from "../../../functions/send-scheduled/send-scheduled.ts";
import type { SendRequest } from "../../../shared/domain/mailbox.ts";
import { WorldFault } from "../../../shared/ports.ts";
import { MemorySchedule } from "../../fakes/memory-schedule.ts";
import { Crash, faulty, PlayedClock } from "../../fakes/world.ts";

const MINUTE_MS = 60_000;
const LOG = "conv_AAAAAAAAAAAAAAAAAAAAAA";

let schedule: MemorySchedule;
let clock: PlayedClock;
let handedOver: string[];
beforeEach(() => {
  schedule = new MemorySchedule();
  // In the middle of a minute.
  clock = new PlayedClock(Math.floor(1_795_000_000_000 / MINUTE_MS) * MINUTE_MS + 30_000);
  handedOver = [];
});

const note = (message: string, at: number, log = LOG) =>
  schedule.schedule({ log, sequence: handedOver.length + 1, account: "sms", message }, at);
const queue = { handOver: async ({ message }: SendRequest) => void handedOver.push(message) };
const run = (remaining = () => 60_000) => sendScheduled({ schedule, ...queue, clock, remaining });

test("hands over what is due, and nothing before its time", async () => {
  const now = clock.time;
  await note("now", now);
  await note("a moment later", now + 1);
  await note("tomorrow", now + 1_440 * MINUTE_MS);
  expect(await run()).toEqual({ handedOver: 1, minutesLeft: 0 });
  expect(handedOver).toEqual(["now"]);
  clock.time += MINUTE_MS;
  await run();
  expect(handedOver).toEqual(["now", "a moment later"]);
  await run();
  expect(handedOver).toHaveLength(2);
});

test("hands what goes to one customer over in the order of its times", async () => {
  await note("second", clock.time - 1_000);
  await note("first", clock.time - 2_000);
  await run();
  expect(handedOver).toEqual(["first", "second"]);
});

test("catches up after an outage of days", async () => {
  await run();
  for (let hour = 1; hour < 72; hour++) await note(`hour ${hour}`, clock.time + hour * 60 * MINUTE_MS);
  clock.time += 72 * 60 * MINUTE_MS;
  expect(await run()).toEqual({ handedOver: 71, minutesLeft: 0 });
});

test("finds what was noted down for a minute that was just over", async () => {
  await run();
  clock.time += MINUTE_MS;
  await run();
  await note("behind its back", clock.time - MINUTE_MS);
  await run();
  expect(handedOver).toEqual(["behind its back"]);
});

test("says how far behind it is when its time runs out, and goes on from there", async () => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  for (let minutes = 0; minutes < 10; minutes++) await note(`${minutes}`, clock.time - minutes * MINUTE_MS);
  let left = 40_000;
  const report = await run(() => (left -= 3_000));
  expect(report.minutesLeft).toBeGreaterThan(0);
  expect(report.handedOver).toBeLessThan(10);
  await run();
  expect(handedOver.toSorted()).toEqual(Array.from({ length: 10 }, (_, minutes) => `${minutes}`));
});

describe("a message that its queue does not take", () => {
  let isRefused = (_: SendRequest) => false;
  const refusing = {
    async handOver(request: SendRequest) {
      if (isRefused(request)) throw new WorldFault("refused");
      await queue.handOver(request);
    },
  };
  const runRefusing = () => sendScheduled({ schedule, ...refusing, clock, remaining: () => 60_000 });
  beforeEach(() => {
    vi.spyOn(console, "error").mockReturnValue();
    isRefused = ({ log }) => log === LOG;
  });

  test("holds up no other, in its minute or later, and rings each time", async () => {
    await note("first", clock.time - 3 * MINUTE_MS);
    for (const name of ["second", "third"]) await note(name, clock.time - 3 * MINUTE_MS + 1);
    await note("beside it", clock.time - 3 * MINUTE_MS + 2, "conv_b");
    await note("later", clock.time, "conv_b");
    await expect(runRefusing()).rejects.toThrow("refused");
    expect(handedOver).toEqual(["beside it", "later"]);
    clock.time += MINUTE_MS;
    await note("later still", clock.time, "conv_b");
    await expect(runRefusing()).rejects.toThrow("refused");
    expect(handedOver).toEqual(["beside it", "later", "later still"]);
  });

  test("goes out when it is taken again, however late, and before what follows it to its customer", async () => {
    await note("first", clock.time - 1_000);
    await note("second", clock.time);
    isRefused = ({ message }) => message === "first";
    for (let minutes = 0; minutes < 90; minutes++) {
      await expect(runRefusing()).rejects.toThrow("refused");
      clock.time += MINUTE_MS;
    }
    expect(handedOver).toEqual([]);
    isRefused = () => false;
    await runRefusing();
    expect(handedOver).toEqual(["first", "second"]);
  });
});

test("goes back to the first run of a deployment, however long after it one succeeds", async () => {
  await note("early", clock.time);
  vi.spyOn(schedule, "due").mockRejectedValueOnce(new WorldFault("DynamoDB"));
  await expect(run()).rejects.toThrow("DynamoDB");
  clock.time += 600 * MINUTE_MS;
  await run();
  expect(handedOver).toEqual(["early"]);
});

describe("a fault at any call of a port", () => {
  test.each(["before", "after"] as const)("%s it took effect loses nothing", async (fault) => {
    for (let at = 0; at < 60; at++) {
      schedule = new MemorySchedule();
      schedule.minute = Math.floor(clock.time / MINUTE_MS) - 4;
      handedOver = [];
      const messages = ["a", "b", "c"];
      for (const message of messages) await note(message, clock.time - 90_000);
      const count = { calls: 0 };
      const options = { count, crash: true };
      const choose = (call: number) => (call === at ? fault : undefined);
      const ports = { schedule: faulty(schedule, choose, options), ...faulty(queue, choose, options) };
      await sendScheduled({ ...ports, clock, remaining: () => 60_000 }).catch((cause) => {
        if (!(cause instanceof Crash || cause instanceof WorldFault)) throw cause;
      });
      clock.time += MINUTE_MS;
      await run();
      expect(new Set(handedOver)).toEqual(new Set(messages));
      if (count.calls <= at) return;
    }
    expect.fail("there are more calls than were tried");
  });
});
