import { beforeEach, describe, expect, test } from "vitest";
import { ApiContact, ApiConversation, ConversationPage } from "../../../shared/domain/api-shapes.ts";
import { contactId, conversationId, personId } from "../../../shared/domain/ids.ts";
import { inboundText, SECRET } from "../../fakes/arrivals.ts";
import { apiWorld, DAY_MS } from "./api-world.ts";

const conversation = conversationId(SECRET, "whatsapp", "5511987650000");
const contact = contactId(SECRET, "whatsapp", "5511987650000");
const at = `/v1/conversations/${conversation}`;

let here: ReturnType<typeof apiWorld>;
beforeEach(() => {
  here = apiWorld();
});

const iso = (time: number) => new Date(time).toISOString();
const show = async () => ApiConversation.parse((await here.ask("GET", at)).json);

describe("a conversation", () => {
  test("shows who it is with, and until when a free reply is possible by the provider's clock", async () => {
    const wrote = here.clock.time - 3_600_000;
    await here.arrive(inboundText("wamid.1", { name: "Ana", time: wrote }));
    expect(await show()).toEqual({
      optedOut: [],
      id: conversation,
      channel: "whatsapp",
      account: "whatsapp",
      address: "5511987650000",
      contact: { id: contact, name: "Ana" },
      status: "open",
      lastActivityAt: iso(here.clock.time),
      replyUntil: iso(wrote + DAY_MS),
    });
  });

  test("has no end of replies where the channel has no window, and no name that nobody told", async () => {
    await here.arrive(inboundText("SM1", { account: "sms" }));
    const sms = await here.ask("GET", `/v1/conversations/${conversationId(SECRET, "sms", "5511987650000")}`);
    expect(ApiConversation.parse(sms.json)).toMatchObject({ replyUntil: null, contact: {} });
    expect(sms.json.contact).not.toHaveProperty("name");
  });

  test("is shown as it is now, although its summary is rewritten every ten minutes only", async () => {
    await here.arrive(inboundText("wamid.1"));
    here.clock.time += 60_000;
    await here.arrive(inboundText("wamid.2", { received: here.clock.time }));
    expect(here.table.summaries.get(conversation)?.sequence).toBe(1);
    expect(await show()).toMatchObject({
      lastActivityAt: iso(here.clock.time),
      replyUntil: iso(here.clock.time + DAY_MS),
    });
  });
});

describe("the list of conversations", () => {
  test("has the newest activity first and pages through all of them once", async () => {
    for (let number = 0; number < 7; number++) {
      here.clock.time += 1_000;
      await here.arrive(inboundText(`wamid.${number}`, { address: `address ${number}` }));
    }
    const all = ConversationPage.parse((await here.ask("GET", "/v1/conversations")).json);
    expect(all.data.map(({ address }) => address)).toEqual([6, 5, 4, 3, 2, 1, 0].map((number) => `address ${number}`));
    expect(all.nextCursor).toBeNull();

    const paged: ApiConversation[] = [];
    let next = "";
    do {
      const page = ConversationPage.parse((await here.ask("GET", `/v1/conversations?limit=3${next}`)).json);
      expect(page.data.length).toBeLessThanOrEqual(3);
      paged.push(...page.data);
      next = page.nextCursor === null ? "" : `&cursor=${encodeURIComponent(page.nextCursor)}`;
    } while (next);
    expect(paged).toEqual(all.data);
  });

  test("shows in each row what the conversation itself shows", async () => {
    await here.arrive(inboundText("wamid.1", { address: "first", name: "Ana" }));
    here.clock.time += 1_000;
    await here.arrive(inboundText("wamid.2", { address: "second" }));
    here.clock.time += 1_000;
    await here.arrive(inboundText("wamid.3", { address: "first" }));
    const { data } = ConversationPage.parse((await here.ask("GET", "/v1/conversations")).json);
    expect(data.map(({ address }) => address)).toEqual(["first", "second"]);
    for (const row of data) expect((await here.ask("GET", `/v1/conversations/${row.id}`)).json).toEqual(row);
  });

  test("is empty before anybody wrote", async () => {
    expect((await here.ask("GET", "/v1/conversations")).json).toEqual({ data: [], nextCursor: null });
  });

  test("does not take the cursor of another list", async () => {
    await here.arrive(inboundText("wamid.1"), inboundText("wamid.2"));
    const { nextCursor } = (await here.ask("GET", `${at}/messages?limit=1`)).json;
    expect((await here.ask("GET", `/v1/conversations?cursor=${nextCursor}`)).status).toBe(400);
  });
});

describe("closing and opening", () => {
  beforeEach(() => here.arrive(inboundText("wamid.1")));
  const closings = () =>
    here.table.logs.get(conversation)?.filter(({ type }) => type.startsWith("conversation.")) ?? [];

  test("close it once, however often it is asked for, and open it again", async () => {
    const [first, second] = [
      await here.ask("POST", `${at}/close`),
      await here.ask("POST", `${at}/close`, { body: {} }),
    ];
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(ApiConversation.parse(first.json)).toMatchObject({ id: conversation, status: "closed" });
    await here.record();
    expect(await show()).toMatchObject({ status: "closed" });
    expect((await here.ask("POST", `${at}/close`)).status).toBe(200);
    expect((await here.ask("POST", `${at}/open`)).status).toBe(202);
    await here.record();
    expect(await show()).toMatchObject({ status: "open" });
    expect((await here.ask("POST", `${at}/close`)).status).toBe(202);
    await here.record();
    expect(closings().map(({ type, data }) => [type, data])).toEqual([
      ["conversation.closed", { by: "agent" }],
      ["conversation.opened", { by: "agent" }],
      ["conversation.closed", { by: "agent" }],
    ]);
  });

  test("an open one is not opened", async () => {
    const answer = await here.ask("POST", `${at}/open`);
    expect(answer).toMatchObject({ status: 200, json: { status: "open" } });
    await here.record();
    expect(closings()).toEqual([]);
  });

  test("what was asked last holds, also before the first of it is recorded", async () => {
    for (const what of ["close", "open"]) await here.ask("POST", `${at}/${what}`);
    await here.record();
    expect(await show()).toMatchObject({ status: "open" });
    for (const what of ["close", "open", "close"]) await here.ask("POST", `${at}/${what}`);
    here.mailbox.waiting.push(inboundText("wamid.2"));
    expect((await here.ask("POST", `${at}/close`)).status).toBe(202);
    await here.record();
    expect(await show()).toMatchObject({ status: "closed" });
  });
});

describe("a contact", () => {
  test("shows the name that the channel told, and where it is spoken to", async () => {
    await here.arrive(inboundText("wamid.1", { name: "Ana" }), inboundText("SM1", { account: "sms" }));
    expect(ApiContact.parse((await here.ask("GET", `/v1/contacts/${contact}`)).json)).toEqual({
      id: contact,
      name: "Ana",
      conversations: [{ id: conversation, channel: "whatsapp", account: "whatsapp", address: "5511987650000" }],
    });
    const nameless = contactId(SECRET, "sms", "5511987650000");
    const sms = { id: conversationId(SECRET, "sms", "5511987650000"), account: "sms" };
    expect((await here.ask("GET", `/v1/contacts/${nameless}`)).json).toMatchObject({ conversations: [sms] });
    expect((await here.ask("GET", `/v1/contacts/${nameless}`)).json).not.toHaveProperty("name");
  });

  test("shows what they said about hearing from us, with the time as callers read it", async () => {
    await here.arrive(inboundText("wamid.1"));
    const said = { channel: "whatsapp", topic: "proactive", state: "opted_out", source: "keyword" } as const;
    await here.table.putConsent(contact, { ...said, at: Date.UTC(2026, 10, 22, 10) });
    const shown = ApiContact.parse((await here.ask("GET", `/v1/contacts/${contact}`)).json);
    expect(shown.consents).toEqual([{ ...said, at: "2026-11-22T10:00:00.000Z" }]);
  });

  test("that turned out to be a person says who, and the conversation is the person's at once", async () => {
    const person = personId(SECRET, "+5511987650000");
    const named = { ...inboundText("wamid.2"), contact: { id: person, by: "number" as const, name: "Ana" } };
    await here.arrive(inboundText("wamid.1"));
    here.clock.time += 1000;
    await here.arrive(named);
    const former = (await here.ask("GET", `/v1/contacts/${contact}`)).json;
    expect(ApiContact.parse(former)).toEqual({ id: contact, mergedInto: person, conversations: [] });
    const now = (await here.ask("GET", `/v1/conversations/${conversation}`)).json;
    expect(now).toMatchObject({ contact: { id: person, name: "Ana" } });
  });
});
