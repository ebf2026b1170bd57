/** What Intercom wants beside what every desk wants: contacts that come and go, files, attributes, and no ids of ours. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Place, TicketWay } from "../../shared/helpdesks/helpdesk.ts";
import { intercom } from "../../shared/helpdesks/intercom/index.ts";
import type { Http, HttpRequest } from "../../shared/ports.ts";
import { FILE, saying, startTicketDeskWorld } from "../contracts/ticket-desk.ts";

const SAMPLE = {
  settings: { region: "us", adminId: "1957471" },
  secrets: { accessToken: ["dG9rOjEyMzQ1"], clientSecret: "secret" },
};
const way = intercom.way as TicketWay;
const reconciler = intercom.reconciler;
const PDF = {
  id: "med_PPPPPPPPPPPPPPPPPPPPPP",
  contentType: "application/pdf",
  fileName: "conta.pdf",
  size: FILE.length,
};
const PICTURE = { id: "med_AAAAAAAAAAAAAAAAAAAAAA", contentType: "image/png", fileName: "foto.png", size: FILE.length };

let world: Awaited<ReturnType<typeof startTicketDeskWorld>>;
const requests: HttpRequest[] = [];
beforeAll(async () => {
  const secrets = { accessToken: "dG9rOjEyMzQ1", clientSecret: "secret" };
  world = await startTicketDeskWorld("intercom", { ...SAMPLE, secrets }, (request) => void requests.push(request));
});
afterAll(() => world.stop());

const bodyOf = ({ body }: HttpRequest) => JSON.parse(String(body)) as Record<string, unknown>;

async function opened(text = "Olá") {
  const customer = world.customer();
  const outcome = await way.say(saying(text), customer.place);
  expect(outcome).toMatchObject({ kind: "told" });
  return { ...customer, ticket: customer.place.ticket.id ?? "" };
}

describe("what is told to Intercom", () => {
  it("makes a user with the customer's number and never an e-mail address", async () => {
    const from = requests.length;
    const { place } = await opened();
    await way.customer?.({ ...place.conversation.customer, name: "Ana Souza" }, place);
    const made = requests.slice(from).filter(({ url, method }) => method !== "GET" && /\/contacts/.test(url));
    const { id, phone } = place.conversation.customer;
    expect(made.map(bodyOf)).toEqual([
      { role: "user", external_id: id, name: expect.any(String), phone },
      { name: "Ana Souza", phone },
    ]);
    expect(requests.map(({ body }) => String(body)).join()).not.toMatch(/email/i);
  });

  it("leaves out a number that Intercom does not take", async () => {
    const { place } = world.customer();
    const customer = { ...place.conversation.customer, phone: "+abc" };
    const odd: Place = { ...place, conversation: { ...place.conversation, customer } };
    expect(await way.say(saying("Olá"), odd)).toMatchObject({ kind: "told" });
    const [ticket] = await world.tickets(customer.id);
    expect(ticket?.contact).toMatchObject({ name: customer.name, externalId: customer.id });
  });

  it("opens with the words and follows with a file that is no picture", async () => {
    const { place, phone } = world.customer();
    const outcome = await way.say(saying("Segue", { files: [PICTURE, PDF] }), place);
    const { messages, title, fields } = await world.ticket(phone);
    expect(messages.map(({ text, files }) => [text, files.map(({ fileName }) => fileName)])).toEqual([
      ["Segue", ["foto.png"]],
      ["conta.pdf", ["conta.pdf"]],
    ]);
    expect(outcome).toEqual({ kind: "told", ids: [expect.stringMatching(/^source:\d+$/), messages[1]?.id] });
    expect(title).toBe(place.conversation.title);
    expect(fields).toEqual(place.conversation.fields);
  });

  it.each([1, 2, 3])("shows every file once, after %i lost answers at the first words", async (times) => {
    const { place, phone } = world.customer();
    const word = saying("Segue", { files: [PDF] });
    await world.order({ kind: "reset_after_accepting", customer: phone, times });
    let outcome = await way.say(word, place);
    for (let tries = 0; outcome.kind !== "told" && tries < 6; tries++)
      outcome = await way.say(word, { ...place, ticket: place.ticket, isRepeated: true });
    const { messages, fields } = await world.ticket(phone);
    expect(messages.map(({ files }) => files.length)).toEqual([0, 1]);
    expect(fields).toEqual(place.conversation.fields);
  });

  it("is looked after when the desk had enough behind the first words, which are not said again", async () => {
    const { place, phone } = world.customer();
    const word = saying("Olá");
    const http: Http = async (request) => {
      if (request.method !== "PUT") return world.http(request);
      return { kind: "answer", status: 429, headers: { "retry-after": "9" }, body: "{}" };
    };
    expect(await way.say(word, { ...place, http })).toMatchObject({ kind: "uncertain" });
    const again = await way.say(word, { ...place, ticket: place.ticket, isRepeated: true });
    expect(again).toMatchObject({ kind: "told" });
    const { messages, title } = await world.ticket(phone);
    expect([messages.length, title]).toEqual([1, place.conversation.title]);
  });

  it("does not take another file of an album for the one whose answer was lost", async () => {
    const { place, phone } = await opened();
    await way.say(saying("", { files: [PICTURE] }), place);
    const other = { ...PICTURE, size: 77 };
    const outcome = await way.say(saying("", { files: [other] }), { ...place, isRepeated: true });
    expect(outcome).toMatchObject({ kind: "told" });
    expect((await world.ticket(phone)).messages).toHaveLength(3);
  });

  it("does not take an older word for the same one", async () => {
    const { place, phone } = await opened();
    await way.say(saying("ok"), place);
    await way.say(saying("ok", { at: Date.now() + 60_000 }), { ...place, isRepeated: true });
    expect((await world.ticket(phone)).messages.map(({ text }) => text)).toEqual(["Olá", "ok", "ok"]);
  });

  it("writes notes so that nothing in them becomes HTML, and names who spoke", async () => {
    const { place, phone } = await opened();
    const words = "1 < 2 & <b>não</b>\nfim";
    const outcome = await way.say(saying(words, { from: "business", author: "Bia", files: [PDF] }), place);
    const [, note] = (await world.ticket(phone)).messages;
    expect(note).toMatchObject({ isPrivate: true, text: `Bia: ${words}`, files: [{ fileName: "conta.pdf" }] });
    expect(outcome).toEqual({ kind: "told", ids: [note?.id] });
  });

  it("finds a note again that it wrote already", async () => {
    const { place, phone } = await opened();
    const note = saying("O cliente <leu>.", { from: "recado", isPrivate: true });
    const first = await way.say(note, place);
    expect(await way.say(note, { ...place, isRepeated: true })).toEqual(first);
    expect((await world.ticket(phone)).messages).toHaveLength(2);
  });

  it("tags, and knows its own closing and tagging again when it is told of it", async () => {
    const { place, phone, ticket } = await opened();
    const from = world.heard.length;
    expect(await way.tag?.(["vip", "troca"], place)).toMatchObject({ kind: "told" });
    expect((await world.ticket(phone)).tags).toEqual(["vip", "troca"]);
    const outcome = await way.state?.("closed", place);
    const told = await world.happenings(3, from);
    expect(told.at(1)).toMatchObject({ type: "tags", ticket, tags: ["vip", "troca"] });
    expect(outcome).toEqual({ kind: "told", ids: [told.at(2)?.id] });
  });

  it("leaves out attributes that the workspace does not have, and says when it has none", async () => {
    const { place, phone } = await opened();
    const withFields = (fields: Record<string, string>): Place => ({
      ...place,
      conversation: { ...place.conversation, fields },
    });
    const some = withFields({ recado_foo: "1", recado_order: "12", recado_bar: "2" });
    expect(await way.fields?.(some)).toMatchObject({ kind: "told" });
    expect((await world.ticket(phone)).fields).toMatchObject({ recado_order: "12" });
    expect(await way.fields?.(withFields({ recado_foo: "1" }))).toMatchObject({ kind: "refused" });
    expect(await way.fields?.(withFields({}))).toMatchObject({ kind: "told" });
  });

  it("opens again by the customer's word alone", async () => {
    const { place, phone, ticket } = await opened();
    await world.act("state", { ticket, state: "closed" });
    await way.say(saying("nota", { from: "recado", isPrivate: true }), place);
    expect(await world.ticket(phone)).toMatchObject({ status: "closed" });
    await way.say(saying("Voltei"), place);
    expect(await world.ticket(phone)).toMatchObject({ status: "open" });
  });
});

describe("what Intercom is asked", () => {
  const reach = () => ({ desk: intercomDesk(), http: world.http });
  const intercomDesk = () => world.desk as Parameters<NonNullable<typeof reconciler>["heard"]>[2]["desk"];

  it("says what happened under the ids of its webhooks", async () => {
    const { ticket } = await opened();
    const from = world.heard.length;
    await world.act("reply", { ticket, text: "um" });
    const { id } = await world.act("reply", { ticket, text: "segredo" });
    await world.act("reply", { ticket, text: "sou um robô", agent: { name: "Fin", isBot: true } });
    await world.act("assigned", { ticket, name: "Bia" });
    await world.act("state", { ticket, state: "closed" });
    await world.act("remove", { ticket, message: id });
    const told = await world.happenings(7, from);
    const answer = await reconciler?.heard({ id: ticket, kept: {} }, { since: 0 }, reach());
    if (answer?.kind !== "heard") throw new Error(`It said ${answer?.kind}`);
    const idsOf = (happenings: typeof told) => new Set(happenings.map((one) => `${one.type} ${one.id}`));
    // The bot's words came twice, and the secret one before it was taken back.
    expect(idsOf(answer.happenings)).toEqual(idsOf(told.filter((one) => one.id !== id)));
    expect(answer.happenings).toContainEqual(
      expect.objectContaining({ type: "reply", author: { type: "bot", name: "Fin" } }),
    );
    expect(JSON.stringify(answer)).not.toContain("segredo");
  });

  it("goes on behind the last part by its number, and leaves out what is older than it was asked for", async () => {
    const said = (id: string, seconds: number) => ({
      ...{ id, part_type: "comment", body: `<p>${id}</p>`, created_at: seconds, attachments: [] },
      author: { type: "admin", id: "7", name: "Ana" },
    });
    const parts = [said("1000", 102), said("999", 101), said("998", 100), said("997", 99)];
    const conversation = { type: "conversation", id: "5", conversation_parts: { conversation_parts: parts } };
    const asked = async (more: { after?: string; since: number }) => {
      const http = scripted([["GET /conversations/5", conversation]]);
      const answer = await reconciler?.heard({ id: "5", kept: {} }, more, { ...reach(), http });
      if (answer?.kind !== "heard") throw new Error(`It said ${answer?.kind}`);
      return { ids: answer.happenings.map(({ id }) => id), upTo: answer.upTo };
    };
    expect(await asked({ since: 0 })).toEqual({ ids: ["997", "998", "999", "1000"], upTo: "1000" });
    expect(await asked({ since: 0, after: "998" })).toEqual({ ids: ["999", "1000"], upTo: "1000" });
    // In that second it may have been before or after.
    expect(await asked({ since: 100_500 })).toEqual({ ids: ["998", "999", "1000"], upTo: "1000" });
  });

  it("says nothing of a conversation that was deleted, and keeps the place", async () => {
    const gone = await reconciler?.heard({ id: "1", kept: {} }, { since: 0, after: "30000000001" }, reach());
    expect(gone).toEqual({ kind: "heard", happenings: [], upTo: "30000000001" });
  });

  it("says in which conversations anything happened, page by page", async () => {
    const { ticket } = await opened();
    const answer = await reconciler?.changed?.({ since: Date.now() - 5_000 }, reach());
    expect(answer).toMatchObject({ kind: "changed", tickets: expect.arrayContaining([ticket]) });
    const none = await reconciler?.changed?.({ since: Date.now() + 60_000 }, reach());
    expect(none).toEqual({ kind: "changed", tickets: [] });
    const pages: unknown[] = [];
    const paged = scripted(
      [
        ["POST /conversations/search", { conversations: [{ id: "1" }], pages: { next: { starting_after: "c1" } } }],
        ["POST /conversations/search", { conversations: [{ id: "2" }], pages: { next: null } }],
      ],
      (request) => pages.push(bodyOf(request).pagination),
    );
    const both = await reconciler?.changed?.({ since: 0 }, { ...reach(), http: paged });
    expect(both).toEqual({ kind: "changed", tickets: ["1", "2"] });
    expect(pages).toEqual([{ per_page: 150 }, { per_page: 150, starting_after: "c1" }]);
  });

  it("is asked later when it is too busy, down, or does not know us", async () => {
    const say = async (status: number, headers: Record<string, string> = {}) =>
      reconciler?.heard(
        { id: "1", kept: {} },
        { since: 0 },
        {
          ...reach(),
          http: async () => ({ kind: "answer", status, headers, body: "{}" }),
        },
      );
    expect(await say(429, { "retry-after": "9" })).toMatchObject({ kind: "throttled", retryAfterSeconds: 9 });
    for (const status of [500, 401, 400]) expect(await say(status)).toMatchObject({ kind: "unavailable" });
  });
});

type Step = [request: string, answer: object | number, headers?: Record<string, string>];

/** A desk that answers as written, and is asked for nothing else. A number is a refusal's status. */
function scripted(steps: Step[], seen: (request: HttpRequest) => void = () => {}): Http {
  const left = [...steps];
  return async (request) => {
    seen(request);
    const [wanted, answer, headers = {}] = left.shift() ?? [];
    const { pathname } = new URL(request.url);
    expect(`${request.method} ${pathname}`).toBe(wanted);
    if (typeof answer === "number") return { kind: "answer", status: answer, headers, body: "{}" };
    const { status = 200, ...body } = answer as { status?: number };
    return { kind: "answer", status, headers, body: JSON.stringify(body) };
  };
}

describe("a contact", () => {
  const MESSAGE = { type: "user_message", id: "403918330", conversation_id: "499" };
  const conflict = (message: string) => ({ status: 409, type: "error.list", errors: [{ code: "conflict", message }] });

  /** Says the first words to a desk that answers so. */
  async function said(steps: Step[], kept: Record<string, string> = {}, isRepeated = false) {
    const { place } = world.customer();
    place.ticket = { kept };
    const froms: unknown[] = [];
    const http = scripted(steps, (request) => {
      if (request.method === "POST" && request.url.endsWith("/conversations")) froms.push(bodyOf(request).from);
    });
    const conversation = { ...place.conversation, fields: {} };
    const word = saying("Olá");
    const again = kept.opening === undefined ? {} : { id: kept.opening.replace("?", "") };
    const outcome = await way.say({ ...word, ...again }, { ...place, conversation, http, isRepeated });
    return { outcome, froms, kept: place.ticket };
  }
  const find = () => `GET /contacts/find_by_external_id/con_${String(next).padStart(4, "0").padEnd(22, "A")}`;
  let next = 0;
  const upcoming = () => {
    const { place } = world.customer();
    next = Number(place.conversation.customer.id.slice(4, 8)) + 1;
    return find();
  };

  it("that was merged is written for as the one that is left", async () => {
    const steps: Step[] = [
      [upcoming(), 410, { link: '</contacts/6762f0df1bb69f9f2193bb84>; rel="canonical"' }],
      ["POST /conversations", MESSAGE],
    ];
    const { froms, outcome } = await said(steps);
    expect(outcome).toEqual({ kind: "told", ids: ["source:403918330"] });
    expect(froms).toEqual([{ type: "user", id: "6762f0df1bb69f9f2193bb84" }]);
  });

  it("that is there and was not found is taken", async () => {
    const exists = conflict("A contact matching those details already exists with id=5ff2b0a47543cba3058e8b79");
    const steps: Step[] = [
      [upcoming(), 404],
      ["POST /contacts", exists],
      ["POST /conversations", MESSAGE],
    ];
    expect((await said(steps)).froms).toEqual([{ type: "user", id: "5ff2b0a47543cba3058e8b79" }]);
  });

  it("that is archived is brought back", async () => {
    const exists = conflict("An archived contact matching those details already exists with id=5ff2");
    const steps: Step[] = [
      [upcoming(), 404],
      ["POST /contacts", exists],
      ["POST /contacts/5ff2/unarchive", { id: "5ff2" }],
      ["POST /conversations", MESSAGE],
    ];
    expect((await said(steps)).outcome).toMatchObject({ kind: "told" });
  });

  it("that is too new, or gone, is looked for again in a moment", async () => {
    const { outcome, kept } = await said([["POST /conversations", 404]], { contact: "5ff2" });
    expect(outcome).toMatchObject({ kind: "unavailable" });
    expect(kept).toEqual({ kept: expect.objectContaining({ contact: "" }) });
    const again = await said(
      [
        [upcoming(), { id: "5ff3" }],
        ["POST /conversations", MESSAGE],
      ],
      kept.kept,
    );
    expect(again.froms).toEqual([{ type: "user", id: "5ff3" }]);
    expect(again.kept).toMatchObject({ id: "499", kept: { contact: "5ff3" } });
  });

  it("waits once for a conversation that a search does not know yet, and does not take another channel's", async () => {
    const opening = "msg_01kat1n2v3w4x5y6z7a8b9c999";
    const nothing: Step = ["POST /conversations/search", { conversations: [] }];
    const first = await said([nothing], { contact: "5ff2", opening }, true);
    expect(first.outcome).toMatchObject({ kind: "unavailable" });
    const theirs = {
      id: "7",
      source: { body: "<p>Olá</p>" },
      custom_attributes: { recado_conversation: "conv_other" },
    };
    const foreign: Step = ["POST /conversations/search", { conversations: [theirs] }];
    const second = await said([foreign, ["POST /conversations", MESSAGE]], first.kept.kept, true);
    expect(second.kept).toMatchObject({ id: "499" });
    const ours: Step = ["POST /conversations/search", { conversations: [{ id: "8", source: { body: "<p>Olá</p>" } }] }];
    const third = await said([ours], first.kept.kept, true);
    expect(third.outcome).toMatchObject({ kind: "told" });
    expect(third.kept).toMatchObject({ id: "8" });
  });
});

describe("a conversation that is gone", () => {
  it.each(["customer", "recado"] as const)("takes no word of the %s: another one is needed", async (from) => {
    const { place } = world.customer();
    place.ticket = { id: "404404", kept: { contact: "5ff2" } };
    const isPrivate = from === "recado";
    expect(await way.say(saying("Oi", { from, isPrivate }), place)).toMatchObject({ kind: "closed" });
    expect(await way.state?.("closed", place)).toMatchObject({ kind: "closed" });
    expect(await way.fields?.(place)).toMatchObject({ kind: "closed" });
  });

  it("is not asked anything without an access token", async () => {
    const { place } = world.customer();
    const desk = { ...place.desk, secrets: { clientSecret: "x" } };
    const http: Http = () => Promise.reject(new Error("something was asked"));
    expect(await way.say(saying("Oi"), { ...place, desk, http })).toMatchObject({ kind: "unavailable" });
  });
});
