import { describe, expect, it } from "vitest";
import { erasureId } from "../../../shared/domain/erasure.ts";
import { ErasureAnswer } from "../../../shared/domain/erasure-shapes.ts";
import { contactId } from "../../../shared/domain/ids.ts";
import { inboundText, SECRET } from "../../fakes/arrivals.ts";
import { apiWorld, problemIn } from "./api-world.ts";

const CONTACT = contactId(SECRET, "whatsapp", "5511987650000");
const PATH = `/v1/contacts/${CONTACT}`;

async function known() {
  const here = apiWorld();
  await here.arrive(inboundText("one", { name: "Ana" }));
  const erase = async () => {
    const { status, json } = await here.ask("DELETE", PATH);
    return { status, erasure: ErasureAnswer.parse(json).erasure };
  };
  /** As erase-contact leaves it. */
  async function finish(id: string) {
    const erasure = await here.erasures.erasure(id);
    if (!erasure) throw new Error("There is no such erasure");
    const desks = { desk: { removed: 2, told: false } };
    const done = { step: "done" as const, finishedAt: here.clock.now(), desks, uploads: ["med_1"] };
    await here.erasures.putErasure({ ...erasure, ...done, version: erasure.version + 1 });
    here.table.profiles.delete(CONTACT);
  }
  return { ...here, erase, finish };
}

describe("the erasure of a contact", () => {
  it("is under way from then on, and is one however often it is asked for", async () => {
    const { erase, erasing, ask } = await known();
    const first = await erase();
    expect(first).toMatchObject({
      status: 202,
      erasure: { id: erasureId(CONTACT, 1), contact: CONTACT, status: "running" },
    });
    expect(await erase()).toEqual(first);
    // Whoever died between the two calls has it begun by asking again.
    expect(erasing).toEqual([first.erasure.id, first.erasure.id]);
    expect((await ask("GET", `/v1/erasures/${first.erasure.id}`)).json).toEqual({ erasure: first.erasure });
  });

  it("is not begun by a part of the person, before or after they are erased: whose part it is is said", async () => {
    const { table, ask, erase, finish, erasing } = await known();
    const part = `con_${"b".repeat(22)}`;
    table.profiles.set(part, { id: part, conversations: [], mergedInto: CONTACT });
    const refused = async () => problemIn(await ask("DELETE", `/v1/contacts/${part}`));
    expect(await refused()).toMatchObject({ status: 409, code: "contact_merged" });
    expect((await refused()).detail).toContain(CONTACT);
    expect(erasing).toEqual([]);
    const { erasure } = await erase();
    expect((await refused()).code).toBe("contact_merged");
    await finish(erasure.id);
    table.profiles.set(CONTACT, { id: CONTACT, conversations: [] });
    expect((await refused()).code).toBe("contact_merged");
    expect(erasing).toEqual([erasure.id]);
  });

  it("ends with a receipt that names what was cleaned and what remains", async () => {
    const { erase, finish, ask } = await known();
    const { id } = (await erase()).erasure;
    await finish(id);
    const { json } = await ask("GET", `/v1/erasures/${id}`);
    const { status, receipt } = ErasureAnswer.parse(json).erasure;
    expect(status).toBe("done");
    expect(receipt?.helpdesks).toEqual([{ name: "desk", removed: 2, told: false }]);
    const remains = new Map(receipt?.remains.map((one) => [one.place, one]));
    expect(remains.get("backups")?.until).toMatch(/^\d{4}-/);
    expect(remains.get("helpdesks")?.detail).toContain("Not told, so far: desk");
    expect(remains.get("uploads")?.ids).toEqual(["med_1"]);
  });

  it("that is done is shown again, until they write again", async () => {
    const { erase, finish, table } = await known();
    const { id } = (await erase()).erasure;
    await finish(id);
    expect(await erase()).toMatchObject({ status: 200, erasure: { id, status: "done" } });
    const place = { conversation: "conv_1", channel: "whatsapp", account: "whatsapp", address: "1" } as const;
    await table.putContact({ id: CONTACT, ...place });
    expect(await erase()).toMatchObject({ status: 202, erasure: { id: erasureId(CONTACT, 2), status: "running" } });
  });

  it.each([
    ["a contact", `/v1/contacts/con_${"x".repeat(22)}`, "DELETE"],
    ["what is no id of a contact", "/v1/contacts/con_1", "DELETE"],
    ["an erasure", `/v1/erasures/era_${"x".repeat(22)}_1`, "GET"],
    ["what is no id of an erasure", "/v1/erasures/1", "GET"],
  ])("is not found: %s that never was", async (_, path, method) => {
    const { ask, erasing } = await known();
    expect(problemIn(await ask(method, path)).code).toBe("not_found");
    expect(erasing).toEqual([]);
  });

  it("is for keys that may do everything, on all accounts", async () => {
    const { ask, addKey, erasing } = await known();
    addKey("sender", "key_1", ["read", "send"]);
    addKey("limited", "key_2", ["read", "send", "admin"], { accounts: ["whatsapp"] });
    expect(problemIn(await ask("DELETE", PATH, { key: "sender" })).code).toBe("scope_missing");
    expect(problemIn(await ask("DELETE", PATH, { key: "limited" })).code).toBe("account_limited");
    const shown = await ask("GET", `/v1/erasures/${erasureId(CONTACT, 1)}`, { key: "limited" });
    expect(problemIn(shown).code).toBe("account_limited");
    expect(erasing).toEqual([]);
  });
});
