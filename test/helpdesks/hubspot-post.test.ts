/** What is this desk's own beside what every desk keeps. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DeskReconciler, Place } from "../../shared/helpdesks/helpdesk.ts";
import type { HttpRequest } from "../../shared/ports.ts";
import { saying, startTicketDeskWorld } from "../contracts/ticket-desk.ts";

const SETTINGS = { channelId: "1042", channelAccounts: { whatsapp: "2001" }, appId: "3003" };
const SECRETS = { accessToken: "pat-na1-token", clientSecret: "00000000-client-secret", pathToken: "unguessable" };
const FILE = { id: "med_AAAAAAAAAAAAAAAAAAAAAA", contentType: "image/png", fileName: "foto.png", size: 18 };

let world: Awaited<ReturnType<typeof startTicketDeskWorld>>;
let reconciler: DeskReconciler;
let seen: { request: HttpRequest; status: number | undefined }[] = [];
beforeAll(async () => {
  world = await startTicketDeskWorld("hubspot", { settings: SETTINGS, secrets: SECRETS }, (request, status) => {
    seen.push({ request, status });
  });
  if (!world.helpdesk.reconciler) throw new Error("HubSpot can be asked");
  reconciler = world.helpdesk.reconciler;
});
afterAll(() => world.stop());

/** A customer with a thread in which they have said one thing. */
async function opened() {
  const customer = world.customer();
  await world.way.say(saying("Olá"), customer.place);
  seen = [];
  return { ...customer, ticket: customer.place.ticket.id ?? "" };
}
const jsonOf = ({ body }: HttpRequest) => JSON.parse(String(body)) as Record<string, unknown>;

type Answers = (request: HttpRequest) => { status: number; body?: object } | undefined;
/** The same place, where some requests are answered as it is said. */
function answering(place: Place, answers: Answers): Place & { asked: HttpRequest[] } {
  const asked: HttpRequest[] = [];
  return {
    ...place,
    keep: place.keep,
    asked,
    http: async (request) => {
      asked.push(request);
      const given = answers(request);
      if (!given) return place.http(request);
      return { kind: "answer", status: given.status, headers: {}, body: JSON.stringify(given.body ?? {}) };
    },
  };
}

describe("a message of the channel", () => {
  it("goes to the account's own channel account, under our ids, with who it is from", async () => {
    const { place, phone, name } = world.customer();
    seen = [];
    const word = saying("Olá", { at: 1_795_341_600_000 });
    await world.way.say(word, place);
    expect(seen.map(({ request }) => [request.method, request.url, jsonOf(request)])).toEqual([
      [
        "POST",
        "https://api.hubapi.com/conversations/custom-channels/2026-09/1042/messages",
        {
          channelAccountId: "2001",
          messageDirection: "INCOMING",
          integrationThreadId: place.conversation.id,
          integrationIdempotencyId: word.id,
          text: "Olá",
          timestamp: "2026-11-22T10:00:00.000Z",
          attachments: [],
          senders: [{ name, deliveryIdentifier: { type: "HS_PHONE_NUMBER", value: phone } }],
          recipients: [{ deliveryIdentifier: { type: "CHANNEL_SPECIFIC_OPAQUE_ID", value: "whatsapp" } }],
        },
      ],
    ]);
  });

  it("goes to the one channel account that there is, and waits where there is none", async () => {
    const { place } = world.customer();
    const settings = { ...SETTINGS, channelAccounts: "2001" };
    const simple = { ...place, keep: place.keep, desk: { ...place.desk, settings } };
    simple.conversation = { ...place.conversation, account: "other" };
    expect(await world.way.say(saying("Olá"), simple)).toMatchObject({ kind: "told" });
    const none = { ...simple, desk: place.desk };
    expect(await world.way.say(saying("Olá"), none)).toMatchObject({
      kind: "unavailable",
      detail: expect.stringContaining("other"),
    });
  });

  it("never carries an e-mail address, and no contact is made of one", async () => {
    const { place } = world.customer();
    seen = [];
    await world.way.say(saying("Olá"), place);
    expect(seen.length).toBeGreaterThan(0);
    for (const { request } of seen) expect(String(request.body)).not.toMatch(/HS_EMAIL|@/);
  });

  it("knows the customer by our id where there is no number, or none that HubSpot takes", async () => {
    for (const phone of [undefined, "+12"]) {
      const { place } = world.customer();
      const { phone: _, ...customer } = place.conversation.customer;
      place.conversation = { ...place.conversation, customer: { ...customer, ...(phone && { phone }) } };
      expect(await world.way.say(saying("Olá"), place)).toMatchObject({ kind: "told" });
      seen = [];
      expect(await world.way.say(saying("Alô?"), place)).toMatchObject({ kind: "told" });
      const posts = seen.filter(({ request }) => request.method === "POST");
      expect(posts).toHaveLength(1);
      const byId = { type: "CHANNEL_SPECIFIC_OPAQUE_ID", value: customer.id };
      expect(posts.map(({ request }) => jsonOf(request).senders)).toEqual([
        [{ name: customer.name, deliveryIdentifier: byId }],
      ]);
      expect((await world.ticket(customer.id)).messages).toHaveLength(2);
    }
  });

  it("is refused for good where it is itself at fault, and is not tried under another name", async () => {
    const { place } = await opened();
    const refusing = answering(place, () => ({ status: 400, body: { message: "text is too long" } }));
    expect(await world.way.say(saying("Oi"), refusing)).toMatchObject({ kind: "refused" });
    expect(refusing.asked).toHaveLength(1);
  });

  it("keeps where the channel, its account or the token is wrong", async () => {
    const { place } = world.customer();
    const wrong = (about: object, secrets: object = SECRETS) => ({
      ...place,
      keep: place.keep,
      desk: { ...place.desk, settings: { ...SETTINGS, ...about }, secrets },
    });
    for (const other of [
      wrong({ channelId: "1" }),
      wrong({ channelAccounts: "1" }),
      wrong({}, { ...SECRETS, accessToken: "old" }),
      wrong({}, {}),
    ])
      expect(await world.way.say(saying("Oi"), other)).toMatchObject({ kind: "unavailable" });
  });

  it("begins a thread of its own where it follows another, the same one each time", async () => {
    const { place, phone, ticket } = await opened();
    const next = { ...place, ticket: { kept: place.ticket.kept }, follows: place.ticket };
    next.keep = async ({ id, kept }) => {
      next.ticket = { ...(id !== undefined && { id }), kept: { ...next.ticket.kept, ...kept } };
    };
    const word = saying("Outra coisa");
    const uncertain = { ...next, keep: async () => {} };
    await world.way.say(word, uncertain);
    await world.way.say(word, { ...next, keep: next.keep, isRepeated: true });
    const { follows: _, ...after } = next;
    await world.way.say(saying("E mais"), after);
    const threads = await world.tickets(phone);
    expect(threads.map(({ id, messages }) => [id === ticket, messages.map(({ text }) => text)])).toEqual([
      [true, ["Olá"]],
      [false, ["Outra coisa", "E mais"]],
    ]);
  });

  it("opens a thread that was closed, where it does not do so by itself", async () => {
    const { place, ticket } = await opened();
    const closed = answering(place, ({ method }) =>
      method === "GET" ? { status: 200, body: { id: ticket, status: "CLOSED" } } : undefined,
    );
    expect(await world.way.say(saying("Oi"), closed)).toMatchObject({ kind: "told" });
    expect(closed.asked.map(({ method, body }) => [method, method === "PATCH" && body])).toEqual([
      ["POST", false],
      ["GET", false],
      ["PATCH", '{"status":"OPEN"}'],
    ]);
    const down = answering(place, ({ method }) => (method === "GET" ? { status: 403 } : undefined));
    expect(await world.way.say(saying("Oi?"), down)).toMatchObject({ kind: "told" });
    expect(await world.way.say(saying("Enviamos", { from: "business" }), place)).toMatchObject({ kind: "told" });
  });

  it("is taken for said where HubSpot answers that it has it", async () => {
    const { place, phone } = await opened();
    const word = saying("Uma vez só");
    await world.way.say(word, place);
    const messages = (await world.ticket(phone)).messages;
    const conflict = answering({ ...place, isRepeated: true }, ({ method }) =>
      method === "POST" ? { status: 409 } : undefined,
    );
    expect(await world.way.say(word, conflict)).toEqual({ kind: "told", ids: [messages.at(-1)?.id] });
    const unknown = { ...conflict, ticket: { kept: {} } };
    expect(await world.way.say(word, unknown)).toEqual({ kind: "told", ids: [] });
  });

  it("says its words where a file is gone or not taken, and names it", async () => {
    const { place, phone } = await opened();
    const gone = { ...place, keep: place.keep, files: { ...place.files, read: async () => undefined } };
    expect(await world.way.say(saying("Veja", { files: [FILE] }), gone)).toMatchObject({ kind: "told" });
    const untaken = answering(place, ({ url }) => (url.endsWith("/files/v3/files") ? { status: 415 } : undefined));
    expect(await world.way.say(saying("", { files: [FILE] }), untaken)).toMatchObject({ kind: "told" });
    const texts = (await world.ticket(phone)).messages.map(({ text }) => text);
    expect(texts).toEqual(["Olá", "Veja\n[foto.png]", "[foto.png]"]);
  });

  it("is certainly not said where its file could not be brought in", async () => {
    const { place, phone } = await opened();
    const broken = answering(place, ({ url }) => (url.endsWith("/files/v3/files") ? { status: 500 } : undefined));
    expect(await world.way.say(saying("Veja", { files: [FILE] }), broken)).toMatchObject({ kind: "unavailable" });
    expect((await world.ticket(phone)).messages).toHaveLength(1);
  });

  it("shows a place as a place, and in words where nothing else is said", async () => {
    const { place } = await opened();
    const location = { latitude: 38.7, longitude: -9.1, name: "Loja", address: "Rua 1" };
    await world.way.say(saying("", { location }), place);
    const [posted] = seen;
    expect(posted && jsonOf(posted.request)).toMatchObject({
      text: "Loja\nRua 1\n38.7, -9.1",
      attachments: [{ type: "LOCATION", ...location }],
    });
  });
});

describe("a note", () => {
  it("is not written twice where an earlier try was taken", async () => {
    const { place, phone } = await opened();
    const note = saying("O cliente leu.", { from: "recado", isPrivate: true });
    await world.order({ kind: "reset_after_accepting", customer: phone });
    expect(await world.way.say(note, place)).toMatchObject({ kind: "uncertain" });
    const told = await world.way.say(note, { ...place, isRepeated: true });
    const notes = (await world.ticket(phone)).messages.filter(({ isPrivate }) => isPrivate);
    expect(told).toEqual({ kind: "told", ids: [notes[0]?.id] });
    expect(notes).toHaveLength(1);
  });

  it("is written where the earlier try never came, though an agent wrote the same, or we did long ago", async () => {
    const { place, phone, ticket } = await opened();
    await world.act("note", { ticket, text: "Igual" });
    const note = saying("Igual", { from: "recado", isPrivate: true });
    await world.way.say(note, { ...place, isRepeated: true });
    await world.way.say(note, { ...place, isRepeated: true, now: Date.now() + 3_600_000 });
    expect((await world.ticket(phone)).messages.filter(({ text }) => text === "Igual")).toHaveLength(3);
  });

  it("says who wrote what is private of the business", async () => {
    const { place, phone } = await opened();
    await world.way.say(saying("Só entre nós", { from: "business", isPrivate: true, author: "Rui" }), place);
    expect((await world.ticket(phone)).messages.at(-1)).toMatchObject({ isPrivate: true, text: "Rui: Só entre nós" });
  });

  it("needs another thread where this one was deleted", async () => {
    const { place } = await opened();
    const ticket = { ...place.ticket, id: "404" };
    const note = saying("Nota", { from: "recado", isPrivate: true });
    for (const isRepeated of [false, true])
      expect(await world.way.say(note, { ...place, ticket, isRepeated })).toMatchObject({ kind: "closed" });
    expect(await world.way.state?.("closed", { ...place, ticket })).toMatchObject({ kind: "closed" });
    expect(await world.way.say(note, world.customer().place)).toMatchObject({ kind: "closed" });
  });
});

describe("asked", () => {
  const asking = () => ({ desk: world.desk, http: world.http });

  it("tells of a file where it lies for now", async () => {
    const { ticket } = await opened();
    const from = world.heard.length;
    const attachments = [{ contentType: "application/pdf", fileName: "conta.pdf" }];
    await world.act("reply", { ticket, text: "Segue", attachments });
    const [told] = await world.happenings(1, from);
    const [file] = told?.type === "reply" ? told.files : [];
    if (!file) throw new Error("no file was told of");
    const found = await reconciler.locate?.(file, asking());
    if (found?.kind !== "found") throw new Error(`The file is ${found?.kind}`);
    const answer = await world.http({ method: "GET", url: found.url, headers: {} });
    expect(answer).toMatchObject({ kind: "answer", status: 200, body: expect.stringContaining("%PDF") });
    expect(await world.http({ method: "GET", url: file.url, headers: {} })).not.toMatchObject({ status: 200 });
    expect(await reconciler.locate?.({ ...file, id: "404" }, asking())).toMatchObject({ kind: "gone" });
    const picture = { url: "https://f.example.com/a.png" };
    expect(await reconciler.locate?.(picture, asking())).toEqual({ kind: "found", ...picture });
  });

  it("names the threads of its channel in which anything was said", async () => {
    const before = Date.now() - 60_000;
    const { ticket } = await opened();
    const answer = await reconciler.changed?.({ since: before }, asking());
    expect(answer).toMatchObject({ kind: "changed", tickets: expect.arrayContaining([ticket]) });
    expect(await reconciler.changed?.({ since: Date.now() + 60_000 }, asking())).toEqual({
      kind: "changed",
      tickets: [],
    });
    const other = { ...asking(), desk: { ...world.desk, settings: { ...SETTINGS, channelId: "1" } } };
    expect(await reconciler.changed?.({ since: before }, other)).toEqual({ kind: "changed", tickets: [] });
  });

  it("turns pages back to what was asked for, and no further", async () => {
    const { place, ticket } = await opened();
    for (let count = 0; count < 120; count++) await world.way.say(saying(`${count}`, { from: "business" }), place);
    await world.act("reply", { ticket, text: "por fim" });
    const pagesFor = async (asked: { since: number }) => {
      seen = [];
      const answer = await reconciler.heard({ id: ticket, kept: {} }, asked, asking());
      expect(answer).toMatchObject({ kind: "heard", happenings: [{ text: expect.stringContaining("por fim") }] });
      return seen.length;
    };
    expect(await pagesFor({ since: 0 })).toBe(2);
    const answer = await reconciler.heard({ id: ticket, kept: {} }, { since: Date.now() + 60_000 }, asking());
    expect(answer).toEqual({ kind: "heard", happenings: [] });
    expect(seen).toHaveLength(3);
  });

  it("has nothing to tell of a thread that was deleted, and says when it cannot be asked", async () => {
    const thread = { id: "404", kept: {} };
    expect(await reconciler.heard(thread, { since: 0, after: "7" }, asking())).toEqual({
      ...{ kind: "heard", happenings: [], upTo: "7" },
    });
    const shut = { ...asking(), desk: { ...world.desk, secrets: { accessToken: "old" } } };
    const answers = [
      await reconciler.heard(thread, { since: 0 }, shut),
      await reconciler.changed?.({ since: 0 }, shut),
      await reconciler.locate?.({ url: "", id: "1" }, shut),
    ];
    for (const answer of answers) expect(answer).toMatchObject({ kind: "unavailable" });
  });
});
