/** What customers of Messenger and Instagram do besides writing text, as the simulator tells of it; read by our own parsers. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startGraphSimulator } from "../../../local/simulators/graph/index.ts";
import type { Server } from "../../../local/simulators/http.ts";
import type { Connector, Parsed } from "../../../shared/channels/connector.ts";
import { connectors } from "../../../shared/channels/registry.ts";
import { SAMPLE } from "../../contracts/provider.ts";
import { ask, type Receiver, startReceiver } from "./receiver.ts";

const SECRETS = { appSecret: "new-app-secret", verifyToken: "word" };
const PERSON = "7000000000000001";
const NAMES = {
  messenger: { pageId: "200000000000001" },
  instagram: { instagramId: "300000000000001" },
} as const;
type Product = keyof typeof NAMES;

let receiver: Receiver;
let simulator: Server;

beforeEach(async () => {
  receiver = await startReceiver();
  simulator = await startGraphSimulator({
    webhookOrigin: receiver.url,
    phoneNumbers: [],
    pages: [{ id: "200000000000001", accessToken: "page-token", ...SECRETS }],
    instagramAccounts: [{ id: "300000000000001", accessToken: "instagram-token", ...SECRETS }],
    receiptsAfterMs: [1, 20, 40],
    retryAfterMs: [],
  });
});

afterEach(async () => {
  await simulator.close();
  await receiver.close();
});

const control = (name: string, body: unknown) => ask("POST", `${simulator.url}/_simulator/${name}`, body);
const writes = (product: Product, more: object) => control("messages", { ...NAMES[product], from: PERSON, ...more });

/** What has come to the product's webhook, verified and read as the receiver does it. */
function told(product: Product): Parsed[] {
  const { receiver: door }: Connector = connectors[product];
  return receiver.received.flatMap(({ url, headers, body }) => {
    expect(url).toBe(`/webhooks/${product}`);
    const request = {
      method: "POST",
      url,
      query: {},
      headers,
      body: Buffer.from(body),
      receivedAt: 0,
    };
    expect(door.verify(request, SAMPLE[product])).toEqual({ ok: true });
    const result = door.parse(request, [SAMPLE[product]]);
    return result.ok ? result.parsed : [];
  });
}

async function send(id: string, token: string, body: object) {
  const response = await fetch(`${simulator.url}/v26.0/${id}/messages?access_token=${token}`, {
    method: "POST",
    body: JSON.stringify({ recipient: { id: PERSON }, ...body }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe.each(Object.keys(NAMES) as Product[])("a customer of %s", (product) => {
  it.each([
    ["image", {}, { type: "image" }],
    ["video", {}, { type: "video" }],
    ["audio", {}, { type: "audio" }],
    ["file", { url: "https://files.example.test/a.pdf" }, { type: "document" }],
    ["sticker", {}, { type: "sticker" }],
    ["location", {}, { type: "location" }],
    ["share", { url: "https://example.test/p" }, { type: "share", url: "https://example.test/p" }],
    ["quick_reply", { text: "Sim", payload: "YES" }, { type: "choice", id: "YES", title: "Sim" }],
    ["postback", { text: "Start", payload: "START" }, { type: "choice", id: "START" }],
    ["story_mention", {}, { type: "story", kind: "mention" }],
    ["unsupported", {}, { type: "unsupported" }],
  ])("does %s", async (kind, more, content) => {
    const { body } = await writes(product, { kind, ...more });
    await vi.waitFor(() => expect(told(product)).toHaveLength(1));
    const [only] = told(product);
    expect(only).toMatchObject({ address: PERSON, happening: { type: "message.received", message: { content } } });
    expect(only?.subject).toBe(`${(body.ids as string[])[0]}#received`);
  });

  it("answers a story, reacts, edits, takes back, comes by a link", async () => {
    await writes(product, { kind: "story_reply", text: "Lovely" });
    for (const kind of ["reaction", "edit", "unsend"]) await writes(product, { kind, text: "x", replyTo: "m_1" });
    await writes(product, { kind: "referral", payload: "summer" });
    await vi.waitFor(() => expect(told(product)).toHaveLength(5));
    expect(told(product).map(({ happening }) => happening)).toMatchObject([
      { message: { content: { text: "Lovely" }, replyTo: { story: expect.any(String) } } },
      { type: "message.reacted", of: "m_1", emoji: "x" },
      { type: "message.edited", of: "m_1", content: { text: "x" } },
      { type: "message.deleted", of: "m_1" },
      { type: "message.received", message: { referral: { ref: "summer" } } },
    ]);
  });

  it("cannot react to, edit or take back nothing", async () => {
    for (const kind of ["reaction", "edit", "unsend"]) {
      expect((await writes(product, { kind, text: "x" })).body.error).toContain("replyTo");
    }
  });
});

describe("Instagram, simulated", () => {
  it("takes a message to the account or to `me`, echoes it, and tells by its id that it was seen, never that it came", async () => {
    await writes("instagram", { text: "Hi" });
    const message = { text: "Olá", metadata: "ours" };
    const { body } = await send("me", "instagram-token", { messaging_type: "RESPONSE", message });
    expect(body).toEqual({ recipient_id: PERSON, message_id: expect.any(String) });
    await vi.waitFor(() => expect(told("instagram")).toHaveLength(3));
    expect(told("instagram").map(({ subject }) => subject)).toEqual([
      expect.stringMatching(/#received$/),
      `${body.message_id}#sent`,
      `${body.message_id}#read`,
    ]);
    expect((await send("300000000000001", "instagram-token", { message })).status).toBe(200);
  });

  it("refuses in its own words: closed window, nobody's id, a Page's token, more than 1,000 bytes", async () => {
    await writes("instagram", { text: "old", secondsAgo: 25 * 3600 });
    const error = async (...about: Parameters<typeof send>) => (await send(...about)).body.error;
    const message = { text: "Olá" };
    expect(await error("me", "instagram-token", { message })).toMatchObject({ code: 10, error_subcode: 2534022 });
    const stranger = { message, recipient: { id: "+1555" } };
    expect(await error("me", "instagram-token", stranger)).toMatchObject({ code: 100, error_subcode: 2534014 });
    expect(await error("300000000000001", "page-token", { message })).toMatchObject({ code: 100, error_subcode: 33 });
    expect(await error("me", "instagram-token", { message: { text: "ä".repeat(501) } })).toMatchObject({
      code: 100,
      message: expect.stringContaining("1000 bytes"),
    });
  });

  it("runs the handshake at its own path", async () => {
    await control("handshake", NAMES.instagram);
    expect(receiver.received[0]?.url).toMatch(/^\/webhooks\/instagram\?/);
  });
});

describe("what Messenger and Instagram take", () => {
  const button = { type: "postback", title: "Yes", payload: "YES" };
  const template = (payload: object) => ({ attachment: { type: "template", payload } });

  it.each([
    ["words beside a file", { text: "x", attachment: { type: "image", payload: { url: "https://a.test/1.png" } } }],
    ["a file without an address", { attachment: { type: "image", payload: {} } }],
    ["four buttons", template({ template_type: "button", text: "x", buttons: [button, button, button, button] })],
    ["641 characters above buttons", template({ template_type: "button", text: "x".repeat(641), buttons: [button] })],
    ["a card of a title alone", template({ template_type: "generic", elements: [{ title: "x" }] })],
    ["a template that nobody knows", template({ template_type: "list", elements: [] })],
    [
      "fourteen quick replies",
      { text: "x", quick_replies: Array(14).fill({ content_type: "text", title: "y", payload: "z" }) },
    ],
  ])("is not %s", async (_what, message) => {
    expect(await send("me", "page-token", { message })).toMatchObject({ status: 400, body: { error: { code: 100 } } });
  });
});

describe("utility templates", () => {
  const template = (name: string, code: string, components?: object[]) => ({
    messaging_type: "UTILITY",
    message: { template: { name, language: { code }, ...(components && { components }) } },
  });
  const text = (value: string, parameter_name?: string) => ({ type: "text", text: value, parameter_name });
  const body = (...parameters: object[]) => ({ type: "body", parameters });
  const approved = template("appointment", "pt_BR", [body(text("Ana", "customer"), text("Mon", "day"))]);

  it("go out at any time, where they are approved and filled as they want it", async () => {
    await control("faults", { kind: "expired_window", customer: PERSON });
    expect(await send("200000000000001", "page-token", approved)).toMatchObject({ status: 200 });
  });

  it.each([
    ["of an unknown name", template("sale", "pt_BR")],
    ["in another language", template("appointment", "en_US", [body(text("Ana", "customer"), text("Mon", "day"))])],
    ["with a value too few", template("appointment", "pt_BR", [body(text("Ana", "customer"))])],
    ["without its picture", template("order_update", "en_US", [body(text("Ana"), text("42"))])],
    ["under another messaging type", { ...approved, messaging_type: "RESPONSE" }],
  ])("are refused %s", async (_, asked) => {
    const answer = await send("200000000000001", "page-token", asked);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 100 } } });
  });

  it("are none of Instagram's", async () => {
    expect(await send("300000000000001", "instagram-token", approved)).toMatchObject({ status: 400 });
  });
});

it("takes a reaction and its taking back, on a message that is named", async () => {
  const react = { sender_action: "react", payload: { message_id: "m_1", reaction: "love" } };
  const unreact = { sender_action: "unreact", payload: { message_id: "m_1" } };
  for (const action of [react, unreact])
    expect(await send("300000000000001", "instagram-token", action)).toMatchObject({ status: 200 });
  const nameless = { sender_action: "react", payload: { reaction: "love" } };
  expect(await send("200000000000001", "page-token", nameless)).toMatchObject({ status: 400 });
});

describe("profiles", () => {
  const asks = async (id: string, fields: string, token = "page-token") => {
    const answer = await fetch(`${simulator.url}/v26.0/${id}?fields=${fields}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return [answer.status, await answer.json()];
  };

  it("tell whoever has the token what people are called, field by field, where they may be seen", async () => {
    await writes("messenger", { text: "Oi", name: "Ana Souza" });
    await writes("instagram", { text: "Oi", name: "Ana Souza" });
    expect(await asks(PERSON, "first_name,name")).toEqual([200, { id: PERSON, first_name: "Ana", name: "Ana Souza" }]);
    const handle = { id: PERSON, username: "ana.souza" };
    expect(await asks(PERSON, "username", "instagram-token")).toEqual([200, handle]);
    expect(await asks(PERSON, "username")).toMatchObject([400, { error: { code: 100 } }]);
    expect(await asks(PERSON, "name", "somebody's")).toMatchObject([401, { error: { code: 190 } }]);
  });

  it("are not of everybody: not of strangers, of those who hide, of whom nothing is known", async () => {
    expect(await asks(PERSON, "name")).toMatchObject([400, { error: { code: 100, error_subcode: 33 } }]);
    await writes("messenger", { text: "Oi" });
    expect(await asks(PERSON, "name")).toEqual([200, {}]);
    await writes("messenger", { text: "Oi", name: null });
    expect(await asks(PERSON, "name")).toMatchObject([400, { error: { code: 100, error_subcode: 2018218 } }]);
    await control("faults", { kind: "profile_unavailable", customer: PERSON });
    expect(await asks(PERSON, "name")).toMatchObject([500, {}]);
  });
});
