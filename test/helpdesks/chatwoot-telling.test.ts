/** What is Chatwoot's own in telling and asking, beside what every desk keeps. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { DeskHappening } from "../../shared/domain/desk-happening.ts";
import { failuresOf, keepFailure } from "../../shared/helpdesks/chatwoot/failures.ts";
import type { Place } from "../../shared/helpdesks/helpdesk.ts";
import { createFetchFile } from "../../shared/http/download.ts";
import type { HttpRequest } from "../../shared/ports.ts";
import { FILE, saying, startTicketDeskWorld } from "../contracts/ticket-desk.ts";

const SAMPLE = {
  settings: {
    ...{ baseUrl: "https://chatwoot.example.com/", accountId: 3, inbox: { id: 7, identifier: "for-all" } },
    inboxes: { sms: { id: 8, identifier: "for-sms" } },
  },
  secrets: { apiToken: "user-token", webhookSecret: "inbox-secret" },
};
const API = "https://chatwoot.example.com/api/v1/accounts/3";
const FAILED = { status: "failed", reason: "The window has closed." } as const;

let world: Awaited<ReturnType<typeof startTicketDeskWorld>>;
let requests: HttpRequest[] = [];

beforeAll(async () => {
  world = await startTicketDeskWorld("chatwoot", SAMPLE, (request) => requests.push(request));
});
afterAll(() => world.stop());
beforeEach(() => {
  requests = [];
});

async function opened(more: Partial<Place> = {}) {
  const { place, phone, name } = world.customer(more);
  expect(await world.way.say(saying("Olá"), place)).toMatchObject({ kind: "told" });
  const { id: ticket = "" } = place.ticket;
  return { place, phone, name, ticket };
}

/** Straight to the desk, as another program would. */
async function direct(method: "GET" | "POST" | "PUT" | "PATCH", path: string, json?: object) {
  const answer = await world.http({
    ...{ method, url: `${API}${path}` },
    headers: { "content-type": "application/json", api_access_token: "user-token" },
    ...(json && { body: JSON.stringify(json) }),
  });
  if (answer.kind !== "answer" || answer.status !== 200) throw new Error(`${path} was not taken`);
  return JSON.parse(answer.body);
}

async function heard(place: Place, after?: string) {
  const ticket = { id: place.ticket.id ?? "", kept: place.ticket.kept };
  const asked = { since: 0, ...(after !== undefined && { after }) };
  const answer = await world.helpdesk.reconciler?.heard(ticket, asked, { desk: world.desk, http: world.http });
  if (answer?.kind !== "heard") throw new Error(`The desk said ${answer?.kind}`);
  return answer;
}

/** What webhooks told beside replies: all of it, since a reply behind the rest has come. */
async function told(ticket: string, from: number): Promise<DeskHappening[]> {
  const { id } = await world.act("reply", { ticket, text: "The last." });
  for (let count = 1; ; count++) {
    const happenings = await world.happenings(count, from);
    if (happenings.some((one) => one.id === id)) return happenings.filter(({ type }) => type !== "reply");
  }
}

describe("the settings", () => {
  const { settings } = SAMPLE;
  it.each<[string, object, boolean]>([
    ["one inbox for all", { inbox: settings.inbox }, true],
    ["one for each account", { inboxes: settings.inboxes }, true],
    ["no inbox", {}, false],
    ["a list of none", { inboxes: {} }, false],
    ["an inbox without its identifier", { inbox: { id: 7 } }, false],
    ["an address that is none", { inbox: settings.inbox, baseUrl: "chatwoot" }, false],
  ])("%s", (_, inboxes, isValid) => {
    const { inbox: __, inboxes: ___, ...place } = settings;
    expect(world.helpdesk.settings.safeParse({ ...place, ...inboxes }).success).toBe(isValid);
  });
});

describe("a conversation", () => {
  it("goes to the inbox of its account, and otherwise to the one for all", async () => {
    const first = world.customer().place;
    const bySms = { ...first.conversation, channel: "sms", account: "sms" } as const;
    await opened();
    await opened({ conversation: { ...bySms, customer: { ...bySms.customer, id: "con_sms", phone: "+15557770000" } } });
    const inboxes = requests
      .filter(({ url }) => url === `${API}/conversations`)
      .map(({ body }) => JSON.parse(String(body)).inbox_id);
    expect(inboxes).toEqual([7, 8]);
  });

  it("waits where its account has no inbox", async () => {
    const { place } = world.customer();
    const { inbox: _, ...settings } = SAMPLE.settings;
    const desk = { ...world.desk, settings };
    expect(await world.way.say(saying("Olá"), { ...place, desk })).toMatchObject({ kind: "unavailable" });
  });

  it.each([
    [
      "an identifier that Chatwoot does not know",
      { settings: { ...SAMPLE.settings, inbox: { id: 7, identifier: "other" } } },
    ],
    [
      "an inbox that the account does not have",
      { settings: { ...SAMPLE.settings, inbox: { id: 9, identifier: "for-all" } } },
    ],
    ["a token that is refused", { secrets: { apiToken: "other" } }],
    ["no token", { secrets: {} }],
  ])("waits with %s", async (_, more) => {
    const { place } = world.customer();
    expect(await world.way.say(saying("Olá"), { ...place, desk: { ...world.desk, ...more } })).toMatchObject({
      kind: "unavailable",
    });
  });

  it("has a contact without the number that Chatwoot takes for none, and never an e-mail address", async () => {
    const { place } = world.customer();
    const customer = { ...place.conversation.customer, name: "Nula", phone: "+0123" };
    await opened({ conversation: { ...place.conversation, customer } });
    expect((await world.ticket("Nula")).contact).toMatchObject({ name: "Nula", externalId: customer.id });
    expect(JSON.stringify(requests.map(({ body }) => String(body)))).not.toContain("email");
  });

  it("is the contact's whom the account has already under that number", async () => {
    const { place, phone } = await opened();
    const { customer } = place.conversation;
    const other = { ...place.conversation, id: "conv_other", customer: { ...customer, id: "con_other" } };
    await opened({ conversation: other });
    expect(await world.tickets(phone)).toHaveLength(2);
  });

  it.each([
    ["contact", 0],
    ["conversation", 1],
    ["message", 2],
  ])("is one, with one message, whose first %s was made without an answer", async (_, lost) => {
    let writes = 0;
    const http: typeof world.http = async (request) => {
      const answer = await world.http(request);
      return request.method === "POST" && writes++ === lost ? { kind: "interrupted", detail: "ECONNRESET" } : answer;
    };
    const { place, phone } = world.customer({ http });
    const word = saying("Olá");
    expect(await world.way.say(word, place)).toMatchObject({ kind: "uncertain" });
    expect(await world.way.say(word, { ...place, ticket: place.ticket, isRepeated: true })).toMatchObject({
      kind: "told",
    });
    expect((await world.ticket(phone)).messages).toMatchObject([{ text: "Olá" }]);
  });

  it("is a new one behind the one that it follows, though a try was lost", async () => {
    const { place, phone, ticket } = await opened();
    const follows = place.ticket;
    await world.act("state", { ticket, state: "closed" });
    place.ticket = { kept: {} };
    expect(await world.way.say(saying("Outra coisa"), { ...place, follows, isRepeated: true })).toMatchObject({
      kind: "told",
    });
    expect((await world.tickets(phone)).map(({ status }) => status).toSorted()).toEqual(["closed", "open"]);
  });

  it("that is deleted is closed", async () => {
    const { place } = await opened();
    const gone = { ...place, ticket: { ...place.ticket, id: "999999" } };
    expect(await world.way.say(saying("Alô"), gone)).toMatchObject({ kind: "closed" });
  });

  it("is not taken for deleted where somebody else says 404", async () => {
    const { place } = await opened();
    const desk = { ...world.desk, settings: { ...SAMPLE.settings, baseUrl: "https://chatwoot.example.com/elsewhere" } };
    expect(await world.way.say(saying("Alô"), { ...place, desk })).toMatchObject({ kind: "unavailable" });
  });
});

describe("what is said", () => {
  it("stands there under its mark, at its time, as an answer to what it answers", async () => {
    const { place, ticket } = await opened();
    const { id: answered } = await world.act("reply", { ticket, text: "Qual?" });
    const word = saying("A azul", { replyTo: answered, at: 1_795_000_000_500 });
    await world.way.say(word, place);
    await world.way.say(
      saying("", {
        replyTo: answered,
        files: [{ id: "med_1", contentType: "image/png", fileName: 'a "b".png', size: 9 }],
      }),
      place,
    );
    const { payload } = await direct("GET", `/conversations/${ticket}/messages`);
    const [azul, picture] = payload.slice(-2);
    expect(azul).toMatchObject({ message_type: 0, source_id: `recado:${word.id}`, private: false });
    expect(azul.content_attributes).toMatchObject({
      in_reply_to: Number(answered),
      external_created_at: 1_795_000_000,
    });
    expect(picture).toMatchObject({ content: null, content_attributes: { in_reply_to: Number(answered) } });
    expect(picture.attachments).toMatchObject([{ file_type: "image", file_size: FILE.length }]);
  });

  it("by the business begins with who wrote it, and is no note", async () => {
    const { place, phone } = await opened();
    await world.way.say(saying("Enviamos hoje.", { from: "business", author: "Bia" }), place);
    const { messages } = await world.ticket(phone);
    expect(messages.at(-1)).toMatchObject({ text: "Bia:\nEnviamos hoje.", isPrivate: false, author: { type: "api" } });
  });

  it("says so where its file is gone", async () => {
    const { place, phone } = await opened({ files: { read: async () => undefined, link: async () => "" } });
    const file = { id: "med_1", contentType: "image/png", fileName: "foto.png", size: 9 };
    await world.way.say(saying("Veja", { files: [file] }), place);
    expect((await world.ticket(phone)).messages.at(-1)).toMatchObject({
      text: "Veja\n⚠️ foto.png is not there any more.",
      files: [],
    });
  });

  it("waits a minute where a conversation has too many messages", async () => {
    const { place, ticket } = await opened();
    for (let number = 0; number < 199; number++) await world.act("note", { ticket, text: "x" });
    expect(await world.way.say(saying("Mais"), place)).toMatchObject({
      ...{ kind: "throttled", retryAfterSeconds: 60, scope: "ticket" },
    });
  });

  it("is found again behind what agents wrote meanwhile", async () => {
    const { place, phone, ticket } = await opened();
    const word = saying("Uma vez só");
    await world.way.say(word, place);
    for (let number = 0; number < 45; number++) await world.act("note", { ticket, text: `nota ${number}` });
    const { messages } = await world.ticket(phone);
    const again = await world.way.say(word, { ...place, isRepeated: true });
    expect(again).toEqual({ kind: "told", ids: [messages.find(({ text }) => text === "Uma vez só")?.id] });
    expect((await world.ticket(phone)).messages).toHaveLength(messages.length);
  });
});

describe("what became of a reply", () => {
  it("comes back to us as nothing at all, whichever word it is, last message or not", async () => {
    const { place, ticket } = await opened();
    const { id: first } = await world.act("reply", { ticket, text: "um" });
    const { id: second } = await world.act("reply", { ticket, text: "dois" });
    const { upTo } = await heard(place);
    const from = world.heard.length;
    for (const message of [first, second]) {
      for (const status of ["sent", "delivered", "read"] as const)
        expect(await world.way.status?.({ message, status, at: 1 }, place)).toEqual({ kind: "told", ids: [] });
      await world.way.status?.({ message, ...FAILED, at: 2 }, place);
      await world.way.status?.({ message, status: "sent", at: 3 }, place);
    }
    expect(await told(ticket, from)).toEqual([]);
    expect((await heard(place, upTo)).happenings.filter((one) => one.type !== "reply")).toEqual([]);
    const { payload } = await direct("GET", `/conversations/${ticket}/messages`);
    const statuses = payload.filter((one: { id: number }) => [first, second].includes(String(one.id)));
    expect(statuses).toMatchObject([{ status: "sent" }, { status: "sent" }]);
  });

  it("is wanted again where an agent takes the failure back, by webhook and when asked", async () => {
    const { place, ticket } = await opened();
    const { id } = await world.act("reply", { ticket, text: "Tarde" });
    await world.way.status?.({ message: id, ...FAILED, at: 1_795_000_000_000 }, place);
    expect((await heard(place)).happenings.map(({ type }) => type)).toEqual(["reply"]);
    const from = world.heard.length;
    await world.act("again", { ticket, message: id });
    // The webhook says that somebody did it, and the list what, so that there is one id of it.
    expect(await told(ticket, from)).toMatchObject([{ type: "look", ticket }]);
    const again = { type: "again", id: `${id}-again-1795000000000`, ticket, of: id };
    for (let times = 0; times < 2; times++) expect((await heard(place)).happenings).toContainEqual(again);
    // It went this time, and nobody has to know of the failure any more.
    requests = [];
    await world.way.status?.({ message: id, status: "sent", at: 1_795_000_060_000 }, place);
    expect(requests.filter(({ method }) => method !== "GET")).toEqual([]);
    expect((await heard(place)).happenings).not.toContainEqual(again);
  });

  it.each([
    ["on its way", {}],
    ["throttled", { kind: "429" }],
    ["refused for good", { kind: "refused" }],
  ])("is not taken for wanted again while its failure is not shown, the word being %s", async (how, fault) => {
    const { place, phone, ticket } = await opened();
    const { id } = await world.act("reply", { ticket, text: "Tarde" });
    let meanwhile: DeskHappening[] = [];
    const http: typeof world.http = async (request) => {
      if (request.method === "PATCH") meanwhile = (await heard(place)).happenings;
      return world.http(request);
    };
    if (how !== "on its way") await world.order({ customer: phone, ...fault });
    await world.way.status?.({ message: id, ...FAILED, at: 7 }, { ...place, http, ticket: place.ticket });
    expect(meanwhile.map(({ type }) => type)).toEqual(["reply"]);
    expect((await heard(place)).happenings.map(({ type }) => type)).toEqual(["reply"]);
  });

  it("is wanted again, when asked, though it lies far behind, and in the conversation before", async () => {
    const { place, ticket } = await opened();
    const { id } = await world.act("reply", { ticket, text: "Tarde" });
    await world.way.status?.({ message: id, ...FAILED, at: 5 }, place);
    const { upTo } = await heard(place);
    for (let number = 0; number < 45; number++) await world.act("note", { ticket, text: `nota ${number}` });
    await world.act("again", { ticket, message: id });
    const again = { type: "again", id: `${id}-again-5`, ticket, of: id };
    expect((await heard(place, upTo)).happenings).toEqual([again]);
    const follows = place.ticket;
    place.ticket = { kept: {} };
    await world.way.say(saying("Outra coisa"), { ...place, follows });
    const before = { id: ticket, kept: place.ticket.kept };
    const reach = { desk: world.desk, http: world.http };
    const answer = await world.helpdesk.reconciler?.heard(before, { since: 0 }, reach);
    expect(answer).toMatchObject({ happenings: expect.arrayContaining([again]) });
  });

  it("is wanted again, when asked, behind a later message, where the webhook does not tell it from our own words", async () => {
    const { place, ticket } = await opened();
    const { id } = await world.act("reply", { ticket, text: "Tarde" });
    await world.way.status?.({ message: id, ...FAILED, at: 5 }, place);
    await world.act("reply", { ticket, text: "Alô?" });
    const from = world.heard.length;
    await world.act("again", { ticket, message: id });
    expect(await told(ticket, from)).toEqual([]);
    expect((await heard(place)).happenings).toContainEqual({ type: "again", id: `${id}-again-5`, ticket, of: id });
  });

  it("takes back the failure that Chatwoot has shown by itself, when the webhook was not taken", async () => {
    const { place, phone, ticket } = await opened();
    const { id } = await world.act("reply", { ticket, text: "Perdida", signature: "wrong" });
    const shown = async () => (await world.ticket(phone)).messages.find((one) => one.id === id)?.status;
    await vi.waitFor(async () => expect(await shown()).toBe("failed"));
    expect((await heard(place)).happenings).toMatchObject([{ type: "reply", id, text: "Perdida" }]);
    await world.way.status?.({ message: id, status: "sent", at: 1 }, place);
    expect(await shown()).toBe("sent");
    expect((await heard(place)).happenings.map(({ type }) => type)).toEqual(["reply"]);
  });

  it("is kept of the newest failures alone, which an agent may still try again", async () => {
    const { place } = world.customer();
    for (let id = 101; id <= 125; id++) await keepFailure(place, String(id), id);
    expect(Object.keys(failuresOf(place.ticket.kept))).toEqual(
      Array.from({ length: 20 }, (_, index) => String(106 + index)),
    );
  });

  it("does not fall back from read to delivered", async () => {
    const { place, phone, ticket } = await opened();
    const { id } = await world.act("reply", { ticket, text: "Já" });
    for (const status of ["read", "delivered", "sent"] as const)
      await world.way.status?.({ message: id, status, at: 1 }, place);
    expect((await world.ticket(phone)).messages.at(-1)).toMatchObject({ status: "read" });
  });
});

describe("what stands beside a conversation", () => {
  it("keeps the attributes that others have put there", async () => {
    const { place, phone, ticket } = await opened();
    const theirs = { ...place.conversation.fields, order: "A-1" };
    await direct("POST", `/conversations/${ticket}/custom_attributes`, { custom_attributes: theirs });
    const fields = { ...place.conversation.fields, recado_ad: "spring" };
    const changed = { ...place, conversation: { ...place.conversation, fields } };
    expect(await world.way.fields?.(changed)).toEqual({ kind: "told", ids: [] });
    expect((await world.ticket(phone)).fields).toEqual({ ...theirs, recado_ad: "spring" });
    requests = [];
    await world.way.fields?.(changed);
    expect(requests.map(({ method }) => method)).toEqual(["GET"]);
  });

  it("keeps the labels that it has, and hears of none that it had", async () => {
    const { place, phone, ticket } = await opened();
    await world.act("tags", { ticket, tags: ["vip", "luz"] });
    expect(await world.way.tag?.(["luz", "urgente"], place)).toEqual({ kind: "told", ids: [] });
    expect((await world.ticket(phone)).tags).toEqual(["vip", "luz", "urgente"]);
    requests = [];
    await world.way.tag?.(["vip"], place);
    expect(requests.map(({ method }) => method)).toEqual(["GET"]);
  });

  it("leaves one alone that is put off: it is open", async () => {
    const { place, ticket } = await opened();
    await direct("POST", `/conversations/${ticket}/toggle_status`, { status: "snoozed" });
    await world.way.state?.("open", place);
    expect(await direct("GET", `/conversations/${ticket}`)).toMatchObject({ status: "snoozed" });
  });

  it("has the customer's new name, but not in place of one that an agent gave", async () => {
    const { place, phone } = await opened();
    const called = (name: string) => world.way.customer?.({ ...place.conversation.customer, name }, place);
    await called("Rita Souza");
    expect((await world.ticket(phone)).contact.name).toBe("Rita Souza");
    const contacts = await direct("GET", `/conversations/${place.ticket.id}`);
    await direct("PUT", `/contacts/${contacts.meta.sender.id}`, { name: "Rita (loja)" });
    await called("Rita S.");
    expect((await world.ticket(phone)).contact.name).toBe("Rita (loja)");
  });
});

describe("what is asked", () => {
  it("hands out an agent's file under the address that it told, which leads on to another one", async () => {
    const { place, ticket } = await opened();
    const attachments = [{ contentType: "application/pdf", fileName: "conta de luz.pdf" }];
    await world.act("reply", { ticket, attachments });
    const [reply] = (await heard(place)).happenings;
    const [file] = reply?.type === "reply" ? reply.files : [];
    expect(file).toMatchObject({ fileName: "conta de luz.pdf", contentType: "application/pdf" });
    const standIns = [{ origins: world.helpdesk.origins(SAMPLE.settings), by: world.url }];
    const fetched = await createFetchFile({ standIns })({ url: file?.url ?? "", largestBytes: 1_000_000 });
    if (fetched.kind !== "fetched") throw new Error(fetched.kind);
    expect(fetched.file).toMatchObject({ contentType: "application/pdf" });
    await fetched.file.close();
  });

  it("tells what changed since the last time, in replies, state, labels and assignee, and then nothing", async () => {
    const { place, ticket } = await opened();
    const first = await heard(place);
    expect(first.happenings).toEqual([]);
    await world.act("reply", { ticket, text: "Já vai" });
    await world.act("assigned", { ticket, name: "Bia" });
    await world.act("tags", { ticket, tags: ["vip"] });
    await world.act("state", { ticket, state: "closed" });
    const second = await heard(place, first.upTo);
    expect(second.happenings).toMatchObject([
      { type: "reply", text: "Já vai" },
      { type: "assigned", assignee: { name: "Bia" } },
      { type: "tags", tags: ["vip"] },
      { type: "state", state: "closed" },
    ]);
    expect((await heard(place, second.upTo)).happenings).toEqual([]);
    const { happenings } = await heard(place, "what another release has written");
    expect(happenings.map(({ type }) => type)).toEqual(["reply"]);
  });

  it("tells what was written within the second that is asked from, since it knows no shorter times", async () => {
    const { place, ticket } = await opened();
    const { id } = await world.act("reply", { ticket, text: "Já vai" });
    const { payload } = await direct("GET", `/conversations/${ticket}/messages`);
    const [seconds] = payload.flatMap((one: { id: number; created_at: number }) =>
      String(one.id) === id ? [one.created_at] : [],
    );
    const asked = async (since: number) => {
      const about = { id: ticket, kept: place.ticket.kept };
      const answer = await world.helpdesk.reconciler?.heard(about, { since }, { desk: world.desk, http: world.http });
      return answer?.kind === "heard" ? answer.happenings.map((one) => one.id) : answer?.kind;
    };
    expect(await asked(seconds * 1000 + 999)).toEqual([id]);
    expect(await asked(seconds * 1000 + 1000)).toEqual([]);
  });

  it("tells once that a reply was deleted, under the id that the webhook gave it", async () => {
    const { place, ticket } = await opened();
    const { id: message } = await world.act("reply", { ticket, text: "Errado" });
    const before = await heard(place);
    const from = world.heard.length;
    await world.act("remove", { ticket, message });
    const [webhook] = await told(ticket, from);
    const after = await heard(place, before.upTo);
    expect(after.happenings[0]).toMatchObject({ type: "reply", text: "The last." });
    expect(after.happenings.slice(1)).toEqual([{ type: "deleted", id: `${message}-deleted`, ticket, of: message }]);
    expect(webhook).toMatchObject({ type: "deleted", id: `${message}-deleted` });
    expect((await heard(place, after.upTo)).happenings).toEqual([]);
  });

  it("leaves nothing out, however much was written since", async () => {
    const { place, ticket } = await opened();
    let { upTo } = await heard(place);
    const texts = Array.from({ length: 130 }, (_, number) => `linha ${number}`);
    for (const text of texts) await world.act("reply", { ticket, text });
    const replies: (string | undefined)[] = [];
    for (let times = 0; times < 2; times++) {
      const answer = await heard(place, upTo);
      replies.push(...answer.happenings.flatMap((one) => (one.type === "reply" ? [one.text] : [])));
      upTo = answer.upTo;
    }
    expect(replies).toEqual(texts);
  });

  it("names the conversations that were touched lately, in every inbox, and no others", async () => {
    const { place, ticket } = await opened();
    const since = Date.now();
    const changed = (moment: number) =>
      world.helpdesk.reconciler?.changed?.({ since: moment }, { desk: world.desk, http: world.http });
    const { id } = await world.act("reply", { ticket, text: "Já" });
    await world.way.status?.({ message: id, ...FAILED, at: 1 }, place);
    const answer = await changed(since);
    expect(answer).toMatchObject({ kind: "changed", tickets: expect.arrayContaining([ticket]) });
    expect(
      requests.filter(({ url }) => url.includes("updated_within")).map(({ url }) => /inbox_id=(\d)/.exec(url)?.[1]),
    ).toEqual(["7", "8"]);
    expect(await changed(Date.now() + 3_600_000)).toEqual({ kind: "changed", tickets: [] });
  });

  it("goes by pages where the answer is too large to be read", async () => {
    const { ticket } = await opened();
    const asked: string[] = [];
    const http: typeof world.http = async (request) => {
      if (request.url.includes("updated_within")) return { kind: "interrupted", detail: "answer over 1 MB" };
      asked.push(request.url);
      return world.http(request);
    };
    const answer = await world.helpdesk.reconciler?.changed?.({ since: 0 }, { desk: world.desk, http });
    expect(answer).toMatchObject({ kind: "changed", tickets: expect.arrayContaining([ticket]) });
    expect(asked[0]).toContain("page=1");
    expect(answer).not.toHaveProperty("isCut");
  });

  it("says so where there are more pages than it turns", async () => {
    const payload = Array.from({ length: 25 }, (_, id) => ({ id: id + 1, updated_at: 1_795_000_000 }));
    const http: typeof world.http = async ({ url }) =>
      url.includes("updated_within")
        ? { kind: "interrupted", detail: "answer over 1 MB" }
        : { kind: "answer", status: 200, headers: {}, body: JSON.stringify({ data: { payload } }) };
    const answer = await world.helpdesk.reconciler?.changed?.({ since: 0 }, { desk: world.desk, http });
    expect(answer).toMatchObject({ kind: "changed", isCut: true });
  });

  it("says of a desk that does not answer that it may later", async () => {
    const { place, phone } = await opened();
    await world.order({ kind: "down", customer: phone });
    const ticket = { id: place.ticket.id ?? "", kept: {} };
    const answer = await world.helpdesk.reconciler?.heard(ticket, { since: 0 }, { desk: world.desk, http: world.http });
    expect(answer).toMatchObject({ kind: "unavailable" });
    const gone = await world.helpdesk.reconciler?.heard(
      { id: "999999", kept: {} },
      { since: 0 },
      { desk: world.desk, http: world.http },
    );
    expect(gone).toEqual({ kind: "heard", happenings: [] });
  });
});
