import { beforeEach, describe, expect, test } from "vitest";
import { PlanAnswer, SentMessage } from "../../../shared/domain/api-shapes.ts";
import { eventData } from "../../../shared/domain/event.ts";
import { contactId, conversationId, eventKey, messageId } from "../../../shared/domain/ids.ts";
import { MailboxItem } from "../../../shared/domain/mailbox.ts";
import { WorldFault } from "../../../shared/ports.ts";
import { inboundText, receipt, SECRET } from "../../fakes/arrivals.ts";
import { MemoryMailbox } from "../../fakes/world.ts";
import { apiWorld, DAY_MS, problemIn, say } from "./api-world.ts";

const conversation = conversationId(SECRET, "whatsapp", "5511987650000");
const other = conversationId(SECRET, "whatsapp", "other");
const messages = `/v1/conversations/${conversation}/messages`;

let here: ReturnType<typeof apiWorld>;
beforeEach(async () => {
  here = apiWorld();
  await here.arrive(inboundText("wamid.1", { time: here.clock.time }), inboundText("wamid.2", { address: "other" }));
});

const send = (body: unknown, headers: Record<string, string> = {}, url = messages) =>
  here.ask("POST", url, { body, headers });
const once = (key: string) => ({ "idempotency-key": key });
const queuedEntries = () => here.table.logs.get(conversation)?.filter(({ type }) => type === "message.queued") ?? [];
const logOf = async (id: string) => (await here.ask("GET", `/v1/conversations/${id}/messages`)).json.data;

describe("a message that is sent", () => {
  test("is answered 202 as queued, and waits in the mailbox of its conversation", async () => {
    const answer = await send({ ...say("Olá! 👋"), author: { type: "bot", name: "Bia" } });
    const { message } = SentMessage.parse(answer.json);
    const now = new Date(here.clock.time).toISOString();
    expect(answer.status).toBe(202);
    expect(message).toEqual({
      id: expect.stringMatching(/^msg_[0-9a-z]{26}$/),
      conversation,
      direction: "outbound",
      author: { type: "bot", name: "Bia" },
      content: { type: "text", text: "Olá! 👋" },
      status: "queued",
      statusAt: { queued: now },
      sentAt: now,
      receivedAt: now,
    });
    expect(here.mailbox.waiting).toHaveLength(1);
    expect(MailboxItem.parse(here.mailbox.waiting[0])).toEqual({
      log: conversation,
      key: eventKey(SECRET, "whatsapp", `${message.id}#queued`),
      token: expect.stringMatching(/^[A-Za-z0-9_-]{16}$/),
      type: "message.queued",
      account: "whatsapp",
      channel: "whatsapp",
      address: "5511987650000",
      contact: { id: contactId(SECRET, "whatsapp", "5511987650000") },
      at: { received: here.clock.time },
      data: {
        message: { id: message.id, direction: "outbound", author: message.author, content: message.content },
        expiresAt: here.clock.time + DAY_MS,
      },
    });
  });

  test("is listed as it was answered, and asked of the sender once", async () => {
    const { message } = (await send(say("Bom dia"))).json;
    await here.record();
    expect((await logOf(conversation)).at(-1)).toEqual(message);
    expect(here.bells.requests).toMatchObject([{ message: message.id, account: "whatsapp" }]);
  });

  test("is by an agent when nobody else is named", async () => {
    expect((await send(say("x"))).json.message.author).toEqual({ type: "agent" });
  });

  test("twice without a key is two messages", async () => {
    const [first, second] = [await send(say("x")), await send(say("x"))];
    expect(first.json.message.id).not.toBe(second.json.message.id);
    await here.record();
    expect(queuedEntries()).toHaveLength(2);
  });

  test("may hold U+FFFD, where that is what was sent", async () => {
    const body = JSON.stringify(say("a\ufffd"));
    expect((await send(body, { "content-length": String(Buffer.byteLength(body)) })).status).toBe(202);
  });

  test("may say its content type with a character set", async () => {
    expect((await send(say("x"), { "content-type": "application/json; charset=utf-8" })).status).toBe(202);
  });

  test("keeps in the log what goes out instead of it, and shows what was written", async () => {
    const content = { type: "text", text: `${"Frase. ".repeat(600)}Fim.` };
    const { message } = (await send({ content })).json;
    expect(message.content).toEqual(content);
    await here.record();
    const [entry] = queuedEntries();
    const { parts } = eventData["message.queued"].parse(entry?.data);
    expect(parts?.map((part) => part.type === "text" && part.text).join(" ")).toBe(content.text);
    expect((await logOf(conversation)).at(-1)).toMatchObject({
      status: "queued",
      parts: parts?.map(() => ({ status: "queued" })),
    });
  });

  test("goes to the conversation that took over when the address was an alias", async () => {
    const taken = { ...inboundText("wamid.9"), type: "contact.merged" as const, key: "merged", data: { into: other } };
    await here.arrive(taken);
    const { message } = (await send(say("x"))).json;
    expect(message.conversation).toBe(other);
    expect(here.mailbox.waiting).toMatchObject([{ log: other, address: "other" }]);
  });
});

describe("a reaction", () => {
  const reaction = { content: { type: "reaction", emoji: "👍" } };
  const replyTo = messageId(SECRET, "whatsapp", "wamid.1");
  const carrying = () => {
    here.ports.accounts = new Map([
      ["whatsapp", { carries: { text: {}, reaction: {} }, receipts: [], correlates: true, windowHours: 24 }],
    ]);
  };

  test("is on the message that it answers", async () => {
    carrying();
    const { message } = (await send({ ...reaction, replyTo })).json;
    expect(message).toMatchObject({ ...reaction, replyTo: { id: replyTo, providerMessageId: "wamid.1" } });
  });

  test("is refused without one, and on one that the provider does not know yet", async () => {
    carrying();
    expect(problemIn(await send(reaction))).toMatchObject({ status: 422, code: "reply_to_unknown", field: "replyTo" });
    const unsent = (await send(say("x"))).json.message.id;
    await here.record();
    const early = await send({ ...reaction, replyTo: unsent });
    expect(problemIn(early)).toMatchObject({ status: 422, code: "reply_to_unknown" });
    expect(queuedEntries()).toHaveLength(1);
  });

  test("is refused on a channel that has none", async () => {
    expect(problemIn(await send({ ...reaction, replyTo }))).toMatchObject({ status: 422, code: "not_carried" });
  });
});

describe("replyTo", () => {
  test("keeps the provider's id of a customer's message", async () => {
    const id = messageId(SECRET, "whatsapp", "wamid.1");
    const { message } = (await send({ ...say("x"), replyTo: id })).json;
    expect(message.replyTo).toEqual({ id, providerMessageId: "wamid.1" });
    expect(here.mailbox.waiting).toMatchObject([
      { data: { message: { replyTo: { id, providerMessageId: "wamid.1" } } } },
    ]);
  });

  test("keeps the provider's id that our own message got with its receipt", async () => {
    const { id } = (await send(say("first"))).json.message;
    await here.record();
    expect((await send({ ...say("x"), replyTo: id })).json.message.replyTo).toEqual({ id });
    await here.arrive(receipt("message.sent", id));
    expect((await send({ ...say("x"), replyTo: id })).json.message.replyTo).toEqual({
      id,
      providerMessageId: `wamid.${id}`,
    });
  });

  test("finds a message that a thousand others have followed", async () => {
    await here.arrive(...Array.from({ length: 1_300 }, (_, number) => inboundText(`wamid.later${number}`)));
    const id = messageId(SECRET, "whatsapp", "wamid.1");
    expect((await send({ ...say("x"), replyTo: id })).json.message.replyTo).toEqual({
      id,
      providerMessageId: "wamid.1",
    });
  });
});

describe("with an Idempotency-Key", () => {
  test("a repetition is answered byte for byte the same, later too, and history has one message", async () => {
    const first = await send(say("x"), once("order 17"));
    await here.record();
    here.clock.time += 3 * DAY_MS;
    const second = await send(say("x"), once("order 17"));
    await here.record();
    expect(second).toEqual(first);
    expect(first.status).toBe(202);
    expect(queuedEntries()).toHaveLength(1);
  });

  test("that was forgotten after its seven days, the key is a new message's", async () => {
    const first = await send(say("x"), once("order 17"));
    await here.record();
    here.table.answers.clear();
    const second = await send(say("y"), once("order 17"));
    await here.record();
    expect(second.json.message.id).not.toBe(first.json.message.id);
    expect(queuedEntries().map(({ data }) => (data as { message: object }).message)).toMatchObject([
      { content: { text: "x" } },
      { content: { text: "y" } },
    ]);
  });

  test("the spelling of the JSON does not matter, what it says does", async () => {
    await send({ content: { type: "text", text: "x" }, author: { type: "agent" } }, once("k"));
    expect((await send('{ "content": {"text":"\\u0078","type":"text"} }', once("k"))).status).toBe(202);
    const before = here.traces();
    for (const body of [say("y"), { ...say("x"), author: { type: "bot" } }]) {
      expect(problemIn(await send(body, once("k")))).toMatchObject({ status: 409, code: "idempotency_key_reused" });
    }
    expect(here.traces()).toEqual(before);
  });

  test("another conversation is another message", async () => {
    await send(say("x"), once("k"));
    const answer = await send(say("x"), once("k"), `/v1/conversations/${other}/messages`);
    expect(problemIn(answer)).toMatchObject({ status: 409, code: "idempotency_key_reused" });
  });

  test("each API key has keys of its own", async () => {
    here.addKey("second", "key_second", ["send"]);
    const first = await send(say("x"), once("k"));
    const second = await here.ask("POST", messages, { body: say("other"), headers: once("k"), key: "second" });
    expect(second.status).toBe(202);
    expect(second.json.message.id).not.toBe(first.json.message.id);
  });

  test("a crash between the answer and the mailbox loses nothing: the repetition delivers", async () => {
    here.ports.mailbox = {
      deliver: async () => {
        throw new WorldFault("no connection");
      },
    };
    const failed = await send(say("x"), once("k"));
    expect(problemIn(failed)).toMatchObject({ status: 503, code: "unavailable" });
    expect(failed.headers["retry-after"]).toBe("5");
    expect(here.mailbox.waiting).toEqual([]);

    here.ports.mailbox = here.mailbox;
    here.clock.time += 60_000;
    const [second, third] = [await send(say("x"), once("k")), await send(say("x"), once("k"))];
    expect(second.status).toBe(202);
    expect(third).toEqual(second);
    await here.record();
    expect(queuedEntries()).toHaveLength(1);
    expect((await logOf(conversation)).at(-1)).toEqual(second.json.message);
  });

  test("a delivery whose answer was lost is repeated without a second message", async () => {
    here.ports.mailbox = {
      deliver: async (items) => {
        await here.mailbox.deliver(items);
        throw new WorldFault("answer lost");
      },
    };
    expect((await send(say("x"), once("k"))).status).toBe(503);
    await here.record();
    here.ports.mailbox = here.mailbox;
    expect((await send(say("x"), once("k"))).status).toBe(202);
    await here.record();
    expect(queuedEntries()).toHaveLength(1);
  });

  test("requests at the same moment are one message with one answer", async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => send(say("x"), once("k"))));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body}`)).size).toBe(1);
    await here.record();
    expect(queuedEntries()).toHaveLength(1);
  });

  test("of different requests at the same moment one is taken and the other refused", async () => {
    const answers = await Promise.all([send(say("x"), once("k")), send(say("y"), once("k"))]);
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409]);
    await here.record();
    expect(queuedEntries()).toHaveLength(1);
  });

  test("a repetition is answered the same although the window has closed since", async () => {
    const first = await send(say("x"), once("k"));
    here.clock.time += 2 * DAY_MS;
    expect(await send(say("x"), once("k"))).toEqual(first);
    expect((await send(say("x"), once("another"))).status).toBe(422);
  });

  test("what was refused may be tried again under the same key", async () => {
    expect((await send(say(""), once("k"))).status).toBe(422);
    expect((await send(say("x"), once("k"))).status).toBe(202);
  });
});

describe("dryRun", () => {
  test("tells what would go out and until when, and leaves no trace", async () => {
    const before = here.traces();
    const answer = await send(say("Olá"), once("k"), `${messages}?dryRun=true`);
    expect(answer.status).toBe(200);
    expect(PlanAnswer.parse(answer.json).plan).toEqual({
      allowed: true,
      reasons: [],
      parts: [{ content: { type: "text", text: "Olá" } }],
      changes: [],
      replyUntil: new Date(here.clock.time + DAY_MS).toISOString(),
    });
    expect(here.traces()).toEqual(before);
  });

  test("shows what a message becomes on a channel that does not carry it, and why", async () => {
    const buttons = { type: "buttons", text: "Serve?", buttons: [{ id: "s", title: "Sim" }] };
    const answer = await send({ content: buttons }, {}, `${messages}?dryRun=true`);
    expect(PlanAnswer.parse(answer.json).plan).toMatchObject({
      allowed: true,
      parts: [{ content: { type: "text", text: "Serve?\n\n1. Sim" } }],
      changes: [{ code: "numbered", text: expect.any(String) }],
    });
  });

  test("counts segments where the network charges for them", async () => {
    await here.arrive(inboundText("SM1", { account: "sms", address: "+351910000001" }));
    const there = `/v1/conversations/${conversationId(SECRET, "sms", "+351910000001")}/messages?dryRun=true`;
    expect(PlanAnswer.parse((await send(say("Não dá."), {}, there)).json).plan).toMatchObject({
      parts: [{ segments: 1, encoding: "UCS-2" }],
      segments: 1,
      priceClass: "sms",
    });
  });

  test("answers 200 also when the message would be refused, with the reason", async () => {
    here.clock.time += DAY_MS;
    const before = here.traces();
    const answer = await send(say("x".repeat(100_000)), {}, `${messages}?dryRun=true`);
    expect(answer.status).toBe(200);
    const { plan } = PlanAnswer.parse(answer.json);
    expect(plan).toMatchObject({ allowed: false, parts: [] });
    expect(plan.reasons.map(({ code }) => code)).toEqual(["too_long", "window_closed"]);
    expect(here.traces()).toEqual(before);
  });

  test("false is a send", async () => {
    expect((await send(say("x"), {}, `${messages}?dryRun=false`)).status).toBe(202);
  });
});

test("a mailbox fault without a key is 503, and the next try is a message of its own", async () => {
  const down = new MemoryMailbox();
  down.deliver = async () => {
    throw new WorldFault("no connection");
  };
  here.ports.mailbox = down;
  expect(problemIn(await send(say("x")))).toMatchObject({ status: 503 });
  here.ports.mailbox = here.mailbox;
  expect((await send(say("x"))).status).toBe(202);
});
