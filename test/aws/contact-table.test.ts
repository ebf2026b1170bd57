/** Contacts on dynalite: what the fake in memory promises, with the real expressions. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ContactTable } from "../../shared/aws/contact-table.ts";
import { Items } from "../../shared/aws/items.ts";
import { Table } from "../../shared/aws/table.ts";
import { NOTHING_WRITTEN, type Written, written } from "../../shared/domain/contact.ts";
import type { EventType } from "../../shared/domain/event.ts";
import { contactId } from "../../shared/domain/ids.ts";
import { SECRET } from "../fakes/arrivals.ts";
import { MemoryTable } from "../fakes/memory-table.ts";
import { type Dynalite, startDynalite } from "./dynalite.ts";

const RUNS = Math.ceil(Number(process.env.RECADO_TEST_RUNS ?? 150) / 50);
const ids = ["one", "two", "three", "four"].map((address) => contactId(SECRET, "sms", address));
const [a, b, c] = ids as [string, string, string];

let dynalite: Dynalite;
beforeAll(async () => {
  dynalite = await startDynalite();
});
afterAll(() => dynalite.close());

async function newTable(): Promise<Table> {
  const objects = { put: async () => {}, get: async () => undefined };
  return new Table({ tableName: await dynalite.newTable(), objects, client: dynalite.client });
}

type AnyTable = Table | MemoryTable;

const meets = (table: AnyTable, id: string, name?: string) =>
  table.putContact({
    ...{ id, conversation: id.replace("con_", "conv_"), channel: "sms", address: id },
    account: id === a || id === b ? "sms" : "other",
    ...(name !== undefined && { name }),
  });

/** The next entry of the contact's log, as record-event follows it: again, when somebody came between. */
async function says(table: AnyTable, id: string, type: EventType, data: object): Promise<void> {
  for (;;) {
    const before = await table.written(id);
    const after = written(id, before, { sequence: before.changed + 1, type, data });
    if (await table.putWritten(id, before, after)) return;
  }
}
const patch = (table: AnyTable, id: string, data: object) =>
  says(table, id, "contact.updated", { change: "profile", ...data });
async function link(table: AnyTable, type: "contact.merged" | "contact.split", into: string, from: string) {
  for (const id of [into, from]) await says(table, id, type, { into, from });
}

const listed = async (table: AnyTable, beginning = "") =>
  (await table.contacts({ beginning, limit: 100 })).contacts.map(({ id }) => id);

const step = fc.oneof(
  fc.record({ how: fc.constant("meets"), id: fc.nat(3), name: fc.constantFrom("Ana", "Álvaro", "bia", undefined) }),
  fc.record({ how: fc.constant("patch"), id: fc.nat(3), name: fc.constantFrom("Zé", "ana b", null, undefined) }),
  fc.record({ how: fc.constantFrom("contact.merged", "contact.split"), id: fc.nat(3), other: fc.nat(3) }),
);

test("the table shows and lists whatever the fake does, which other tests trust", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 10 }), fc.constantFrom(1, 2, 100), async (steps, limit) => {
      const both = [await newTable(), new MemoryTable()];
      for (const table of both) {
        for (const id of ids) await meets(table, id);
        for (const one of steps) {
          const id = ids[one.id] as string;
          if ("other" in one) {
            if (one.other !== one.id) await link(table, one.how as "contact.merged", id, ids[one.other] as string);
          } else if (one.how === "meets") await meets(table, id, one.name ?? undefined);
          else
            await patch(table, id, { name: one.name, attributes: { size: one.name ?? null, [`is_${one.id}`]: true } });
        }
      }
      const [real, fake] = await Promise.all(both.map((table) => whole(table, limit)));
      expect(real).toEqual(fake);
    }),
    { numRuns: RUNS },
  );
}, 60_000);

/** Everything that can be asked of contacts. */
async function whole(table: AnyTable, limit: number) {
  const pages = [];
  for (let cursor: string | undefined = ""; cursor !== undefined; ) {
    const page: Awaited<ReturnType<Table["contacts"]>> = await table.contacts({
      beginning: "",
      limit,
      ...(cursor && { cursor }),
    });
    pages.push(page.contacts.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  return {
    pages,
    found: await Promise.all(["a", "ana", "z"].map((beginning) => listed(table, beginning))),
    contacts: await Promise.all(ids.map((id) => table.contact(id))),
    persons: await Promise.all(ids.map(async (id) => (await table.person(id))?.id)),
    written: await Promise.all(ids.map((id) => table.written(id))),
    own: await Promise.all(
      ids.flatMap((id) => [table.contact(id, new Set(["other"])), table.person(id, new Set(["other"]))]),
    ),
    ownList: await table.contacts({ beginning: "", limit: 100, accounts: new Set(["other"]) }),
  };
}

describe("what a contact's log says", () => {
  test("is written in its order alone", async () => {
    const table = await newTable();
    await meets(table, a, "Ana");
    const first: Written = { ...NOTHING_WRITTEN, changed: 1, name: "Rita", attributes: { size: 38.5, vip: false } };
    const second: Written = { ...first, changed: 2, name: undefined, attributes: {} };
    expect(await table.putWritten(a, NOTHING_WRITTEN, first)).toBe(true);
    expect(await table.putWritten(a, NOTHING_WRITTEN, first)).toBe(false);
    expect(await table.written(a)).toEqual(first);
    expect(await table.putWritten(a, first, second)).toBe(true);
    expect(await table.putWritten(a, first, second)).toBe(false);
    expect(await table.contact(a)).toMatchObject({ name: "Ana" });
  });

  test("takes any value that JSON has", async () => {
    const table = await newTable();
    await meets(table, a);
    const attributes = { huge: 1e300, tiny: 5e-324, minus: -0.1, empty: "", yes: true, odd: "😀\u2028" };
    await patch(table, a, { attributes });
    expect((await table.contact(a))?.attributes).toEqual(attributes);
  });
});

describe("what was taken away of a person", () => {
  test("stays away, and may come back", async () => {
    const table = await newTable();
    for (const id of [a, b]) await meets(table, id);
    await patch(table, b, { attributes: { city: "Braga" } });
    await link(table, "contact.merged", a, b);
    for (const city of [null, "Lisboa", null]) await patch(table, a, { attributes: { city } });
    expect((await table.written(a)).taken).toEqual({ city: 4 });
    expect((await table.contact(a))?.attributes).toEqual({ city: null });
    await patch(table, a, { attributes: { city: "Lisboa" } });
    expect((await table.contact(a))?.attributes).toEqual({ city: "Lisboa" });
  });
});

describe("the list of contacts", () => {
  test("has a name of the channel's that is told while the business gives one, and takes it back", async () => {
    const table = await newTable();
    await meets(table, a, "Ana");
    for (const name of ["Rita", null, "Zé"]) await Promise.all([patch(table, a, { name }), meets(table, a, "Olga")]);
    expect([await listed(table, "z"), await listed(table, "o")]).toEqual([[a], []]);
    await patch(table, a, { name: null });
    expect([await listed(table, "z"), await listed(table, "o")]).toEqual([[], [a]]);
  });

  test("has nobody twice, nor one who turned out to be another", async () => {
    const table = await newTable();
    for (const [id, name] of [
      [a, "Ana"],
      [b, "Bia"],
      [c, "Caio"],
    ] as const)
      await meets(table, id, name);
    await link(table, "contact.merged", c, a);
    expect(await listed(table)).toEqual([c, b]);
    await table.mergeContact({ id: b, into: a, conversation: b.replace("con_", "conv_") });
    expect(await listed(table)).toEqual([c]);
    expect((await table.person(b))?.id).toBe(c);
  });
});

test("when a log got its last entry is noted, and never goes back", async () => {
  const tableName = await dynalite.newTable();
  const table = new ContactTable({ tableName, client: dynalite.client });
  for (const at of [5, 7, 6]) await table.noteChange(a, at);
  const item = await new Items({ tableName, client: dynalite.client }).get(
    a.replace("con_", "CONTACT#con_"),
    "CHANGED",
  );
  expect(item).toMatchObject({ active: `0000000000007#${a}`, shard: expect.stringMatching(/^CHANGES#[0-7]$/) });
});
