import { describe, expect, test } from "vitest";
import { takeBatch } from "../../../functions/send-batch/take-batch.ts";
import { batchFile } from "../../../shared/domain/batch.ts";
import { FAULTS, Faults } from "../../fakes/faults.ts";
import { batchWorld, message, toMany } from "./batch-world.ts";

const PLACE = { group: "batches", deduplicationId: "one" };

function taking() {
  const here = batchWorld();
  const letters: { body: { parked: string; error: string }; group: string; deduplicationId: string }[] = [];
  const deadLetters = { park: async (letter: (typeof letters)[number]) => void letters.push(letter) };
  const take = (body: string, more: object = {}) => takeBatch(body, PLACE, { ...here.working, deadLetters, ...more });
  return { here, letters, take };
}

describe("a batch that a fault of ours stands in the way of", () => {
  test("is parked as it came, so that others go on, and goes on itself once that is mended", async () => {
    const { here, letters, take } = taking();
    const id = await here.begin({ message, recipients: toMany(2) });
    const file = batchFile(id, "order");
    const order = (await here.objects.get(file)) ?? "";
    await here.objects.put(file, "no order");
    const body = JSON.stringify({ batch: id });
    expect(await take(body)).toEqual({ kind: "done" });
    expect(letters).toEqual([{ ...PLACE, body: { parked: body, error: expect.stringContaining("SyntaxError") } }]);

    await here.objects.put(file, order);
    await take(JSON.stringify(letters[0]?.body));
    await here.record();
    expect(here.queued()).toHaveLength(2);
    expect(letters).toHaveLength(1);
  });

  test("is parked anew where it was redriven too soon: its queue forgets for minutes nothing that it was sent", async () => {
    const { here, letters, take } = taking();
    const id = await here.begin({ message, recipients: toMany(2) });
    await here.objects.put(batchFile(id, "order"), "no order");
    await take(JSON.stringify({ batch: id }));
    const redriven = JSON.stringify(letters[0]?.body);
    for (let time = 0; time < 2; time++) expect(await take(redriven)).toEqual({ kind: "done" });
    const [first, second, repeated] = letters.map(({ deduplicationId }) => deduplicationId);
    expect(second).not.toBe(first);
    expect(repeated).toBe(second);
  });

  test.each(["no JSON", '{"what":"is this?"}'])("is parked too where it names none: %s", async (body) => {
    const { letters, take } = taking();
    expect(await take(body)).toEqual({ kind: "done" });
    expect(letters.map(({ body }) => body.parked)).toEqual([body]);
  });

  test.each(FAULTS.filter((fault) => fault.startsWith("bug")))("is not given up for one %s a call", async (bug) => {
    const { here, letters, take } = taking();
    const id = await here.begin({ message, recipients: toMany(2) });
    const batches = new Faults(new Map([[1, bug]])).on(here.batches);
    expect(await take(JSON.stringify({ batch: id }), { batches })).toMatchObject({ kind: "retry" });
    expect(letters).toEqual([]);
  });

  test("is not parked for what the world does", async () => {
    const { here, letters, take } = taking();
    const id = await here.begin({ message, recipients: toMany(2) });
    const batches = new Faults(new Map([[1, "world before"]])).on(here.batches);
    await expect(take(JSON.stringify({ batch: id }), { batches })).rejects.toThrow("planned");
    expect(letters).toEqual([]);
  });
});
