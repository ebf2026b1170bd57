import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ZendeskPlace } from "../../shared/helpdesks/zendesk-messaging/conversation.ts";
import { way } from "../../shared/helpdesks/zendesk-messaging/post.ts";
import { reconciler } from "../../shared/helpdesks/zendesk-messaging/reconcile.ts";
import { Settings } from "../../shared/helpdesks/zendesk-messaging/settings.ts";
import type { HttpAnswer, HttpRequest } from "../../shared/ports.ts";
import { FILE, saying, startTicketDeskWorld } from "../contracts/ticket-desk.ts";

const SETTINGS = {
  subdomain: "lojaazul",
  appId: "64f1c2a7be90d3f8417a5c02",
  switchboardIntegration: "zd:agentWorkspace",
};
const SECRETS = { keyId: "app_64f1c2", keySecret: "s3cret", webhookSecret: "d1c9e8a07b6f4f0f9a3b5c7d2e4f6a81" };
const PICTURE = { id: "med_AAAAAAAAAAAAAAAAAAAAAA", contentType: "image/png", fileName: "foto.png", size: FILE.length };

let world: Awaited<ReturnType<typeof startTicketDeskWorld>>;
const requests: string[] = [];
beforeAll(async () => {
  world = await startTicketDeskWorld(
    "zendesk-messaging",
    { settings: SETTINGS, secrets: SECRETS },
    ({ method, url }) => {
      requests.push(`${method} ${new URL(url).pathname.split("/").slice(5).join("/")}`);
    },
  );
});
afterAll(() => world.stop());

/** A customer whose ticket is open, and what was asked of the API since. */
async function opened() {
  const customer = world.customer();
  await world.way.say(saying("Olá"), customer.place);
  const { id = "" } = customer.place.ticket;
  requests.length = 0;
  return { ...customer, id };
}

/** A place at whose desk every request is answered as told; requests are kept. */
function answered(answer: (request: HttpRequest) => object & { status: number }, more: Partial<ZendeskPlace> = {}) {
  const asked: HttpRequest[] = [];
  const http = async (request: HttpRequest): Promise<HttpAnswer> => {
    asked.push(request);
    const { status, ...body } = answer(request);
    return { kind: "answer", status, headers: {}, body: JSON.stringify(body) };
  };
  const { place } = world.customer();
  const settings = Settings.parse({ subdomain: "lojaazul", appId: "a1" });
  const desk = { name: "desk", settings, secrets: SECRETS };
  return { asked, place: { ...place, desk, http, ticket: { id: "c1", kept: {} }, ...more } };
}
const refusal = (status: number, code: string) => () => ({
  status,
  errors: [{ code, title: "No: Ana +351912345678" }],
});
const bodyOf = ({ body }: HttpRequest) => JSON.parse(String(body));

describe("what is said", () => {
  it("becomes one message for each file, the words with the first, under the ids that are listed", async () => {
    const { place, phone } = await opened();
    const files = [PICTURE, { ...PICTURE, contentType: "application/pdf", fileName: "conta.pdf" }];
    const outcome = await world.way.say(saying("Veja", { files }), place);
    const [, ...messages] = (await world.ticket(phone)).messages;
    expect(messages.map(({ text, files }) => [text, files.map(({ fileName }) => fileName)])).toEqual([
      ["Veja", ["foto.png"]],
      ["", ["conta.pdf"]],
    ]);
    expect(outcome).toEqual({ kind: "told", ids: messages.map(({ id }) => id) });
  });

  it("is cut into several where it is longer than a message", async () => {
    const { place, phone } = await opened();
    const long = Array.from({ length: 1500 }, (_, number) => `palavra${number}`).join(" ");
    expect(await world.way.say(saying(long), place)).toMatchObject({ kind: "told" });
    const [, ...messages] = (await world.ticket(phone)).messages;
    expect(messages.length).toBeGreaterThan(1);
    expect(messages.map(({ text }) => text).join(" ")).toBe(long);
  });

  it("names a file that is not there any more", async () => {
    const { place, phone } = await opened();
    const files = { ...place.files, read: async () => undefined };
    await world.way.say(saying("Veja", { files: [PICTURE] }), { ...place, files });
    expect((await world.ticket(phone)).messages.at(-1)?.text).toMatch(/Veja\n.*foto\.png/);
  });

  it("is taken up where it broke off halfway", async () => {
    const { place, phone } = await opened();
    const word = saying("Veja", { files: [PICTURE, { ...PICTURE, fileName: "outra.png" }] });
    let posts = 0;
    const http: typeof place.http = async (request) => {
      const isSecond = request.method === "POST" && request.url.endsWith("/messages") && ++posts === 2;
      return isSecond
        ? { kind: "answer", status: 429, headers: { "retry-after": "3" }, body: "{}" }
        : place.http(request);
    };
    expect(await world.way.say(word, { ...place, http })).toMatchObject({ kind: "uncertain" });
    const again = await world.way.say(word, { ...place, isRepeated: true });
    const [, ...messages] = (await world.ticket(phone)).messages;
    expect(messages.flatMap(({ files }) => files.map(({ fileName }) => fileName))).toEqual(["foto.png", "outra.png"]);
    expect(again).toEqual({ kind: "told", ids: messages.map(({ id }) => id) });
  });

  it("opens another conversation where the one before is not to go on, and only one", async () => {
    const { place, phone, id } = await opened();
    const word = saying("Outra coisa");
    const next = { ...place, ticket: { kept: place.ticket.kept }, follows: place.ticket, keep: async () => {} };
    expect(await world.way.say(word, next)).toMatchObject({ kind: "told" });
    // Nothing was kept: the next try has to find what this one has made.
    expect(await world.way.say(word, { ...next, isRepeated: true })).toMatchObject({ kind: "told" });
    const tickets = await world.tickets(phone);
    expect(tickets.map(({ messages }) => messages.map(({ text }) => text))).toEqual([["Olá"], ["Outra coisa"]]);
    expect(tickets[0]?.id).toBe(id);
  });

  it("makes one user of one customer, whom nothing lets Zendesk write to", async () => {
    const { place, phone } = await opened();
    const { conversation } = place;
    const other = { ...conversation, id: "conv_2", customer: { id: conversation.customer.id, address: "x", phone } };
    expect(await world.way.say(saying("Oi"), { ...place, ticket: { kept: {} }, conversation: other })).toMatchObject({
      kind: "told",
    });
    const [one, two] = await world.tickets(phone);
    expect(two?.contact).toEqual(one?.contact);
    expect(JSON.stringify(one?.contact)).not.toContain("mail");
  });

  it("is by their number where no name is known, and by the name as soon as it is", async () => {
    const { place, phone } = world.customer();
    const { name, ...nameless } = place.conversation.customer;
    await world.way.say(saying("Oi"), { ...place, conversation: { ...place.conversation, customer: nameless } });
    expect((await world.ticket(phone)).contact.name).toBe(phone);
    expect(await world.way.customer?.({ ...nameless, name: "Ana Souza" }, place)).toMatchObject({ kind: "told" });
    expect((await world.ticket(phone)).contact.name).toBe("Ana Souza");
  });

  it("tells a place in words where there are any, and on the map where there are none", async () => {
    const location = { latitude: 38.7, longitude: -9.1, name: "Loja" };
    const { asked, place } = answered(() => ({ status: 201, messages: [{ id: "m1" }] }));
    await way.say(saying("📍 Loja https://maps.example.com", { location }), place);
    await way.say(saying("", { location }), place);
    expect(asked.map((request) => bodyOf(request).content)).toEqual([
      { type: "text", text: "📍 Loja https://maps.example.com" },
      { type: "location", coordinates: { lat: 38.7, long: -9.1 }, location: { name: "Loja" } },
    ]);
  });
});

describe("what agents alone should see", () => {
  it("begins with a lock and goes to no channel", async () => {
    const { asked, place } = answered(({ method }) => ({
      ...{ status: 201, messages: [{ id: "m1" }] },
      ...(method === "GET" && { participants: [{ id: "p1", clientAssociations: [] }] }),
    }));
    const note = saying("Não chegou.", { from: "recado", isPrivate: true });
    expect(await way.say(note, place)).toEqual({ kind: "told", ids: ["m1"] });
    expect(asked.map(({ method, url }) => `${method} ${new URL(url).pathname.split("/").at(-1)}`)).toEqual([
      "GET participants",
      "POST messages",
    ]);
    expect(bodyOf(asked[1] as HttpRequest)).toEqual({
      author: { type: "business", displayName: "Recado" },
      content: { type: "text", text: "🔒 Recado: Não chegou." },
      destination: { integrationType: "none" },
      metadata: { recado_message: note.id, recado_part: 1 },
    });
  });

  it("is not written where the customer has a channel of Zendesk's own", async () => {
    const clientAssociations = [{ type: "sdk", clientId: "c" }];
    const { asked, place } = answered(() => ({ status: 200, participants: [{ id: "p1", clientAssociations }] }));
    const note = saying("Cliente difícil.", { from: "recado", isPrivate: true });
    expect(await way.say(note, place)).toMatchObject({ kind: "refused" });
    expect(asked.map(({ method }) => method)).toEqual(["GET"]);
  });
});

describe("the switchboard", () => {
  it("gets a conversation when it is new, and again when nobody has it", async () => {
    const { place, id } = await opened();
    expect(place.ticket.kept.handedOver).toBe(id);
    await world.way.say(saying("Mais"), place);
    expect(requests.filter((one) => one.endsWith("passControl"))).toEqual([]);
    await world.act("state", { ticket: id, state: "closed" });
    await world.way.say(saying("Voltei"), place);
    expect(requests.filter((one) => one.endsWith("passControl"))).toEqual([`POST conversations/${id}/passControl`]);
  });

  it.each([
    ["gone", "conversation_not_found", "closed"],
    ["there, and the switchboard is not", "not_found", "unavailable"],
  ])("says of a conversation that it is %s", async (_, code, kind) => {
    const settings = Settings.parse(SETTINGS);
    const { place } = answered(refusal(404, code));
    expect(await way.say(saying("Oi"), { ...place, desk: { ...place.desk, settings } })).toMatchObject({ kind });
  });

  it("that has no such integration keeps what the customer says for when it has", async () => {
    const { place } = world.customer();
    const settings = { ...SETTINGS, switchboardIntegration: "nobody" };
    const outcome = await world.way.say(saying("Oi"), { ...place, desk: { ...place.desk, settings } });
    expect(outcome).toMatchObject({ kind: "unavailable", detail: expect.stringContaining("passControl") });
  });
});

describe("a refusal", () => {
  it.each([
    ["of a full conversation", refusal(423, "locked"), "closed"],
    ["of one that is gone", refusal(404, "conversation_not_found"), "closed"],
    ["of the app", refusal(404, "app_not_found"), "unavailable"],
    ["of the key", refusal(401, "unauthorized"), "unavailable"],
    ["of the word itself", refusal(400, "bad_request"), "refused"],
    ["that is none", () => ({ status: 201 }), "uncertain"],
  ])("%s", async (_, answer, kind) => {
    const { place } = answered(answer);
    const outcome = await way.say(saying("Oi"), place);
    expect(outcome).toMatchObject({ kind });
    expect(JSON.stringify(outcome)).not.toMatch(/Ana|\d{6}/);
  });

  it("is certain, and made without a request, as long as no key is set", async () => {
    const { asked, place } = answered(() => ({ status: 201 }));
    const desk = { ...place.desk, secrets: { webhookSecret: "x" } };
    expect(await way.say(saying("Oi"), { ...place, desk })).toMatchObject({ kind: "unavailable" });
    expect(asked).toEqual([]);
  });
});

describe("asking", () => {
  it("tells agents from bots, and goes back as far as it has to", async () => {
    const { id } = await opened();
    const { id: first } = await world.act("reply", { ticket: id, text: "Primeira" });
    await world.act("reply", { ticket: id, text: "Sou um robô", agent: { name: "Robô", isBot: true } });
    for (let number = 0; number < 120; number++) await world.act("reply", { ticket: id, text: `Resposta ${number}` });
    const reach = { desk: world.desk as ZendeskPlace["desk"], http: world.http };
    const heard = await reconciler.heard({ id, kept: {} }, { after: first, since: 0 }, reach);
    if (heard.kind !== "heard") throw new Error(heard.kind);
    expect(heard.happenings).toHaveLength(121);
    expect(heard.happenings[0]).toMatchObject({ author: { type: "bot", name: "Robô" }, text: "Sou um robô" });
    expect(heard.happenings.at(-1)).toMatchObject({ author: { type: "agent" }, text: "Resposta 119" });
    expect(heard.upTo).toBe(heard.happenings.at(-1)?.id);
    const { upTo } = heard;
    expect(await reconciler.heard({ id, kept: {} }, { since: 0, ...(upTo && { after: upTo }) }, reach)).toEqual({
      ...{ kind: "heard", happenings: [], upTo },
    });
  });

  it("hears of nothing in a conversation that is gone, and tells a key that is wrong from that", async () => {
    const reach = { desk: world.desk as ZendeskPlace["desk"], http: world.http };
    expect(await reconciler.heard({ id: "nowhere", kept: {} }, { since: 0 }, reach)).toEqual({
      kind: "heard",
      happenings: [],
    });
    const locked = { ...reach, desk: { ...reach.desk, secrets: { ...SECRETS, keySecret: "old" } } };
    expect(await reconciler.heard({ id: "nowhere", kept: {} }, { since: 0 }, locked)).toMatchObject({
      kind: "unavailable",
    });
  });

  it("finds a file with the key, which goes to Zendesk alone", async () => {
    const { id } = await opened();
    const reach = { desk: world.desk as ZendeskPlace["desk"], http: world.http };
    await world.act("reply", { ticket: id, attachments: [{ contentType: "image/png", fileName: "mapa.png" }] });
    const heard = await reconciler.heard({ id, kept: {} }, { since: 0 }, reach);
    const [reply] = heard.kind === "heard" ? heard.happenings : [];
    const [file] = reply?.type === "reply" ? reply.files : [];
    if (!file) throw new Error("no file");
    const place = await reconciler.locate?.(file, reach);
    if (place?.kind !== "found") throw new Error("not found");
    const fetched = (headers: Readonly<Record<string, string>>) =>
      world.http({ method: "GET", url: place.url, headers });
    expect(await fetched({})).toMatchObject({ status: 401 });
    expect(await fetched(place.credentials?.headers ?? {})).toMatchObject({ status: 200 });
    expect(place.credentials?.origins).toEqual(["https://lojaazul.zendesk.com"]);
    const elsewhere = { url: "https://media.example.com/mapa.png" };
    expect(await reconciler.locate?.(elsewhere, reach)).toEqual({ kind: "found", ...elsewhere });
  });
});

describe("the settings", () => {
  it.each([
    [{ subdomain: "lojaazul", appId: "a1" }, "https://lojaazul.zendesk.com"],
    [{ region: "eu", appId: "a1" }, "https://api.eu-1.smooch.io"],
    [{ region: "us", appId: "a1" }, "https://api.smooch.io"],
  ])("%j are of %s", (settings, origin) => {
    expect(world.helpdesk.origins(Settings.parse(settings))).toEqual([origin]);
  });

  it.each([
    [{ appId: "a1" }],
    [{ subdomain: "lojaazul", region: "eu", appId: "a1" }],
    [{ subdomain: "loja.azul", appId: "a1" }],
    [{ subdomain: "lojaazul" }],
    [{ subdomain: "lojaazul", appId: "../a" }],
  ])("%j are none", (settings) => {
    expect(Settings.safeParse(settings).success).toBe(false);
  });
});
