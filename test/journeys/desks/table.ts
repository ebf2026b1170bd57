/** What agents and customers see of any desk of tickets, as it would be deployed: one table, the same for all of them. */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import * as z from "zod";
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

const INSTAGRAM_ID = "300000000000001";
/** The desk's name in these journeys. */
const DESK = "agents";

const Shown = z.object({
  id: z.string(),
  author: z.looseObject({ type: z.string(), name: z.string().optional() }),
  isPrivate: z.boolean(),
  text: z.string(),
  files: z.array(z.looseObject({ contentType: z.string(), sha256: z.string(), size: z.number() })),
  status: z.string().optional(),
  statusReason: z.string().optional(),
});
const Ticket = z.looseObject({
  id: z.string(),
  status: z.string(),
  tags: z.array(z.string()),
  messages: z.array(Shown),
});
const Tickets = z.object({ data: z.array(Ticket) });
const WithContact = z.looseObject({
  contact: z.looseObject({
    id: z.string(),
    name: z.string().optional(),
    phone: z.string().optional(),
    externalId: z.string().optional(),
  }),
});
const Webhooks = z.object({
  data: z.array(z.object({ body: z.string(), attempts: z.array(z.union([z.number(), z.string()])) })),
});

export interface TableOptions {
  /** Other desks beside it, by name. */
  beside?: Record<string, { helpdesk: string } & Record<string, unknown>> | undefined;
}

/**
 * @param settings of the desk as they stand in the configuration, `helpdesk` included
 * @param more journeys of this desk alone, in the same run
 */
export function deskTable(
  settings: { helpdesk: string } & Record<string, unknown>,
  { beside = {} }: TableOptions = {},
  more: (world: () => DeskWorld) => void = () => {},
): void {
  let world: DeskWorld;
  beforeAll(async () => {
    world = await startDesk({ [DESK]: { ...settings, receiptNotes: true }, ...beside });
  }, 300_000);
  afterAll(() => world.stack.stop());
  const { helpdesk } = settings;

  describe.concurrent(`${helpdesk}: a customer`, () => {
    it.each([
      ["WhatsApp", "15558000001"],
      ["Messenger", "4001800001"],
      ["Instagram", "8101800001"],
      ["SMS", "+15558000002"],
    ] as const)("on %s writes and sends a picture, which are in one ticket", async (channel, from) => {
      const { conversation, ticket } = await world.opened(channel, from, "Olá 😀");
      await world.writes(channel, from, { kind: "image", ...(channel === "WhatsApp" && { text: "Veja" }) });
      const picture = await vi.waitFor(async () => {
        const [, second] = await world.stack.messages(conversation);
        const media = second && "media" in second.content ? second.content.media : undefined;
        if (media?.id === undefined) throw new Error("the file is not kept yet");
        return media;
      }, SOON);
      await vi.waitFor(async () => {
        const messages = (await world.ticket(ticket)).messages.filter(({ author }) => author.type === "customer");
        expect(messages[0]).toMatchObject({ text: "Olá 😀", isPrivate: false });
        const files = messages.flatMap(({ files: all }) => all);
        expect(files).toMatchObject([{ contentType: "image/jpeg", sha256: picture.sha256 }]);
        if (channel === "WhatsApp") expect(messages.map(({ text }) => text).join()).toContain("Veja");
      }, SOON);
    });

    it("who writes while the desk is down is there once and in order when it is back", async () => {
      const from = "+15558000003";
      const { ticket } = await world.opened("SMS", from, "zero");
      await world.order({ kind: "down", customer: from, times: 1 });
      for (const text of ["um", "dois", "três"]) await world.writes("SMS", from, { text });
      await vi.waitFor(async () => {
        // A desk that is told of bursts as one has several lines in a message.
        const said = (await world.ticket(ticket)).messages.filter(({ author }) => author.type === "customer");
        expect(said.flatMap(({ text }) => text.split("\n"))).toEqual(["zero", "um", "dois", "três"]);
      }, SOON);
    });

    it("who writes to a solved ticket has it open again, and the conversation with it", async () => {
      const from = "+15558000004";
      const { conversation, ticket } = await world.opened("SMS", from, "Olá");
      await world.act("state", { ticket, state: "closed" });
      const statusOf = async () => (await world.stack.get(`/v1/conversations/${conversation}`)).json;
      await vi.waitFor(async () => expect(await statusOf()).toMatchObject({ status: "closed" }), SOON);
      await world.stack.settled();
      await world.writes("SMS", from, { text: "Mais uma coisa" });
      await vi.waitFor(async () => {
        const last = await world.ticket(await world.ticketOf(conversation, -1));
        expect(last).toMatchObject({ status: "open" });
        expect(last.messages.map(({ text }) => text).join("\n")).toContain("Mais uma coisa");
      }, SOON);
      expect(await statusOf()).toMatchObject({ status: "open" });
    });
  });

  describe.concurrent(`${helpdesk}: an agent`, () => {
    it("answers with a file, and sees that it was read", async () => {
      const from = "15558000011";
      const { conversation, ticket } = await world.opened("WhatsApp", from, "A conta?");
      const attachments = [{ contentType: "application/pdf", fileName: "conta.pdf" }];
      const id = await world.act("reply", { ticket, text: "Segue a conta", attachments });
      await vi.waitFor(async () => {
        const ours = (await world.stack.messages(conversation)).filter(({ direction }) => direction === "outbound");
        expect(ours).toMatchObject([
          {
            status: "read",
            content: { type: "document", media: { fileName: "conta.pdf" } },
            author: { type: "agent" },
          },
        ]);
      }, SOON);
      expect(await world.stack.graph.phone(from)).toHaveLength(1);
      await vi.waitFor(async () => {
        const { messages } = await world.ticket(ticket);
        const reply = messages.find((message) => message.id === id);
        const notes = messages.filter(({ isPrivate }) => isPrivate).map(({ text }) => text);
        expect([reply?.status?.toLowerCase(), ...notes].join("\n")).toMatch(/\bread\b/i);
      }, SOON);
    });

    it("writes a note, which stays inside, and a reply, which does not", async () => {
      const from = "15558000012";
      const { ticket } = await world.opened("WhatsApp", from, "Olá");
      await world.act("note", { ticket, text: "Cliente difícil" });
      await world.act("reply", { ticket, text: "Bom dia" });
      await vi.waitFor(async () => expect(await world.stack.graph.phone(from)).toHaveLength(1), SOON);
      await world.stack.settled();
      expect((await world.stack.graph.phone(from)).map(({ text }) => text)).toEqual([
        expect.stringContaining("Bom dia"),
      ]);
    });

    it("is heard once and in order, although each webhook comes twice and the first behind the second", async () => {
      const from = "15558000013";
      const { conversation, ticket } = await world.opened("WhatsApp", from, "Olá");
      const customer = await world.deskCustomer(ticket);
      await world.order({ kind: "reorder", customer, about: "message", delayMs: 3_000 });
      await world.order({ kind: "duplicate", customer, about: "message", times: 2 });
      await world.act("reply", { ticket, text: "primeiro" });
      await world.act("reply", { ticket, text: "segundo" });
      await vi.waitFor(async () => expect(await world.stack.graph.phone(from)).toHaveLength(2), SOON);
      await world.stack.settled();
      const texts = (await world.stack.graph.phone(from)).map(({ text }) => text);
      expect(texts).toEqual([expect.stringContaining("primeiro"), expect.stringContaining("segundo")]);
      expect(await world.stack.messages(conversation)).toHaveLength(3);
    });

    it("answers too late: sees why, and the customer gets nothing", async () => {
      const from = "15558000014";
      const yesterday = String(Math.floor(Date.now() / 1000) - 25 * 3600);
      const webhook = whatsAppWebhook({
        messages: [whatsAppText(from, `wamid.late.${helpdesk}`, "Alguém?", yesterday)],
      });
      expect((await world.stack.whatsapp(webhook)).status).toBe(200);
      const conversation = await world.stack.conversationOf(`wamid.late.${helpdesk}`);
      const ticket = await world.ticketOf(conversation);
      const id = await world.act("reply", { ticket, text: "Desculpe a demora" });
      await vi.waitFor(async () => {
        const { messages } = await world.ticket(ticket);
        const reply = messages.find((message) => message.id === id);
        const notes = messages.filter(({ isPrivate }) => isPrivate).map(({ text }) => text);
        expect([reply?.statusReason, ...notes].join("\n")).toMatch(/approved template/);
      }, SOON);
      expect(await world.stack.graph.phone(from)).toEqual([]);
    });

    it("answers too late where a template stands in: it goes out in the reply's words, and is seen to be read", async () => {
      const from = "15558000018";
      const conversation = await wroteLongAgo(world.stack, from, `wamid.branch.${helpdesk}`);
      const ticket = await world.ticketOf(conversation);
      const id = await world.act("reply", { ticket, text: "Já temos a peça" });
      await vi.waitFor(async () => {
        const { messages } = await world.ticket(ticket);
        const reply = messages.find((message) => message.id === id);
        const notes = messages.filter(({ isPrivate }) => isPrivate).map(({ text }) => text);
        expect([reply?.status?.toLowerCase(), ...notes].join("\n")).toMatch(/\bread\b/i);
        expect([reply?.statusReason, ...notes].join("\n")).not.toMatch(/approved template/);
        // Who wrote it learns what the customer got.
        expect(notes.join("\n")).toContain(STAND_IN);
      }, SOON);
      expect(await world.stack.graph.requests(STAND_IN)).toEqual(standsIn("Já temos a peça"));
      expect(await world.stack.graph.phone(from)).toHaveLength(1);
    });

    it("sees what was sent elsewhere, and none of it, nor any note of ours, comes back to the customer", async () => {
      const from = "15558000015";
      const { conversation, ticket } = await world.opened("WhatsApp", from, "Olá");
      await world.stack.send(conversation, "Enviado pela API");
      await vi.waitFor(async () => {
        const { messages } = await world.ticket(ticket);
        expect(messages.map(({ text }) => text).join("\n")).toContain("Enviado pela API");
      }, SOON);
      await world.stack.settled();
      expect((await world.stack.graph.phone(from)).map(({ text }) => text)).toEqual(["Enviado pela API"]);
      expect(await world.stack.messages(conversation)).toHaveLength(2);
    });

    it.each(["wrong", "missing"])("is not taken for one by a webhook whose signature is %s", async (signature) => {
      const from = signature === "wrong" ? "15558000016" : "15558000017";
      const { ticket } = await world.opened("WhatsApp", from, "Olá");
      const before = (await world.webhooks()).length;
      await world.act("reply", { ticket, text: `Falsa ${signature}`, signature });
      await vi.waitFor(async () => {
        const attempts = (await world.webhooks()).slice(before).flatMap((one) => one.attempts);
        expect(attempts).toContain(401);
      }, SOON);
      // What comes behind it is genuine: a desk that is asked for its replies tells of this one, too.
      const forged = (await world.webhooks()).find(({ body }) => body.includes(`Falsa ${signature}`));
      expect(forged?.attempts.filter((status) => status !== 401) ?? []).toEqual([]);
    });
  });

  more(() => world);
}

export type DeskWorld = Awaited<ReturnType<typeof startDesk>>;
type Channel = "WhatsApp" | "Messenger" | "Instagram" | "SMS";

async function startDesk(helpdesks: Record<string, { helpdesk: string } & Record<string, unknown>>) {
  const stack = await startStack({ helpdesks, accounts });
  const control = `${stack.url}/_simulators/${DESK}/_simulator`;
  const post = async (what: string, body: object) => {
    const answer = await call(`${control}/${what}`, { method: "POST", body: JSON.stringify(body) });
    if (answer.status !== 200) throw new Error(`The desk refused ${what}: ${answer.text}`);
    return answer.json;
  };

  function writes(channel: Channel, from: string, what: object): Promise<string> {
    switch (channel) {
      case "WhatsApp":
        return stack.graph.write({ phoneNumberId: PHONE_NUMBER_ID, from, ...what });
      case "Messenger":
        return stack.graph.write({ pageId: PAGE_ID, from, ...what });
      case "Instagram":
        return stack.graph.write({ instagramId: INSTAGRAM_ID, from, ...what });
      case "SMS":
        return stack.twilio.write({ to: SMS_NUMBER, from, ...what });
    }
  }

  /** The tickets of a conversation by their order, the first or as told; -1 is the last. */
  async function ticketOf(conversation: string, place = 0, desk = DESK): Promise<string> {
    return vi.waitFor(async () => {
      const linked = (await stack.events(conversation)).flatMap(({ type, data }) =>
        type === "helpdesk.linked" && data.helpdesk === desk ? [String(data.ticket)] : [],
      );
      const found = linked.at(place);
      if (found === undefined) throw new Error("no ticket is linked yet");
      return found;
    }, SOON);
  }

  async function ticket(id: string) {
    const answer = await call(`${control}/tickets?${new URLSearchParams({ ticket: id })}`);
    const [found] = Tickets.parse(answer.json).data;
    if (!found) throw new Error(`There is no ticket ${id}`);
    return found;
  }

  return {
    stack,
    writes,
    ticketOf,
    ticket,
    order: (fault: object) => post("faults", fault),
    /** What an agent does; gives the id of what they wrote. */
    async act(what: string, body: object): Promise<string> {
      return z.object({ id: z.string().default("") }).parse(await post(what, body)).id;
    },
    /** What the desk has posted, and how it was answered. */
    async webhooks() {
      const answer = await call(`${control}/webhooks`);
      return Webhooks.parse(answer.json).data;
    },
    /** The customer as the desk's faults name them. */
    async deskCustomer(id: string): Promise<string> {
      const { contact } = WithContact.parse(await ticket(id));
      return contact.phone ?? contact.externalId ?? contact.name ?? contact.id;
    },
    /** A customer's conversation with its first ticket at the desk. */
    async opened(channel: Channel, from: string, text: string) {
      const conversation = await stack.conversationOf(await writes(channel, from, { text }));
      return { conversation, ticket: await ticketOf(conversation) };
    },
    /** As the desk's schedule would. */
    async tend() {
      const answer = await call(`${stack.url}/_schedules/recado-local-tend-${DESK}`, { method: "POST" });
      if (answer.status !== 200) throw new Error(answer.text);
      return answer.json;
    },
  };
}
