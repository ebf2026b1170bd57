/** A run that was stopped and started again at the same place. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { newDataDir, PHONE_NUMBER_ID, SOON, smsText, startStack, whatsAppText, whatsAppWebhook } from "./stack.ts";

const { path: dataDir, remove } = newDataDir();
let stack = await startStack({ dataDir });
afterAll(async () => {
  await stack.stop();
  remove();
});

const webhook = whatsAppWebhook({ messages: [whatsAppText("351940000001", "wamid.before", "Antes")] });
const sms = smsText("+351940000002", "SM00000000000000000000000000000940", "Antes");
const write = () => stack.graph.write({ phoneNumberId: PHONE_NUMBER_ID, from: "351940000003", text: "Olá" });

async function everything() {
  const conversations = await stack.conversations();
  return Promise.all(
    conversations.map(async (conversation) => ({
      conversation,
      messages: await stack.messages(conversation.id),
      events: await stack.events(conversation.id),
    })),
  );
}

it("after a restart everything is as it was, what providers repeat is known, and messages go out", async () => {
  await stack.whatsapp(webhook);
  await stack.sms(sms);
  const conversation = await stack.conversationOf(await write());
  const message = await stack.send(conversation, "Até já");
  await expect.poll(async () => (await stack.message(conversation, message)).status, SOON).toBe("read");
  await stack.settled();
  const before = await everything();
  expect(before).toHaveLength(3);

  await stack.stop();
  // The queues go, and with them all that they remember of what they have seen.
  rmSync(join(dataDir, "queues"), { recursive: true });
  stack = await startStack({ dataDir });
  expect(await everything()).toEqual(before);

  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? stack.whatsapp(webhook) : stack.sms(sms))),
  );
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  await stack.settled();
  // They came as far as the log: had the queues dropped them, nobody would have asked it.
  const asked = stack.calls.filter(
    ({ principal, action }) => principal === "recado-local-record-event" && action === "dynamodb:Query",
  );
  expect(asked.length).toBeGreaterThanOrEqual(2);
  expect(await everything()).toEqual(before);

  const next = await stack.send(conversation, "Cá estou");
  await expect.poll(async () => (await stack.message(conversation, next)).status, SOON).toBe("read");
  const sequences = (await stack.events(conversation)).map(({ sequence }) => Number(sequence));
  expect(sequences).toEqual(sequences.map((_, index) => index + 1));
});
