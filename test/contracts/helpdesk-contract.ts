/** What every desk of tickets keeps, whatever its vendor: one suite, run by a test of five lines each. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { DeskHappening } from "../../shared/domain/desk-happening.ts";
import { type HelpdeskName, helpdesks } from "../../shared/helpdesks/registry.ts";
import { type DeskSample, FILE, saying, startTicketDeskWorld } from "./ticket-desk.ts";

type World = Awaited<ReturnType<typeof startTicketDeskWorld>>;

const PICTURE = { id: "med_AAAAAAAAAAAAAAAAAAAAAA", contentType: "image/png", fileName: "foto.png", size: FILE.length };

export function helpdeskContract(name: HelpdeskName, sample: DeskSample): void {
  const { capabilities, settings, secrets, reconciler } = helpdesks[name] as (typeof helpdesks)[HelpdeskName] & {
    reconciler?: object;
  };
  let world: World;
  beforeAll(async () => {
    world = await startTicketDeskWorld(name, sample);
  });
  afterAll(() => world.stop());

  /** A customer with an open ticket in which they have said one thing. */
  async function opened(text = "Olá") {
    const customer = world.customer();
    expect(await world.way.say(saying(text), customer.place)).toMatchObject({ kind: "told" });
    const { id: ticket = "" } = customer.place.ticket;
    return { ...customer, ticket };
  }
  const seen = async (phone: string) => (await world.ticket(phone)).messages;

  describe(`${name}: the whole`, () => {
    it("takes the sample settings and refuses an unknown one", () => {
      expect(settings.safeParse(sample.settings).success).toBe(true);
      expect(settings.safeParse({ ...sample.settings, colour: "blue" }).success).toBe(false);
    });

    it("names every secret that the sample has", () => {
      expect(secrets.map((one) => one.name).toSorted()).toEqual(Object.keys(sample.secrets).toSorted());
    });
  });

  describe(`${name}: telling`, () => {
    it("opens one ticket with the customer's first words, under their name, and says the next in it", async () => {
      const { place, phone } = await opened("Olá, está aberto?");
      await world.way.say(saying("Alô? & <b>"), place);
      const ticket = await world.ticket(phone);
      expect(ticket.id).toBe(place.ticket.id);
      expect(ticket.contact.name).toBe(place.conversation.customer.name);
      const customers = ticket.messages.filter(({ author }) => author.type === "customer");
      expect(customers.map(({ text, isPrivate }) => [text, isPrivate])).toEqual([
        ["Olá, está aberto?", false],
        ["Alô? & <b>", false],
      ]);
      if (capabilities.fields) expect(Object.values(ticket.fields).join()).toContain("WhatsApp");
    });

    it("shows a file with its type, name and bytes, with and without a word", async () => {
      const customer = world.customer();
      await world.way.say(saying("Veja", { files: [PICTURE] }), customer.place);
      await world.way.say(saying("", { files: [PICTURE] }), customer.place);
      const messages = await seen(customer.phone);
      const files = messages.flatMap((message) => message.files);
      const sha256 = createHash("sha256").update(FILE).digest("hex");
      expect(files).toMatchObject(Array(2).fill({ fileName: "foto.png", contentType: "image/png", sha256 }));
      expect(messages.map(({ text }) => text).join("")).toContain("Veja");
    });

    it("writes a note that agents alone see", async () => {
      const { place, phone } = await opened();
      await world.way.say(saying("O cliente leu.", { from: "recado", isPrivate: true }), place);
      const [, note] = await seen(phone);
      expect(note).toMatchObject({ isPrivate: true, text: expect.stringContaining("O cliente leu.") });
      expect(note?.author.type).not.toBe("customer");
    });

    it("shows what the business said elsewhere, not as the customer's", async () => {
      const { place, phone } = await opened();
      await world.way.say(saying("Enviamos hoje.", { from: "business", author: "Bia" }), place);
      const [, ours] = await seen(phone);
      expect(ours?.text).toContain("Enviamos hoje.");
      expect(ours?.author.type).not.toBe("customer");
    });

    it.each(["timeout_after_accepting", "reset_after_accepting"])(
      "does not double what was taken, after %s",
      async (kind) => {
        const { place, phone, ticket } = await opened();
        const word = saying("Uma vez só");
        await world.order({ kind, customer: phone });
        expect(await world.way.say(word, place)).toMatchObject({ kind: "uncertain" });
        expect(await world.way.say(word, { ...place, ticket: place.ticket, isRepeated: true })).toMatchObject({
          kind: "told",
        });
        expect((await seen(phone)).filter(({ text }) => text === "Uma vez só")).toHaveLength(1);
        expect(place.ticket.id).toBe(ticket);
      },
    );

    it.each(["timeout_after_accepting", "reset_after_accepting"])(
      "does not open a second ticket when the first words end in %s, at whichever request",
      async (kind) => {
        const faults = [
          [0, 1],
          [0, 2],
          [0, 3],
          [1, 1],
          [2, 1],
          [3, 1],
        ] as const;
        // Side by side, each with a customer of its own: most of it is waiting.
        const openings = faults.map(async ([skip, times]) => {
          const { place, phone } = world.customer();
          const word = saying(`Primeira ${kind} ${skip} ${times}`);
          await world.order({ kind, customer: phone, skip, times });
          let outcome = await world.way.say(word, place);
          for (let tries = 0; outcome.kind !== "told" && tries < 5; tries++)
            outcome = await world.way.say(word, { ...place, ticket: place.ticket, isRepeated: true });
          expect(outcome).toMatchObject({ kind: "told" });
          expect((await seen(phone)).filter(({ text }) => text === word.text)).toHaveLength(1);
        });
        await Promise.all(openings);
      },
    );

    it("hears that it is too fast, and for how long to wait", async () => {
      const { place, phone } = await opened();
      await world.order({ kind: "429", customer: phone, retryAfterSeconds: 17 });
      const outcome = await world.way.say(saying("Devagar"), place);
      expect(outcome).toMatchObject({ kind: "throttled", retryAfterSeconds: 17 });
    });

    it.each([
      ["down", ["unavailable", "uncertain", "throttled"]],
      ["500", ["unavailable", "uncertain"]],
      ["refused", ["refused"]],
    ])("tells a desk that is %s from what is wrong with the word itself", async (kind, kinds) => {
      const { place, phone } = await opened();
      await world.order({ kind, customer: phone });
      expect(kinds).toContain((await world.way.say(saying("Oi"), place)).kind);
    });

    it("says it again in a ticket that was solved, or that another one is needed", async () => {
      const { place, phone, ticket } = await opened();
      await world.act("state", { ticket, state: "closed" });
      const word = saying("Mais uma coisa");
      const outcome = await world.way.say(word, place);
      if (outcome.kind === "told") {
        expect(await world.ticket(phone)).toMatchObject({ status: "open" });
        return;
      }
      expect(outcome).toMatchObject({ kind: "closed" });
      const follows = place.ticket;
      const next = { ...place, ticket: { kept: follows.kept }, follows };
      next.keep = async ({ id, kept }) => {
        next.ticket = { ...(id !== undefined && { id }), kept: { ...next.ticket.kept, ...kept } };
      };
      expect(await world.way.say(word, next)).toMatchObject({ kind: "told" });
      expect((await world.tickets(phone)).map(({ status }) => status).toSorted()).toEqual(["closed", "open"]);
    });

    if (helpdesks[name].way && "state" in helpdesks[name].way) {
      it("closes and opens the ticket when that was done elsewhere", async () => {
        const { place, phone } = await opened();
        expect(await world.way.state?.("closed", place)).toMatchObject({ kind: "told" });
        expect(await world.ticket(phone)).toMatchObject({ status: "closed" });
        expect(await world.way.state?.("open", place)).toMatchObject({ kind: "told" });
        expect(await world.ticket(phone)).toMatchObject({ status: "open" });
      });
    }

    it("shows beside a reply what became of it, as far as the desk can", async () => {
      const { status } = world.way;
      expect(status !== undefined).toBe(capabilities.statusBack === "failed" || capabilities.statusBack === "full");
      if (!status) return;
      const { place, phone, ticket } = await opened();
      const { id } = await world.act("reply", { ticket, text: "Já vai" });
      const shownOf = async () => (await seen(phone)).find((message) => message.id === id);
      if (capabilities.statusBack === "full") {
        expect(await status({ message: id, status: "delivered", at: Date.now() }, place)).toMatchObject({
          kind: "told",
        });
        expect(await status({ message: id, status: "read", at: Date.now() }, place)).toMatchObject({ kind: "told" });
        expect((await shownOf())?.status?.toLowerCase()).toBe("read");
      }
      const { id: late } = await world.act("reply", { ticket, text: "Tarde demais" });
      const failed = { message: late, status: "failed" as const, reason: "The window has closed.", at: Date.now() };
      expect(await status(failed, place)).toMatchObject({ kind: "told" });
      const message = (await seen(phone)).find((one) => one.id === late);
      expect(message?.status?.toLowerCase()).toBe("failed");
      expect(message?.statusReason).toContain("The window has closed.");
    });
  });

  describe(`${name}: hearing`, () => {
    it("hears an agent's reply with its author, its words and its file, for the ticket", async () => {
      const { ticket } = await opened();
      const from = world.heard.length;
      const attachments = [{ contentType: "application/pdf", fileName: "conta.pdf" }];
      const { id } = await world.act("reply", { ticket, text: "Segue a conta", attachments, agent: { name: "Bia" } });
      const told = await world.happenings(1, from);
      const replies = told.some(({ type }) => type === "reply") ? told : await asked(ticket);
      expect(replies.filter(({ type }) => type === "reply")).toMatchObject([
        {
          ticket,
          author: { type: "agent" },
          text: expect.stringContaining("Segue a conta"),
          files: [{ fileName: "conta.pdf" }],
        },
      ]);
      expect(id).not.toBe("");
    });

    /** What the desk says when it is asked. */
    async function asked(ticket: string, after?: string): Promise<DeskHappening[]> {
      const { reconciler: one } = world.helpdesk;
      const given = { since: 0, ...(after !== undefined && { after }) };
      const answer = await one?.heard({ id: ticket, kept: {} }, given, { desk: world.desk, http: world.http });
      if (answer?.kind !== "heard") throw new Error(`The desk said ${answer?.kind}`);
      return answer.happenings;
    }

    it("keeps notes and its own writing inside", async () => {
      const { place, ticket } = await opened();
      const from = world.heard.length;
      await world.act("note", { ticket, text: "Cliente difícil" });
      await world.way.say(saying("Enviamos.", { from: "business" }), place);
      await world.way.say(saying("Nota nossa", { from: "recado", isPrivate: true }), place);
      // Behind all of them.
      await world.act("reply", { ticket, text: "Pronto" });
      const told = await world.happenings(1, from);
      const texts = told.flatMap((one) => (one.type === "reply" ? [one.text] : []));
      expect(texts.join()).not.toMatch(/difícil|Enviamos|Nota nossa/);
      if (reconciler) {
        const listed = (await asked(ticket)).flatMap((one) => (one.type === "reply" ? [one.text] : []));
        expect(listed).toEqual([expect.stringContaining("Pronto")]);
      }
    });

    it("hears that a ticket was solved and opened again", async () => {
      if (!capabilities.state.closed) return;
      const { ticket } = await opened();
      const from = world.heard.length;
      await world.act("state", { ticket, state: "closed" });
      await world.act("state", { ticket, state: "open" });
      // A desk that tells the whole ticket each time says more than that.
      const states = await vi.waitFor(async () => {
        const told = await world.happenings(2, from);
        const found = told.flatMap((one) => (one.type === "state" ? [[one.ticket, one.state]] : []));
        if (found.length < 2) throw new Error(`${found.length} of 2 were heard`);
        return found;
      }, 5_000);
      expect(states).toEqual([
        [ticket, "closed"],
        [ticket, "open"],
      ]);
    });

    it.each(["wrong", "missing", "truncated"])("refuses a webhook whose signature is %s", async (signature) => {
      const { ticket } = await opened();
      const from = world.heard.length;
      await world.act("reply", { ticket, text: "Falsa", signature });
      // Behind what the desk tells of our own writing, which is genuine.
      await vi.waitFor(() => {
        const verdicts = world.heard.slice(from).map((request) => world.helpdesk.door.verify(request, world.desk).ok);
        expect(verdicts).toContain(false);
      }, 5_000);
    });

    it("answers genuine webhooks with success, and says when its secret is not set", async () => {
      const { ticket } = await opened();
      const from = world.heard.length;
      await world.act("reply", { ticket, text: "Oi" });
      await world.happenings(1, from);
      const [request] = world.heard.slice(from);
      if (!request) throw new Error("nothing was heard");
      expect(world.helpdesk.door.reply(request, world.desk).status).toBeLessThan(300);
      const unset = world.helpdesk.door.verify(request, { ...world.desk, secrets: {} });
      expect(unset).toMatchObject({ ok: false, isUnset: true });
    });

    it("reads any body without throwing, and says nothing that the queue could not carry", async () => {
      const { ticket } = await opened();
      const from = world.heard.length;
      await world.act("reply", { ticket, text: "Oi" });
      await world.happenings(1, from);
      const [request] = world.heard.slice(from);
      if (!request) throw new Error("nothing was heard");
      const genuine: unknown = JSON.parse(Buffer.from(request.body).toString());
      const anything = fc.oneof(fc.constant(genuine), fc.json(), fc.jsonValue());
      fc.assert(
        fc.property(anything, fc.nat(), fc.jsonValue(), (base, place, value) => {
          const body = Buffer.from(JSON.stringify(replaced(base, place, value)) ?? "");
          const parsed = world.helpdesk.door.parse({ ...request, body }, world.desk);
          world.helpdesk.door.reply({ ...request, body }, world.desk);
          if (parsed.ok) for (const one of parsed.happenings) expect(DeskHappening.parse(one)).toEqual(one);
        }),
        { numRuns: 300 },
      );
    });

    if (reconciler) {
      it("tells when asked what it told by webhook, in the order in which agents wrote, and then only what is new", async () => {
        const { ticket } = await opened();
        const from = world.heard.length;
        await world.act("reply", { ticket, text: "um" });
        await world.act("reply", { ticket, text: "dois" });
        const told = (await world.happenings(2, from)).filter(({ type }) => type === "reply");
        const given = { desk: world.desk, http: world.http };
        const first = await world.helpdesk.reconciler?.heard({ id: ticket, kept: {} }, { since: 0 }, given);
        if (first?.kind !== "heard") throw new Error(`The desk said ${first?.kind}`);
        const replies = first.happenings.filter(({ type }) => type === "reply");
        expect(replies.map((one) => one.type === "reply" && one.text)).toEqual([
          expect.stringContaining("um"),
          expect.stringContaining("dois"),
        ]);
        if (told.length > 0) expect(replies.map(({ id }) => id)).toEqual(told.map(({ id }) => id));
        await world.act("reply", { ticket, text: "três" });
        const after = first.upTo === undefined ? {} : { after: first.upTo };
        const second = await world.helpdesk.reconciler?.heard({ id: ticket, kept: {} }, { since: 0, ...after }, given);
        if (second?.kind !== "heard") throw new Error(`The desk said ${second?.kind}`);
        const texts = second.happenings.flatMap((one) => (one.type === "reply" ? [one.text] : []));
        expect(texts.at(-1)).toContain("três");
        const soon = Date.now() + 60_000;
        const none = await world.helpdesk.reconciler?.heard({ id: ticket, kept: {} }, { since: soon }, given);
        expect(none).toMatchObject({ kind: "heard", happenings: [] });
      });
    }
  });
}

/** The value with what stands at one of its places, counted through, replaced. */
function replaced(value: unknown, place: number, by: unknown): unknown {
  let count = 0;
  const sizes = JSON.stringify(value)?.match(/[[{,]/g)?.length ?? 1;
  const at = place % (sizes + 1);
  const walk = (one: unknown): unknown => {
    if (count++ === at) return by;
    if (Array.isArray(one)) return one.map(walk);
    if (typeof one === "object" && one !== null)
      return Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, walk(inner)]));
    return one;
  };
  return walk(value);
}
