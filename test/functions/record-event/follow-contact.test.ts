/** What follows from the logs of contacts, whatever the world does: what is shown of them is what their logs say. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { followContact } from "../../../functions/record-event/follow-contact.ts";
import type { Entry } from "../../../shared/domain/conversation-log.ts";
import type { EventType } from "../../../shared/domain/event.ts";
import { contactId, conversationId } from "../../../shared/domain/ids.ts";
import type { MailboxItem } from "../../../shared/domain/mailbox.ts";
import { verifyLog } from "../../../shared/domain/verify-log.ts";
import { inboundText, newToken, SECRET } from "../../fakes/arrivals.ts";
import { pump, seeded } from "../../fakes/pump.ts";
import { Crash, type Fault, faulty, world } from "../../fakes/world.ts";

const RUNS = Number(process.env.RECADO_TEST_RUNS ?? 150);
const ADDRESSES = ["5511987650000", "351912345678", "351965432109"];
const CONTACTS = ADDRESSES.map((address) => contactId(SECRET, "whatsapp", address));

interface Said {
  name?: string | null;
  into?: string;
  from?: string;
}

let count = 0;
function item(log: string, type: EventType, data: object): MailboxItem {
  count += 1;
  return {
    log,
    key: `key-${count}`,
    token: newToken(),
    type,
    account: "whatsapp",
    channel: "whatsapp",
    at: { received: 1_795_000_000_000 + count },
    data,
  };
}
const patch = (log: string, data: object) => item(log, "contact.updated", { change: "profile", by: "agent", ...data });
const merge = (into: string, from: string) => item(into, "contact.merged", { into, from });
const split = (into: string, from: string) => item(into, "contact.split", { into, from });

const contact = fc.constantFrom(...CONTACTS);
const value = fc.oneof(fc.integer(), fc.boolean(), fc.constant(null));
const attributes = fc.dictionary(fc.constantFrom("a", "b", "c"), value);
const name = fc.option(fc.option(fc.constantFrom("Ana", "Bia"), { nil: null }), { nil: undefined });
const told = fc.oneof(
  fc.tuple(contact, fc.record({ name, attributes })).map(
    ([log, data]) =>
      () =>
        patch(log, data),
  ),
  fc.tuple(contact, contact).map(
    ([into, from]) =>
      () =>
        merge(into, from),
  ),
  fc.tuple(contact, contact).map(
    ([into, from]) =>
      () =>
        split(into, from),
  ),
  fc.constantFrom(...ADDRESSES).map((address) => () => inboundText(`wamid.${++count}`, { address, name: `n${count}` })),
);

/** What a log says, in the plainest way: each thing is looked up from behind. */
function plainly(id: string, entries: readonly Entry[]) {
  const all = entries.map(({ sequence, type, data }) => ({ sequence, type, ...(data as Said) }));
  const others = [...new Set(all.flatMap(({ from }) => (from === undefined || from === id ? [] : [from])))];
  const absorbed = others.flatMap((other) => {
    const said = all.findLast(({ from }) => from === other);
    return said?.type === "contact.merged" ? [[other, said.sequence]] : [];
  });
  const taken = all.findLast(({ from, type }) => from === id && type === "contact.merged");
  const isFree = all
    .slice(taken?.sequence)
    .some(({ type, from, into }) => type === "contact.split" && from === id && into === taken?.into);
  return {
    changed: entries.length,
    name: all.findLast((one) => one.name !== undefined)?.name ?? undefined,
    absorbed: Object.fromEntries(absorbed),
    partOf: isFree ? undefined : taken?.into,
  };
}

/** Without what is taken away, which is kept in mind only where others were absorbed. */
function attributesIn(entries: readonly Entry[]) {
  const all = Object.assign({}, ...entries.map(({ data }) => (data as { attributes?: object }).attributes ?? {}));
  return Object.fromEntries(Object.entries(all).filter(([, one]) => one !== null));
}

test("what is shown is what the log says, through crashes, lost answers, several workers and late repetitions", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(told, { maxLength: 12 }),
      fc.nat(),
      fc.constantFrom(1, 2, 3),
      async (making, seed, workers) => {
        const here = world();
        const random = seeded(seed);
        const calls = { calls: 0 };
        const choose = (): Fault | undefined => (random() < 0.06 ? (random() < 0.5 ? "before" : "after") : undefined);
        const ports = () => ({
          ...here.ports,
          table: faulty(here.table, choose, { count: calls, crash: random() < 0.5 }),
          mailbox: faulty(here.mailbox, choose, { count: calls }),
        });
        const items = making.map((make) => make());
        here.mailbox.waiting.push(...structuredClone(items));
        await pump(here.mailbox, ports, { workers });
        // A worker that was held up for long does its steps once more, when all others are through.
        for (const [log, entries] of here.table.logs)
          for (const entry of entries)
            if (log.startsWith("con_") && random() < 0.3) await followContact(log, entry, here.ports);
        await pump(here.mailbox, () => here.ports);

        for (const id of CONTACTS) {
          const entries = here.table.logs.get(id) ?? [];
          expect(verifyLog(id, entries)).toEqual([]);
          const { attributes: shown, taken, ...written } = await here.table.written(id);
          expect({ name: undefined, partOf: undefined, ...written }).toEqual(plainly(id, entries));
          expect(shown).toEqual(attributesIn(entries));
          expect(Object.keys(shown).filter((key) => Object.hasOwn(taken, key))).toEqual([]);
          expect(here.table.changes.get(id)).toBe(entries.at(-1)?.at.recorded);
          const rung = here.bells.bells.filter(({ log }) => log === id).map(({ sequence }) => sequence);
          expect(new Set(rung)).toEqual(new Set(entries.map(({ sequence }) => sequence)));
          // Whatever the one says of a merge or a split stands in the log of the other.
          for (const { key, data } of entries) {
            const { into, from } = data as { into?: string; from?: string };
            if (into !== id || from === undefined || from === id) continue;
            expect(here.table.logs.get(from)?.filter((entry) => entry.key === `${key}.told`)).toHaveLength(1);
          }
        }
      },
    ),
    { numRuns: RUNS },
  );
});

describe("a contact who turns out to be another", () => {
  const [ana, bia] = CONTACTS as [string, string, string];
  const person = "con_person0000000000000000";
  const number = { id: person, by: "number" as const };
  const logOf = (address: string) => conversationId(SECRET, "whatsapp", address);
  const known = () => ({ ...inboundText(`wamid.${++count}`, { address: "5511987650000" }), contact: number });

  async function start(...items: MailboxItem[]) {
    const here = world();
    for (const one of [inboundText("wamid.a"), inboundText("wamid.b", { address: "351912345678" }), ...items]) {
      here.mailbox.waiting.push(one);
      await pump(here.mailbox, () => here.ports);
    }
    return here;
  }

  test("stays one person with whom the business had merged them", async () => {
    const { table } = await start(patch(ana, { name: "Ana" }), merge(bia, ana), known());
    expect((await table.person(person))?.id).toBe(bia);
    expect((await table.written(bia)).name).toBeUndefined();
    expect((await table.contact(bia))?.conversations).toHaveLength(2);
    expect(table.logs.get(person)).toMatchObject([{ type: "contact.merged", data: { into: bia, from: person } }]);
  });

  test("takes along those whom they had absorbed", async () => {
    const { table } = await start(merge(ana, bia), known());
    expect((await table.person(bia))?.id).toBe(person);
    expect((await table.contact(person))?.absorbed).toEqual([ana, bia]);
    expect((await table.contact(person))?.conversations).toHaveLength(2);
  });

  test("is told of nowhere where nobody had merged them", async () => {
    const { table } = await start(known());
    expect((await table.person(ana))?.id).toBe(person);
    expect([...table.logs.keys()].filter((log) => log.startsWith("con_"))).toEqual([]);
  });

  test("keeps what the business calls them and has noted of them, and is listed by that name", async () => {
    const given = patch(ana, { name: "Ana Ribeiro", attributes: { tax: "1" } });
    const again = { ...known(), contact: { ...number, name: "ana 💅" } };
    const { table } = await start(given, again, structuredClone(again));
    const shown = { id: person, name: "Ana Ribeiro", attributes: { tax: "1" }, absorbed: [ana] };
    expect(await table.contact(person)).toMatchObject(shown);
    expect(await table.contact(ana)).toMatchObject({ mergedInto: person });
    for (const beginning of ["", "ana r"])
      expect((await table.contacts({ beginning, limit: 9 })).contacts[0]).toMatchObject({ id: person });
    expect(table.logs.get(person)?.map(({ type }) => type)).toEqual(["contact.updated", "contact.merged"]);
  });

  test("keeps the name, though there was a crash before the merge was told", async () => {
    const here = await start(patch(ana, { name: "Ana Ribeiro" }));
    here.mailbox.waiting.push({ ...known(), contact: { ...number, name: "ana 💅" } });
    let isDown = true;
    const mailbox = {
      deliver: async (items: MailboxItem[]) => {
        if (isDown && items.some(({ type }) => type === "contact.merged")) {
          isDown = false;
          throw new Crash("deliver");
        }
        await here.mailbox.deliver(items);
      },
    };
    await pump(here.mailbox, () => ({ ...here.ports, mailbox }));
    expect(isDown).toBe(false);
    expect(await here.table.contact(person)).toMatchObject({ name: "Ana Ribeiro", absorbed: [ana] });
    expect(here.table.logs.get(person)).toHaveLength(2);
  });

  test("goes by the name that the business gave the person whom they turned out to be", async () => {
    const first = { ...known(), ...{ address: "351965432109", log: logOf("351965432109") } };
    const { table } = await start(patch(ana, { name: "Ana" }), first, patch(person, { name: "Rita" }), known());
    expect(await table.contact(person)).toMatchObject({ name: "Rita", absorbed: [ana] });
  });

  test.each(["con_0000000000000000000000", "con_zzzzzzzzzzzzzzzzzzzzzz"])(
    "stays who absorbed the person %s whom they turned out to be",
    async (id) => {
      const numbered = { id, by: "number" as const };
      const theirs = { ...inboundText("wamid.n", { address: "351965432109" }), contact: numbered };
      const told = { ...known(), contact: numbered };
      const noted = patch(ana, { name: "Ana", attributes: { tax: "1" } });
      const { table } = await start(theirs, noted, merge(ana, id), told, structuredClone(told));
      expect(await table.person(id)).toMatchObject({ id: ana, name: "Ana", attributes: { tax: "1" }, absorbed: [id] });
      expect(await table.contact(ana)).not.toHaveProperty("mergedInto");
      const places = (await table.person(ana))?.conversations.map(({ conversation }) => conversation).sort();
      expect(places).toEqual([logOf("5511987650000"), logOf("351965432109")].sort());
      expect((await table.contacts({ beginning: "", limit: 9 })).contacts.map((one) => one.id).sort()).toEqual(
        [ana, bia].sort(),
      );
      for (const log of [ana, id])
        expect(table.logs.get(log)?.filter(({ type }) => type === "contact.merged")).toMatchObject([
          { data: { into: ana, from: id } },
        ]);
    },
  );

  test("takes along each of several who turn out to be that other at once", async () => {
    const noted = [patch(ana, { name: "Ana" }), patch(bia, { name: "Bia", attributes: { tax: "1" } })];
    const alias = { address: "351912345678", conversation: logOf("351912345678") };
    const { table } = await start(...noted, { ...known(), aliases: [alias] });
    expect(await table.contact(person)).toMatchObject({ name: "Ana", attributes: { tax: "1" }, absorbed: [ana, bia] });
  });

  test("keeps what the business wrote of them and was recorded behind that", async () => {
    const { table } = await start(known(), patch(ana, { name: "Ana", attributes: { tax: "1" } }));
    expect(await table.contact(person)).toMatchObject({ name: "Ana", attributes: { tax: "1" }, absorbed: [ana] });
  });

  test.each([
    ["they absorbed", merge(ana, bia), person],
    ["absorbed them", merge(bia, ana), bia],
  ])("is one person with whom the business says %s, though that was recorded behind it", async (_, merged, whole) => {
    const { table } = await start(known(), merged, structuredClone(merged));
    for (const id of [ana, bia, person]) expect((await table.person(id))?.id, id).toBe(whole);
    expect((await table.contact(whole))?.conversations).toHaveLength(2);
    for (const log of [ana, bia, person].filter((one) => table.logs.has(one)))
      expect(verifyLog(log, table.logs.get(log) ?? [])).toEqual([]);
  });

  test("is lost to nobody, whatever is written and merged in the same moment, through crashes and several workers", async () => {
    const all = [...CONTACTS, person];
    const happening = fc.oneof(
      fc.constantFrom(...CONTACTS).map((id) => () => patch(id, { name: "Ana", attributes: { [id]: 1 } })),
      fc.constantFrom(...ADDRESSES).map((address) => () => ({
        ...inboundText(`wamid.${++count}`, { address }),
        contact: number,
      })),
    );
    const merging = fc.shuffledSubarray(all, { minLength: 2, maxLength: 2 });
    const given = fc.tuple(
      fc.array(happening, { maxLength: 6 }),
      merging,
      fc.nat(6),
      fc.nat(),
      fc.integer({ min: 1, max: 3 }),
    );
    await fc.assert(
      fc.asyncProperty(given, async ([making, [into = "", from = ""], at, seed, workers]) => {
        const here = await start(inboundText("wamid.c", { address: "351965432109" }));
        const random = seeded(seed);
        const choose = (): Fault | undefined => (random() < 0.05 ? (random() < 0.5 ? "before" : "after") : undefined);
        const faults = { count: { calls: 0 }, crash: true };
        const ports = () => ({
          ...here.ports,
          table: faulty(here.table, choose, faults),
          mailbox: faulty(here.mailbox, choose, faults),
        });
        here.mailbox.waiting.push(...making.toSpliced(at, 0, () => merge(into, from)).map((make) => make()));
        await pump(here.mailbox, ports, { workers });

        const ids = all.filter((id) => here.table.profiles.has(id));
        const persons = await Promise.all(ids.map((id) => here.table.person(id)));
        const byId = new Map(persons.flatMap((one) => (one ? [[one.id, one]] : [])));
        const places = [...byId.values()].flatMap(({ conversations }) => conversations.map((one) => one.conversation));
        expect(places.sort()).toEqual(ADDRESSES.map(logOf).sort());
        for (const [index, id] of ids.entries()) {
          const { attributes = {} } = here.table.profiles.get(id)?.written ?? {};
          expect(persons[index]?.attributes ?? {}).toMatchObject(attributes);
        }
      }),
      { numRuns: RUNS },
    );
  });

  test("ends in one merge, however often it is gone through", async () => {
    const again = known();
    const { table } = await start(merge(bia, ana), again, structuredClone(again));
    expect(table.logs.get(bia)).toHaveLength(2);
  });
});
