/** A conversation on Instagram, from the first word to the last receipt, through the whole stack. */
import { afterAll, expect, it } from "vitest";
import { ApiContact, ApiConversation } from "../../shared/domain/api-shapes.ts";
import { call, PAGE_ID, PHONE_NUMBER_ID, SMS_NUMBER, SOON, startStack } from "./stack.ts";

const INSTAGRAM_ID = "300000000000001";
const CUSTOMER = "8100000000000001";

const stack = await startStack();
afterAll(() => stack.stop());
const { graph } = stack;
const writes = (what: object) => graph.write({ instagramId: INSTAGRAM_ID, from: CUSTOMER, ...what });

it("shows what a customer does, and tells a reply with buttons to the end", async () => {
  const first = await writes({ text: "Olá 😀" });
  const conversation = await stack.conversationOf(first);
  await writes({ kind: "image", text: "Este?" });
  await writes({ kind: "story_mention" });
  await writes({ kind: "reaction", text: "❤", replyTo: first });
  await writes({ kind: "edit", text: "Olá!", replyTo: first });
  await writes({ kind: "unsend", replyTo: await writes({ text: "engano" }) });

  const text = "Qual tamanho?";
  const content = { type: "buttons", text, buttons: ["S", "M"].map((title) => ({ id: `size-${title}`, title })) };
  const answer = await stack.post(`/v1/conversations/${conversation}/messages`, { content });
  const { id } = (answer.json as { message: { id: string } }).message;
  await expect.poll(() => stack.publishedAfter(id), SOON).toContain("read");
  await writes({ kind: "postback", text: "M", payload: "size-M" });
  await stack.settled();

  expect(await stack.conversations()).toMatchObject([
    { channel: "instagram", account: "instagram", address: CUSTOMER },
  ]);
  const messages = await stack.messages(conversation);
  expect(messages.map(({ direction, content }) => [direction, content])).toMatchObject([
    ["inbound", { type: "text", text: "Olá!" }],
    ["inbound", { type: "image", caption: "Este?" }],
    ["inbound", { type: "story", kind: "mention" }],
    ["inbound", { type: "text", text: "engano" }],
    ["outbound", content],
    ["inbound", { type: "choice", id: "size-M", title: "M" }],
  ]);
  expect(messages[4]).toMatchObject({ status: "read" });
  const types = (await stack.events(conversation)).map(({ type }) => type);
  for (const type of ["message.reacted", "message.edited", "message.deleted"]) expect(types).toContain(type);
  const [request, ...more] = await graph.requests(text);
  expect(request).toMatchObject({ path: "/v26.0/me/messages", status: 200, body: { recipient: { id: CUSTOMER } } });
  expect(more).toEqual([]);
});

it("answers the handshake with its own word, and nobody without it", async () => {
  const asked = (word: string) =>
    call(`${stack.url}/webhooks/instagram?hub.mode=subscribe&hub.challenge=42&hub.verify_token=${word}`);
  expect(await asked("local-instagram-verifyToken")).toMatchObject({ status: 200, text: "42" });
  expect(await asked("local-messenger-verifyToken")).toMatchObject({ status: 403 });
});

const contactOf = async (conversation: string) => {
  const { contact } = ApiConversation.parse((await stack.get(`/v1/conversations/${conversation}`)).json);
  return ApiContact.parse((await stack.get(`/v1/contacts/${contact.id}`)).json);
};

it("asks what a customer is called whom no message names, and lets it be where nobody may know", async () => {
  const named = await graph.write({ pageId: PAGE_ID, from: "7000000000000042", text: "Oi", name: "Ana Souza" });
  const handle = await writes({ from: "8100000000000042", text: "Oi", name: "Rui" });
  const hidden = await graph.write({ pageId: PAGE_ID, from: "7000000000000043", text: "Oi", name: null });
  const conversations = await Promise.all([named, handle, hidden].map((id) => stack.conversationOf(id)));
  await stack.settled();
  const names = await Promise.all(conversations.map(async (one) => (await contactOf(one)).name));
  expect(names).toEqual(["Ana Souza", "Rui", undefined]);
  const told = (await stack.events(conversations[0] ?? "")).map(({ type }) => type);
  expect(told).toEqual(["message.received", "contact.updated"]);
});

it("knows a person by the number, on WhatsApp and by SMS, however it is spelled", async () => {
  const onWhatsApp = await graph.write({
    phoneNumberId: PHONE_NUMBER_ID,
    from: "551187650000",
    text: "Oi",
    name: "Bia",
  });
  const bySms = await stack.twilio.write({ to: SMS_NUMBER, from: "+5511987650000", element: { Body: "Oi" } });
  const [first = "", second = ""] = await Promise.all([onWhatsApp, bySms].map((id) => stack.conversationOf(id)));
  await stack.settled();
  const contact = await contactOf(first);
  expect(await contactOf(second)).toEqual(contact);
  expect(contact.name).toBe("Bia");
  expect(contact.conversations.map(({ channel }) => channel).toSorted()).toEqual(["sms", "whatsapp"]);
  expect(contact.conversations.find(({ id }) => id === second)?.address).toBe("+5511987650000");
});
