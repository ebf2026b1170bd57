/** The real code of what waits for its time, and of messages that are found and cancelled by their ids, on dynalite. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ScheduleTable } from "../../shared/aws/schedule-table.ts";
import { Table } from "../../shared/aws/table.ts";
import type { Failure } from "../../shared/domain/event.ts";
import { MemorySchedule } from "../fakes/memory-schedule.ts";
import { MemoryTable } from "../fakes/memory-table.ts";
import { type Dynalite, startDynalite } from "./dynalite.ts";

let dynalite: Dynalite;
beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.close());

const tableOnDynalite = async () => ({ tableName: await dynalite.newTable(), client: dynalite.client });
const MINUTE = 29_916_666;
const AT = MINUTE * 60_000;
const request = (message: string, log = "conv_a") => ({ log, sequence: 7, account: "sms", message });

describe.each([
  ["on dynalite", async () => new ScheduleTable(await tableOnDynalite())],
  ["in memory", async () => new MemorySchedule()],
])("what is to go out later, %s", (_, open) => {
  it("is due in its minute and not before its time, in its order, until it is taken off", async () => {
    const schedule = await open();
    await schedule.schedule(request("second"), AT + 2);
    await schedule.schedule(request("first"), AT);
    await schedule.schedule(request("first"), AT);
    await schedule.schedule(request("next minute"), AT + 60_000);
    const due = async (until: number) => (await schedule.due(MINUTE, until)).flat();
    expect(await due(AT - 1)).toEqual([]);
    expect(await due(AT + 1)).toEqual([{ at: AT, request: request("first") }]);
    const [first, second] = await due(AT + 60_000);
    expect([first?.request, second?.request]).toEqual([request("first"), request("second")]);
    const behind = async (...seen: (typeof first)[]) =>
      (
        await schedule.due(
          MINUTE,
          AT + 60_000,
          seen.filter((one) => one !== undefined),
        )
      ).flat();
    expect([await behind(first), await behind(first, second)]).toEqual([[second], []]);
    if (first) await schedule.takeOff(first);
    expect(await due(AT + 60_000)).toEqual([second]);
  });

  it("was handed over up to a minute, which never goes back", async () => {
    const schedule = await open();
    expect(await schedule.handedOverUntil()).toBeUndefined();
    for (const minute of [MINUTE, MINUTE + 2, MINUTE + 1]) await schedule.handedOver(minute);
    expect(await schedule.handedOverUntil()).toBe(MINUTE + 2);
  });
});

it("what is due for a thousand customers lies in eight partitions", async () => {
  const schedule = new ScheduleTable(await tableOnDynalite());
  const logs = Array.from({ length: 64 }, (_, number) => `conv_${number}`);
  await Promise.all(logs.map((log) => schedule.schedule(request("one", log), AT)));
  const lists = await schedule.due(MINUTE, AT);
  expect(lists.filter((list) => list.length > 0)).toHaveLength(8);
});

describe.each([
  ["on dynalite", async () => new Table({ ...(await tableOnDynalite()), objects: noObjects })],
  ["in memory", async () => new MemoryTable()],
])("a message, %s", (_, open) => {
  const failure: Failure = { class: "cancelled", code: "cancelled", reason: "x" };
  const cancellation = { at: AT, until: AT + 1, failure };
  const claim = { state: "done", at: AT, outcome: "rejected", failure };

  it("that is cancelled is claimed for good", async () => {
    const table = await open();
    expect(await table.cancelClaim("msg_1", 0, cancellation)).toBe("cancelled");
    expect(await table.takeClaim("msg_1", 0, AT)).toEqual(claim);
    expect(await table.cancelClaim("msg_1", 0, cancellation)).toEqual(claim);
  });

  it("that a sender has is not cancelled; one that it gave back is", async () => {
    const table = await open();
    await table.takeClaim("msg_1", 0, AT);
    expect(await table.cancelClaim("msg_1", 0, cancellation)).toMatchObject({ state: "claimed" });
    await table.releaseClaim("msg_1", 0, AT);
    expect(await table.cancelClaim("msg_1", 0, cancellation)).toBe("cancelled");
  });

  it("is found by its id", async () => {
    const table = await open();
    const place = { conversation: "conv_a", account: "sms" };
    await table.noteMessage("msg_1", place, AT);
    expect(await table.messagePlace("msg_1")).toEqual(place);
    expect(await table.messagePlace("msg_2")).toBeUndefined();
  });
});

const noObjects = { put: async () => {}, get: async () => undefined };
