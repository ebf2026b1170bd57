/** Chatwoot's whole table, and beside it a second desk: each shows what was said at the other. */
import { describe, expect, it, vi } from "vitest";
import sample from "../../../recado.config.ts";
import { SOON } from "../stack.ts";
import { type DeskWorld, deskTable } from "./table.ts";

deskTable(
  {
    helpdesk: "chatwoot",
    baseUrl: "https://chatwoot.example.com",
    accountId: 1,
    inbox: { id: 7, identifier: "inbox-identifier" },
    agentNames: true,
  },
  { beside: sample.helpdesks },
  more,
);

function more(world: () => DeskWorld): void {
  /** What the ticket shows to agents, in order. */
  const shown = async (ticket: string) => (await world().ticket(ticket)).messages.map(({ text }) => text);

  describe.concurrent("chatwoot beside another desk", () => {
    it("shows what was answered there, and what is answered here is shown there; the customer has each once", async () => {
      const { stack, opened, act } = world();
      const from = "15558000021";
      const { conversation, ticket } = await opened("WhatsApp", from, "Olá");
      await stack.desk.reply({ conversation, text: "Da outra mesa", agent: { name: "Bia" } });
      await vi.waitFor(async () => expect((await shown(ticket)).join()).toContain("Da outra mesa"), SOON);
      await act("reply", { ticket, text: "Desta **mesa**" });
      await vi.waitFor(async () => {
        const events = (await stack.desk.events(conversation)).map(({ event }) => event);
        expect(JSON.stringify(events)).toContain("Desta *mesa*");
      }, SOON);
      await stack.settled();
      const got = (await stack.graph.phone(from)).map(({ text }) => text);
      expect(got).toEqual(["Da outra mesa", "*Ana:*\nDesta *mesa*"]);
    });

    it("is closed when the conversation was closed there", async () => {
      const { stack, opened } = world();
      const { conversation, ticket } = await opened("SMS", "+15558000022", "Olá");
      await stack.desk.reply({ type: "state", conversation, state: "closed" });
      await vi.waitFor(async () => expect(await world().ticket(ticket)).toMatchObject({ status: "closed" }), SOON);
      await stack.settled();
      const states = (await stack.events(conversation)).filter(({ type }) => type.startsWith("conversation."));
      expect(states.map(({ type }) => type)).toEqual(["conversation.closed"]);
    });
  });

  describe.concurrent("an agent at chatwoot", () => {
    it("whose webhook is lost is heard when the desk is asked", async () => {
      const { stack, opened, act, order, deskCustomer, tend } = world();
      const from = "15558000023";
      const { ticket } = await opened("WhatsApp", from, "Olá");
      await order({ kind: "drop_webhook", customer: await deskCustomer(ticket), about: "message" });
      await act("reply", { ticket, text: "Perdida e achada" });
      await tend();
      await vi.waitFor(async () => expect(await stack.graph.phone(from)).toHaveLength(1), SOON);
      await tend();
      await stack.settled();
      expect(await stack.graph.phone(from)).toHaveLength(1);
    });

    it("who deletes what has gone out is told that the customer still has it", async () => {
      const { stack, opened, act } = world();
      const from = "15558000024";
      const { ticket } = await opened("WhatsApp", from, "Olá");
      const id = await act("reply", { ticket, text: "Sem querer" });
      await vi.waitFor(async () => expect(await stack.graph.phone(from)).toHaveLength(1), SOON);
      await act("remove", { ticket, message: id });
      await vi.waitFor(
        async () => expect((await shown(ticket)).join("\n")).toContain("The customer still has it"),
        SOON,
      );
    });

    it("who tags and takes the conversation has that in the stream of events", async () => {
      const { stack, opened, act } = world();
      const { conversation, ticket } = await opened("SMS", "+15558000025", "Olá");
      await act("tags", { ticket, tags: ["vip"] });
      await act("assigned", { ticket, name: "Ana" });
      await vi.waitFor(async () => {
        const events = await stack.events(conversation);
        const told = (type: string) => events.find((event) => event.type === type)?.data;
        expect(told("conversation.tagged")).toMatchObject({ tags: ["vip"], helpdesk: "agents" });
        expect(told("conversation.assigned")).toMatchObject({ assignee: { name: "Ana" }, helpdesk: "agents" });
      }, SOON);
    });
  });
}
