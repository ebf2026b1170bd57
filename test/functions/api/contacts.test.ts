import { beforeEach, describe, expect, test } from "vitest";
import { ApiContact, ApiConversation, EventPage } from "../../../shared/domain/api-shapes.ts";
import { ContactPage } from "../../../shared/domain/contact-shapes.ts";
import { contactId, conversationId, personId } from "../../../shared/domain/ids.ts";
import { verifyLog } from "../../../shared/domain/verify-log.ts";
import { inboundText, SECRET } from "../../fakes/arrivals.ts";
import { apiWorld, problemIn, say } from "./api-world.ts";

const ANA = { account: "whatsapp", address: "5511987650000" };
const BIA = { account: "whatsapp", address: "351912345678" };
const SMS = { account: "sms", address: "+351965432109" };
type Customer = typeof ANA;
const idOf = ({ account, address }: Customer) => contactId(SECRET, account, address);
const logOf = ({ account, address }: Customer) => conversationId(SECRET, account, address);
const [ana, bia, sms] = [ANA, BIA, SMS].map(idOf) as [string, string, string];

let here: ReturnType<typeof apiWorld>;
beforeEach(() => {
  here = apiWorld();
});

/** They write; on whichever channel. */
async function writes(customer: Customer, name?: string) {
  const item = inboundText(`wamid.${customer.address}.${name}`, { ...customer, ...(name !== undefined && { name }) });
  await here.arrive({ ...item, channel: customer.account === "sms" ? "sms" : "whatsapp" });
}
const at = (id: string) => `/v1/contacts/${id}`;
const shown = async (id: string) => ApiContact.parse((await here.ask("GET", at(id))).json);
const patch = (id: string, body: unknown, headers = {}) => here.ask("PATCH", at(id), { body, headers });
const merge = (id: string, other: string) => here.ask("POST", `${at(id)}/merge`, { body: { with: other } });
const split = (id: string, from: string) => here.ask("POST", `${at(id)}/split`, { body: { from } });
const events = async (id: string) => EventPage.parse((await here.ask("GET", `${at(id)}/events`)).json).data;
const find = async (query: string) => ContactPage.parse((await here.ask("GET", `/v1/contacts?${query}`)).json);
const names = async (query: string) => (await find(query)).data.map(({ name }) => name);

/** Accepted, with the contact as it then is. */
async function done(answer: Awaited<ReturnType<typeof patch>>) {
  expect(answer.status).toBe(202);
  const promised = ApiContact.parse(answer.json);
  await here.record();
  expect(await shown(promised.id)).toEqual(promised);
  return promised;
}

describe("what the business writes of a contact", () => {
  beforeEach(() => writes(ANA, "ana 💅"));

  test("is a merge patch, recorded as one event of the contact's own log", async () => {
    const body = { name: "Ana Ribeiro", attributes: { shoe_size: 38, vip: true, city: "Lisboa" } };
    expect((await patch(ana, body)).status).toBe(202);
    expect(await done(await patch(ana, body))).toMatchObject(body);
    const merge = { "content-type": "application/merge-patch+json" };
    await done(await patch(ana, { attributes: { city: null, vip: false } }, merge));
    expect((await shown(ana)).attributes).toEqual({ shoe_size: 38, vip: false });
    expect(await events(ana)).toMatchObject([
      {
        type: "contact.updated",
        subject: ana,
        data: { contact: ana, account: "whatsapp", channel: "whatsapp", change: "profile", by: "agent", ...body },
      },
      { data: { attributes: { city: null, vip: false } } },
    ]);
    expect(verifyLog(ana, here.table.logs.get(ana) ?? [])).toEqual([]);
    expect(here.bells.bells.filter(({ log }) => log === ana)).toHaveLength(2);
  });

  test("is no event where it changes nothing, and one that tells no more than the change", async () => {
    await done(await patch(ana, { name: "Ana", attributes: { city: "Lisboa" } }));
    for (const body of [{}, { name: "Ana" }, { attributes: { city: "Lisboa", vip: null, constructor: null } }])
      expect((await patch(ana, body)).status).toBe(200);
    await done(await patch(ana, { name: "Ana", attributes: { city: "Lisboa", vip: true } }));
    expect((await events(ana)).at(-1)?.data).not.toHaveProperty("name");
    expect((await events(ana)).at(-1)?.data).toMatchObject({ attributes: { vip: true } });
  });

  test("comes again as an event of its own after it was changed back", async () => {
    for (const name of ["Ana", "Rita", "Ana"]) await done(await patch(ana, { name }));
    expect((await events(ana)).map(({ data }) => data.name)).toEqual(["Ana", "Rita", "Ana"]);
  });

  test("wins over the channel's name, in conversations too, until it is taken back", async () => {
    await done(await patch(ana, { name: "Ana Ribeiro" }));
    await writes(ANA, "ana 🌸");
    expect((await shown(ana)).name).toBe("Ana Ribeiro");
    const conversation = await here.ask("GET", `/v1/conversations/${logOf(ANA)}`);
    expect(ApiConversation.parse(conversation.json).contact).toEqual({ id: ana, name: "Ana Ribeiro" });
    await done(await patch(ana, { name: null }));
    expect((await shown(ana)).name).toBe("ana 🌸");
    expect((await patch(ana, { name: null })).status).toBe(200);
  });

  test.each<[object, string]>([
    [{ name: " " }, "name"],
    [{ name: "a".repeat(201) }, "name"],
    [{ attributes: { City: "x" } }, "attributes"],
    [{ attributes: { city: "x".repeat(501) } }, "attributes.city"],
    [{ attributes: { city: ["x"] } }, "attributes.city"],
    [{ attributes: Object.fromEntries(Array.from({ length: 51 }, (_, number) => [`a${number}`, 1])) }, "attributes"],
    [{ id: "con_x" }, "id"],
  ])("is refused as %.60j", async (body, field) => {
    const problem = problemIn(await patch(ana, body));
    expect(problem).toMatchObject({ status: 422, code: "invalid_body", detail: expect.stringMatching(/must|known/) });
    expect(problem.field).toMatch(new RegExp(`^${field}`));
    expect(here.mailbox.waiting).toEqual([]);
  });

  test("is fifty attributes and no more", async () => {
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, number) => [`a${number}`, number]));
    await done(await patch(ana, { attributes: many }));
    expect(problemIn(await patch(ana, { attributes: { one_more: 1 } }))).toMatchObject({ status: 422 });
    await done(await patch(ana, { attributes: { a0: null, one_more: 1 } }));
  });

  test("takes the scope to send, and a contact", async () => {
    here.addKey("reader", "key_read", ["read"]);
    expect((await here.ask("PATCH", at(ana), { body: { name: "x" }, key: "reader" })).status).toBe(403);
    expect((await patch(bia, { name: "x" })).status).toBe(404);
  });

  test("is what was asked last, also before the first of it is recorded", async () => {
    await done(await patch(ana, { attributes: { a: 1, b: 5 } }));
    for (const body of [{ attributes: { a: 2, b: 6 } }, { name: "Ana" }, { name: null, attributes: { a: 1, b: 5 } }])
      expect((await patch(ana, body)).status).toBe(202);
    await here.record();
    expect(await shown(ana)).toMatchObject({ name: "ana 💅", attributes: { a: 1, b: 5 } });
    expect((await patch(ana, { attributes: { a: 1 } })).status).toBe(200);
  });

  test.each(["contact", "find", "written"] as const)(
    "is what was asked last, also where the one before is recorded while it is looked at (%s)",
    async (read) => {
      await done(await patch(ana, { attributes: { a: 1 } }));
      await patch(ana, { attributes: { a: 2 } });
      const original = here.table[read].bind(here.table) as (...about: unknown[]) => Promise<unknown>;
      let isFirst = true;
      const reading = async (...about: unknown[]) => {
        const found = await original(...about);
        if (isFirst) {
          isFirst = false;
          await here.record();
        }
        return found;
      };
      Object.assign(here.table, { [read]: reading });
      await patch(ana, { attributes: { a: 1 } });
      await here.record();
      expect((await shown(ana)).attributes).toEqual({ a: 1 });
    },
  );
});

describe("two contacts", () => {
  beforeEach(async () => {
    await writes(ANA, "Ana");
    await writes(BIA, "Bia");
    await writes(SMS);
    await done(await patch(ana, { attributes: { city: "Lisboa" } }));
    await done(await patch(bia, { attributes: { city: "Braga", vip: true } }));
  });

  test("become one person, told in the logs of both, and two again", async () => {
    const before = { ana: await shown(ana), bia: await shown(bia) };
    const person = await done(await merge(ana, bia));
    expect(person).toMatchObject({ name: "Ana", absorbed: [bia], attributes: { city: "Lisboa", vip: true } });
    expect(person.conversations.map(({ id }) => id).sort()).toEqual([logOf(ANA), logOf(BIA)].sort());
    expect(await shown(bia)).toEqual({ ...before.bia, mergedInto: ana });
    const conversation = await here.ask("GET", `/v1/conversations/${logOf(BIA)}`);
    expect(ApiConversation.parse(conversation.json).contact).toEqual({ id: ana, name: "Ana" });

    expect(await done(await split(ana, bia))).toEqual(before.bia);
    expect(await shown(ana)).toEqual(before.ana);
    for (const id of [ana, bia]) {
      expect((await events(id)).slice(1)).toMatchObject([
        { type: "contact.merged", subject: id, data: { into: ana, from: bia, contact: id } },
        { type: "contact.split", subject: id, data: { into: ana, from: bia } },
      ]);
      expect(verifyLog(id, here.table.logs.get(id) ?? [])).toEqual([]);
    }
  });

  test("tell of it under the account of their own", async () => {
    await done(await merge(ana, sms));
    expect(await events(sms)).toMatchObject([{ source: "/recado/sms", data: { account: "sms", channel: "sms" } }]);
  });

  test("keep what was written to each of them meanwhile", async () => {
    await done(await merge(ana, bia));
    await done(await patch(ana, { name: "Ana Maria", attributes: { vip: null, note: "gémeas" } }));
    await done(await split(ana, bia));
    expect(await shown(ana)).toMatchObject({ name: "Ana Maria", attributes: { city: "Lisboa", note: "gémeas" } });
    expect(await shown(bia)).toMatchObject({ name: "Bia", attributes: { city: "Braga", vip: true } });
  });

  test("are merged once, however often it is asked for, and again after a split", async () => {
    await merge(ana, bia);
    await done(await merge(ana, bia));
    expect((await merge(ana, bia)).status).toBe(200);
    await done(await split(ana, bia));
    expect(problemIn(await split(ana, bia)).code).toBe("not_merged");
    await done(await merge(ana, bia));
    expect((await events(bia)).map(({ type }) => type.replace("contact.", ""))).toEqual([
      "updated",
      "merged",
      "split",
      "merged",
    ]);
  });

  test("may be three, and each can be taken out of the person again", async () => {
    await done(await merge(bia, sms));
    const person = await done(await merge(ana, bia));
    expect(person.absorbed).toEqual([bia, sms]);
    await done(await split(ana, sms));
    expect((await shown(ana)).absorbed).toEqual([bia]);
    expect((await shown(sms)).mergedInto).toBeUndefined();
    expect((await events(bia)).at(-1)).toMatchObject({ type: "contact.split", data: { into: bia, from: sms } });
  });

  test("are refused where one is part of another, the same, or unknown", async () => {
    await done(await merge(ana, bia));
    const refused = async (answer: ReturnType<typeof merge>) => {
      const { status, code, field } = problemIn(await answer);
      return [status, code, field];
    };
    expect(await refused(merge(bia, ana))).toEqual([409, "contact_merged", undefined]);
    expect(await refused(merge(sms, bia))).toEqual([409, "contact_merged", "with"]);
    expect(await refused(merge(ana, ana))).toEqual([422, "invalid_body", "with"]);
    expect(await refused(merge(ana, contactId(SECRET, "sms", "x")))).toEqual([422, "contact_unknown", "with"]);
    expect(await refused(patch(bia, { name: "x" }))).toEqual([409, "contact_merged", undefined]);
    expect(await refused(split(ana, sms))).toEqual([409, "not_merged", "from"]);
    expect(here.mailbox.waiting).toEqual([]);
  });

  test("stay one where the customer's number has told it, whichever was said first", async () => {
    const person = personId(SECRET, "+5511987650000");
    const told = (id: string, address: string) =>
      here.arrive({ ...inboundText(id, { address }), contact: { id: person, by: "number" as const } });
    await told("wamid.1", "5511987650099");
    await done(await merge(bia, person));
    await told("wamid.2", BIA.address);
    await told("wamid.3", ANA.address);
    const whole = await shown(bia);
    expect(whole).toMatchObject({ absorbed: [person, ana], attributes: { city: "Braga", vip: true } });
    expect(whole.conversations).toHaveLength(3);
    for (const from of [person, ana]) expect(problemIn(await split(bia, from))).toMatchObject({ code: "not_merged" });
    expect(here.mailbox.waiting).toEqual([]);
    await done(await patch(bia, { name: "Bia" }));
  });

  test("take the scope of an owner", async () => {
    here.addKey("sender", "key_send", ["read", "send"]);
    for (const [what, body] of Object.entries({ merge: { with: bia }, split: { from: bia } }))
      expect((await here.ask("POST", `${at(ana)}/${what}`, { body, key: "sender" })).status).toBe(403);
  });

  test("stop for each other: what one has stopped holds in the conversation of the other, until they are two again", async () => {
    await done(await merge(ana, bia));
    await here.arrive(inboundText("wamid.stop", { ...ANA, text: "STOP" }));
    const about = `/v1/conversations/${logOf(BIA)}`;
    const optedOut = async () => ApiConversation.parse((await here.ask("GET", about)).json).optedOut;
    const offer = () => here.ask("POST", `${about}/messages`, { body: { ...say("50% off"), topic: "offers" } });
    expect(await optedOut()).toEqual(["proactive"]);
    expect(problemIn(await offer()).code).toBe("opted_out");
    await done(await split(ana, bia));
    expect(await optedOut()).toEqual([]);
    expect((await shown(ana)).consents).toMatchObject([{ topic: "proactive", state: "opted_out" }]);
  });

  test("are merged and split as was asked last; what cannot be told yet is to be asked again", async () => {
    expect((await merge(ana, bia)).status).toBe(202);
    const early = await split(ana, bia);
    expect(problemIn(early)).toMatchObject({ status: 409, code: "not_recorded_yet" });
    expect(early.headers["retry-after"]).toBe("1");
    await here.record();
    expect((await split(ana, bia)).status).toBe(202);
    expect((await merge(ana, bia)).status).toBe(200);
    await here.record();
    expect(await shown(ana)).toMatchObject({ absorbed: [bia] });
  });
});

describe("what a contact says about messages", () => {
  const note = (id: string, body: object) => here.ask("POST", `${at(id)}/consents`, { body });
  const optedOut = async (customer: Customer) =>
    ApiConversation.parse((await here.ask("GET", `/v1/conversations/${logOf(customer)}`)).json).optedOut;

  beforeEach(async () => {
    for (const customer of [ANA, BIA, SMS]) await writes(customer);
    await done(await merge(ana, bia));
    await done(await merge(ana, sms));
  });

  test("is noted in every conversation of the channel that does not know it, and in no other", async () => {
    const wanted = { channel: "whatsapp", topic: "offers", state: "opted_out" };
    await here.ask("POST", `/v1/conversations/${logOf(BIA)}/consents`, {
      body: { topic: "offers", state: "opted_out" },
    });
    await here.record();
    await done(await note(ana, wanted));
    expect([await optedOut(ANA), await optedOut(BIA), await optedOut(SMS)]).toEqual([["offers"], ["offers"], []]);
    const told = [ANA, BIA].map((one) =>
      here.table.logs.get(logOf(one))?.filter(({ type }) => type === "consent.changed"),
    );
    expect(told.map((entries) => entries?.length)).toEqual([1, 1]);
    expect((await note(ana, wanted)).status).toBe(200);
    await done(await note(ana, { ...wanted, state: "opted_in" }));
    expect([await optedOut(ANA), await optedOut(BIA)]).toEqual([[], []]);
  });

  test("is refused for a channel that they are not spoken to on, and for a contact that is part of another", async () => {
    const wanted = { channel: "instagram", topic: "offers", state: "opted_out" };
    expect(problemIn(await note(ana, wanted))).toMatchObject({ status: 422, field: "channel" });
    expect(problemIn(await note(bia, { ...wanted, channel: "whatsapp" })).code).toBe("contact_merged");
  });
});

describe("contacts", () => {
  beforeEach(async () => {
    await writes(ANA, "Álvaro Dias");
    await writes(BIA, "Bia Álvares");
    await writes(SMS);
  });

  test("are listed by name, page by page, those without a name at the end", async () => {
    expect(await names("")).toEqual(["Álvaro Dias", "Bia Álvares", undefined]);
    const first = await find("limit=2");
    expect(first.data.map(({ name }) => name)).toEqual(["Álvaro Dias", "Bia Álvares"]);
    const second = await find(`limit=2&cursor=${first.nextCursor}`);
    expect([second.data.map(({ id }) => id), second.nextCursor]).toEqual([[sms], null]);
    const other = await here.ask("GET", `/v1/contacts?name=b&cursor=${first.nextCursor}`);
    expect(problemIn(other)).toMatchObject({ status: 400, field: "cursor" });
  });

  test("are found by the beginning of their name, whatever the case and the accents", async () => {
    expect(await names("name=ALVA")).toEqual(["Álvaro Dias"]);
    expect(await names("name=%C3%A1lvaro%20%20d")).toEqual(["Álvaro Dias"]);
    expect(await names("name=Z")).toEqual([]);
    await done(await patch(ana, { name: "Zé" }));
    expect([await names("name=z"), await names("name=alva")]).toEqual([["Zé"], []]);
    await done(await patch(ana, { name: null }));
    expect([await names("name=z"), await names("name=alva")]).toEqual([[], ["Álvaro Dias"]]);
  });

  test("who are one person are there once, and found by the names of each", async () => {
    await done(await merge(sms, bia));
    await done(await merge(sms, ana));
    expect((await find("")).data.map(({ id, name }) => [id, name])).toEqual([[sms, "Bia Álvares"]]);
    for (const name of ["alv", "bia"]) expect((await find(`name=${name}`)).data.map(({ id }) => id)).toEqual([sms]);
    await done(await split(sms, bia));
    expect(await names("")).toEqual(["Álvaro Dias", "Bia Álvares"]);
  });

  test("are found by an address of an account", async () => {
    const found = (await find(`account=sms&address=${encodeURIComponent(SMS.address)}`)).data;
    expect(found.map(({ id }) => id)).toEqual([sms]);
    await done(await merge(ana, sms));
    expect((await find(`account=sms&address=${encodeURIComponent(SMS.address)}`)).data).toMatchObject([{ id: ana }]);
    expect((await find(`account=sms&address=%2B351900000000`)).data).toEqual([]);
    expect((await find("account=whatsapp&address=351900000000")).data).toEqual([]);
  });

  test("are found by a number, in any spelling, where numbers join contacts and where they do not", async () => {
    const person = personId(SECRET, "+5511987650000");
    const named = {
      ...inboundText("wamid.p", { address: "5511987650099" }),
      contact: { id: person, by: "number" as const },
    };
    await here.arrive(named);
    here.ports.joinByNumber = true;
    for (const number of ["5511987650000", "551187650000"])
      expect((await find(`number=%2B${number}`)).data.map(({ id }) => id)).toEqual([person]);
    here.ports.joinByNumber = false;
    expect((await find("number=%2B351912345678")).data.map(({ id }) => id)).toEqual([bia]);
    expect((await find("number=%2B351965432109")).data.map(({ id }) => id)).toEqual([sms]);
    expect((await find("number=%2B351900000000")).data).toEqual([]);
  });

  test.each([
    ["name=a&number=%2B351912345678", "number"],
    ["number=%2B351912345678&address=x&account=sms", "address"],
    ["account=sms", "account"],
    ["name=a&account=sms", "account"],
    ["address=x", "address"],
    ["account=nowhere&address=x", "account"],
    ["name=%20", "name"],
    ["number=912345678", "number"],
    ["number=%2B351912345678&cursor=x", "cursor"],
  ])("are not looked for by %s", async (query, field) => {
    expect(problemIn(await here.ask("GET", `/v1/contacts?${query}`))).toMatchObject({
      status: 400,
      code: "bad_parameter",
      field,
    });
  });

  test("are found by a number for a limited key where no number joins them, on its accounts alone", async () => {
    here.ports.joinByNumber = false;
    here.addKey("limited", "key_sms", ["read"], { accounts: ["sms"] });
    const found = async (number: string) =>
      ContactPage.parse((await here.ask("GET", `/v1/contacts?number=%2B${number}`, { key: "limited" })).json).data;
    expect(await found("351965432109")).toMatchObject([{ id: sms }]);
    expect(await found("351912345678")).toEqual([]);
  });

  test.each([
    ["absorbed", sms, ana],
    ["absorbing", ana, sms],
  ])("hide from a limited key what is known of the %s one on other accounts", async (_, into, from) => {
    await done(await patch(ana, { attributes: { city: "Lisboa", tax: "1" } }));
    await done(await patch(sms, { attributes: { city: "Braga" } }));
    await done(await merge(into, from));
    const key = "limited";
    here.addKey(key, "key_sms", ["read"], { accounts: ["sms"] });
    const person = ApiContact.parse((await here.ask("GET", at(into), { key })).json);
    expect(person).toMatchObject({ id: into, attributes: { city: "Braga" }, conversations: [{ account: "sms" }] });
    expect(person.attributes).not.toHaveProperty("tax");
    expect(person).not.toHaveProperty("name");
    const list = async (query: string) =>
      ContactPage.parse((await here.ask("GET", `/v1/contacts?${query}`, { key })).json).data.map(({ id }) => id);
    expect([await list(""), await list("name=alv")]).toEqual([[into], []]);
    const conversation = await here.ask("GET", `/v1/conversations/${logOf(SMS)}`, { key });
    expect(ApiConversation.parse(conversation.json).contact).toEqual({ id: into });
  });

  test("are known to a limited key as they were before their number was", async () => {
    const person = personId(SECRET, "+5511987650000");
    await done(await patch(ana, { name: "Ana", attributes: { city: "Lisboa" } }));
    await here.arrive({ ...inboundText("wamid.p", ANA), contact: { id: person, by: "number" as const } });
    here.addKey("limited", "key_whatsapp", ["read"], { accounts: ["whatsapp"] });
    const known = ApiContact.parse((await here.ask("GET", at(person), { key: "limited" })).json);
    expect(known).toMatchObject({ id: person, name: "Ana", attributes: { city: "Lisboa" } });
  });

  test("are shown to a limited key as far as they write to its accounts, and changed by none", async () => {
    await done(await merge(ana, sms));
    const key = "limited";
    here.addKey(key, "key_sms", ["read", "send", "admin"], { accounts: ["sms"] });
    const [found, ...others] = ContactPage.parse((await here.ask("GET", "/v1/contacts", { key })).json).data;
    expect(others).toEqual([]);
    expect(found).toMatchObject({ id: ana, conversations: [{ account: "sms" }] });
    expect(found).not.toHaveProperty("absorbed");
    for (const [method, path, body] of [
      ["PATCH", at(ana), { name: "x" }],
      ["GET", `${at(ana)}/events`, undefined],
      ["POST", `${at(ana)}/merge`, { with: bia }],
      ["POST", `${at(ana)}/consents`, { channel: "sms", topic: "all", state: "opted_out" }],
    ] as const)
      expect(problemIn(await here.ask(method, path, { body, key })).code).toBe("account_limited");
  });
});
