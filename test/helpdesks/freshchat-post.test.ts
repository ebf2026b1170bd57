/** What is this desk's own beside what every desk keeps. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { publicKeyOf } from "../../local/simulators/freshchat/keys.ts";
import { freshchat } from "../../shared/helpdesks/freshchat/index.ts";
import type { DeskReconciler, Place } from "../../shared/helpdesks/helpdesk.ts";
import type { Http, HttpRequest } from "../../shared/ports.ts";
import { saying, startTicketDeskWorld } from "../contracts/ticket-desk.ts";

const AGENT = "1b8d2418-89a3-4de6-b93c-9f6557f13d04";
const SETTINGS = { domain: "acme", channelIds: { whatsapp: "topic-1", sms: "topic-2" }, agentId: AGENT };
const SECRETS = { apiToken: "token", publicKey: publicKeyOf("these tests") };
const API = "https://acme.freshchat.com/v2";
const PICTURE = { id: "med_AAAAAAAAAAAAAAAAAAAAAA", contentType: "image/png", fileName: "foto.png", size: 18 };
const PAPER = { ...PICTURE, id: "med_BBBBBBBBBBBBBBBBBBBBBB", contentType: "application/pdf", fileName: "conta.pdf" };

let world: Awaited<ReturnType<typeof startTicketDeskWorld>>;
let reconciler: DeskReconciler;
let seen: { request: HttpRequest; status: number | undefined }[] = [];
beforeAll(async () => {
  world = await startTicketDeskWorld("freshchat", { settings: SETTINGS, secrets: SECRETS }, (request, status) => {
    seen.push({ request, status });
  });
  if (!world.helpdesk.reconciler) throw new Error("Freshchat can be asked");
  reconciler = world.helpdesk.reconciler;
});
afterAll(() => world.stop());

/** A customer with a conversation in which they have said one thing. */
async function opened(text = "Olá") {
  const customer = world.customer();
  expect(await world.way.say(saying(text), customer.place)).toMatchObject({ kind: "told" });
  seen = [];
  return { ...customer, ticket: customer.place.ticket.id ?? "" };
}
const asked = () =>
  seen.map(({ request: { method, url } }) => `${method} ${url.replace(API, "").replace(/[?].*/, "")}`);
const jsonOf = ({ body }: HttpRequest) => JSON.parse(String(body)) as Record<string, unknown>;
const posts = () => seen.filter(({ request }) => request.method === "POST").map(({ request }) => request);

type Answers = (request: HttpRequest) => { status: number; body?: object } | undefined;
/** The same place, where some requests are answered as it is said. */
function answering(place: Place, answers: Answers): Place & { asked: HttpRequest[] } {
  const requests: HttpRequest[] = [];
  const http: Http = async (request) => {
    requests.push(request);
    const given = answers(request);
    if (!given) return place.http(request);
    return { kind: "answer", status: given.status, headers: {}, body: JSON.stringify(given.body ?? {}) };
  };
  return { ...place, keep: place.keep, asked: requests, http };
}
/** As it is tried again, with what was kept meanwhile. */
const again = (place: Place): Place => ({ ...place, ticket: place.ticket, isRepeated: true });

describe("a conversation in Freshchat", () => {
  it("is opened in the account's topic for a user under our id, in three requests", async () => {
    const { place, phone } = world.customer();
    const { customer } = place.conversation;
    seen = [];
    const outcome = await world.way.say(saying("Olá"), place);
    expect(asked()).toEqual(["GET /users", "POST /users", "POST /conversations"]);
    const [user, conversation] = posts().map(jsonOf);
    const [first, last] = (customer.name ?? "").split(" ");
    expect(user).toEqual({ reference_id: customer.id, first_name: first, last_name: last, phone });
    const id = place.ticket.kept.user;
    expect(conversation).toEqual({
      channel_id: "topic-1",
      users: [{ id }],
      messages: [
        { message_parts: [{ text: { content: "Olá" } }], message_type: "normal", actor_type: "user", actor_id: id },
      ],
    });
    const [message] = (await world.ticket(phone)).messages;
    expect(outcome).toEqual({ kind: "told", ids: [message?.id] });
  });

  it("is opened for the user who is there already, and their e-mail address is never told", async () => {
    const { place, phone } = await opened();
    const conversation = { ...place.conversation, id: "conv_CCCCCCCCCCCCCCCCCCCCCC", account: "sms" };
    const other = { ...world.customer().place, conversation };
    seen = [];
    await world.way.say(saying("Por SMS"), other);
    expect(asked()).toEqual(["GET /users", "POST /conversations"]);
    expect(posts().map(jsonOf)).toMatchObject([{ channel_id: "topic-2" }]);
    expect(await world.tickets(phone)).toHaveLength(2);
    for (const { request } of seen) expect(String(request.body)).not.toContain("email");
  });

  it("waits where the account has no topic, and where Freshchat has not the one that is set", async () => {
    const { place } = world.customer();
    const at = (account: string, channelIds: unknown): Place => ({
      ...{ ...place, keep: place.keep, conversation: { ...place.conversation, account } },
      desk: { ...place.desk, settings: { ...freshchat.settings.parse({ ...SETTINGS, channelIds }) } },
    });
    expect(await world.way.say(saying("Olá"), at("messenger", SETTINGS.channelIds))).toMatchObject({
      ...{ kind: "unavailable", detail: expect.stringContaining("messenger") },
    });
    expect(await world.way.say(saying("Olá"), at("whatsapp", "none"))).toMatchObject({ kind: "unavailable" });
    expect(await world.way.say(saying("Olá"), at("messenger", "topic-1"))).toMatchObject({ kind: "told" });
  });

  it.each([
    ["is no number", "+12"],
    ["is not there", undefined],
  ])("is opened although the phone number %s", async (_, phone) => {
    const { place } = world.customer();
    const { phone: __, ...customer } = place.conversation.customer;
    place.conversation = { ...place.conversation, customer: { ...customer, ...(phone && { phone }) } };
    expect(await world.way.say(saying("Olá"), place)).toMatchObject({ kind: "told" });
    expect((await world.ticket(customer.id)).contact).not.toHaveProperty("phone");
  });

  it("is not opened for others whom a search finds that did not understand", async () => {
    const { place } = world.customer();
    const others = { users: [{ id: "u-1", reference_id: "con_other" }, { id: "u-2" }, {}] };
    const strange = answering(place, ({ method }) => (method === "GET" ? { status: 200, body: others } : undefined));
    await world.way.say(saying("Olá"), strange);
    expect(place.ticket.kept.user).not.toMatch(/^u-/);
  });

  it("keeps where the token is wrong, or none is set", async () => {
    const { place } = await opened();
    for (const secrets of [{}, { apiToken: "another" }]) {
      const there = { ...place, ticket: place.ticket, desk: { ...place.desk, secrets } };
      expect(await world.way.say(saying("Oi"), there)).toMatchObject({ kind: "unavailable" });
      expect(await world.way.say(saying("Oi"), { ...there, ticket: { kept: {} } })).toMatchObject({
        kind: "unavailable",
      });
    }
  });

  it("is found again by its words, in the topic where they were said and nowhere else", async () => {
    const { place } = world.customer();
    const word = saying("sim");
    const bySms = { ...place, conversation: { ...place.conversation, account: "sms" }, keep: async () => {} };
    expect(await world.way.say(word, bySms)).toMatchObject({ kind: "told" });
    const lost = { ...place, keep: async () => {} };
    const first = await world.way.say(word, lost);
    expect(await world.way.say(word, { ...place, isRepeated: true })).toEqual(first);
    expect(await world.tickets(place.conversation.customer.id)).toHaveLength(2);
  });

  it("stays the ticket where Freshchat keeps one for a user and a topic", async () => {
    const { place, ticket } = await opened();
    const next = { ...place, ticket: { kept: place.ticket.kept }, follows: place.ticket };
    const same = { status: 202, body: { conversation_id: ticket, status: "reopened", messages: [{ id: "m-9" }] } };
    const http = answering(next, ({ url }) => (url === `${API}/conversations` ? same : undefined));
    expect(await world.way.say(saying("Olá de novo"), http)).toEqual({ kind: "told", ids: ["m-9"] });
    expect(place.ticket.id).toBe(ticket);
  });
});

describe("what is said in Freshchat", () => {
  it("is the customer's, or a note of the agent that is set", async () => {
    const { place, ticket } = await opened();
    await world.way.say(saying("Alô?"), place);
    await world.way.say(saying("Ela leu.", { from: "recado", isPrivate: true }), place);
    await world.way.say(saying("Enviamos.", { from: "business", author: "Bia" }), place);
    await world.way.say(saying("Já foi.", { from: "business" }), place);
    expect(posts().map(({ url }) => url)).toEqual(Array(4).fill(`${API}/conversations/${ticket}/messages`));
    const note = { message_type: "private", actor_type: "agent", actor_id: AGENT };
    expect(posts().map(jsonOf)).toEqual([
      {
        ...{ message_parts: [{ text: { content: "Alô?" } }], message_type: "normal" },
        ...{ actor_type: "user", actor_id: place.ticket.kept.user },
      },
      { message_parts: [{ text: { content: "Ela leu." } }], ...note },
      { message_parts: [{ text: { content: "Bia: Enviamos." } }], ...note },
      { message_parts: [{ text: { content: "The business: Já foi." } }], ...note },
    ]);
  });

  it("shows pictures, and other files as files, behind the words of one message", async () => {
    const { place, phone } = await opened();
    const outcome = await world.way.say(saying("Veja", { files: [PICTURE, PAPER] }), place);
    expect(asked().slice(0, 3)).toEqual([
      "POST /images/upload",
      "POST /files/upload",
      expect.stringContaining("/messages"),
    ]);
    const message = (await world.ticket(phone)).messages.at(-1);
    expect(outcome).toEqual({ kind: "told", ids: [message?.id] });
    expect(message).toMatchObject({ text: "Veja", files: [{ fileName: "foto.png" }, { fileName: "conta.pdf" }] });
  });

  it.each([
    ["its own name", { file_name: "conta.pdf", file_hash: "0a1b" }, { fileHash: "0a1b" }],
    ["another one", { fileHash: "0a1b" }, { fileHash: "0a1b" }],
    [
      "a level deeper",
      { file: { hash: "0a1b", url: "https://f.example.com/1" } },
      { fileHash: "0a1b", url: "https://f.example.com/1" },
    ],
    ["a number", { data: { file_id: "77" } }, { fileId: "77" }],
  ])("takes what an upload became under %s", async (_, body, expected) => {
    const { place } = await opened();
    const http = answering(place, ({ url }) =>
      url.endsWith("/upload")
        ? { status: 200, body }
        : url.endsWith("/messages")
          ? { status: 200, body: { id: "m" } }
          : undefined,
    );
    await world.way.say(saying("", { files: [PAPER] }), http);
    const sent = http.asked.find(({ url }) => url.endsWith("/messages"));
    expect(sent && jsonOf(sent).message_parts).toEqual([
      {
        file: {
          ...{ name: "conta.pdf", content_type: "application/pdf", file_size_in_bytes: 18, file_extension: "pdf" },
          ...expected,
        },
      },
    ]);
  });

  it("says that a file is gone, and that one is refused, so that it goes as a link", async () => {
    const { place, phone } = await opened();
    const gone = { ...place, ticket: place.ticket, files: { ...place.files, read: async () => undefined } };
    expect(await world.way.say(saying("Veja", { files: [PAPER] }), gone)).toMatchObject({ kind: "told" });
    expect((await world.ticket(phone)).messages.at(-1)).toMatchObject({
      ...{ text: expect.stringMatching(/^Veja\n.*conta\.pdf.*not there/), files: [] },
    });
    for (const [status, kind] of [
      [400, "refused"],
      [500, "unavailable"],
      [401, "unavailable"],
    ] as const) {
      const refusing = answering(place, ({ url }) => (url.endsWith("/upload") ? { status } : undefined));
      expect(await world.way.say(saying("", { files: [PAPER] }), refusing)).toMatchObject({ kind });
      expect(refusing.asked).toHaveLength(1);
    }
    const strange = answering(place, ({ url }) => (url.endsWith("/upload") ? { status: 200, body: {} } : undefined));
    expect(await world.way.say(saying("", { files: [PICTURE] }), strange)).toMatchObject({ kind: "refused" });
  });

  it.each([
    ["404", 404, {}],
    ["that it is not the latest", 400, { message: "Conversation is not the latest conversation of the user" }],
    ["that it is resolved", 400, { code: 400, status: "CONVERSATION_RESOLVED" }],
  ])("needs another conversation where Freshchat says %s", async (_, status, body) => {
    const { place } = await opened();
    const over = answering(place, ({ method }) => (method === "POST" ? { status, body } : undefined));
    expect(await world.way.say(saying("Oi"), over)).toMatchObject({ kind: "closed" });
    const other = answering(place, () => ({ status: 400, body: { message: "text is too long" } }));
    expect(await world.way.say(saying("Oi"), other)).toMatchObject({ kind: "refused" });
  });

  it("goes on in another conversation when an agent began one with the same customer", async () => {
    const { place, phone, ticket } = await opened();
    const { user } = place.ticket.kept;
    await fetch(`${world.url}/v2/conversations`, {
      method: "POST",
      headers: { authorization: "Bearer token" },
      body: JSON.stringify({
        ...{ channel_id: "topic-1", users: [{ id: user }] },
        messages: [{ message_parts: [{ text: { content: "Oi?" } }], actor_type: "agent", actor_id: AGENT }],
      }),
    });
    expect(await world.way.say(saying("Alô"), place)).toMatchObject({ kind: "closed" });
    const next = { ...place, ticket: { kept: place.ticket.kept }, follows: place.ticket };
    expect(await world.way.say(saying("Alô"), next)).toMatchObject({ kind: "told" });
    expect((await world.tickets(phone)).map(({ id }) => id === ticket)).toEqual([true, false, false]);
  });

  it("opens it again where Freshchat does not do so by itself, for the agent who had it", async () => {
    const { place, ticket } = await opened();
    for (const [agent, change] of [
      [undefined, { status: "new" }],
      ["a-1", { status: "assigned", assigned_agent_id: "a-1" }],
    ] as const) {
      const resolved = { conversation_id: ticket, status: "resolved", ...(agent && { assigned_agent_id: agent }) };
      const silent = answering(place, ({ method, url }) =>
        url === `${API}/conversations/${ticket}` ? { status: 200, body: method === "GET" ? resolved : {} } : undefined,
      );
      expect(await world.way.say(saying("Oi"), silent)).toMatchObject({ kind: "told" });
      expect(silent.asked.filter(({ method }) => method === "PUT").map(jsonOf)).toEqual([change]);
    }
    // A note opens nothing, and the customer's word is told whatever comes of this.
    const down = answering(place, ({ url }) =>
      url === `${API}/conversations/${ticket}` ? { status: 500 } : undefined,
    );
    expect(await world.way.say(saying("Oi"), down)).toMatchObject({ kind: "told" });
    seen = [];
    await world.way.say(saying("Nota", { from: "recado", isPrivate: true }), place);
    expect(asked()).toEqual([`POST /conversations/${ticket}/messages`]);
  });
});

describe("what may have been said in Freshchat", () => {
  /** Lost on the way there, not on the way back. */
  const lost: Http = async () => ({ kind: "interrupted", detail: "reset" });

  it("is not taken for said because the customer said the same just before", async () => {
    const { place, phone } = await opened("sim");
    await world.way.say(saying("e então?"), place);
    const word = saying("sim");
    expect(await world.way.say(word, { ...place, ticket: place.ticket, http: lost })).toMatchObject({
      kind: "uncertain",
    });
    await world.way.say(word, again(place));
    expect((await world.ticket(phone)).messages.map(({ text }) => text)).toEqual(["sim", "e então?", "sim"]);
  });

  it("is one message for each piece of a long text, whichever piece is tried again", async () => {
    const { place, phone } = await opened();
    const pieces = ["um", "dois", "três"].map((text, index) =>
      saying(text, { id: `msg_long${index ? `#${index}` : ""}` }),
    );
    for (const piece of pieces.slice(0, 2)) await world.way.say(piece, place);
    const ids = [];
    for (const piece of pieces) ids.push(await world.way.say(piece, again(place)));
    const { messages } = await world.ticket(phone);
    expect(messages.map(({ text }) => text)).toEqual(["Olá", "um", "dois", "três"]);
    expect(ids).toEqual(messages.slice(1).map(({ id }) => ({ kind: "told", ids: [id] })));
  });

  it("is known by its files where it has no words", async () => {
    const { place, phone } = await opened();
    const picture = saying("", { files: [PICTURE] });
    const forgetful = { ...place, ticket: place.ticket, keep: async () => {} };
    await world.way.say(picture, forgetful);
    await world.way.say(picture, again(forgetful));
    expect((await world.ticket(phone)).messages).toHaveLength(2);
    // Two of them are something else.
    await world.way.say(saying("", { files: [PICTURE, PICTURE] }), again(forgetful));
    expect((await world.ticket(phone)).messages).toHaveLength(3);
  });

  it.each([
    ["a note", { from: "recado" as const, isPrivate: true }],
    ["what the business said", { from: "business" as const, author: "Bia" }],
  ])("%s is written once", async (_, more) => {
    const { place, phone } = await opened();
    const word = saying("Enviamos", more);
    const first = await world.way.say(word, place);
    expect(await world.way.say(word, again(place))).toEqual(first);
    expect((await world.ticket(phone)).messages).toHaveLength(2);
  });

  it("is no reply of an agent's in the same words", async () => {
    const { place, phone, ticket } = await opened();
    await world.act("reply", { ticket, text: "Enviamos" });
    await world.way.say(saying("Enviamos", { from: "recado", isPrivate: true }), again(place));
    await world.way.say(saying("Enviamos"), again(place));
    expect((await world.ticket(phone)).messages).toHaveLength(4);
  });
});

describe("what stands beside a conversation in Freshchat", () => {
  it("is closed and opened as elsewhere, and what is so already is left", async () => {
    const { place, phone, ticket } = await opened();
    await world.act("assigned", { ticket, name: "Bia" });
    expect(await world.way.state?.("closed", place)).toMatchObject({ kind: "told" });
    expect(await world.way.state?.("open", place)).toMatchObject({ kind: "told" });
    expect(await world.ticket(phone)).toMatchObject({ status: "open" });
    seen = [];
    expect(await world.way.state?.("open", place)).toMatchObject({ kind: "told" });
    expect(asked()).toEqual([`GET /conversations/${ticket}`]);
    const refusing = (status: string) =>
      answering(place, ({ method }) =>
        method === "PUT" ? { status: 400 } : { status: 200, body: { conversation_id: ticket, status } },
      );
    expect(await world.way.state?.("closed", refusing("resolved"))).toMatchObject({ kind: "told" });
    expect(await world.way.state?.("closed", refusing("assigned"))).toMatchObject({ kind: "refused" });
    const gone = { ...place, ticket: { id: "gone", kept: {} } };
    expect(await world.way.state?.("closed", gone)).toMatchObject({ kind: "closed" });
    expect(await world.way.state?.("open", gone)).toMatchObject({ kind: "closed" });
  });

  it("has the name that was learnt later", async () => {
    const { place, phone } = await opened();
    const named = { ...place.conversation.customer, name: "Ana Souza Lima" };
    expect(await world.way.customer?.(named, place)).toEqual({ kind: "told", ids: [] });
    expect((await world.ticket(phone)).contact.name).toBe("Ana Souza Lima");
    const forgotten = { ...place, ticket: { id: "any", kept: {} } };
    expect(await world.way.customer?.({ ...named, name: "Ana" }, forgotten)).toEqual({ kind: "told", ids: [] });
    // What another name does not say stays.
    expect((await world.ticket(phone)).contact.name).toBe("Ana Souza Lima");
  });
});

describe("what Freshchat is asked", () => {
  const reach = () => ({ desk: world.desk, http: world.http });

  it("where a file is, of which the webhook did not say it", async () => {
    const { ticket } = await opened();
    const from = world.heard.length;
    const attachments = [
      { contentType: "image/png", fileName: "foto.png" },
      { contentType: "application/pdf", fileName: "conta.pdf" },
    ];
    await world.act("reply", { ticket, attachments });
    const [reply] = await world.happenings(1, from);
    if (reply?.type !== "reply") throw new Error("no reply was heard");
    const credentials = { origins: ["https://acme.freshchat.com"], headers: { authorization: "Bearer token" } };
    expect(reply.files).toHaveLength(2);
    for (const [index, file] of reply.files.entries())
      expect(await reconciler.locate?.(file, reach())).toEqual({
        ...{ kind: "found", credentials },
        url: expect.stringMatching(index === 0 ? /_files\/.*foto\.png$/ : /_files\/.*conta\.pdf$/),
      });
    const [picture, paper] = reply.files;
    if (!picture || !paper) throw new Error("no files were heard");
    const answered = (status: number, body: object = {}) => ({
      desk: world.desk,
      http: answering(world.customer().place, () => ({ status, body })).http,
    });
    // The list does not tell either, or cannot be had.
    expect(await reconciler.locate?.(paper, answered(200, { messages: [] }))).toMatchObject({ kind: "gone" });
    expect(await reconciler.locate?.(paper, answered(404))).toMatchObject({ kind: "gone" });
    expect(await reconciler.locate?.(picture, answered(404))).toMatchObject({ kind: "found", url: picture.url });
    expect(await reconciler.locate?.(picture, answered(503))).toMatchObject({ kind: "unavailable" });
    expect(await reconciler.locate?.({ url: picture.url }, reach())).toMatchObject({ kind: "found", url: picture.url });
  });

  it("who may see a message: what may be a note is no reply, and the bot's own word counts for the bot alone", async () => {
    const message = (id: string, more: object) => ({
      ...{ id, actor_type: "agent", actor_id: AGENT, created_time: "2026-11-22T12:00:00.000Z" },
      ...{ message_parts: [{ text: { content: id } }], ...more },
    });
    const messages = [
      message("untold", {}),
      message("person", { botsPrivateNote: false }),
      message("bot", { botsPrivateNote: false, message_source: "bot" }),
      message("note", { message_type: "private" }),
      message("normal", { message_type: "normal" }),
    ];
    const { http } = answering(world.customer().place, () => ({ status: 200, body: { messages } }));
    const answer = await reconciler.heard({ id: "c", kept: {} }, { since: 0 }, { desk: world.desk, http });
    if (answer.kind !== "heard") throw new Error(answer.kind);
    expect(answer.happenings.map(({ id }) => id).toSorted()).toEqual(["bot", "normal"]);
  });

  it("turns pages as far as there is something new, and not for ever", async () => {
    const pages: string[] = [];
    const time = (seconds: number) => new Date(Date.parse("2026-11-22T10:00:00Z") - seconds * 1000).toISOString();
    const row = { actor_type: "agent", message_type: "normal", message_parts: [{ text: { content: "Oi" } }] };
    const http: Http = async ({ url }) => {
      const { searchParams: query } = new URL(url);
      pages.push(`${query.get("page")} of ${query.get("items_per_page")} from ${query.get("from_time")}`);
      const page = Number(query.get("page"));
      const messages = Array.from({ length: 50 }, (_, index) => ({
        ...{ ...row, id: `m${page}.${index}`, created_time: time(page * 100 + index) },
      }));
      return { kind: "answer", status: 200, headers: {}, body: JSON.stringify({ messages }) };
    };
    const all = await reconciler.heard({ id: "t", kept: {} }, { since: 0 }, { desk: world.desk, http });
    expect(pages).toEqual(["1 of 50 from null", "2 of 50 from null", "3 of 50 from null"]);
    if (all.kind !== "heard") throw new Error(all.kind);
    expect(all.happenings).toHaveLength(150);
    expect(all.happenings.map(({ at }) => at)).toEqual(all.happenings.map(({ at }) => at).toSorted());
    expect(all.upTo).toBe(String(Date.parse(time(100))));
    pages.length = 0;
    const since = Date.parse(time(120));
    const new_ = await reconciler.heard(
      { id: "t", kept: {} },
      { since, after: all.upTo ?? "" },
      { desk: world.desk, http },
    );
    expect(pages).toEqual([`1 of 50 from ${time(120)}`]);
    expect(new_).toMatchObject({ kind: "heard", happenings: { length: 21 } });
  });

  it("keeps the order of what was written at the same time", async () => {
    const at = "2026-11-22T10:00:00.000Z";
    const said = (id: string) => ({
      ...{ id, actor_type: "agent", message_type: "normal", created_time: at },
      message_parts: [{ text: { content: id } }],
    });
    const body = JSON.stringify({ messages: [said("dois"), said("um")] });
    const http: Http = async () => ({ kind: "answer", status: 200, headers: {}, body });
    const heard = await reconciler.heard({ id: "t", kept: {} }, { since: 0 }, { desk: world.desk, http });
    expect(heard).toMatchObject({ happenings: [{ id: "um" }, { id: "dois" }], upTo: String(Date.parse(at)) });
  });

  it.each([
    [404, {}, { kind: "heard", happenings: [] }],
    [403, {}, { kind: "unavailable", detail: "HTTP 403" }],
    [429, { "retry-after": "9" }, { kind: "throttled", retryAfterSeconds: 9, detail: "HTTP 429" }],
    [500, {}, { kind: "unavailable", detail: "HTTP 500" }],
    [200, {}, { kind: "unavailable", detail: "an answer that is no list of messages" }],
  ])("says when it cannot be asked (%i)", async (status, headers, expected) => {
    const http: Http = async () => ({ kind: "answer", status, headers, body: "{}" });
    expect(await reconciler.heard({ id: "t", kept: {} }, { since: 0 }, { desk: world.desk, http })).toEqual(expected);
  });
});
