/** The real code of the items of batches, on dynalite, and the fake that other tests have in its place. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BatchTable } from "../../shared/aws/batch-table.ts";
import type { Batch } from "../../shared/domain/batch.ts";
import type { Batches } from "../../shared/ports.ts";
import { MemoryBatches } from "../fakes/memory-batches.ts";
import { type Dynalite, startDynalite } from "./dynalite.ts";

let dynalite: Dynalite;
beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.close());

const CREATED = 1_795_000_000_000;
const batch = (id: string, more: Partial<Batch> = {}): Batch => ({
  ...{ id, key: "key_1", total: 120, createdAt: CREATED, position: 0, accepted: 0, refused: 0 },
  ...more,
});
const accepted = { message: "msg_1", conversation: "conv_1", account: "sms" };
const refused = { code: "opted_out", text: "They want none." };

describe.each<[string, () => Promise<Batches>]>([
  ["on dynalite", async () => new BatchTable({ tableName: await dynalite.newTable(), client: dynalite.client })],
  ["in memory", async () => new MemoryBatches()],
])("a batch, %s", (_, open) => {
  it("is kept once, and moves on from where it stands alone", async () => {
    const batches = await open();
    expect(await batches.batch("bat_1")).toBeUndefined();
    await batches.beginBatch(batch("bat_1", { sendAt: CREATED + 1 }));
    await batches.moveBatch("bat_1", 0, { accepted: 48, refused: 2 });
    await batches.moveBatch("bat_1", 0, { accepted: 50, refused: 0 });
    await batches.beginBatch(batch("bat_1"));
    await batches.moveBatch("bat_1", 50, { accepted: 50, refused: 0 });
    const now = { sendAt: CREATED + 1, position: 100, accepted: 98, refused: 2 };
    expect(await batches.batch("bat_1")).toEqual(batch("bat_1", now));
  });

  it("is cancelled once, and its messages are stopped from where that stands", async () => {
    const batches = await open();
    await batches.cancelBatch("bat_1", CREATED);
    expect(await batches.batch("bat_1")).toBeUndefined();
    await batches.beginBatch(batch("bat_1"));
    await batches.cancelBatch("bat_1", CREATED + 1);
    await batches.cancelBatch("bat_1", CREATED + 2);
    await batches.stopBatch("bat_1", 0, 50);
    await batches.stopBatch("bat_1", 0, 40);
    await batches.stopBatch("bat_1", 50, 100);
    expect(await batches.batch("bat_1")).toEqual(batch("bat_1", { cancelledAt: CREATED + 1, stopped: 100 }));
  });

  it("has its results by index, in spans", async () => {
    const batches = await open();
    await batches.putBatchResults(batch("bat_1"), 0, [accepted, refused]);
    await batches.putBatchResults(batch("bat_1"), 998, [refused, accepted]);
    expect([...(await batches.batchResults("bat_1", 0, 100))]).toEqual([
      [0, accepted],
      [1, refused],
    ]);
    expect([...(await batches.batchResults("bat_1", 1, 998))]).toEqual([
      [1, refused],
      [998, refused],
    ]);
  });

  it("is listed, newest first, to the end", async () => {
    const batches = await open();
    for (const [number, id] of ["bat_1", "bat_2", "bat_3"].entries())
      await batches.beginBatch(batch(id, { createdAt: CREATED + number }));
    const listed: string[] = [];
    for (let next: { cursor?: string } | undefined = {}; next; ) {
      const page = await batches.batches({ limit: 2, ...next });
      listed.push(...page.batches.map(({ id }) => id));
      next = page.nextCursor === undefined ? undefined : { cursor: page.nextCursor };
    }
    expect(listed).toEqual(["bat_3", "bat_2", "bat_1"]);
  });
});
