/** What is told to Front and asked of it where its answers are not the usual ones. */
import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { DeskHappening } from "../../shared/domain/desk-happening.ts";
import type { Http, HttpAnswer, HttpRequest } from "../../shared/ports.ts";
import { saying, startTicketDeskWorld } from "../contracts/ticket-desk.ts";

const SAMPLE = {
  settings: { appId: "0a1b2c3d4e5f60718293", channels: { whatsapp: "cha_55c8c149", loja: "cha_55c8c150" } },
  secrets: { appSecret: "front-app-secret-0123456789abcdef", apiToken: "front-api-token" },
};
const PICTURE = { id: "med_AAAAAAAAAAAAAAAAAAAAAA", contentType: "image/png", fileName: "foto.png", size: 18 };

let world: Awaited<ReturnType<typeof startTicketDeskWorld>>;
let asked: HttpRequest[] = [];
beforeAll(async () => {
  world = await startTicketDeskWorld("front", SAMPLE, (request) => asked.push(request));
});
afterAll(() => world.stop());

type Customer = ReturnType<typeof world.customer>;

async function opened(): Promise<Customer & { ticket: string }> {
  const customer = world.customer();
  expect(await world.way.say(saying("Olá"), customer.place)).toMatchObject({ kind: "told" });
  asked = [];
  return { ...customer, ticket: customer.place.ticket.id ?? "" };
}
/** What was heard of this ticket; of others, webhooks may still be on their way. */
function heardOf(ticket: string, count: number): Promise<DeskHappening[]> {
  return vi.waitFor(async () => {
    const own = (await world.happenings(0)).filter((one) => one.ticket === ticket);
    if (own.length < count) throw new Error(`${own.length} of ${count} were heard`);
    return own;
  });
}
function answer(status: number, body: unknown = {}, headers: Record<string, string> = {}): HttpAnswer {
  return { kind: "answer", status, headers, body: JSON.stringify(body) };
}
/** The simulator, but for what is answered here. */
function with_(special: (request: HttpRequest) => HttpAnswer | undefined): Http {
  return async (request) => special(request) ?? world.http(request);
}
function isAbout(part: string, method = "GET") {
  return (request: HttpRequest) => request.method === method && request.url.includes(part);
}

describe("a message that Front has taken and does not show yet", () => {
  const isLook = isAbout("/messages/alt:uid:");

  it("is looked for again, never written again, and its conversation is kept when it shows", async () => {
    const { place, phone } = world.customer();
    const word = saying("Boa tarde");
    const late = { ...place, http: with_((request) => (isLook(request) ? answer(404) : undefined)) };
    late.keep = async (learnt) => {
      await place.keep(learnt);
      late.ticket = place.ticket;
    };
    expect(await world.way.say(word, late)).toMatchObject({ kind: "uncertain" });
    expect(place.ticket.id).toBeUndefined();
    expect(await world.way.say(word, { ...late, isRepeated: true })).toMatchObject({ kind: "uncertain" });
    expect(await world.way.say(word, { ...place, ticket: place.ticket })).toEqual({ kind: "told", ids: [word.id] });
    const ticket = await world.ticket(phone);
    expect(ticket.messages.map(({ text }) => text)).toEqual(["Boa tarde"]);
    expect(place.ticket.id).toBe(ticket.id);
  });

  it("is written again when Front has lost it", async () => {
    const { place } = world.customer();
    const word = saying("Perdida");
    const lost = with_((request) => {
      if (isLook(request)) return answer(404);
      return isAbout("/inbound_messages", "POST")(request) ? answer(202, { message_uid: "lost" }) : undefined;
    });
    expect(await world.way.say(word, { ...place, http: lost })).toMatchObject({ kind: "uncertain" });
    const later = { ...place, ticket: place.ticket, isRepeated: true, now: place.now + 600_000 };
    expect(await world.way.say(word, { ...later, http: world.http })).toEqual({ kind: "told", ids: [word.id] });
  });

  it("waits where Front has too much to do, or is not there, and is written once all the same", async () => {
    const { place, phone } = world.customer();
    const word = saying("Com calma");
    for (const [status, kind] of [
      [429, "throttled"],
      [503, "unavailable"],
    ] as const) {
      const http = with_((request) => (isLook(request) ? answer(status) : undefined));
      expect(await world.way.say(word, { ...place, ticket: place.ticket, http })).toMatchObject({ kind });
    }
    expect(await world.way.say(word, { ...place, ticket: place.ticket })).toMatchObject({ kind: "told" });
    expect((await world.ticket(phone)).messages).toHaveLength(1);
  });
});

describe("a message whose answer was lost", () => {
  it("is known again by our id, so that the same words of another message count for nothing", async () => {
    const { place, phone } = await opened();
    const [first, second] = [saying("Ok"), saying("Ok")];
    expect(await world.way.say(first, place)).toMatchObject({ kind: "told" });
    expect(await world.way.say(second, { ...place, isRepeated: true })).toMatchObject({ kind: "told" });
    expect(await world.way.say(second, { ...place, isRepeated: true })).toMatchObject({ kind: "told" });
    const texts = (await world.ticket(phone)).messages.map(({ text }) => text);
    expect(texts).toEqual(["Olá", "Ok", "Ok"]);
  });

  it("is known by its words and its second where Front does not show our id", async () => {
    const { place, phone } = await opened();
    const word = saying("Já paguei & agora?");
    expect(await world.way.say(word, place)).toMatchObject({ kind: "told" });
    const blind = with_((request) => (/\/messages\/msg_\w+$/.test(request.url) ? answer(403) : undefined));
    expect(await world.way.say(word, { ...place, isRepeated: true, http: blind })).toMatchObject({ kind: "told" });
    const other = { ...word, id: saying("").id, at: word.at + 5_000 };
    expect(await world.way.say(other, { ...place, isRepeated: true, http: blind })).toMatchObject({ kind: "told" });
    expect((await world.ticket(phone)).messages.filter(({ text }) => text === word.text)).toHaveLength(2);
  });

  it("waits while Front cannot be asked, and is not held up by what no channel may read", async () => {
    const { place, phone } = world.customer();
    const word = saying("Primeira");
    await world.order({ kind: "reset_after_accepting", customer: phone });
    expect(await world.way.say(word, place)).toMatchObject({ kind: "uncertain" });
    const answering = (status: number) =>
      with_((request) => (/\/(conversations|messages)\/(cnv|msg)_\w+$/.test(request.url) ? answer(status) : undefined));
    const again = (status: number) =>
      world.way.say(word, { ...place, ticket: place.ticket, isRepeated: true, http: answering(status) });
    expect(await again(500)).toMatchObject({ kind: "unavailable" });
    expect((await world.ticket(phone)).messages).toHaveLength(1);
    expect(await again(401)).toMatchObject({ kind: "told" });
    const second = saying("Segunda");
    expect(await world.way.say(second, place)).toMatchObject({ kind: "told" });
    const repeated = { ...place, ticket: place.ticket, isRepeated: true, http: answering(500) };
    expect(await world.way.say(second, repeated)).toMatchObject({ kind: "unavailable" });
  });

  it("keeps a note from standing there twice", async () => {
    const { place, phone } = await opened();
    const note = saying("O cliente *leu*.", { from: "recado", isPrivate: true });
    const first = await world.way.say(note, place);
    expect(await world.way.say(note, { ...place, isRepeated: true })).toEqual(first);
    expect((await world.ticket(phone)).messages).toHaveLength(2);
  });
});

describe("a conversation", () => {
  it("that follows another has a thread of its own, the same each time, and takes what comes next", async () => {
    const { place, phone, ticket } = await opened();
    const follows = place.ticket;
    const next: Customer["place"] = { ...place, ticket: { kept: follows.kept }, follows };
    next.keep = async ({ id, kept }) => {
      next.ticket = { ...next.ticket, ...(id !== undefined && { id }), kept: { ...next.ticket.kept, ...kept } };
    };
    expect(await world.way.say(saying("De novo"), next)).toMatchObject({ kind: "told" });
    expect(next.ticket.id).not.toBe(ticket);
    expect(next.ticket.kept.thread).toMatch(new RegExp(`^${place.conversation.id}\\.1~`));
    const { follows: _, ...then } = next;
    expect(await world.way.say(saying("E mais"), then)).toMatchObject({ kind: "told" });
    const third = { ...then, ticket: { kept: next.ticket.kept }, follows: next.ticket, keep: next.keep };
    expect(await world.way.say(saying("Terceira"), third)).toMatchObject({ kind: "told" });
    expect(next.ticket.kept.thread).toMatch(new RegExp(`^${place.conversation.id}\\.2~`));
    const texts = (await world.tickets(phone)).map(({ messages }) => messages.map(({ text }) => text));
    expect(texts).toEqual([["Olá"], ["De novo", "E mais"], ["Terceira"]]);
    const { id: second = "" } = then.ticket;
    await world.act("reply", { ticket: second, text: "Pois não" });
    expect(await heardOf(second, 1)).toMatchObject([{ type: "reply", conversation: place.conversation.id }]);
  });

  it("that was merged is gone to, and kept under its new id", async () => {
    const { place, ticket, phone } = await opened();
    const http = with_(({ url, ...request }) => {
      const isOld = url.includes("/conversations/cnv_old");
      const location = url.replace("https://api2", "https://company.api").replace("cnv_old", ticket);
      return isOld && request.method !== "GET" ? answer(301, {}, { location }) : undefined;
    });
    for (const act of [
      () => world.way.say(saying("Nota", { from: "recado", isPrivate: true }), place),
      () => world.way.state?.("closed", place),
      () => world.way.tag?.(["vip"], place),
    ]) {
      place.ticket = { ...place.ticket, id: "cnv_old" };
      place.http = http;
      expect(await act()).toMatchObject({ kind: "told" });
      expect(place.ticket.id).toBe(ticket);
    }
    expect(await world.ticket(phone)).toMatchObject({ status: "closed", tags: ["vip"] });
  });

  it("that is gone takes nothing any more", async () => {
    const { place } = await opened();
    place.ticket = { ...place.ticket, id: "cnv_gone" };
    const note = saying("Nota", { from: "recado", isPrivate: true });
    expect(await world.way.say(note, place)).toMatchObject({ kind: "closed" });
    expect(await world.way.state?.("closed", place)).toMatchObject({ kind: "closed" });
    expect(await world.way.tag?.(["vip"], place)).toMatchObject({ kind: "closed" });
    const reach = { desk: world.desk, http: world.http };
    const heard = await world.helpdesk.reconciler?.heard({ id: "cnv_gone", kept: {} }, { since: 0 }, reach);
    expect(heard).toMatchObject({ kind: "heard", happenings: [] });
  });

  it("is in the channel of its account, and waits where there is none", async () => {
    const { place } = world.customer();
    const inAccount = (account: string) => ({ ...place, conversation: { ...place.conversation, account } });
    asked = [];
    expect(await world.way.say(saying("Oi"), inAccount("loja"))).toMatchObject({ kind: "told" });
    expect(asked[0]?.url).toContain("/channels/cha_55c8c150/inbound_messages");
    const nowhere = await world.way.say(saying("Oi"), inAccount("sms"));
    expect(nowhere).toMatchObject({ kind: "unavailable", detail: expect.stringContaining("sms") });
    const gone = with_((request) => (isAbout("/inbound_messages", "POST")(request) ? answer(404) : undefined));
    expect(await world.way.say(saying("Oi"), { ...place, http: gone })).toMatchObject({ kind: "unavailable" });
  });
});

describe("what is told", () => {
  it("is asked with a token of the app for one channel, of ten seconds", async () => {
    const { place } = await opened();
    await world.way.say(saying("Oi"), place);
    const [request] = asked;
    const [header = "", claims = "", signature] =
      request?.headers.authorization?.replace("Bearer ", "").split(".") ?? [];
    const wanted = createHmac("sha256", SAMPLE.secrets.appSecret).update(`${header}.${claims}`).digest("base64url");
    expect(signature).toBe(wanted);
    expect(JSON.parse(Buffer.from(header, "base64url").toString())).toEqual({ alg: "HS256", typ: "JWT" });
    const told = JSON.parse(Buffer.from(claims, "base64url").toString()) as Record<string, unknown>;
    expect(told).toEqual({
      iss: "0a1b2c3d4e5f60718293",
      sub: "cha_55c8c149",
      jti: expect.stringMatching(/.{8}/),
      exp: expect.any(Number),
    });
    expect(Number(told.exp)).toBeLessThanOrEqual(Date.now() / 1000 + 10);
  });

  it("never names an e-mail, and names a customer without a number by their address", async () => {
    const { place } = world.customer();
    const { phone: _, ...customer } = place.conversation.customer;
    place.conversation = { ...place.conversation, customer: { ...customer, address: "24871234567890123" } };
    asked = [];
    expect(await world.way.say(saying("Oi"), place)).toMatchObject({ kind: "told" });
    const body = JSON.parse(String(asked[0]?.body)) as { sender: object };
    expect(body.sender).toEqual({ handle: "24871234567890123", name: customer.name });
  });

  it("has its files in one form, with the message that it answers", async () => {
    const { place, phone } = await opened();
    const files = [PICTURE, { ...PICTURE, fileName: "verso.png" }];
    expect(await world.way.say(saying("Frente e verso", { files, replyTo: "msg_9" }), place)).toMatchObject({
      kind: "told",
    });
    const message = (await world.ticket(phone)).messages.at(-1);
    expect(message).toMatchObject({
      text: "Frente e verso",
      replyTo: "msg_9",
      files: [{ fileName: "foto.png" }, { fileName: "verso.png" }],
    });
  });

  it("says of files that are not there any more, or too much for one message, where they are", async () => {
    const { place, phone } = await opened();
    const read = async (id: string) => (id.endsWith("B") ? undefined : new Uint8Array(20));
    const files = [
      PICTURE,
      { ...PICTURE, fileName: "video.mp4", size: 24_999_999 },
      { ...PICTURE, id: "med_BBBBBBBBBBBBBBBBBBBBBB", fileName: "nota.pdf" },
    ];
    const link = async () => "https://recado.example.com/m/1";
    const there = { ...place, files: { read, link } };
    expect(await world.way.say(saying("", { files }), there)).toMatchObject({ kind: "told" });
    const message = (await world.ticket(phone)).messages.at(-1);
    expect(message?.files).toHaveLength(1);
    expect(message?.text).toMatch(/video\.mp4: https:\/\/recado\.example\.com\/m\/1\nnota\.pdf: .*not there/);
  });

  it("of the business elsewhere stands there as sent, under who wrote it", async () => {
    const { place, phone } = await opened();
    const word = saying("Enviamos", { from: "business", author: "Bia" });
    expect(await world.way.say(word, place)).toEqual({ kind: "told", ids: [word.id] });
    expect((await world.ticket(phone)).messages.at(-1)).toMatchObject({
      author: { type: "api", name: "Bia" },
      isPrivate: false,
    });
  });

  it("as a note needs a conversation, and says who wrote it", async () => {
    const { place, phone } = await opened();
    const note = saying("Liga depois", { from: "business", author: "Bia", isPrivate: true });
    expect(await world.way.say(note, place)).toMatchObject({ kind: "told", ids: [expect.stringMatching(/^com_/)] });
    expect((await world.ticket(phone)).messages.at(-1)).toMatchObject({ text: "Bia: Liga depois", isPrivate: true });
    expect(await world.way.say(note, world.customer().place)).toMatchObject({ kind: "refused" });
  });

  it("of a failure that Front will not mark is said in a note", async () => {
    const { place, phone } = await opened();
    const failed = { message: "msg_unknown", status: "failed" as const, reason: "The window has closed.", at: 0 };
    expect(await world.way.status?.(failed, place)).toMatchObject({ kind: "told" });
    const note = (await world.ticket(phone)).messages.at(-1);
    expect(note).toMatchObject({ isPrivate: true, text: expect.stringContaining("The window has closed.") });
    asked = [];
    expect(await world.way.status?.({ ...failed, status: "read" }, place)).toEqual({ kind: "told", ids: [] });
    expect(asked).toEqual([]);
  });

  it("of tags is added to those that are there, and a new one is made once", async () => {
    const { place, phone, ticket } = await opened();
    await world.act("tags", { ticket, tags: ["antiga"] });
    expect(await world.way.tag?.(["vip", "troca", "vip"], place)).toMatchObject({ kind: "told" });
    asked = [];
    expect(await world.way.tag?.(["troca"], place)).toMatchObject({ kind: "told" });
    expect(asked.filter(isAbout("/company/tags", "POST"))).toEqual([]);
    expect((await world.ticket(phone)).tags).toEqual(["antiga", "vip", "troca"]);
  });

  it("of a name is written where the contact is", async () => {
    const { place, phone } = await opened();
    expect(await world.way.customer?.({ ...place.conversation.customer, name: "Ana Souza" }, place)).toMatchObject({
      kind: "told",
    });
    expect((await world.ticket(phone)).contact.name).toBe("Ana Souza");
  });

  it("waits as long as a secret is not set", async () => {
    const { place } = await opened();
    const desk = { ...world.desk, secrets: {} };
    const note = saying("Nota", { from: "recado", isPrivate: true });
    for (const word of [saying("Oi"), note])
      expect(await world.way.say(word, { ...place, desk })).toMatchObject({ kind: "unavailable" });
  });
});

describe("an agent", () => {
  it("sees that a message went out, or why it did not", async () => {
    const { ticket, phone } = await opened();
    await world.act("reply", { ticket, text: "", agent: { name: "Bia" } });
    await expect
      .poll(async () => (await world.ticket(phone)).messages.at(-1))
      .toMatchObject({ status: "failed", statusReason: "The message is empty." });
  });

  it("is a bot where a rule writes, whose words come by webhook alone", async () => {
    const { ticket } = await opened();
    await world.act("reply", { ticket, text: "Voltamos já", agent: { isBot: true } });
    expect(await heardOf(ticket, 1)).toMatchObject([{ author: { type: "bot" }, text: "Voltamos já", ticket }]);
    const reach = { desk: world.desk, http: world.http };
    const heard = await world.helpdesk.reconciler?.heard({ id: ticket, kept: {} }, { since: 0 }, reach);
    expect(heard).toMatchObject({ kind: "heard", happenings: [] });
  });
});

describe("Front, when it is asked,", () => {
  const reach = () => ({ desk: world.desk, http: world.http });

  it("tells what was done with a conversation under the ids of its webhooks", async () => {
    const { place, ticket } = await opened();
    await world.act("assigned", { ticket, name: "Bia Reis" });
    await world.act("tags", { ticket, tags: ["vip"] });
    await world.act("state", { ticket, state: "closed" });
    const told = await heardOf(ticket, 3);
    await world.way.state?.("open", place);
    const heard = await world.helpdesk.reconciler?.heard({ id: ticket, kept: {} }, { since: 0 }, reach());
    expect(heard).toMatchObject({ kind: "heard", happenings: told });
  });

  it("reads on in long conversations, as far back as it is asked for", async () => {
    const { ticket } = await opened();
    for (let count = 0; count < 60; count++) await world.act("reply", { ticket, text: `Resposta ${count}` });
    asked = [];
    const heard = await world.helpdesk.reconciler?.heard({ id: ticket, kept: {} }, { since: 0 }, reach());
    if (heard?.kind !== "heard") throw new Error(`Front said ${heard?.kind}`);
    expect(heard.happenings.map((one) => one.type === "reply" && one.text)).toEqual(
      Array.from({ length: 60 }, (_, count) => `Resposta ${count}`),
    );
    expect(asked.filter(isAbout("/messages?"))).toHaveLength(2);
    asked = [];
    await world.helpdesk.reconciler?.heard({ id: ticket, kept: {} }, { since: Date.now() + 60_000 }, reach());
    expect(asked.filter(isAbout("/messages?"))).toHaveLength(1);
  });

  it("leaves out what was not sent, and what has no author", async () => {
    const { ticket } = await opened();
    const sent = {
      id: "msg_1",
      is_inbound: false,
      created_at: 1_795_000_000,
      text: "Sim",
      author: { id: "tea_1", type: "user" },
    };
    const results = [
      sent,
      { ...sent, id: "msg_2", draft_mode: "shared" },
      { ...sent, id: "msg_3", is_draft: true },
      { ...sent, id: "msg_4", error_type: "message_failed" },
      { ...sent, id: "msg_5", author: null },
      { ...sent, id: "msg_6", author: { id: "tea_2", type: "api" } },
      { ...sent, id: "msg_7", is_inbound: true },
      "nothing of the kind",
    ];
    const http = with_((request) => (isAbout("/messages?")(request) ? answer(200, { _results: results }) : undefined));
    const heard = await world.helpdesk.reconciler?.heard({ id: ticket, kept: {} }, { since: 0 }, { ...reach(), http });
    expect(heard).toMatchObject({ kind: "heard", happenings: [{ id: "msg_1", text: "Sim" }] });
  });

  it("and was merged with another customer's, tells of the replies to its own alone", async () => {
    const { place, ticket, phone } = await opened();
    const reply = (id: string, handle: string) => ({
      ...{ id, is_inbound: false, created_at: 1_795_000_000, text: id, author: { id: "tea_1", type: "user" } },
      recipients: [{ handle, role: "to" }],
    });
    const nobody = { ...reply("msg_nobody", ""), recipients: [{ handle: "+15550000001", role: "from" }] };
    const results = [reply("msg_ours", phone), reply("msg_others", "+5511987654321"), nobody];
    const http = with_((request) => (isAbout("/messages?")(request) ? answer(200, { _results: results }) : undefined));
    const { kept } = place.ticket;
    const heard = await world.helpdesk.reconciler?.heard({ id: ticket, kept }, { since: 0 }, { ...reach(), http });
    if (heard?.kind !== "heard") throw new Error(heard?.kind);
    // Of one that does not say to whom it went, nobody can tell.
    expect(heard.happenings.map(({ id }) => id)).toEqual(["msg_ours", "msg_nobody"]);
  });

  it.each([
    [429, "throttled"],
    [500, "unavailable"],
    [401, "unavailable"],
  ])("and answers %i, is to be asked later", async (status, kind) => {
    const http: Http = async () => answer(status);
    const { reconciler } = world.helpdesk;
    const there = { ...reach(), http };
    expect(await reconciler?.heard({ id: "cnv_1", kept: {} }, { since: 0 }, there)).toMatchObject({ kind });
    expect(await reconciler?.changed?.({ since: 0 }, there)).toMatchObject({ kind });
  });

  it("tells in which conversations something happened since, as many as there are", async () => {
    const at = 1_795_000_000.123;
    const pages: Record<string, object> = {
      "": {
        _results: [{ id: "cnv_1", updated_at: at + 1 }, { id: "cnv_2", updated_at: at - 1 }, { id: "cnv_3" }],
        _pagination: { next: "https://company.api.frontapp.com/conversations?limit=50&page_token=two" },
      },
      two: { _results: [{ id: "cnv_4", updated_at: at }], _pagination: { next: null } },
    };
    const urls: string[] = [];
    const http: Http = async ({ url }) => {
      urls.push(url);
      return answer(200, pages[new URL(url).searchParams.get("page_token") ?? ""]);
    };
    const { reconciler } = world.helpdesk;
    const changed = (since: number) => reconciler?.changed?.({ since }, { ...reach(), http });
    expect(await changed(1_795_000_000_123)).toEqual({ kind: "changed", tickets: ["cnv_1", "cnv_4"] });
    expect(urls).toHaveLength(2);
    expect(await changed(1_796_000_000_000)).toEqual({ kind: "changed", tickets: [] });
    expect(urls).toHaveLength(3);
    const { ticket } = await opened();
    expect(await reconciler?.changed?.({ since: 0 }, reach())).toMatchObject({
      kind: "changed",
      tickets: expect.arrayContaining([ticket]),
    });
  });

  it("gives an agent's file to its own token, which goes nowhere else", async () => {
    const { ticket } = await opened();
    const attachments = [{ contentType: "application/pdf", fileName: "conta.pdf" }];
    await world.act("reply", { ticket, text: "Segue", attachments });
    const [reply] = await heardOf(ticket, 1);
    const [file] = reply?.type === "reply" ? reply.files : [];
    if (!file) throw new Error("no file was heard");
    const found = await world.helpdesk.reconciler?.locate?.(file, reach());
    if (found?.kind !== "found") throw new Error(`Front said ${found?.kind}`);
    expect(found.credentials?.origins).toEqual(["https://api2.frontapp.com"]);
    const given = await world.http({ method: "GET", url: found.url, headers: { ...found.credentials?.headers } });
    expect(given).toMatchObject({ kind: "answer", status: 200, headers: { "content-type": "application/pdf" } });
    for (const [url, known] of [
      ["https://company.api.frontapp.com/download/fil_1", "https://api2.frontapp.com/download/fil_1"],
      ["https://files.example.com/fil_1", undefined],
      ["https://api2.frontapp.com.example.com/download/fil_1", undefined],
      ["http://api2.frontapp.com/download/fil_1", undefined],
      ["nowhere", undefined],
    ] as const) {
      const located = await world.helpdesk.reconciler?.locate?.({ url }, reach());
      expect(located).toEqual({ kind: "found", url: known ?? url, ...(known && { credentials: found.credentials }) });
    }
  });
});
