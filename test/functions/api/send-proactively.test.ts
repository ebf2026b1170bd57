/** POST /v1/messages: what the business begins. */
import { beforeEach, describe, expect, test } from "vitest";
import { PlanAnswer, SentMessage } from "../../../shared/domain/api-shapes.ts";
import { contactOf, conversationOf } from "../../../shared/domain/customer-ids.ts";
import { contactId, conversationId, personId } from "../../../shared/domain/ids.ts";
import { inboundText, SECRET } from "../../fakes/arrivals.ts";
import { apiWorld, DAY_MS, problemIn, say } from "./api-world.ts";

const KEYS = { idSecret: SECRET, channel: "whatsapp", joinByNumber: true } as const;
const template = { type: "template", name: "hello", language: "pt_PT" } as const;
const known = "5511987650000";
const knownThere = conversationId(SECRET, "whatsapp", known);
const onSms = (address: string) => ({ account: "sms", address });
const onWhatsApp = (address: string) => ({ account: "whatsapp", address });

let here: ReturnType<typeof apiWorld>;
beforeEach(async () => {
  here = apiWorld();
  const { capabilities } = { capabilities: here.ports.accounts.get("whatsapp") };
  if (!capabilities) throw new Error("no account");
  here.ports.accounts = new Map([
    ...here.ports.accounts,
    ["whatsapp", { ...capabilities, carries: { ...capabilities.carries, template: {} } }],
  ]);
  await here.arrive(inboundText("wamid.1", { time: here.clock.time, name: "Ana" }));
});

const send = (body: unknown, headers: Record<string, string> = {}) =>
  here.ask("POST", "/v1/messages", { body, headers });
const dryRun = (body: unknown) => here.ask("POST", "/v1/messages?dryRun=true", { body });
const typesOf = (conversation: string) => here.table.logs.get(conversation)?.map(({ type }) => type);

describe("to an address", () => {
  test("that nobody has written from begins the conversation that the customer's own message would", async () => {
    const answer = await send({ to: onSms("+351 910 000 001"), ...say("Your order is here") });
    expect(answer.status).toBe(202);
    const { message } = SentMessage.parse(answer.json);
    const conversation = conversationId(SECRET, "sms", "+351910000001");
    expect(message).toMatchObject({ conversation, status: "queued", author: { type: "system" } });
    await here.record();

    expect((await here.ask("GET", `/v1/conversations/${conversation}`)).json).toMatchObject({
      account: "sms",
      channel: "sms",
      address: "+351910000001",
      status: "open",
      replyUntil: null,
      contact: { id: personId(SECRET, "+351910000001") },
    });
    const contact = await here.ask("GET", `/v1/contacts/${personId(SECRET, "+351910000001")}`);
    expect(contact.json.conversations).toMatchObject([{ id: conversation, address: "+351910000001" }]);
    expect((await here.ask("GET", "/v1/conversations")).json.data.map(({ id }: { id: string }) => id)).toContain(
      conversation,
    );
    expect(here.bells.requests).toMatchObject([{ log: conversation, sequence: 1, message: message.id }]);
  });

  test("joins what the customer writes later, under a user id that nobody knew", async () => {
    const { message } = (await send({ to: onWhatsApp("+55 11 98765-4321"), template })).json;
    await here.record();
    // WhatsApp knows many numbers of Brazil without the 9.
    const alias = { address: "551187654321", conversation: conversationOf("whatsapp", "551187654321", KEYS) };
    await here.arrive({ ...inboundText("wamid.2", { address: "BR.44100" }), aliases: [alias] });
    expect(typesOf(message.conversation)).toEqual(["message.queued", "message.received"]);
    expect(typesOf(conversationId(SECRET, "whatsapp", "BR.44100"))).toBeUndefined();
  });

  test("that is an alias by now goes to the conversation that has it", async () => {
    await here.arrive(inboundText("wamid.3", { address: "PT.77", aliases: ["351910000009"] }));
    const { message } = (await send({ to: onWhatsApp("+351910000009"), template })).json;
    expect(message.conversation).toBe(conversationId(SECRET, "whatsapp", "PT.77"));
    await here.record();
    expect(typesOf(message.conversation)).toEqual(["message.received", "message.queued"]);
  });

  test.each([
    ["whatsapp", "910 000 001", "address_invalid"],
    ["whatsapp", "910000001", "address_invalid"],
    ["sms", "Ana", "address_invalid"],
    ["nowhere", "+351910000001", "account_unknown"],
    ["messenger", "8000000000000001", "recipient_unknown"],
  ])("on %s that is %s is refused as %s, and leaves no trace", async (account, address, code) => {
    const before = here.traces();
    expect(problemIn(await send({ to: { account, address }, ...say("x") }))).toMatchObject({
      status: 422,
      code,
      field: "to",
    });
    expect(here.traces()).toEqual(before);
  });

  test("in digits alone reaches who is known by them, and tells for anybody else what is missing", async () => {
    expect((await send({ to: onWhatsApp(known), ...say("Olá") })).json.message.conversation).toBe(knownThere);
    const { detail } = problemIn(await send({ to: onWhatsApp("351910000001"), template }));
    expect(detail).toContain("country");
    expect(detail).toContain("+351910000000");
    expect((await send({ to: onWhatsApp("+351910000001"), template })).status).toBe(202);
  });

  test("without a template, where nobody has written, is refused by the window", async () => {
    const problem = problemIn(await send({ to: onWhatsApp("+351910000001"), ...say("Olá") }));
    expect(problem).toMatchObject({ code: "window_closed" });
    expect(problem.detail).toContain("has not written yet");
  });

  test("names the contact by the account alone where numbers do not join", async () => {
    here.ports.joinByNumber = false;
    await send({ to: onSms("+351910000001"), ...say("Olá") });
    const { id } = contactOf(onSms("+351910000001"), { ...KEYS, channel: "sms", joinByNumber: false });
    expect(here.mailbox.waiting[0]?.contact).toEqual({ id });
  });
});

describe("to a contact", () => {
  test("goes where they wrote last", async () => {
    const id = contactId(SECRET, "whatsapp", known);
    const older = {
      ...inboundText("SM1", { account: "sms", address: "+5511987650000", time: here.clock.time - DAY_MS }),
    };
    await here.arrive({ ...older, channel: "sms", contact: { id } });
    const { message } = (await send({ to: { contact: id }, ...say("Olá") })).json;
    expect(message.conversation).toBe(knownThere);
    const there = (await send({ to: { contact: id, channel: "sms" }, ...say("Olá") })).json.message;
    expect(there.conversation).toBe(conversationId(SECRET, "sms", "+5511987650000"));
  });

  test("goes on to another conversation of theirs where the first does not take it", async () => {
    const id = contactId(SECRET, "whatsapp", known);
    const older = inboundText("SM1", { account: "sms", address: "+5511987650000", time: here.clock.time - 9 * DAY_MS });
    await here.arrive({ ...older, channel: "sms", contact: { id } });
    here.clock.time += 2 * DAY_MS;
    const { plan, to, passedOver } = PlanAnswer.parse((await dryRun({ to: { contact: id }, ...say("Olá") })).json);
    expect(plan.allowed).toBe(true);
    expect(to).toMatchObject({ account: "sms", channel: "sms" });
    expect(passedOver).toMatchObject([{ account: "whatsapp", reasons: [{ code: "window_closed" }] }]);
  });

  test("whom nobody knows, or not there, is refused", async () => {
    for (const to of [
      { contact: `con_${"x".repeat(22)}` },
      { contact: contactId(SECRET, "whatsapp", known), channel: "sms" },
    ])
      expect(problemIn(await send({ to, ...say("x") }))).toMatchObject({ status: 422, code: "recipient_unknown" });
  });
});

describe("to several, in order of preference", () => {
  test("goes to the first who may get it, and tells with dryRun why not to the others", async () => {
    const to = [onWhatsApp("+351910000001"), onSms("+351910000001"), onSms("+351910000002")];
    const { plan, to: chosen, passedOver } = PlanAnswer.parse((await dryRun({ to, ...say("Olá") })).json);
    expect(plan).toMatchObject({ allowed: true, parts: [{ segments: 1 }] });
    expect(chosen).toEqual({ account: "sms", channel: "sms" });
    expect(passedOver).toMatchObject([{ to: to[0], account: "whatsapp", reasons: [{ code: "window_closed" }] }]);
    expect(here.mailbox.waiting).toEqual([]);
    const { message } = (await send({ to, ...say("Olá") })).json;
    expect(message.conversation).toBe(conversationId(SECRET, "sms", "+351910000001"));
  });

  test("to none is refused with the first one's code and what speaks against each", async () => {
    const problem = problemIn(await send({ to: [onWhatsApp("+351910000001"), onSms("x")], ...say("Olá") }));
    expect(problem.code).toBe("window_closed");
    expect(problem.detail).toMatch(
      /^1\. On whatsapp: The customer has not written yet.* 2\. Nowhere: This is no address/,
    );
  });

  test("says of every one of ten why not", async () => {
    const to = Array.from({ length: 10 }, (_, last) => onWhatsApp(`+35191000000${last}`));
    const { detail } = problemIn(await send({ to, ...say("Olá") }));
    expect(detail.match(/\d+\. On whatsapp: The customer has not written yet/g)).toHaveLength(10);
    expect(detail).toMatch(/A template is possible at any time\.$/);
  });

  test("takes one to ten, and each by a contact or an address", async () => {
    for (const to of [[], Array.from({ length: 11 }, () => onSms("+351910000001")), { contact: "con_1" }, {}, "Ana"])
      expect(problemIn(await send({ to, ...say("x") })).code).toBe("invalid_body");
  });
});

describe("content and template", () => {
  test("both: the template stands in where free replies are not possible", async () => {
    const body = { ...say("Olá"), template: { ...template, parameters: ["{text}"] } };
    const closed = (await dryRun({ to: onWhatsApp("+351910000001"), ...body })).json;
    expect(closed.plan.parts[0].content).toMatchObject({ type: "template", parameters: ["Olá"] });
    const open = (await dryRun({ to: onWhatsApp(known), ...body })).json;
    expect(open.plan.parts[0].content).toEqual({ type: "text", text: "Olá" });
  });

  test("neither is refused", async () => {
    expect(problemIn(await send({ to: onSms("+351910000001") })).code).toBe("invalid_body");
  });
});

describe("an Idempotency-Key", () => {
  const headers = { "idempotency-key": "a" };
  const body = { to: onSms("+351910000001"), ...say("Olá") };

  test("makes one message of two requests, and is found at its entry", async () => {
    const [first, again] = [await send(body, headers), await send(body, headers)];
    expect(again.json).toEqual(first.json);
    await here.record();
    const [entry, ...others] = here.table.logs.get(first.json.message.conversation) ?? [];
    expect(others).toEqual([]);
    expect([...here.table.answers.keys()]).toEqual([entry?.once]);
    expect(
      JSON.stringify((await here.ask("GET", `/v1/conversations/${first.json.message.conversation}/events`)).json),
    ).not.toContain(entry?.once);
  });

  test("with another body is refused", async () => {
    await send(body, headers);
    expect(problemIn(await send({ ...body, ...say("Adeus") }, headers)).code).toBe("idempotency_key_reused");
  });
});

describe("sendAt", () => {
  const at = (ms: number) => new Date(here.clock.time + ms).toISOString();

  test("is in the log at once, and waits", async () => {
    const sendAt = at(2 * DAY_MS);
    const { message } = SentMessage.parse((await send({ to: onSms("+351910000001"), ...say("Olá"), sendAt })).json);
    expect(message).toMatchObject({ status: "queued", sendAt });
    await here.record();
    expect(here.table.logs.get(message.conversation)?.[0]?.data).toMatchObject({
      sendAt: Date.parse(sendAt),
      expiresAt: Date.parse(sendAt) + DAY_MS,
    });
    expect(here.bells.requests).toEqual([]);
    expect(here.bells.scheduled).toMatchObject([{ at: Date.parse(sendAt), request: { message: message.id } }]);
  });

  test("that has come while it was noted down is sent as well", async () => {
    await send({ to: onSms("+351910000001"), ...say("Olá"), sendAt: at(1_000) });
    const { schedule } = here.bells;
    here.bells.schedule = async (...noted) => {
      here.clock.time += 2_000;
      return schedule.apply(here.bells, noted);
    };
    await here.record();
    expect(here.bells.requests).toHaveLength(1);
  });

  test("is judged by the window of then", async () => {
    const body = { to: onWhatsApp(known), ...say("Olá") };
    expect((await dryRun({ ...body, sendAt: at(DAY_MS - 60_000) })).json.plan.allowed).toBe(true);
    const problem = problemIn(await send({ ...body, sendAt: at(DAY_MS + 60_000) }));
    expect(problem).toMatchObject({ status: 422, code: "window_closed" });
    expect(problem.detail).toContain("When it is to go out");
    expect((await dryRun({ ...body, template, sendAt: at(DAY_MS + 60_000) })).json.plan.template).toBeDefined();
  });

  test("may stand in a reply, too", async () => {
    const sendAt = at(60_000);
    const body = { ...say("Olá"), sendAt };
    const { message } = (await here.ask("POST", `/v1/conversations/${knownThere}/messages`, { body })).json;
    expect(message.sendAt).toBe(sendAt);
  });

  test("in another zone is the same moment", async () => {
    const sendAt = "2026-12-01T10:00:00+01:00";
    here.clock.time = Date.parse("2026-11-30T10:00:00Z");
    const { message } = (await send({ to: onSms("+351910000001"), ...say("Olá"), sendAt })).json;
    expect(message.sendAt).toBe("2026-12-01T09:00:00.000Z");
  });

  test("that is over, too far ahead or no time is refused", async () => {
    for (const sendAt of [at(-120_000), at(91 * DAY_MS), "tomorrow", "2026-12-01"])
      expect(problemIn(await send({ to: onSms("+351910000001"), ...say("x"), sendAt }))).toMatchObject({
        code: "invalid_body",
        field: "sendAt",
      });
  });
});

test("a key limited to accounts begins conversations on those alone", async () => {
  here.addKey("limited", "key_limited", ["send"], { accounts: ["sms"] });
  const key = "limited";
  const ask = (to: unknown) => here.ask("POST", "/v1/messages", { key, body: { to, ...say("Olá") } });
  expect((await ask(onSms("+351910000001"))).status).toBe(202);
  expect(problemIn(await ask(onWhatsApp(known))).code).toBe("account_unknown");
  expect(problemIn(await ask({ contact: contactId(SECRET, "whatsapp", known) })).code).toBe("recipient_unknown");
});
