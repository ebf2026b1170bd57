/** The largest webhook that a provider posts. */
import { afterAll, expect, it } from "vitest";
import { startStack, whatsAppText, whatsAppWebhook } from "./stack.ts";

const stack = await startStack();
afterAll(() => stack.stop());

it("a thousand updates in one webhook are kept, every one and in order", async () => {
  const customers = Array.from({ length: 40 }, (_, index) => `1555200${String(index).padStart(4, "0")}`);
  const ids = (customer: string) => Array.from({ length: 25 }, (_, index) => `wamid.thousand.${customer}.${index}`);
  // In turns, so that the order within a conversation is not the order of the webhook alone.
  const messages = Array.from({ length: 25 }, (_, turn) =>
    customers.map((customer) => whatsAppText(customer, ids(customer)[turn] ?? "", `n.º ${turn}`)),
  );
  expect(await stack.whatsapp(whatsAppWebhook({ messages: messages.flat() }))).toMatchObject({ status: 200 });
  await stack.settled();

  const conversations = await stack.conversations();
  const kept = await Promise.all(
    conversations.map(async ({ id, address }) => {
      const said = await stack.messages(id);
      return [address, said.map(({ providerMessageId }) => providerMessageId)] as const;
    }),
  );
  expect(Object.fromEntries(kept)).toEqual(Object.fromEntries(customers.map((customer) => [customer, ids(customer)])));
});
