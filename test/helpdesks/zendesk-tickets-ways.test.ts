/** What is Zendesk's own: follow-ups, end users, what was said already, the limits, and what a list of comments tells. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Place } from "../../shared/helpdesks/helpdesk.ts";
import type { Http, HttpRequest } from "../../shared/ports.ts";
import { saying, startTicketDeskWorld } from "../contracts/ticket-desk.ts";

const SETTINGS = {
  subdomain: "acme",
  email: "recado@acme.example",
  integrationUserId: 35_436,
  groupId: 77,
  brandId: 88,
};
const SECRETS = { apiToken: "token", webhookSecret: "secret" };
const API = "https://acme.zendesk.com/api/v2";
const AUTHORIZATION = `Basic ${Buffer.from("recado@acme.example/token:token").toString("base64")}`;

let world: Awaited<ReturnType<typeof startTicketDeskWorld>>;
const requests: HttpRequest[] = [];
beforeAll(async () => {
  const sample = { settings: SETTINGS, secrets: SECRETS };
  world = await startTicketDeskWorld("zendesk-tickets", sample, (request) => requests.push(request));
});
afterAll(() => world.stop());

async function opened(text = "Olá") {
  const customer = world.customer();
  expect(await world.way.say(saying(text), customer.place)).toMatchObject({ kind: "told" });
  return { ...customer, ticket: customer.place.ticket.id ?? "" };
}

/** What somebody else does with the API. */
async function api(method: HttpRequest["method"], path: string, json?: object, headers: Record<string, string> = {}) {
  const answer = await world.http({
    ...{ method, url: `${API}${path}` },
    headers: { authorization: AUTHORIZATION, "content-type": "application/json", ...headers },
    ...(json && { body: JSON.stringify(json) }),
  });
  if (answer.kind !== "answer") throw new Error(answer.kind);
  return { status: answer.status, json: JSON.parse(answer.body) };
}

const ticketOf = async (id: string) => (await api("GET", `/tickets/${id}`)).json.ticket;
const close = (id: string) => api("PUT", `/tickets/${id}`, { ticket: { status: "closed", assignee_id: 1 } });

/** The same customer when the ticket before is left behind. */
function nextOf({ place }: { place: Place }): Place {
  const next: Place = { ...place, ticket: { kept: place.ticket.kept }, follows: place.ticket };
  next.keep = async ({ id, kept }) => {
    next.ticket = { ...(id === undefined ? next.ticket : { id }), kept: { ...next.ticket.kept, ...kept } };
  };
  return next;
}

const reach = () => ({ desk: world.desk, http: world.http });

describe("a ticket", () => {
  it("bears the conversation's id and a tag to leave it out of mails by, in the group and brand that are set", async () => {
    const { place, ticket } = await opened();
    const id = place.conversation.id;
    expect(await ticketOf(ticket)).toMatchObject({
      external_id: `recado:${id}`,
      subject: place.conversation.title,
      tags: ["recado", "recado_whatsapp"],
      group_id: 77,
      brand_id: 88,
    });
  });

  it("takes nothing any more when it is closed, and the next one follows it up under a number", async () => {
    const customer = await opened();
    await close(customer.ticket);
    const word = saying("Ainda aí?");
    expect(await world.way.say(word, customer.place)).toMatchObject({ kind: "closed" });
    const next = nextOf(customer);
    expect(await world.way.say(word, next)).toMatchObject({ kind: "told", ids: [expect.any(String)] });
    expect(await ticketOf(next.ticket.id ?? "")).toMatchObject({
      external_id: `recado:${customer.place.conversation.id}:2`,
      via: { source: { rel: "follow_up" } },
    });
    await close(next.ticket.id ?? "");
    const third = nextOf({ place: next });
    expect(await world.way.say(saying("E agora?"), third)).toMatchObject({ kind: "told" });
    expect(await ticketOf(third.ticket.id ?? "")).toMatchObject({
      external_id: `recado:${customer.place.conversation.id}:3`,
    });
  });

  it("is a plain new one where the one before is only solved, or gone", async () => {
    const customer = await opened();
    await world.act("state", { ticket: customer.ticket, state: "closed" });
    const next = nextOf(customer);
    expect(await world.way.say(saying("De novo"), next)).toMatchObject({ kind: "told" });
    expect(next.ticket.id).not.toBe(customer.ticket);
    expect((await ticketOf(next.ticket.id ?? "")).via.source.rel).toBeNull();
    const other = await opened();
    const after = nextOf({ place: { ...other.place, ticket: { id: "1", kept: {} } } });
    expect(await world.way.say(saying("De novo"), after)).toMatchObject({ kind: "told" });
  });

  it("is another one each time where solved ones are not to be opened again", async () => {
    const { place, ticket: first } = await opened();
    const solve = (ticket: string) => world.act("state", { ticket, state: "closed" });
    await solve(first);
    const second = nextOf({ place });
    await world.way.say(saying("De novo"), second);
    await solve(second.ticket.id ?? "");
    const third = nextOf({ place: second });
    await world.way.say(saying("De novo"), third);
    expect(new Set([first, second.ticket.id, third.ticket.id]).size).toBe(3);
  });

  it("goes on counting where the last one was found again", async () => {
    const { place, ticket: first } = await opened();
    await close(first);
    const second = nextOf({ place });
    await world.way.say(saying("De novo"), second);
    const found = nextOf({ place: { ...place, ticket: { kept: {} } } });
    delete found.follows;
    expect(await world.way.say(saying("Achado"), found)).toMatchObject({ kind: "told" });
    expect(found.ticket.id).toBe(second.ticket.id);
    await world.act("state", { ticket: found.ticket.id, state: "closed" });
    const third = nextOf({ place: found });
    await world.way.say(saying("De novo"), third);
    expect(third.ticket.id).not.toBe(second.ticket.id);
  });

  it("that is not there any more is as good as closed", async () => {
    const { place } = await opened();
    expect(await world.way.say(saying("Oi"), { ...place, ticket: { ...place.ticket, id: "1" } })).toMatchObject({
      kind: "closed",
    });
  });

  it("is found again where all that was known of it is lost, and a closed one is passed over", async () => {
    const { place, phone, ticket } = await opened();
    const lost = { ...place, ticket: { kept: {} } };
    expect(await world.way.say(saying("Segunda"), lost)).toMatchObject({ kind: "told" });
    expect((await world.ticket(phone)).messages.map(({ text }) => text)).toEqual(["Olá", "Segunda"]);
    await close(ticket);
    expect(await world.way.say(saying("Terceira"), { ...place, ticket: { kept: {} } })).toMatchObject({ kind: "told" });
    expect((await world.tickets(phone)).map(({ status, messages }) => [status, messages.length])).toEqual([
      ["closed", 2],
      ["open", 1],
    ]);
  });

  it("is opened once where the answer to its opening was lost, with one word in it", async () => {
    const { place, phone } = world.customer();
    const word = saying("Primeira");
    const deaf: Http = async (request) => {
      const answer = await world.http(request);
      return request.url.endsWith("/tickets") ? { kind: "interrupted", detail: "ECONNRESET" } : answer;
    };
    expect(await world.way.say(word, { ...place, http: deaf })).toMatchObject({ kind: "uncertain" });
    expect(await world.way.say(word, { ...place, ticket: place.ticket, isRepeated: true })).toMatchObject({
      kind: "told",
    });
    expect((await world.ticket(phone)).messages).toHaveLength(1);
  });

  it("opens although the key was used for another body before", async () => {
    const { place, phone } = world.customer();
    const word = saying("Primeira");
    const { json } = await api("POST", "/users/create_or_update", { user: { name: "Outro", external_id: "other" } });
    const other = { subject: "?", comment: { body: "?" }, requester_id: json.user.id };
    await api("POST", "/tickets", { ticket: other }, { "idempotency-key": word.id });
    expect(await world.way.say(word, place)).toMatchObject({ kind: "told" });
    expect((await world.ticket(phone)).messages).toHaveLength(1);
  });
});

describe("the end user", () => {
  it("is made once for a contact, without any address for mail", async () => {
    const from = requests.length;
    const { place } = await opened();
    await world.way.say(saying("Oi"), place);
    const made = requests.slice(from).filter(({ url }) => url.endsWith("/users/create_or_update"));
    expect(made.map(({ body }) => JSON.parse(String(body)))).toEqual([
      {
        user: {
          ...{ external_id: place.conversation.customer.id, name: place.conversation.customer.name },
          ...{ phone: place.conversation.customer.phone, role: "end-user", skip_verify_email: true },
        },
      },
    ]);
  });

  it("goes without a number that the account does not take", async () => {
    const { place } = world.customer();
    place.conversation = { ...place.conversation, customer: { ...place.conversation.customer, phone: "+55" } };
    expect(await world.way.say(saying("Oi"), place)).toMatchObject({ kind: "told" });
    const ticket = await world.ticket(place.conversation.customer.name ?? "");
    expect(ticket.contact.phone).toBeUndefined();
  });

  it("who was merged into another is from then on the ticket's requester", async () => {
    const { place, phone } = await opened();
    const { requester } = place.ticket.kept;
    place.ticket = { ...place.ticket, kept: { ...place.ticket.kept, requester: "4711" } };
    expect(await world.way.say(saying("Sou eu"), place)).toMatchObject({ kind: "told" });
    expect(place.ticket.kept.requester).toBe(requester);
    expect((await world.ticket(phone)).messages.at(-1)).toMatchObject({ text: "Sou eu", author: { type: "customer" } });
  });

  it("who is not there any more is made again with the next ticket", async () => {
    const customer = await opened();
    await close(customer.ticket);
    const next = nextOf({
      place: { ...customer.place, ticket: { ...customer.place.ticket, kept: { requester: "4711" } } },
    });
    expect(await world.way.say(saying("De volta"), next)).toMatchObject({ kind: "told" });
    expect(next.ticket.kept.requester).toBe(customer.place.ticket.kept.requester);
    expect(await world.tickets(customer.phone)).toHaveLength(2);
  });

  it("bears the name that was learnt later", async () => {
    const { place, phone } = await opened();
    const named = { ...place.conversation.customer, name: "Ana Souza" };
    expect(await world.way.customer?.(named, place)).toMatchObject({ kind: "told" });
    expect((await world.ticket(phone)).contact.name).toBe("Ana Souza");
  });
});

describe("what is said again", () => {
  it("is said where it was not taken, although the customer has used the same words before", async () => {
    const { place, phone } = await opened("Sim");
    const word = saying("Sim");
    await world.order({ kind: "500", customer: phone });
    expect(await world.way.say(word, place)).toMatchObject({ kind: "uncertain" });
    expect(await world.way.say(word, { ...place, isRepeated: true })).toMatchObject({ kind: "told" });
    expect((await world.ticket(phone)).messages.map(({ text }) => text)).toEqual(["Sim", "Sim"]);
  });

  it("is known again by author, words and time where Zendesk shows no metadata", async () => {
    const { place, phone } = await opened();
    const silent: Http = async (request) => {
      const answer = await world.http(request);
      return answer.kind === "answer" ? { ...answer, body: answer.body.replaceAll("recado_saying", "x") } : answer;
    };
    for (const word of [saying("Uma vez"), saying("Nota", { from: "recado", isPrivate: true })]) {
      await world.order({ kind: "500", customer: phone, accepted: true });
      expect(await world.way.say(word, place)).toMatchObject({ kind: "uncertain" });
      expect(await world.way.say(word, { ...place, http: silent, isRepeated: true })).toMatchObject({
        kind: "told",
        ids: [expect.stringMatching(/^\d+$/)],
      });
    }
    const earlier = saying("Uma vez", { at: Date.now() + 3_600_000 });
    expect(await world.way.say(earlier, { ...place, http: silent, isRepeated: true })).toMatchObject({ kind: "told" });
    expect((await world.ticket(phone)).messages.map(({ text }) => text)).toEqual(["Olá", "Uma vez", "Nota", "Uma vez"]);
  });

  it("has the ids under which a list shows it", async () => {
    const { place, ticket } = await opened();
    const outcome = await world.way.say(saying("Segunda"), place);
    const { json } = await api("GET", `/tickets/${ticket}/comments`);
    expect(outcome).toEqual({ kind: "told", ids: [String(json.comments.at(-1).id)] });
  });
});

describe("a comment", () => {
  it("of the business begins with who wrote it, and is private", async () => {
    const { place, phone } = await opened();
    await world.way.say(saying("Enviamos hoje.", { from: "business", author: "Bia" }), place);
    expect((await world.ticket(phone)).messages.at(-1)).toMatchObject({
      isPrivate: true,
      text: expect.stringMatching(/^Bia .*\nEnviamos hoje\.$/),
    });
  });

  it("has words where the customer has sent a file alone, and says so where the file is gone", async () => {
    const { place, phone } = await opened();
    const file = { id: "med_AAAAAAAAAAAAAAAAAAAAAA", contentType: "image/png", fileName: "foto.png", size: 18 };
    await world.way.say(saying("", { files: [file] }), place);
    await world.way.say(saying("Veja", { files: [file] }), {
      ...place,
      files: { ...place.files, read: async () => undefined },
    });
    const [, alone, gone] = (await world.ticket(phone)).messages;
    expect(alone).toMatchObject({ text: "foto.png", files: [{ fileName: "foto.png" }] });
    expect(gone).toMatchObject({ text: "Veja\nfoto.png: this file is not there any more.", files: [] });
  });

  it("of a file is not begun by an upload that came to nothing", async () => {
    const { place, phone } = await opened();
    const file = { id: "med_AAAAAAAAAAAAAAAAAAAAAA", contentType: "image/png", fileName: "foto.png", size: 18 };
    const broken: Http = async (request) =>
      request.url.includes("/uploads") ? { kind: "interrupted", detail: "ECONNRESET" } : world.http(request);
    expect(await world.way.say(saying("Veja", { files: [file] }), { ...place, http: broken })).toMatchObject({
      kind: "unavailable",
    });
    expect((await world.ticket(phone)).messages).toHaveLength(1);
  });

  it("is refused with a file that Zendesk refuses, so that it may be said without", async () => {
    const { place, phone } = await opened();
    const file = {
      id: "med_AAAAAAAAAAAAAAAAAAAAAA",
      contentType: "application/x-dosexec",
      fileName: "a.exe",
      size: 18,
    };
    const strict: Http = async (request) =>
      request.url.includes("/uploads") ? { kind: "answer", status: 422, headers: {}, body: "{}" } : world.http(request);
    const word = saying("Veja", { files: [file] });
    expect(await world.way.say(word, { ...place, http: strict })).toMatchObject({ kind: "refused" });
    expect((await world.ticket(phone)).messages).toHaveLength(1);
  });

  it("waits where the ticket was updated too often", async () => {
    const { place } = await opened();
    for (let update = 0; update < 30; update++)
      await world.way.say(saying(`Nota ${update}`, { from: "recado" }), place);
    const outcome = await world.way.say(saying("Demais"), place);
    if (outcome.kind !== "throttled") throw new Error(outcome.kind);
    expect(outcome.retryAfterSeconds).toBeGreaterThan(500);
    expect(outcome.retryAfterSeconds).toBeLessThanOrEqual(600);
    // Others' tickets are told of meanwhile.
    expect(outcome.scope).toBe("ticket");
  });

  it.each([
    ["the ticket", { "x-rate-limit-remaining": "12", "retry-after": "30" }, "ticket"],
    ["no more than the ticket, as the wait is long,", { "retry-after": "480" }, "ticket"],
    ["the whole account", { "x-rate-limit-remaining": "0", "retry-after": "30" }, undefined],
    ["the whole account, where nothing is told,", {}, undefined],
  ])("leaves %s alone, as the refusal has it", async (_, headers, scope) => {
    const { place } = await opened();
    const http: Http = async (request) =>
      request.method === "PUT" ? { kind: "answer", status: 429, headers, body: "{}" } : world.http(request);
    for (const said of [
      world.way.say(saying("Oi"), { ...place, http }),
      world.way.state?.("closed", { ...place, http }),
    ]) {
      const outcome = await said;
      expect(outcome).toMatchObject({ kind: "throttled" });
      expect(outcome?.kind === "throttled" && outcome.scope).toBe(scope);
    }
  });

  it.each([
    [{ apiToken: "" }, "no API token is set"],
    [{ apiToken: "of yesterday" }, "HTTP 401"],
  ])("keeps while the credentials are wrong (%j)", async (secrets, detail) => {
    const { place } = await opened();
    const desk = { ...world.desk, secrets };
    expect(await world.way.say(saying("Oi"), { ...place, desk })).toEqual({ kind: "unavailable", detail });
  });
});

describe("tags and state", () => {
  it("adds tags as Zendesk writes them to those that are there", async () => {
    const { place, phone } = await opened();
    expect(await world.way.tag?.(["Plano Ouro", "São Paulo!", " "], place)).toMatchObject({ kind: "told" });
    expect((await world.ticket(phone)).tags).toEqual(["recado", "recado_whatsapp", "plano_ouro", "são_paulo"]);
  });

  it("has nothing to solve in a closed ticket, and cannot open it", async () => {
    const { place, ticket } = await opened();
    await close(ticket);
    expect(await world.way.state?.("closed", place)).toMatchObject({ kind: "told" });
    expect(await world.way.state?.("open", place)).toMatchObject({ kind: "closed" });
    expect(await world.way.tag?.(["vip"], place)).toMatchObject({ kind: "closed" });
  });

  it("does nothing where there is no ticket", async () => {
    const { place } = world.customer();
    const from = requests.length;
    expect(await world.way.state?.("closed", place)).toEqual({ kind: "told", ids: [] });
    expect(await world.way.tag?.(["vip"], place)).toEqual({ kind: "told", ids: [] });
    expect(requests.length).toBe(from);
  });

  it("hears who has it, its tags, and that a comment was made private, but nothing of what it did itself", async () => {
    const { place, ticket } = await opened();
    const from = world.heard.length;
    const { id } = await world.act("reply", { ticket, text: "Já vai" });
    await world.way.tag?.(["ours"], place);
    await world.way.state?.("closed", place);
    await world.way.say(saying("Mais uma"), place);
    await world.act("assigned", { ticket, name: "Bia" });
    await world.act("tags", { ticket, tags: ["recado", "vip"] });
    await world.act("remove", { ticket, message: id });
    await world.act("edit", { ticket, message: id, text: "…" });
    expect(await world.happenings(5, from)).toMatchObject([
      { type: "look", ticket },
      { type: "assigned", ticket, assignee: { id: expect.any(String) } },
      { type: "tags", ticket, tags: ["vip"] },
      { type: "deleted", ticket, of: id },
      { type: "edited", ticket, of: id },
    ]);
  });
});

describe("what is asked", () => {
  const heard = async (id: string, asked: { after?: string; since: number } = { since: 0 }) => {
    const answer = await world.helpdesk.reconciler?.heard({ id, kept: {} }, asked, reach());
    if (answer?.kind !== "heard") throw new Error(answer?.kind);
    return answer;
  };

  it("tells all of a busy ticket, page by page, in order", async () => {
    const { ticket } = await opened();
    for (let reply = 1; reply <= 65; reply++) await world.act("reply", { ticket, text: `nº ${reply}` });
    const { happenings } = await heard(ticket);
    const numbers = happenings.map((one) => one.type === "reply" && /nº (\d+)/.exec(one.text ?? "")?.[1]);
    expect(numbers).toEqual(Array.from({ length: 65 }, (_, index) => String(index + 1)));
  });

  it("tells replies with their formatting, who wrote them, and where their files are", async () => {
    const { ticket } = await opened();
    const attachments = [{ contentType: "application/pdf", fileName: "conta.pdf" }];
    const { id } = await world.act("reply", { ticket, text: "A & B\nC", attachments, agent: { name: "Bia" } });
    await world.act("reply", { ticket, text: "Sou um robô", agent: { isBot: true } });
    const { happenings } = await heard(ticket);
    expect(happenings).toEqual([
      {
        ...{
          type: "reply",
          id,
          ticket,
          at: expect.any(Number),
          author: { type: "agent", name: "Bia" },
          format: "html",
        },
        text: expect.stringContaining("A &amp; B<br>C"),
        files: [
          {
            ...{ id: expect.any(String), contentType: "application/pdf", fileName: "conta.pdf" },
            url: expect.stringMatching(/^https:\/\/acme\.zendesk\.com\/attachments\//),
          },
        ],
      },
      expect.objectContaining({ type: "reply", author: { type: "bot" } }),
    ]);
  });

  it("leaves out what another program said to the customer with the same user", async () => {
    const { ticket } = await opened();
    await api("PUT", `/tickets/${ticket}`, { ticket: { comment: { body: "Pesquisa", public: true } } });
    expect((await heard(ticket)).happenings).toEqual([]);
  });

  it("asks again from a little before the newest comment, since times are whole seconds", async () => {
    const { ticket } = await opened();
    await world.act("reply", { ticket, text: "um" });
    const { upTo } = await heard(ticket);
    const again = await heard(ticket, { since: 0, ...(upTo !== undefined && { after: upTo }) });
    expect(again.happenings).toHaveLength(1);
    const aMoment = new Date(Date.parse(upTo ?? "") + 5_000).toISOString();
    expect((await heard(ticket, { since: 0, after: aMoment })).happenings).toHaveLength(1);
    const later = new Date(Date.now() + 60_000).toISOString();
    expect(await heard(ticket, { since: 0, after: later })).toEqual({ kind: "heard", happenings: [], upTo: later });
  });

  it("has nothing to tell of a ticket that is gone", async () => {
    expect(await heard("1")).toEqual({ kind: "heard", happenings: [] });
  });

  it("names the tickets of ours that have changed, and no others", async () => {
    const { ticket } = await opened();
    const { json } = await api("POST", "/users/create_or_update", {
      user: { name: "Por e-mail", external_id: "mail" },
    });
    const mail = { subject: "?", comment: { body: "?" }, requester_id: json.user.id };
    const other = await api("POST", "/tickets", { ticket: mail });
    const changed = (since: number) => world.helpdesk.reconciler?.changed?.({ since }, reach());
    const recent = await changed(Date.now() - 60_000);
    expect(recent).toMatchObject({ kind: "changed", tickets: expect.arrayContaining([ticket]) });
    expect(recent).not.toMatchObject({ tickets: expect.arrayContaining([String(other.json.ticket.id)]) });
    expect(await changed(Date.now() + 60_000)).toEqual({ kind: "changed", tickets: [] });
  });

  it("is put off while Zendesk is down or wants to be left alone", async () => {
    const { ticket } = await opened();
    await world.order({ kind: "down", times: 2 });
    expect(await world.helpdesk.reconciler?.heard({ id: ticket, kept: {} }, { since: 0 }, reach())).toMatchObject({
      kind: "unavailable",
    });
    expect(await world.helpdesk.reconciler?.changed?.({ since: 0 }, reach())).toMatchObject({ kind: "unavailable" });
  });

  it("fetches files of the account with its credentials, and shows them to nobody else", async () => {
    const locate = (url: string) => world.helpdesk.reconciler?.locate?.({ url }, reach());
    const own = "https://acme.zendesk.com/attachments/token/1/?name=conta.pdf";
    expect(await locate(own)).toEqual({
      ...{ kind: "found", url: own },
      credentials: { origins: ["https://acme.zendesk.com"], headers: { authorization: AUTHORIZATION } },
    });
    const elsewhere = "https://acme.zendesk.com.example.net/x.pdf";
    expect(await locate(elsewhere)).toEqual({ kind: "found", url: elsewhere });
  });
});
