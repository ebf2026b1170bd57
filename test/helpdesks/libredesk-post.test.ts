/** What reaches LibreDesk and what it is asked, where that is its own and not every desk's; over real HTTP where it can. */
import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import type { Place } from "../../shared/helpdesks/helpdesk.ts";
import { libredesk } from "../../shared/helpdesks/libredesk/index.ts";
import type { Http, HttpAnswer, HttpRequest } from "../../shared/ports.ts";
import { saying, startTicketDeskWorld } from "../contracts/ticket-desk.ts";

const INBOX = "7f1f2c1a-1b57-4a6e-9a6d-3c7f0e6f2b11";
const BASE = "https://desk.example.com";
const SAMPLE = {
  settings: { baseUrl: BASE, inboxes: { whatsapp: INBOX, sms: "11c0e4de-9f3b-4a51-8b0c-2f6a1d7e5c33" } },
  secrets: { apiKey: "key", apiSecret: "secret", inboxSecret: "inbox secret", webhookSecret: "webhook secret" },
};
const PICTURE = { id: "med_AAAAAAAAAAAAAAAAAAAAAA", contentType: "image/png", fileName: "foto.png", size: 18 };

let world: Awaited<ReturnType<typeof startTicketDeskWorld>>;
const requests: { path: string; method: string; body: unknown }[] = [];
beforeAll(async () => {
  world = await startTicketDeskWorld("libredesk", SAMPLE, ({ url, method, body }) => {
    const { pathname } = new URL(url);
    requests.push({ path: pathname, method, body: typeof body === "string" ? JSON.parse(body) : body });
  });
});
afterAll(() => world.stop());

/** Requests that a piece of work makes, as `POST /path`. */
async function during(work: () => Promise<unknown>): Promise<typeof requests> {
  const before = requests.length;
  await work();
  return requests.slice(before);
}

/** Answers are lost the first time that a path of this end is asked; what it did, it did. */
function losing(end: string, http: Http): Http {
  let isLost = false;
  return async (request) => {
    const answer = await http(request);
    if (isLost || !new URL(request.url).pathname.endsWith(end)) return answer;
    isLost = true;
    return { kind: "interrupted", detail: "no answer in time" };
  };
}

/** Says it with one lost answer, and once more. */
async function saidTwice(end: string, customer: { place: Place }, word: ReturnType<typeof saying>) {
  const { place } = customer;
  const first = await world.way.say(word, { ...place, http: losing(end, world.http) });
  const isRepeated = first.kind === "uncertain";
  const second = await world.way.say(word, { ...place, ticket: place.ticket, isRepeated });
  return { first, second };
}

describe("opening a conversation at LibreDesk", () => {
  it("finds the one that was opened although no answer said so", async () => {
    const customer = world.customer();
    const word = saying("Chegou?\nEstou  à espera");
    const { first, second } = await saidTwice("/conversations/init", customer, word);
    expect(first.kind).toBe("uncertain");
    const ticket = await world.ticket(customer.phone);
    expect(ticket.messages.map(({ text }) => text)).toEqual([word.text]);
    expect(second).toEqual({ kind: "told", ids: [ticket.messages[0]?.id] });
    expect(customer.place.ticket.id).toBe(ticket.id);
  });

  it("does not take an older one of the same customer for it, nor the one that it is to follow", async () => {
    const { place, phone } = world.customer();
    await world.way.say(saying("Olá"), place);
    const follows = place.ticket;
    const next: Place = { ...place, ticket: { kept: follows.kept }, follows: { ...follows }, isRepeated: true };
    next.keep = async ({ id }) => {
      next.ticket = { ...(id !== undefined && { id }), kept: {} };
    };
    await world.way.say(saying("Olá"), next);
    expect(next.ticket.id).not.toBe(follows.id);
    expect(await world.tickets(phone)).toHaveLength(2);
  });

  it.each(["/custom-attributes", "/media", "/messages"])(
    "goes on where it stopped when an answer of %s is lost",
    async (end) => {
      const customer = world.customer();
      await saidTwice(end, customer, saying("Veja", { files: [PICTURE] }));
      const { messages, fields } = await world.ticket(customer.phone);
      expect(messages.map(({ text, files }) => [text, files.length])).toEqual([
        ["Veja", 0],
        ["", 1],
      ]);
      expect(fields).toMatchObject({ recado_channel: "WhatsApp" });
    },
  );

  it("names a file that comes without a word, and puts it behind", async () => {
    const { place, phone } = world.customer();
    const outcome = await world.way.say(saying("", { files: [PICTURE] }), place);
    const { messages } = await world.ticket(phone);
    expect(messages.map(({ text, files }) => [text, files.length])).toEqual([
      ["📎 foto.png", 0],
      ["", 1],
    ]);
    expect(outcome).toEqual({ kind: "told", ids: messages.map(({ id }) => id) });
  });

  it("breaks what is too long for the live chat between two characters", async () => {
    const { place, phone } = world.customer();
    const text = "ã😀".repeat(2_000);
    expect(await world.way.say(saying(text), place)).toMatchObject({ kind: "told" });
    const { messages } = await world.ticket(phone);
    expect(messages).toHaveLength(2);
    expect(messages.map((one) => one.text).join("")).toBe(text);
  });

  it("gives the contact a name and an address that no mail reaches, and keeps no credential", async () => {
    const { place } = world.customer();
    const { customer } = place.conversation;
    const made = await during(() => world.way.say(saying("Olá"), place));
    const { jwt } = z.object({ jwt: z.string() }).parse(made[0]?.body);
    const [head = "", body = "", signature] = jwt.split(".");
    expect(createHmac("sha256", "inbox secret").update(`${head}.${body}`).digest("base64url")).toBe(signature);
    const claims = JSON.parse(Buffer.from(body, "base64url").toString());
    expect(claims).toEqual({
      ...{ external_user_id: customer.id, first_name: "Cliente", last_name: customer.name?.split(" ")[1] },
      ...{ phone_number: customer.phone, email: `${customer.id.toLowerCase()}@recado.invalid` },
      exp: expect.closeTo(Date.now() / 1000 + 300, -2),
    });
    expect(Object.keys(place.ticket.kept).toSorted()).toEqual(["first", "opened"]);
  });

  it.each([
    [{ name: "  " }, "+15557009999"],
    [{ name: undefined, phone: undefined, address: "5511999990000" }, "5511999990000"],
    [{ name: `${"é".repeat(200)} Silva`, phone: "+123456789012345678901" }, `${"é".repeat(64)} Silva`],
  ])("calls a customer by what there is of them (%#)", async (more, name) => {
    const { place } = world.customer();
    const person = { ...place.conversation.customer, id: `con_${name.slice(0, 8)}`, phone: "+15557009999", ...more };
    const customer = JSON.parse(JSON.stringify(person));
    const outcome = await world.way.say(saying("Olá"), { ...place, conversation: { ...place.conversation, customer } });
    expect(outcome).toMatchObject({ kind: "told" });
    expect((await world.ticket(customer.id)).contact.name).toBe(name);
  });

  it("is the customer's one contact in the inbox of each account", async () => {
    const { place, phone } = world.customer();
    await world.way.say(saying("Pelo WhatsApp"), place);
    const other = world.customer();
    const conversation = { ...place.conversation, account: "sms" };
    await world.way.say(saying("Por SMS"), { ...other.place, conversation });
    expect(await world.tickets(phone)).toHaveLength(2);
  });

  it("waits for a configuration that names the account's inbox, and for one whose secret is right", async () => {
    const { place } = world.customer();
    const conversation = { ...place.conversation, account: "loja" };
    const detail = expect.stringContaining("loja");
    expect(await world.way.say(saying("Olá"), { ...place, conversation })).toEqual({ kind: "unavailable", detail });
    const withSecret = (inboxSecret: unknown) => ({ ...world.desk, secrets: { ...SAMPLE.secrets, inboxSecret } });
    const wrong = await world.way.say(saying("Olá"), { ...place, desk: withSecret("another") });
    expect(wrong).toMatchObject({ kind: "unavailable" });
    const several = await world.way.say(saying("Olá"), { ...place, desk: withSecret(["another", "inbox secret"]) });
    expect(several).toMatchObject({ kind: "told" });
  });
});

describe("what is said at LibreDesk", () => {
  it.each([
    ["a customer's", { from: "customer" as const }],
    ["a note of", { from: "recado" as const, isPrivate: true }],
    ["the business's", { from: "business" as const }],
  ])("%s words come as they are, whatever they look like", async (_, more) => {
    const { place, phone } = await opened();
    const text = 'Olá {{ .Contact.Email }} & <b>"x"</b>\n{a} &amp;';
    await world.way.say(saying(text, more), place);
    expect((await world.ticket(phone)).messages.at(-1)?.text).toBe(text);
  });

  it("is not taken for said because the customer said the same before", async () => {
    const customer = await opened("sim");
    await world.way.say(saying("sim"), customer.place);
    // Lost on the way there, not on the way back.
    const lost: Http = async () => ({ kind: "interrupted", detail: "reset" });
    const word = saying("sim");
    expect(await world.way.say(word, { ...customer.place, http: lost })).toMatchObject({ kind: "uncertain" });
    await world.way.say(word, { ...customer.place, isRepeated: true });
    expect((await world.ticket(customer.phone)).messages.map(({ text }) => text)).toEqual(["sim", "sim", "sim"]);
  });

  it.each([
    ["note", { from: "recado" as const, isPrivate: true }],
    ["reply of the business", { from: "business" as const }],
  ])("writes a %s once, although no answer said that it was taken", async (_, more) => {
    const customer = await opened();
    const { second } = await saidTwice("/messages", customer, saying("Enviamos", more));
    const written = (await world.ticket(customer.phone)).messages.filter(({ text }) => text === "Enviamos");
    expect(written).toHaveLength(1);
    expect(second).toEqual({ kind: "told", ids: [written[0]?.id] });
  });

  it.each([
    ["the customer's words", { from: "customer" as const }, { type: "incoming", private: false }, "there"],
    ["a note", { from: "recado" as const, isPrivate: true }, { type: "outgoing", private: true }, "there"],
    // It may be an agent's, and would then not go out.
    ["a public reply", { from: "business" as const }, { type: "outgoing", private: false }, "new"],
    [
      "what was there long before",
      { from: "customer" as const, at: Date.now() + 86_400_000 },
      { type: "incoming" },
      "new",
    ],
  ])("knows %s again by the words should LibreDesk take the mark off", async (_, more, kind, id) => {
    const { place } = world.customer({ ticket: { id: "0198a6f0", kept: {} }, isRepeated: true });
    const message = { uuid: "there", text_content: "Olá,  mundo", created_at: new Date().toISOString(), ...kind };
    const http = answering(({ method }) => {
      const data = method === "GET" ? { results: [message] } : { uuid: "new", type: "outgoing" };
      return { status: 200, body: { status: "success", data } };
    });
    const outcome = await world.way.say(saying("Olá,\nmundo", more), { ...place, http });
    expect(outcome).toEqual({ kind: "told", ids: [id] });
  });

  it("says which file could not be shown, rather than nothing", async () => {
    const { place, phone } = await opened();
    const files = { ...place.files, read: async (id: string) => (id === "med_gone" ? undefined : new Uint8Array()) };
    const two = [PICTURE, { ...PICTURE, id: "med_gone", fileName: "outra.png" }];
    expect(await world.way.say(saying("Veja", { files: two }), { ...place, files })).toMatchObject({ kind: "told" });
    const message = (await world.ticket(phone)).messages.at(-1);
    expect(message?.text).toMatch(/^Veja\n.*foto\.png.*HTTP 400.*\n.*outra\.png.*not there/);
    expect(message?.files).toEqual([]);
  });

  it("sets what stands beside it without touching what others set", async () => {
    const { place, phone, ticket } = await opened();
    const path = `${world.url}/api/v1/conversations/${ticket}/custom-attributes`;
    const headers = { authorization: "token key:secret" };
    await fetch(path, { method: "PUT", headers, body: JSON.stringify({ loja: "3" }) });
    const fields = { ...place.conversation.fields, recado_ad: "Natal" };
    const changed = { ...place, conversation: { ...place.conversation, fields } };
    expect(await world.way.fields?.(changed)).toMatchObject({ kind: "told" });
    expect((await world.ticket(phone)).fields).toEqual({ loja: "3", ...fields });
    expect(await during(async () => world.way.fields?.(changed))).toMatchObject([{ method: "GET" }]);
  });

  it("adds tags to those that are there", async () => {
    const { place, phone, ticket } = await opened();
    await world.act("tags", { ticket, tags: ["vip"] });
    expect(await world.way.tag?.(["troca", "vip"], place)).toMatchObject({ kind: "told" });
    expect((await world.ticket(phone)).tags).toEqual(["vip", "troca"]);
  });

  it("calls the contact by a name that was learnt later", async () => {
    const { place, phone } = await opened();
    const customer = { ...place.conversation.customer, name: "Ana Souza Lima" };
    expect(await world.way.customer?.(customer, place)).toEqual({ kind: "told", ids: [] });
    expect((await world.ticket(phone)).contact.name).toBe("Ana Souza Lima");
  });

  it("needs another conversation where this one was deleted", async () => {
    const { place } = await opened();
    const gone = { ...place, ticket: { id: "0198a6f0-58a1-7c31-9d3c-0a5c1f6a2b77", kept: {} } };
    for (const isRepeated of [false, true])
      expect(await world.way.say(saying("Olá"), { ...gone, isRepeated })).toMatchObject({ kind: "closed" });
    expect(await world.way.state?.("closed", gone)).toMatchObject({ kind: "closed" });
  });

  it.each([
    ["Closed", "closed"],
    ["Open", "refused"],
  ])("a refused word of the customer's while the conversation is %s means: %s", async (status, kind) => {
    const { place } = world.customer({ ticket: { id: "0198a6f0", kept: {} } });
    const answers = answering(({ method }) =>
      method === "GET" ? { status: 200, body: { data: { uuid: "0198a6f0", status } } } : { status: 400, body: {} },
    );
    expect(await world.way.say(saying("Olá"), { ...place, http: answers })).toMatchObject({ kind });
  });

  it("stops at the live chat's hundred requests a minute, and says for how long", async () => {
    const { place } = await opened();
    const url = `${world.url}/api/v1/widget/chat/conversations`;
    // Within one minute of the clock, however long it takes.
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    for (let asked = 0; asked <= 100; asked++) await fetch(url);
    const outcome = await world.way.say(saying("Olá"), { ...place, ticket: { kept: {} } });
    vi.useRealTimers();
    expect(outcome).toMatchObject({ kind: "throttled", retryAfterSeconds: expect.any(Number) });
    // The agents' own door is not counted.
    expect(await world.way.say(saying("Olá"), place)).toMatchObject({ kind: "told" });
  });
});

describe("what LibreDesk is asked", () => {
  const reach = () => ({ desk: world.desk, http: world.http });

  it("hands out an agent's file by key, when the address in the webhook is good no more", async () => {
    const url = `${BASE}/uploads/5c2f6d9e-0c3a-4f43-8f0a-9b7f1f2e3d4c`;
    const file = { id: "5c2f6d9e-0c3a-4f43-8f0a-9b7f1f2e3d4c", url: `${url}?sig=0a&exp=1` };
    const credentials = { origins: [BASE], headers: { authorization: "token key:secret" } };
    expect(await world.helpdesk.reconciler?.locate?.(file, reach())).toEqual({ kind: "found", url, credentials });
  });

  it("names the conversations in which something happened since", async () => {
    const rows = [
      { uuid: "one", inbox_channel: "livechat", last_message_at: "2026-11-22T09:03:00Z" },
      { uuid: "mail", inbox_channel: "email", last_message_at: "2026-11-22T09:02:00Z" },
      { uuid: "two", inbox_channel: "livechat", last_message_at: "2026-11-22T09:01:00Z" },
      { uuid: "old", inbox_channel: "livechat", last_message_at: "2026-11-22T08:59:00Z" },
    ];
    const http = answering(() => ({ status: 200, body: { data: { results: rows } } }));
    const since = Date.parse("2026-11-22T09:00:00Z");
    const changed = await libredesk.reconciler?.changed?.({ since }, { ...reachOf(), http });
    expect(changed).toEqual({ kind: "changed", tickets: ["one", "two"] });
  });

  it("tells a reply that came to light behind a later one", async () => {
    const time = Date.parse("2026-11-22T09:00:00Z");
    const rows = [
      ["r2", time],
      ["r1", time - 30_000],
      ["r0", time - 90_000],
    ].map(([uuid, at]) => ({
      ...{ uuid, type: "outgoing", sender_type: "agent", private: false, conversation_uuid: "a" },
      ...{ content: "<p>Oi</p>", created_at: new Date(at ?? 0).toISOString() },
    }));
    const http = answering(() => ({ status: 200, body: { data: { results: rows } } }));
    const asked = { since: 0, after: String(time) };
    const heard = await libredesk.reconciler?.heard({ id: "a", kept: {} }, asked, { ...reachOf(), http });
    expect(heard).toMatchObject({ kind: "heard", happenings: [{ id: "r1" }, { id: "r2" }], upTo: String(time) });
  });

  it("turns pages as far as there is something new, and not for ever", async () => {
    const times = (page: number) => new Date(Date.parse("2026-11-22T09:00:00Z") - page * 1000).toISOString();
    const pages: string[] = [];
    const http = answering(({ url }) => {
      const { searchParams, pathname } = new URL(url);
      const page = Number(searchParams.get("page"));
      pages.push(`${pathname.split("/").at(-1)} ${page}`);
      const row = { uuid: `c${page}`, type: "outgoing", created_at: times(page), last_message_at: times(page) };
      return { status: 200, body: { data: { results: Array(100).fill(row) } } };
    });
    await libredesk.reconciler?.heard({ id: "a", kept: {} }, { since: 0 }, { ...reachOf(), http });
    await libredesk.reconciler?.changed?.({ since: 0 }, { ...reachOf(), http });
    await libredesk.reconciler?.heard({ id: "a", kept: {} }, { since: Date.parse(times(0)) }, { ...reachOf(), http });
    const all = ["messages 1", "messages 2", "messages 3"];
    expect(pages).toEqual([...all, "all 1", "all 2", "all 3", "all 4", "all 5", "messages 1"]);
  });

  it.each([
    [
      { status: 404, headers: {} },
      { kind: "heard", happenings: [] },
    ],
    [
      { status: 403, headers: {} },
      { kind: "unavailable", detail: "HTTP 403" },
    ],
    [
      { status: 429, headers: { "retry-after": "9" } },
      { kind: "throttled", retryAfterSeconds: 9, detail: "HTTP 429" },
    ],
    [
      { status: 500, headers: {} },
      { kind: "unavailable", detail: "HTTP 500" },
    ],
  ])("says when it cannot be asked (%j)", async (answer, expected) => {
    const http = answering(() => ({ ...answer, body: {} }));
    const heard = await libredesk.reconciler?.heard({ id: "a", kept: {} }, { since: 0 }, { ...reachOf(), http });
    expect(heard).toEqual(expected);
  });
});

describe("a conversation that is one too many", () => {
  it.each([
    ["for its contact, who alone waits", "RateLimitException", "ticket"],
    ["for the desk, which is left alone", "GeneralException", undefined],
  ])("%s", async (_, error_type, scope) => {
    const { place } = world.customer();
    const refusal = { status: "error", message: "Too many requests.", error_type };
    const http: Http = async ({ url }) =>
      url.endsWith("/auth/exchange")
        ? { kind: "answer", status: 200, headers: {}, body: JSON.stringify({ data: { session_token: "s" } }) }
        : { kind: "answer", status: 429, headers: {}, body: JSON.stringify(refusal) };
    const outcome = await world.way.say(saying("Olá"), { ...place, http });
    expect(outcome).toMatchObject({ kind: "throttled" });
    expect(outcome.kind === "throttled" && outcome.scope).toBe(scope);
  });
});

function reachOf() {
  return { desk: { name: "desk", settings: libredesk.settings.parse(SAMPLE.settings), secrets: SAMPLE.secrets } };
}

async function opened(text = "Olá") {
  const customer = world.customer();
  expect(await world.way.say(saying(text), customer.place)).toMatchObject({ kind: "told" });
  return { ...customer, ticket: customer.place.ticket.id ?? "" };
}

type Given = { status: number; headers?: Record<string, string>; body: object };

/** A desk that is not there: every request is answered at once. */
function answering(answer: (request: HttpRequest) => Given): Http {
  return async (request): Promise<HttpAnswer> => {
    const { status, headers = {}, body } = answer(request);
    return { kind: "answer", status, headers, body: JSON.stringify(body) };
  };
}
