/** What is Gorgias's own: whose number it is, whose ticket it has become, the trash, lost marks, and files. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Place } from "../../shared/helpdesks/helpdesk.ts";
import type { Http, HttpRequest } from "../../shared/ports.ts";
import { FILE, saying, startTicketDeskWorld } from "../contracts/ticket-desk.ts";

const SETTINGS = { domain: "acme", email: "recado@acme.example", integrationUserId: 6001 };
const SECRETS = { apiKey: "key", webhookSecret: "word" };
const ORIGIN = "https://acme.gorgias.com";
const AUTHORIZATION = `Basic ${Buffer.from("recado@acme.example:key").toString("base64")}`;
const PICTURE = { id: "med_AAAAAAAAAAAAAAAAAAAAAA", contentType: "image/png", fileName: "foto.png", size: FILE.length };

type World = Awaited<ReturnType<typeof startTicketDeskWorld>>;
let world: World;
let requests: HttpRequest[] = [];
beforeAll(async () => {
  world = await startTicketDeskWorld("gorgias", { settings: SETTINGS, secrets: SECRETS }, (one) => requests.push(one));
});
afterAll(() => world.stop());

async function opened(text = "Olá", inside: World = world) {
  const customer = inside.customer();
  expect(await inside.way.say(saying(text), customer.place)).toMatchObject({ kind: "told" });
  return { ...customer, ticket: customer.place.ticket.id ?? "" };
}

/** What somebody else does with the API. */
async function api(method: HttpRequest["method"], path: string, json?: object) {
  const answer = await world.http({
    ...{ method, url: `${ORIGIN}/api${path}` },
    headers: { authorization: AUTHORIZATION, "content-type": "application/json" },
    ...(json && { body: JSON.stringify(json) }),
  });
  if (answer.kind !== "answer") throw new Error(answer.kind);
  return { status: answer.status, json: answer.body === "" ? undefined : JSON.parse(answer.body) };
}

const reach = () => ({ desk: world.desk, http: world.http });
const writes = () => requests.filter(({ method }) => method !== "GET");

describe("the customer", () => {
  it("is one customer of Gorgias's, however many tickets, without an address for mail", async () => {
    const { place } = await opened();
    const again: Place = { ...place, ticket: { kept: {} }, keep: async () => {} };
    await world.way.say(saying("Outra vez"), again);
    const { id } = place.conversation.customer;
    const { data } = (await api("GET", `/customers?external_id=${id}`)).json;
    expect(data).toHaveLength(1);
    expect(data[0]).toMatchObject({ external_id: id, email: null, name: place.conversation.customer.name });
  });

  it("is the shop's, whose number it is, and keeps the name that they have there", async () => {
    const { place, phone } = world.customer();
    const channels = [{ type: "phone", address: phone, preferred: true }];
    const { json: shopper } = await api("POST", "/customers", {
      name: "Ana Compradora",
      external_id: "shop-1",
      channels,
    });
    expect(await world.way.say(saying("Meu pedido?"), place)).toMatchObject({ kind: "told" });
    const { json: ticket } = await api("GET", `/tickets/${place.ticket.id}`);
    expect(ticket.customer.id).toBe(shopper.id);
    await world.way.customer?.({ ...place.conversation.customer, name: "Aninha" }, place);
    expect((await api("GET", `/customers/${shopper.id}`)).json).toMatchObject({
      name: "Ana Compradora",
      external_id: "shop-1",
    });
  });

  it("is nobody else, although Gorgias should not know how to look for a number", async () => {
    const { place, phone } = world.customer();
    const channels = [{ type: "phone", address: phone, preferred: true }];
    const { json: shopper } = await api("POST", "/customers", { name: "Dona do número", channels });
    for (const name of ["Outra", "Mais outra", "E outra"]) await api("POST", "/customers", { name });
    const http: Http = (request) =>
      world.http({ ...request, url: request.url.replace(/channel_(type|address)=[^&]*&?/g, "") });
    expect(await world.way.say(saying("Olá"), { ...place, http })).toMatchObject({ kind: "told" });
    const { json: ticket } = await api("GET", `/tickets/${place.ticket.id}`);
    expect(ticket.customer).toMatchObject({ external_id: place.conversation.customer.id });
    expect(ticket.customer.id).not.toBe(shopper.id);
  });

  it("whose number is none writes all the same", async () => {
    const { place } = world.customer();
    place.conversation.customer.phone = "+5511";
    expect(await world.way.say(saying("Olá"), place)).toMatchObject({ kind: "told" });
    expect((await world.ticket(place.conversation.customer.id)).contact.phone).toBeUndefined();
  });

  it("is called what they are called by now", async () => {
    const { place, phone } = await opened();
    expect(await world.way.customer?.({ ...place.conversation.customer, name: "Ana Souza" }, place)).toMatchObject({
      kind: "told",
    });
    expect((await world.ticket(phone)).contact.name).toBe("Ana Souza");
  });

  it("who was merged with another goes on as that one", async () => {
    const { place, ticket } = await opened();
    const { json: other } = await api("POST", "/customers", { name: "Ana de sempre" });
    await api("PUT", `/tickets/${ticket}`, { customer: { id: other.id } });
    expect(await world.way.say(saying("Ainda eu"), place)).toMatchObject({ kind: "told" });
    const { json } = await api("GET", `/messages?ticket_id=${ticket}&limit=1`);
    expect(json.data[0]).toMatchObject({ body_text: "Ainda eu", from_agent: false, sender: { id: other.id } });
  });

  it("has an address of a domain that takes no mail, where agents need one to answer", async () => {
    const settings = { ...SETTINGS, replyDomain: "no-mail.acme.example" };
    const other = await startTicketDeskWorld("gorgias", { settings, secrets: SECRETS });
    try {
      const { place } = await opened("Olá", other);
      const { id } = place.conversation.customer;
      const seen = await other.ticket(id);
      expect(seen.contact).toMatchObject({ fields: { email: `${id.toLowerCase()}@no-mail.acme.example` } });
    } finally {
      await other.stop();
    }
  });
});

describe("a ticket", () => {
  it("bears the conversation's id and its title", async () => {
    const { place, ticket } = await opened();
    const { json } = await api("GET", `/tickets/${ticket}`);
    expect(json).toMatchObject({ subject: place.conversation.title, channel: "api", status: "open" });
    expect(json.external_id).toContain(place.conversation.id);
  });

  it("in the trash is left there, and so is one that is gone", async () => {
    const { place, ticket } = await opened();
    await api("PUT", `/tickets/${ticket}`, { trashed_datetime: new Date().toISOString() });
    expect(await world.way.say(saying("Alô?"), place)).toMatchObject({ kind: "closed" });
    const gone: Place = { ...place, ticket: { id: "1", kept: {} } };
    expect(await world.way.say(saying("Alô?"), gone)).toMatchObject({ kind: "closed" });
    expect(await world.way.say(saying("Nota", { from: "recado", isPrivate: true }), gone)).toMatchObject({
      kind: "closed",
    });
    expect(await world.way.state?.("closed", gone)).toMatchObject({ kind: "closed" });
  });

  it("gets tags beside those that it has", async () => {
    const { place, phone, ticket } = await opened();
    await world.act("tags", { ticket, tags: ["vip"] });
    expect(await world.way.tag?.(["troca"], place)).toEqual({ kind: "told", ids: [] });
    expect((await world.ticket(phone)).tags).toEqual(["vip", "troca"]);
  });

  it("is of a channel of an app's, with the addresses of both, where one is set", async () => {
    const settings = { ...SETTINGS, channel: "acme-whatsapp", addresses: { whatsapp: "+551130000000" } };
    const seen: HttpRequest[] = [];
    const other = await startTicketDeskWorld("gorgias", { settings, secrets: SECRETS }, (one) => seen.push(one));
    try {
      const { place, phone } = await opened("Olá", other);
      const sent = seen.find(({ method, url }) => method === "POST" && url.endsWith("/tickets"));
      const { messages, channel } = JSON.parse(String(sent?.body));
      const source = { type: channel, from: { address: phone.slice(1) }, to: [{ address: "+551130000000" }] };
      expect({ channel, messages }).toMatchObject({ channel: "acme-whatsapp", messages: [{ channel, source }] });
      const { id } = await other.act("reply", { ticket: place.ticket.id, text: "Oi" });
      const given = { desk: other.desk, http: other.http };
      const heard = await other.helpdesk.reconciler?.heard(
        { id: place.ticket.id ?? "", kept: {} },
        { since: 0 },
        given,
      );
      expect(heard).toMatchObject({ kind: "heard", happenings: [{ type: "reply", id }] });
    } finally {
      await other.stop();
    }
  });
});

describe("what is said", () => {
  it("elsewhere by the business, Gorgias sends to nobody", async () => {
    const { place, phone } = await opened();
    const said = Date.parse("2026-11-22T08:00:00Z");
    const outcome = await world.way.say(saying("Enviamos.", { from: "business", at: said }), place);
    const [, ours] = (await world.ticket(phone)).messages;
    expect(outcome).toEqual({ kind: "told", ids: [ours?.id] });
    expect(ours).toMatchObject({ isPrivate: false, author: { type: "api" } });
    expect(ours?.status).toBeUndefined();
    const { json } = await api("GET", `/messages?ticket_id=${place.ticket.id}&limit=1`);
    expect(Date.parse(json.data[0].sent_datetime)).toBe(said);
  });

  it("as a note about one of them begins with who said it", async () => {
    const { place, phone } = await opened();
    await world.way.say(saying("Só por dentro", { from: "business", author: "Bia", isPrivate: true }), place);
    const [, note] = (await world.ticket(phone)).messages;
    expect(note).toMatchObject({ isPrivate: true, text: "Bia: Só por dentro" });
  });

  it("reads as it was written, as HTML and as text", async () => {
    const { place } = await opened();
    await world.way.say(saying("2 < 3 & <b>\nfim"), place);
    const { json } = await api("GET", `/messages?ticket_id=${place.ticket.id}&limit=1`);
    expect(json.data[0]).toMatchObject({
      body_text: "2 < 3 & <b>\nfim",
      body_html: "<div>2 &lt; 3 &amp; &lt;b&gt;<br>fim</div>",
    });
  });

  it("goes without a file that is gone or not taken, whose name it tells", async () => {
    const { place, phone } = await opened();
    const gone: Place = { ...place, files: { ...place.files, read: async () => undefined } };
    await world.way.say(saying("Veja", { files: [PICTURE] }), gone);
    const http: Http = async (request) =>
      request.url.includes("/upload") ? { kind: "answer", status: 413, headers: {}, body: "{}" } : world.http(request);
    await world.way.say(saying("De novo", { files: [PICTURE] }), { ...place, http });
    const [, first, second] = (await world.ticket(phone)).messages;
    expect(first?.text).toMatch(/^Veja\n.*foto\.png.*not there/);
    expect(second?.text).toMatch(/^De novo\n.*foto\.png.*did not take/);
  });

  it("is written with no more than it takes: a look at the ticket and the message, or the note alone", async () => {
    const { place } = await opened();
    requests = [];
    await world.way.say(saying("Oi"), place);
    await world.way.say(saying("Nota", { from: "recado", isPrivate: true }), place);
    expect(requests.map(({ method }) => method)).toEqual(["GET", "POST", "POST"]);
  });

  it("waits while no key is set", async () => {
    const { place } = await opened();
    const desk = { ...place.desk, secrets: {} };
    expect(await world.way.say(saying("Oi"), { ...place, desk })).toMatchObject({ kind: "unavailable" });
  });
});

describe("where Gorgias keeps no marks", () => {
  /** It has lost every one. */
  const forgetful: Http = async (request) => {
    const answer = await world.http(request);
    if (answer.kind !== "answer") return answer;
    return { ...answer, body: answer.body.replace(/"external_id":"recado:[^"]*"/g, '"external_id":null') };
  };

  it.each([
    ["the customer's words", {}],
    ["a note", { from: "recado", isPrivate: true } as const],
    ["what the business said", { from: "business" } as const],
  ])("finds %s again by what they are", async (_, more) => {
    const { place, phone } = await opened();
    const word = saying("Uma vez só", more);
    const first = await world.way.say(word, place);
    requests = [];
    const second = await world.way.say(word, { ...place, http: forgetful, isRepeated: true });
    expect(second).toEqual(first);
    expect(writes()).toEqual([]);
    expect((await world.ticket(phone)).messages).toHaveLength(2);
  });

  it("does not take an agent's reply for what was said in the same words", async () => {
    const { place, phone, ticket } = await opened();
    await world.act("reply", { ticket, text: "Bom dia" });
    const word = saying("Bom dia", { from: "business" });
    await world.way.say(word, { ...place, http: forgetful, isRepeated: true });
    expect((await world.ticket(phone)).messages).toHaveLength(3);
  });

  it("finds the ticket again by its first words, and opens another for others", async () => {
    const { place, phone } = world.customer();
    const word = saying("Primeira vez");
    const first = await world.way.say(word, { ...place, keep: async () => {} });
    const again: Place = { ...place, http: forgetful, isRepeated: true };
    const second = await world.way.say(word, again);
    expect(second).toEqual(first);
    expect(await world.tickets(phone)).toHaveLength(1);
    const other: Place = { ...place, ticket: { kept: {} }, http: forgetful, isRepeated: true, keep: async () => {} };
    await world.way.say(saying("Segunda vez"), other);
    expect(await world.tickets(phone)).toHaveLength(2);
  });
});

describe("what is asked", () => {
  it("comes in the order in which it was written, over more than one page", async () => {
    const { ticket } = await opened();
    const texts = Array.from({ length: 105 }, (_, index) => `resposta ${index}`);
    for (const text of texts) await world.act("reply", { ticket, text });
    const heard = await world.helpdesk.reconciler?.heard({ id: ticket, kept: {} }, { since: 0 }, reach());
    if (heard?.kind !== "heard") throw new Error(`The desk said ${heard?.kind}`);
    expect(heard.happenings.map((one) => one.type === "reply" && one.text)).toEqual(
      texts.map((text) => expect.stringContaining(text)),
    );
  });

  it("is which of our tickets have changed, and none of anybody else's", async () => {
    const { ticket, place } = await opened();
    const since = Date.now();
    const { ticket: changed } = await opened("Mudou");
    const { json: other } = await api("GET", `/customers?external_id=${place.conversation.customer.id}`);
    const sender = { id: other.data[0].id };
    const message = { channel: "email", via: "email", from_agent: false, sender, body_text: "Um e-mail" };
    const { json: foreign } = await api("POST", "/tickets", {
      channel: "email",
      via: "email",
      customer: sender,
      messages: [message],
    });
    const answer = await world.helpdesk.reconciler?.changed?.({ since }, reach());
    if (answer?.kind !== "changed") throw new Error(`The desk said ${answer?.kind}`);
    expect(answer.tickets).toContain(changed);
    expect(answer.tickets).not.toContain(String(foreign.id));
    expect(answer.tickets).not.toContain(ticket);
  });

  it("is a file of an agent's, by the account's API and its key", async () => {
    const { ticket } = await opened();
    const attachments = [{ contentType: "application/pdf", fileName: "conta de luz.pdf" }];
    await world.act("reply", { ticket, text: "Segue", attachments });
    const heard = await world.helpdesk.reconciler?.heard({ id: ticket, kept: {} }, { since: 0 }, reach());
    const [reply] = heard?.kind === "heard" ? heard.happenings : [];
    const [file] = reply?.type === "reply" ? reply.files : [];
    if (!file) throw new Error("there is no file");
    const place = await world.helpdesk.reconciler?.locate?.(file, reach());
    if (place?.kind !== "found") throw new Error(`The desk said ${place?.kind}`);
    expect(place).toMatchObject({ credentials: { origins: [ORIGIN], headers: { authorization: AUTHORIZATION } } });
    const fetched = await fetch(place.url.replace(ORIGIN, world.url), { headers: { ...place.credentials?.headers } });
    expect(
      Buffer.from(await fetched.arrayBuffer())
        .subarray(0, 5)
        .toString(),
    ).toBe("%PDF-");
    expect((await fetch(place.url.replace(ORIGIN, world.url))).status).toBe(401);
  });

  it.each([
    ["https://attachments.gorgias.help/a/b.png", { kind: "found", url: "https://attachments.gorgias.help/a/b.png" }],
    ["https://evil.example/api/attachment", { kind: "found", url: "https://evil.example/api/attachment" }],
    ["https://acme.gorgias.com.evil.example/a", { kind: "found", url: "https://acme.gorgias.com.evil.example/a" }],
    ["https://uploads.gorgias.io@evil.example/a", { kind: "found", url: "https://uploads.gorgias.io@evil.example/a" }],
  ])("is a file at %s without the key", async (url, expected) => {
    expect(await world.helpdesk.reconciler?.locate?.({ url }, reach())).toEqual(expected);
  });
});
