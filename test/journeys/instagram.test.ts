/** A conversation on Instagram, from the first word to the last receipt, through the whole stack. */
import { afterAll, expect, it } from "vitest";
import { call, SOON, startStack } from "./stack.ts";

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
