import { describe, expect, test } from "vitest";
import type { Consent } from "../../shared/domain/consent.ts";
import {
  type Contact,
  contactAmong,
  type KeptContact,
  kinOn,
  NOTHING_WRITTEN,
  personBehind,
  type Written,
  written,
} from "../../shared/domain/contact.ts";
import { byBytes, foldedName, placeInList, shownAt } from "../../shared/domain/contact-list.ts";
import type { EventType } from "../../shared/domain/event.ts";

type Told = [type: EventType, data: object];
const patch = (data: object): Told => ["contact.updated", { change: "profile", by: "agent", ...data }];
const merged = (into: string, from: string): Told => ["contact.merged", { into, from }];
const split = (into: string, from: string): Told => ["contact.split", { into, from }];

function logOf(id: string, ...told: Told[]): Written {
  return told.reduce(
    (before, [type, data], index) => written(id, before, { sequence: index + 1, type, data }),
    NOTHING_WRITTEN,
  );
}

const kept = (id: string, known: Partial<KeptContact> = {}): KeptContact => ({
  id,
  conversations: [{ conversation: `conv_${id}`, channel: "sms", account: "sms", address: `+${id}` }],
  ...known,
});
const kinOf = (...contacts: KeptContact[]) => new Map(contacts.map((contact) => [contact.id, contact]));
const places = (contact?: Contact) => contact?.conversations.map(({ conversation }) => conversation);

describe("what is written of a contact", () => {
  test("is patched: what is left out stays, null takes away", () => {
    const log = [
      patch({ name: "Ana", attributes: { size: 38, vip: true } }),
      patch({ attributes: { size: 39, vip: null } }),
    ];
    expect(logOf("a", ...log)).toEqual({ ...NOTHING_WRITTEN, changed: 2, name: "Ana", attributes: { size: 39 } });
    expect(logOf("a", ...log, patch({ name: null })).name).toBeUndefined();
  });

  test("keeps in mind the last fifty that were taken away, while others were absorbed", () => {
    const log = Array.from({ length: 60 }, (_, number): Told[] => [
      patch({ attributes: { [`a${number}`]: true } }),
      patch({ attributes: { [`a${number}`]: null } }),
    ]).flat();
    const gone = Array.from({ length: 50 }, (_, number) => [`a${number + 10}`, null]);
    const person = kept("a", { written: logOf("a", merged("a", "b"), ...log) });
    expect(contactAmong(kinOf(person), "a")?.attributes).toEqual(Object.fromEntries(gone));
    const back = kept("a", { written: logOf("a", merged("a", "b"), ...log, patch({ attributes: { a59: 1 } })) });
    expect(contactAmong(kinOf(back), "a")?.attributes).toMatchObject({ a58: null, a59: 1 });
    expect(contactAmong(kinOf(kept("a", { written: logOf("a", ...log) })), "a")).not.toHaveProperty("attributes");
  });

  test("is nothing where an entry was erased or tells something else", () => {
    expect(logOf("a", ["contact.updated", {}], ["contact.updated", { change: "name", name: "Ana" }])).toEqual({
      ...NOTHING_WRITTEN,
      changed: 2,
    });
  });

  test("is as it was after a merge that was taken back", () => {
    for (const id of ["a", "b"])
      expect(logOf(id, merged("a", "b"), split("a", "b"))).toEqual({ ...NOTHING_WRITTEN, changed: 2 });
    expect(logOf("b", merged("a", "b"), merged("c", "b"), split("a", "b"))).toMatchObject({ partOf: "c" });
  });
});

describe("a person", () => {
  const b = kept("b", {
    name: "Bia",
    written: logOf("b", merged("a", "b"), patch({ attributes: { size: 41, city: "Braga" } })),
  });

  test("has the conversations of all, and the name and attributes of whoever goes on before those of the others", () => {
    const a = kept("a", { name: "ana 💅", written: logOf("a", merged("a", "b"), patch({ attributes: { size: 38 } })) });
    const person = contactAmong(kinOf(a, b), "a");
    expect(person).toMatchObject({ name: "ana 💅", absorbed: ["b"], attributes: { size: 38, city: "Braga" } });
    expect(places(person)).toEqual(["conv_a", "conv_b"]);
    const nameless = kept("a", { written: logOf("a", merged("a", "b")) });
    expect(contactAmong(kinOf(nameless, b), "a")).toMatchObject({ name: "Bia" });
    const named = kept("a", { name: "ana 💅", written: logOf("a", merged("a", "b"), patch({ name: "Ana" })) });
    expect(contactAmong(kinOf(named, b), "a")).toMatchObject({ name: "Ana", isNamed: true, toldName: "ana 💅" });
  });

  test("has no attribute that was taken away since, though one of them had it; by itself that one has it still", () => {
    const a = kept("a", { written: logOf("a", merged("a", "b"), patch({ attributes: { city: null } })) });
    expect(contactAmong(kinOf(a, b), "a")?.attributes).toMatchObject({ size: 41, city: null });
    expect(contactAmong(kinOf(a, b), "b")?.attributes).toMatchObject({ city: "Braga" });
  });

  test("wants what was said last to any of them; at the same moment a no counts", () => {
    const say = (state: Consent["state"], at: number, topic = "all"): Consent => ({
      ...{ channel: "sms", topic, state, source: "keyword", at },
    });
    const of = (mine: Consent[], theirs: Consent[]) => {
      const a = kept("a", { consents: mine, written: logOf("a", merged("a", "b")) });
      return contactAmong(kinOf(a, { ...b, consents: theirs }), "a")?.consents?.map(({ state }) => state);
    };
    expect(of([say("opted_in", 1)], [say("opted_out", 2)])).toEqual(["opted_out"]);
    expect(of([say("opted_out", 2)], [say("opted_in", 1)])).toEqual(["opted_out"]);
    expect(of([say("opted_out", 1)], [say("opted_in", 2)])).toEqual(["opted_in"]);
    expect(of([say("opted_in", 1)], [say("opted_out", 1)])).toEqual(["opted_out"]);
    expect(of([say("opted_out", 1), say("opted_in", 3, "orders")], [say("opted_out", 2, "news")])).toHaveLength(3);
  });

  test("is found behind each of them, over several merges; a part says whose it is", () => {
    const a = kept("a", { written: logOf("a", merged("a", "b"), merged("c", "a")) });
    const c = kept("c", { written: logOf("c", merged("c", "a")) });
    const kin = kinOf(a, b, c);
    for (const id of ["a", "b", "c"]) expect(personBehind(kin, id)).toBe("c");
    expect(contactAmong(kin, "c")).toMatchObject({ absorbed: ["a", "b"] });
    expect(contactAmong(kin, "b")).toMatchObject({ mergedInto: "a" });
    expect(places(contactAmong(kin, "b"))).toEqual(["conv_b"]);
  });

  test("is one, whichever of them is asked for, where merges were asked for in a circle at the same moment", () => {
    const a = kept("a", { written: logOf("a", merged("a", "b"), merged("c", "a")) });
    const both = kept("b", { written: logOf("b", merged("b", "c"), merged("a", "b")) });
    const c = kept("c", { written: logOf("c", merged("c", "a"), merged("b", "c")) });
    const kin = kinOf(a, both, c);
    for (const id of ["a", "b", "c"]) expect(personBehind(kin, id)).toBe("a");
    expect(contactAmong(kin, "a")).not.toHaveProperty("mergedInto");
    expect(places(contactAmong(kin, "a"))?.sort()).toEqual(["conv_a", "conv_b", "conv_c"]);
  });

  test("does not hold a contact that another merge took at the same moment, nor one that is gone", () => {
    const a = kept("a", { written: logOf("a", merged("a", "b"), merged("a", "gone")) });
    const c = kept("c", { written: logOf("c", merged("c", "b")) });
    const taken = kept("b", { written: logOf("b", merged("a", "b"), merged("c", "b")) });
    expect(contactAmong(kinOf(a, c, taken), "a")).not.toHaveProperty("absorbed");
    expect(contactAmong(kinOf(a, c, taken), "c")).toMatchObject({ absorbed: ["b"] });
    expect(contactAmong(kinOf(taken), "b")).not.toHaveProperty("mergedInto");
  });
});

describe("the list by name", () => {
  test.each([
    ["  José  Álvares ", "jose alvares"],
    ["JOSE\u0301", "jose"],
    ["Ze\u200bferina#1", "zeferina 1"],
    ["Ｍｉｋｕ", "miku"],
    ["\n\u{10ffff}", ""],
  ])("knows %j as %j", (name, folded) => {
    expect(foldedName(name)).toBe(folded);
  });

  test("has keys that the table takes, and those without a name behind all others", () => {
    const long = placeInList("con_a", "𝔸😀".repeat(300));
    expect(Buffer.byteLength(long)).toBeLessThanOrEqual(1024);
    const rows = [placeInList("con_a", undefined), placeInList("con_b", "😀 Zé"), placeInList("con_c", "ana")];
    expect(rows.toSorted(byBytes)).toEqual([rows[2], rows[1], rows[0]]);
  });

  test("shows a person once, at the first of the names that were asked for", () => {
    const a = kept("a", { name: "Rita", written: logOf("a", merged("a", "b"), merged("a", "c")) });
    const [b, c] = ["b", "c"].map((id) => kept(id, { name: `Ana ${id}`, written: logOf(id, merged("a", id)) }));
    const kin = kinOf(a, b as KeptContact, c as KeptContact);
    const shown = (beginning: string) => ["a", "b", "c"].filter((id) => shownAt(kin, id, beginning));
    expect([shown(""), shown("ana"), shown("rit"), shown("x")]).toEqual([["b"], ["b"], ["a"], []]);
    expect(shownAt(kin, "b", "ana")).toMatchObject({ id: "a", name: "Rita" });
  });

  test("shows a person at no row of one who turned out to be another, nor of one on accounts that are not wanted", () => {
    const c = kept("c", { name: "Zé", written: logOf("c", merged("c", "b")) });
    const b = kept("b", { name: "Ana", mergedInto: "c", written: logOf("b", merged("c", "b")) });
    expect(["b", "c"].filter((id) => shownAt(kinOf(b, c), id, ""))).toEqual(["c"]);
    const [place] = c.conversations.map((one) => ({ ...one, account: "other" }));
    const onOther = kept("c", { written: logOf("c", merged("c", "a")), conversations: place ? [place] : [] });
    const kin = kinOn(
      kinOf(kept("a", { name: "Ana", written: logOf("a", merged("c", "a")) }), onOther),
      new Set(["other"]),
    );
    expect(["a", "c"].filter((id) => shownAt(kin, id, ""))).toEqual(["c"]);
    expect(shownAt(kin, "c", "")).not.toHaveProperty("name");
  });
});
