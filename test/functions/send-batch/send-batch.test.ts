import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import type { Capabilities } from "../../../shared/domain/capabilities.ts";
import { conversationId, personId } from "../../../shared/domain/ids.ts";
import type { QuietHours } from "../../../shared/domain/quiet-hours.ts";
import { SECRET } from "../../fakes/arrivals.ts";
import { FAULTS, Faults } from "../../fakes/faults.ts";
import { batchWorld, bySms, byWhatsApp, message, number, toMany } from "./batch-world.ts";

const RUNS = Number(process.env.RECADO_TEST_RUNS ?? 5);
/** A long run has as many as there may be. */
const MANY = process.env.RECADO_TEST_RUNS ? 1_000 : 120;

const noMore = { channel: "sms", topic: "marketing", state: "opted_out", source: "agent", at: 1 } as const;
const batchOf = ({ data }: { data: unknown }) => (data as { batch?: { id: string; recipient: number } }).batch;

test("each recipient gets the message once, at the pace, and the batch is told as done", async () => {
  const here = batchWorld();
  const id = await here.begin({ message, recipients: toMany(MANY) });
  const began = here.clock.time;
  await here.untilDone();
  expect(await here.head(id)).toMatchObject({ status: "done", total: MANY, accepted: MANY, refused: 0, waiting: 0 });
  expect(
    here
      .queued()
      .map(batchOf)
      .sort((a, b) => (a?.recipient ?? 0) - (b?.recipient ?? 0)),
  ).toEqual(Array.from({ length: MANY }, (_, recipient) => ({ id, recipient })));
  expect(here.table.logs.size).toBe(MANY);
  expect((here.clock.time - began) / 1000).toBeGreaterThanOrEqual(MANY / 10);
  expect([...here.objects.kept.keys()]).toEqual([]);
});

test("the pace is that of all batches, however small they are", async () => {
  const here = batchWorld();
  for (let index = 0; index < 10; index++) await here.begin({ message, recipients: toMany(20) });
  const began = here.clock.time;
  await here.untilDone();
  expect(here.queued()).toHaveLength(200);
  expect((here.clock.time - began) / 1000).toBeGreaterThanOrEqual(200 / 10);
});

test("a slow pace is no burst with a pause behind it", async () => {
  const here = batchWorld();
  const id = await here.begin({ message, recipients: toMany(12) });
  await here.work(new Faults(), { perSecond: 1 });
  expect(await here.head(id)).toMatchObject({ status: "running", accepted: 5 });
});

test("every message is found by its id, and the list tells how far it is", async () => {
  const here = batchWorld();
  const id = await here.begin({ message, recipients: toMany(3) });
  expect(await here.recipients(id)).toEqual([0, 1, 2].map((index) => ({ index, status: "waiting" })));
  await here.untilDone();
  const rows = await here.recipients(id);
  expect(rows).toMatchObject([0, 1, 2].map((index) => ({ index, status: "accepted", message: { status: "queued" } })));
  for (const row of rows) {
    const shown = await here.ask("GET", `/v1/messages/${row.message?.id}`);
    expect(shown.json).toMatchObject({ message: { id: row.message?.id, topic: "marketing", status: "queued" } });
  }
});

test("what makes one of them impossible stands beside that one", async () => {
  const here = batchWorld();
  await here.table.putConsent(contactOf(1), noMore);
  const national = { account: "whatsapp", address: "912100004" };
  const recipients = [...toMany(3), { to: { contact: "con_0000000000000000000000" } }, { to: national }];
  const id = await here.begin({ message, recipients });
  await here.untilDone();
  expect(await here.head(id)).toMatchObject({ status: "done", total: 5, accepted: 2, refused: 3 });
  expect(
    (await here.recipients(id)).map(({ status, refusal }) => [status, (refusal as { code?: string })?.code]),
  ).toEqual([
    ["accepted", undefined],
    ["refused", "opted_out"],
    ["accepted", undefined],
    ["refused", "recipient_unknown"],
    ["refused", "address_invalid"],
  ]);
  expect(here.queued()).toHaveLength(2);
});

describe("a process that ends anywhere, or a fault of the world", () => {
  const carries: Capabilities["carries"] = { text: { longestText: 1600 }, template: {} };
  const both: Capabilities = { carries, receipts: [], correlates: true };
  const template = { type: "template", name: "domingo", language: "pt_PT" };

  /** By which way somebody is reached may change between two tries: nobody may then be reached by both. */
  async function played(faultAt: number, fault: (typeof FAULTS)[number]) {
    const accounts = new Map([
      ["sms", both],
      ["whatsapp", { ...both, windowHours: 24 }],
    ]);
    const here = batchWorld({ accounts });
    const recipients = Array.from({ length: 4 }, (_, index) => ({ to: [bySms(index), byWhatsApp(index)] }));
    const id = await here.begin({ message: { ...message, template }, recipients });
    const faults = new Faults(new Map([[faultAt, fault]]));
    await here.work(faults);
    await here.table.putConsent(contactOf(2), noMore);
    await here.untilDone();
    return { here, id, calls: faults.calls };
  }

  test.each(FAULTS.filter((fault) => !fault.startsWith("bug")))(
    "%s any call loses and doubles nothing",
    async (fault) => {
      const { calls } = await played(0, fault);
      expect(calls).toBeGreaterThan(20);
      for (let at = 1; at <= calls; at++) {
        const { here, id } = await played(at, fault);
        const told = here
          .queued()
          .map((entry) => batchOf(entry)?.recipient)
          .sort();
        expect(told, `at call ${at}`).toEqual([0, 1, 2, 3]);
        expect(await here.head(id)).toMatchObject({ status: "done", accepted: 4, refused: 0 });
        const listed = (await here.recipients(id)).map(({ message }) => message?.id);
        expect(new Set(here.queued().map(messageId)), `at call ${at}`).toEqual(new Set(listed));
        expect([...here.objects.kept.keys()]).toEqual([]);
      }
    },
  );

  test("many faults, at any calls", async () => {
    const plans = fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.constantFrom(...FAULTS)), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.array(plans, { maxLength: 5 }), async (invocations) => {
        const here = batchWorld();
        const id = await here.begin({ message, recipients: toMany(60) });
        for (const plan of invocations)
          if (here.batchQueue.waiting.length > 0) await here.work(new Faults(new Map(plan)));
        await here.untilDone();
        const { accepted, refused } = await here.head(id);
        // A fault of our own about one of them is told; everybody else has the message once.
        expect(accepted + refused).toBe(60);
        expect(here.queued()).toHaveLength(accepted);
        expect(new Set(here.queued().map(messageId)).size).toBe(accepted);
      }),
      { numRuns: RUNS },
    );
  });
});

test("a batch that was queued by a call that ended there is begun all the same", async () => {
  const here = batchWorld();
  const id = await here.begin({ message, recipients: toMany(2) });
  here.batches.kept.clear();
  await here.untilDone();
  expect(await here.head(id)).toMatchObject({ status: "done", accepted: 2 });
});

test("a second request for a batch that is done does nothing", async () => {
  const here = batchWorld();
  const id = await here.begin({ message, recipients: toMany(2) });
  await here.untilDone();
  await here.batchQueue.queueBatch(id);
  await here.untilDone();
  expect(here.queued()).toHaveLength(2);
  expect(await here.head(id)).toMatchObject({ accepted: 2, refused: 0 });
});

test("a fault of ours about one recipient holds up no other", async () => {
  const here = batchWorld();
  const id = await here.begin({ message, recipients: toMany(3) });
  const broken = conversationId(SECRET, "sms", "+351912100001");
  const newest = here.table.newest.bind(here.table);
  const breaks = vi.spyOn(here.table, "newest").mockImplementation(async (log) => {
    if (log === broken) throw new TypeError("broken");
    return newest(log);
  });
  await here.work();
  breaks.mockRestore();
  await here.untilDone();
  expect((await here.recipients(id)).map(({ status }) => status)).toEqual(["accepted", "refused", "accepted"]);
  expect(await here.recipients(id)).toMatchObject([{}, { refusal: { code: "internal_error" } }, {}]);
});

test("what is for later goes out from then on, at the same pace", async () => {
  const here = batchWorld();
  const sendAt = here.clock.time + 86_400_000;
  const at = new Date(sendAt).toISOString();
  await here.begin({ message: { ...message, sendAt: at }, recipients: toMany(25) });
  await here.untilDone();
  const times = here.queued().map(({ data }) => (data as { sendAt: number }).sendAt - sendAt);
  const perSecond = Map.groupBy(times, (time) => time / 1000);
  expect([...perSecond].map(([second, those]) => [second, those.length])).toEqual([
    [0, 10],
    [1, 10],
    [2, 5],
  ]);
});

describe("quiet hours", () => {
  const quietHours: QuietHours = { from: "21:00", to: "08:00", timeZone: "UTC" };

  test("that begin meanwhile are waited for, and nobody is refused for them", async () => {
    const here = batchWorld({ quietHours });
    here.clock.time = Date.parse("2026-11-20T20:59:58Z");
    const id = await here.begin({ message, recipients: toMany(60) });
    await here.work();
    expect(await here.head(id)).toMatchObject({ status: "running", accepted: 50 });
    await here.work();
    expect(new Date(here.clock.time).toISOString()).toBe("2026-11-21T08:00:00.000Z");
    expect(await here.head(id)).toMatchObject({ accepted: 50, refused: 0 });
    await here.untilDone();
    expect(await here.head(id)).toMatchObject({ status: "done", accepted: 60, refused: 0 });
  });

  test("that begin between the look at them and the decision refuse nobody", async () => {
    const here = batchWorld({ quietHours });
    here.clock.time = Date.parse("2026-11-20T20:59:59.999Z");
    const id = await here.begin({ message, recipients: toMany(3) });
    // Each look at the clock takes a millisecond: the first two are before the border.
    let now = here.clock.time - 1;
    await here.work(new Faults(), { clock: { now: () => now++ } });
    expect(await here.head(id)).toMatchObject({ accepted: 3, refused: 0 });
  });

  test("that begin while what is for later goes out refuse nobody", async () => {
    const here = batchWorld({ quietHours });
    here.clock.time = Date.parse("2026-11-20T12:00:00Z");
    const sendAt = "2026-11-20T20:59:58.000Z";
    const id = await here.begin({ message: { ...message, sendAt }, recipients: toMany(60) });
    await here.untilDone();
    expect(await here.head(id)).toMatchObject({ status: "done", accepted: 60, refused: 0 });
  });
});

describe("a batch that is cancelled", () => {
  test("goes no further than the step that was begun", async () => {
    const here = batchWorld();
    const id = await here.begin({ message, recipients: toMany(120) });
    await here.work();
    const { json } = await here.ask("DELETE", `/v1/batches/${id}`);
    expect(json.batch).toMatchObject({ status: "cancelled", accepted: 50, waiting: 70 });
    await here.untilDone();
    expect(here.queued()).toHaveLength(50);
    expect((await here.recipients(id)).slice(49, 51)).toMatchObject([{ status: "accepted" }, { status: "cancelled" }]);
    expect([...here.objects.kept.keys()]).toEqual([]);
    // Once more is as good as once.
    expect((await here.ask("DELETE", `/v1/batches/${id}`)).json.batch).toEqual(json.batch);
  });

  test("in the middle of a step has that step whole, in its messages as in its counts", async () => {
    const calm = new Faults();
    const counted = batchWorld();
    await counted.begin({ message, recipients: toMany(4) });
    await counted.work(calm);
    for (let at = 1; at <= calm.calls; at++) {
      const here = batchWorld();
      const id = await here.begin({ message, recipients: toMany(4) });
      await here.work(new Faults(new Map([[at, "crash after"]])));
      await here.ask("DELETE", `/v1/batches/${id}`);
      await here.untilDone();
      const { accepted } = await here.head(id);
      expect(here.queued(), `at call ${at}`).toHaveLength(accepted);
      expect([0, 4]).toContain(accepted);
    }
  });

  test("and was for later: its messages never go out, but for those that somebody has already", async () => {
    const here = batchWorld();
    const sendAt = new Date(here.clock.time + 86_400_000).toISOString();
    const id = await here.begin({ message: { ...message, sendAt }, recipients: toMany(60) });
    await here.untilDone();
    expect(await here.head(id)).toMatchObject({ status: "done", accepted: 60, sendAt });
    const [first, second] = await here.recipients(id);
    await here.table.takeClaim(first?.message?.id ?? "", 0, here.clock.time);
    await here.ask("DELETE", `/v1/messages/${second?.message?.id}`);
    expect((await here.ask("DELETE", `/v1/batches/${id}`)).json.batch).toMatchObject({ status: "cancelled" });
    await here.untilDone();
    const rows = await here.recipients(id);
    expect(rows.map(({ message }) => message?.status)).toEqual([
      "queued",
      ...Array.from({ length: 59 }, () => "failed"),
    ]);
    expect(here.bells.requests).toEqual([]);
    expect(rows[59]).toMatchObject({ message: { failure: { class: "cancelled" } } });
  });

  describe("and was for later", () => {
    const TOTAL = 120;
    const cancelled = Array.from({ length: TOTAL }, () => "failed");

    /** All of it is queued, for the morning. */
    async function forLater(overrides: Parameters<typeof batchWorld>[0] = {}) {
      const here = batchWorld(overrides);
      here.clock.time = Date.parse("2026-11-20T20:59:00Z");
      const sendAt = "2026-11-21T09:00:00.000Z";
      const id = await here.begin({ message: { ...message, sendAt }, recipients: toMany(TOTAL) });
      const statuses = async () => (await here.recipients(id)).map((row) => row.message?.status);
      return { here, id, sendAt, statuses, cancel: () => here.ask("DELETE", `/v1/batches/${id}`) };
    }

    test("is stopped beside another that waits for the morning", async () => {
      const { here, cancel, statuses } = await forLater({
        quietHours: { from: "21:00", to: "08:00", timeZone: "UTC" },
      });
      await here.untilDone();
      await here.begin({ message, recipients: toMany(1) });
      here.clock.time = Date.parse("2026-11-20T23:00:00Z");
      await cancel();
      const began = here.clock.time;
      while (here.batchQueue.stops.length > 0) await here.stop();
      await here.record();
      expect(await statuses()).toEqual(cancelled);
      expect(here.clock.time - began).toBeLessThan(10_000);
      expect(here.batchQueue.waiting).toHaveLength(1);
    });

    test("is stopped however late the stop gets its turn", async () => {
      const { here, cancel, statuses, sendAt } = await forLater();
      await here.untilDone();
      await cancel();
      here.clock.time = Date.parse(sendAt) + TOTAL * 1000;
      await here.untilDone();
      expect(await statuses()).toEqual(cancelled);
    });

    test.each(["crash before", "crash after"] as const)(
      "is stopped whole, also in the middle of a step with a %s any call",
      async (fault) => {
        const calm = new Faults();
        // Steps that end where no step of a stop does.
        const slow = { perSecond: 3 };
        const counted = await forLater();
        await counted.here.work(new Faults(), slow);
        await counted.here.work(calm, slow);
        for (let at = 1; at <= calm.calls; at += 10) {
          const { here, id, cancel, statuses } = await forLater();
          await here.work(new Faults(), slow);
          await here.work(new Faults(new Map([[at, fault]])), slow);
          await cancel();
          while (here.batchQueue.stops.length > 0) await here.stop();
          await here.untilDone();
          const { accepted } = await here.head(id);
          const told = (await statuses()).slice(0, accepted);
          expect(told, `at call ${at}`).toEqual(cancelled.slice(0, accepted));
          expect(here.queued(), `at call ${at}`).toHaveLength(accepted);
          expect([...here.objects.kept.keys()]).toEqual([]);
        }
      },
    );

    test("is told once of each message, whoever stops it, and wherever they end", async () => {
      const calm = new Faults();
      const counted = await forLater();
      await counted.here.untilDone();
      await counted.cancel();
      await counted.here.stop(calm);
      expect(calm.calls).toBeGreaterThan(TOTAL);
      for (let at = 1; at <= calm.calls; at += 40) {
        const { here, id, cancel, statuses } = await forLater();
        await here.untilDone();
        await cancel();
        await here.batchQueue.queueBatch(id);
        await here.stop(new Faults(new Map([[at, "crash after"]])));
        await Promise.all([here.work(), here.stop()]);
        await here.untilDone();
        expect(await statuses(), `at call ${at}`).toEqual(cancelled);
        const failed = [...here.table.logs.values()].flat().filter(({ type }) => type === "message.failed");
        expect(failed, `at call ${at}`).toHaveLength(TOTAL);
      }
    });
  });
});

function contactOf(index: number): string {
  return personId(SECRET, number(index));
}

function messageId({ data }: { data: unknown }): string {
  return (data as { message: { id: string } }).message.id;
}
