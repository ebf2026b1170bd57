/** Another helpdesk in the configuration: conversations that are open are there, with what was said before. */
import { afterAll, expect, it, vi } from "vitest";
import * as z from "zod";
import sample from "../../../recado.config.ts";
import { call, newDataDir, PHONE_NUMBER_ID, SOON, startStack } from "../stack.ts";

const data = newDataDir();
afterAll(() => data.remove());

const Tickets = z.object({
  data: z.array(
    z.looseObject({
      status: z.string(),
      messages: z.array(z.looseObject({ text: z.string(), author: z.looseObject({ type: z.string() }) })),
    }),
  ),
});

it("takes over what is open, and its agents answer the customer", async () => {
  const from = "15558000031";
  const before = await startStack({ dataDir: data.path, helpdesks: sample.helpdesks });
  const id = await before.graph.write({ phoneNumberId: PHONE_NUMBER_ID, from, text: "Onde está o pedido?" });
  const conversation = await before.conversationOf(id);
  await before.desk.reply({ conversation, text: "Já verifico" });
  await vi.waitFor(async () => expect(await before.graph.phone(from)).toHaveLength(1), SOON);
  await before.settled();
  await before.stop();

  const agents = {
    helpdesk: "chatwoot",
    baseUrl: "https://chatwoot.example.com",
    accountId: 1,
    inbox: { id: 7, identifier: "inbox-identifier" },
  };
  const after = await startStack({ dataDir: data.path, helpdesks: { agents } });
  try {
    const run = await call(`${after.url}/_schedules/recado-local-tend-agents`, { method: "POST" });
    expect(run.status).toBe(200);
    const ticket = await vi.waitFor(async () => {
      const answer = await call(`${after.url}/_simulators/agents/_simulator/tickets`);
      const [found, ...others] = Tickets.parse(answer.json).data;
      expect(others).toEqual([]);
      expect(found?.messages.map(({ text }) => text).join("\n")).toMatch(/Onde está o pedido\?[\s\S]*Já verifico/);
      return found;
    }, SOON);
    await call(`${after.url}/_simulators/agents/_simulator/reply`, {
      method: "POST",
      body: JSON.stringify({ ticket: ticket?.id, text: "Chega amanhã" }),
    });
    await vi.waitFor(async () => {
      expect((await after.graph.phone(from)).map(({ text }) => text)).toEqual(["Chega amanhã"]);
    }, SOON);
  } finally {
    await after.stop();
  }
});
