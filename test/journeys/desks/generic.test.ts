/** A helpdesk, from the customer's words to the agent's screen and back, as it would be deployed. */

import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { Webhook } from "standardwebhooks";
import { afterAll, describe, expect, it, vi } from "vitest";
import sample from "../../../recado.config.ts";
import {
  call,
  PAGE_ID,
  PHONE_NUMBER_ID,
  SMS_NUMBER,
  SOON,
  startStack,
  whatsAppText,
  whatsAppWebhook,
} from "../stack.ts";
import { accounts, STAND_IN, standsIn, wroteLongAgo } from "./branch.ts";

const stack = await startStack({ helpdesks: sample.helpdesks, accounts });
afterAll(() => stack.stop());

/** Waits until the desk has as many events of the conversation, and gives them without repetitions. */
async function shown(conversation: string, count: number) {
  return vi.waitFor(async () => {
    const first = (await stack.desk.events(conversation)).filter(({ isRepeated }) => !isRepeated);
    expect(first.map(({ event }) => event.type)).toHaveLength(count);
    return first.map(({ event }) => event);
  }, SOON);
}

const textOf = ({ data }: { data: object }) =>
  (data as { message?: { content?: { text?: string } } }).message?.content?.text;

describe.concurrent("the desk", () => {
  it.each([
    ["WhatsApp", stack.graph, "15557000001", { phoneNumberId: PHONE_NUMBER_ID }],
    ["SMS", stack.twilio, "+15557000002", { to: SMS_NUMBER }],
  ])("is told what a customer writes on %s, and what became of the answer, as the log has it", async (...row) => {
    const [, vendor, from, to] = row;
    const id = await vendor.write({ ...to, from, text: "Olá, está aberto?" });
    const conversation = await stack.conversationOf(id);
    const message = await stack.send(conversation, "Até às 18h.");
    await vi.waitFor(async () => {
      expect(["delivered", "read"]).toContain((await stack.message(conversation, message)).status);
    }, SOON);
    await stack.settled();
    const log = await stack.events(conversation);
    expect(log.map(({ type }) => type)).toEqual(
      expect.arrayContaining(["message.received", "message.queued", "message.sent", "message.delivered"]),
    );
    const arrivals = await stack.desk.events(conversation);
    expect(arrivals.map(({ event }) => event)).toEqual(log);
    expect(arrivals.map(({ webhookId }) => webhookId)).toEqual(log.map(({ id }) => id));
  });

  it.each([
    ["WhatsApp", stack.graph, "15557000021", { phoneNumberId: PHONE_NUMBER_ID }],
    ["Messenger", stack.graph, "4001700001", { pageId: PAGE_ID }],
    ["Instagram", stack.graph, "8101700001", { instagramId: "300000000000001" }],
    ["SMS", stack.twilio, "+15557000022", { to: SMS_NUMBER }],
  ])("is told of a picture that a customer sends on %s, and that its file is kept", async (...row) => {
    const [, vendor, from, to] = row;
    const conversation = await stack.conversationOf(await vendor.write({ ...to, from, text: "Olá" }));
    await vendor.write({ ...to, from, kind: "image" });
    await vi.waitFor(async () => {
      const events = (await stack.desk.events(conversation)).map(({ event }) => event);
      const kept = events.find(({ type }) => type === "media.stored")?.data.media;
      expect(kept).toMatchObject({ id: expect.stringMatching(/^med_/), contentType: "image/jpeg" });
    }, SOON);
  });

  it("that is down while customers write gets all of it once and in order when it is back", async () => {
    const from = "+15557000003";
    const conversation = await stack.conversationOf(await stack.twilio.write({ to: SMS_NUMBER, from, text: "0" }));
    await shown(conversation, 1);
    await stack.desk.order({ kind: "down", customer: conversation });
    for (const text of ["1", "2", "3"])
      await stack.conversationOf(await stack.twilio.write({ to: SMS_NUMBER, from, text }));
    expect((await shown(conversation, 4)).map(textOf)).toEqual(["0", "1", "2", "3"]);
    await stack.settled();
    expect((await stack.desk.events(conversation)).filter(({ isRepeated }) => isRepeated)).toEqual([]);
    expect(stack.lines.filter((line) => line.includes("HTTP 503") && line.includes(conversation))).toHaveLength(1);
  });
});

/** A customer's WhatsApp conversation, known to the desk. */
async function opened(from: string) {
  const id = await stack.graph.write({ phoneNumberId: PHONE_NUMBER_ID, from, text: "Olá" });
  const conversation = await stack.conversationOf(id);
  await shown(conversation, 1);
  return conversation;
}

/** What came of a reply, as the desk heard it: the types of the events about the messages that it became. */
async function heard(conversation: string, reply: string) {
  const events = (await stack.desk.events(conversation)).map(({ event }) => event);
  const messages = events.map(({ data }) => data.message as { id?: string; helpdesk?: { id: string } } | undefined);
  const ids = new Set(messages.flatMap((message) => (message?.helpdesk?.id === reply ? [message.id] : [])));
  return events.filter((_, index) => ids.has(messages[index]?.id));
}

/** A webhook of the desk's own, signed by the judge of the standard. */
function post(told: object, { path = "/helpdesks/desk", secret = "local-desk-webhookSecret", id = "m1" } = {}) {
  const body = JSON.stringify(told);
  const now = new Date();
  const key = `whsec_${Buffer.from(secret).toString("base64")}`;
  const headers = {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
    "webhook-signature": new Webhook(key).sign(id, now, body),
  };
  return call(`${stack.url}${path}`, { method: "POST", headers, body });
}

describe.concurrent("an agent at the desk", () => {
  it("answers, and hears what became of it", async () => {
    const from = "15557000011";
    const conversation = await opened(from);
    const reply = await stack.desk.reply({ conversation, text: "Já chegou!", agent: { name: "Ana" } });
    await vi.waitFor(async () => {
      const types = (await heard(conversation, reply)).map(({ type }) => type);
      expect(types).toEqual(["message.queued", "message.sent", "message.delivered", "message.read"]);
    }, SOON);
    expect((await stack.graph.phone(from)).map(({ text }) => text)).toEqual(["Já chegou!"]);
    const [, message] = await stack.messages(conversation);
    const author = { type: "agent", name: "Ana" };
    expect(message).toMatchObject({ status: "read", author, helpdesk: { name: "desk", id: reply } });
  });

  it("sends a picture with a word, and two files after one", async () => {
    const from = "15557000012";
    const conversation = await opened(from);
    const picture = { contentType: "image/jpeg", fileName: "foto.jpg" };
    /** What the customer has read of ours. */
    const read = async (count: number) =>
      vi.waitFor(async () => {
        const ours = (await stack.messages(conversation)).filter(({ status }) => status === "read");
        expect(ours).toHaveLength(count);
        return ours;
      }, SOON);
    await stack.desk.reply({ conversation, text: "Veja", attachments: [picture] });
    await read(1);
    expect(await stack.graph.requests("Veja")).toMatchObject([{ status: 200, body: { type: "image" } }]);
    const attachments = [picture, { contentType: "application/pdf", fileName: "conta.pdf" }];
    await stack.desk.reply({ conversation, text: "E mais", attachments });
    const messages = await read(4);
    expect(messages.map(({ content }) => content)).toMatchObject([
      { type: "image", caption: "Veja", media: { id: expect.stringMatching(/^med_/), contentType: "image/jpeg" } },
      { type: "text", text: "E mais" },
      { type: "image", media: { fileName: "foto.jpg" } },
      { type: "document", media: { fileName: "conta.pdf" } },
    ]);
  });

  it("is told that a file of the reply is not there, and nothing of it goes out", async () => {
    const from = "15557000013";
    const conversation = await opened(from);
    const attachments = [{ url: "https://desk.example.com/files/gone", fileName: "conta.pdf" }];
    const told = { id: "gone 1", type: "reply", conversation, text: "A conta", attachments };
    expect(await post(told)).toMatchObject({ status: 202, text: "{}" });
    await vi.waitFor(async () => {
      const [, failed] = await heard(conversation, "gone 1");
      const failure = { class: "payload", code: "file_unavailable", reason: expect.stringContaining("“conta.pdf”") };
      expect(failed).toMatchObject({ type: "message.failed", data: { failure } });
    }, SOON);
    await stack.settled();
    expect(await stack.graph.phone(from)).toEqual([]);
  });

  it("writes a note, which stays inside", async () => {
    const from = "15557000014";
    const conversation = await opened(from);
    const note = { id: "note 1", type: "note", conversation, text: "Cliente difícil" };
    expect((await post(note)).status).toBe(202);
    await stack.settled();
    expect(await stack.graph.phone(from)).toEqual([]);
    expect(await stack.events(conversation)).toHaveLength(1);
  });

  it("is heard once, however often and in however many webhooks at once the desk tells it", async () => {
    const from = "15557000015";
    const conversation = await opened(from);
    const told = { id: "once 1", type: "reply", conversation, text: "Uma vez só" };
    const answers = await Promise.all(["a", "b", "a", "c"].map((id) => post(told, { id })));
    expect(answers.map(({ status, text }) => [status, text])).toEqual(Array(4).fill([202, "{}"]));
    await vi.waitFor(async () => expect(await stack.graph.phone(from)).toHaveLength(1), SOON);
    // As when the queue has forgotten it.
    const happening = { ...told, author: { type: "agent" }, files: [] };
    await stack.sqs.send(
      new SendMessageCommand({
        QueueUrl: stack.queue("take-reply.fifo"),
        MessageBody: JSON.stringify({ desk: "desk", happening, receivedAt: Date.now() }),
        MessageGroupId: conversation,
        MessageDeduplicationId: "again",
      }),
    );
    await stack.settled();
    expect(await stack.graph.phone(from)).toHaveLength(1);
    expect((await heard(conversation, "once 1")).filter(({ type }) => type === "message.queued")).toHaveLength(1);
  });

  it("is heard once and in order, although each webhook comes twice and the first behind the second", async () => {
    const from = "15557000018";
    const conversation = await opened(from);
    await stack.desk.order({ kind: "reorder", customer: conversation, about: "message", delayMs: 3_000 });
    await stack.desk.order({ kind: "duplicate", customer: conversation, about: "message", times: 2 });
    await stack.desk.reply({ conversation, text: "primeiro" });
    await stack.desk.reply({ conversation, text: "segundo" });
    await vi.waitFor(async () => expect(await stack.graph.phone(from)).toHaveLength(2), SOON);
    await stack.settled();
    expect((await stack.graph.phone(from)).map(({ text }) => text)).toEqual(["primeiro", "segundo"]);
  });

  it("closes the conversation, which the customer opens again", async () => {
    const from = "15557000016";
    const conversation = await opened(from);
    const statusOf = async () => (await stack.get(`/v1/conversations/${conversation}`)).json;
    await stack.desk.reply({ type: "state", conversation, state: "closed" });
    await vi.waitFor(async () => expect(await statusOf()).toMatchObject({ status: "closed" }), SOON);
    await shown(conversation, 2);
    await stack.graph.write({ phoneNumberId: PHONE_NUMBER_ID, from, text: "Mais uma coisa" });
    const events = await shown(conversation, 4);
    expect(events.map(({ type, data }) => [type, data.by])).toEqual([
      ["message.received", undefined],
      ["conversation.closed", "agent"],
      ["message.received", undefined],
      ["conversation.opened", "contact"],
    ]);
  });

  it("answers too late: the desk is told why, and the customer gets nothing", async () => {
    const from = "15557000017";
    const yesterday = String(Math.floor(Date.now() / 1000) - 25 * 3600);
    const webhook = whatsAppWebhook({ messages: [whatsAppText(from, "wamid.late", "Alguém?", yesterday)] });
    expect((await stack.whatsapp(webhook)).status).toBe(200);
    const conversation = await stack.conversationOf("wamid.late");
    const reply = await stack.desk.reply({ conversation, text: "Desculpe a demora" });
    await vi.waitFor(async () => {
      const [, failed] = await heard(conversation, reply);
      expect(failed).toMatchObject({ type: "message.failed", data: { failure: { class: "window" } } });
    }, SOON);
    expect(await stack.graph.phone(from)).toEqual([]);
  });

  it("answers too late where a template stands in: it goes out in the reply's words, and the desk hears of it", async () => {
    const from = "15557000019";
    const conversation = await wroteLongAgo(stack, from, "wamid.branch");
    const reply = await stack.desk.reply({ conversation, text: "Já temos a peça" });
    await vi.waitFor(async () => {
      const types = (await heard(conversation, reply)).map(({ type }) => type);
      expect(types).toEqual(["message.queued", "message.sent", "message.delivered", "message.read"]);
    }, SOON);
    expect(await stack.graph.requests(STAND_IN)).toEqual(standsIn("Já temos a peça"));
    expect(await stack.graph.phone(from)).toHaveLength(1);
  });
});

describe.concurrent("the desk's door", () => {
  it.each<[string, number, object]>([
    ["another secret", 401, { secret: "wrong" }],
    ["a desk that is not there", 404, { path: "/helpdesks/other" }],
  ])("is shut for %s", async (_, status, given) => {
    const conversation = `conv_${"A".repeat(22)}`;
    const answer = await post({ id: "forged", type: "reply", conversation, text: "Olá" }, given);
    expect(answer).toMatchObject({ status, text: "" });
  });

  it("tells the desk's maker what is wrong with what was signed", async () => {
    const answer = await post({ id: "odd", type: "reply", text: "Olá" });
    expect(answer).toMatchObject({ status: 422, json: { code: "invalid_body", field: "conversation" } });
  });
});
