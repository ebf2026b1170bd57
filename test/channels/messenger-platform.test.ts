/** What Messenger and Instagram are sent, and what their answers mean. */
import { describe, expect, it } from "vitest";
import { startGraphSimulator } from "../../local/simulators/graph/index.ts";
import type { Connector, Rendering } from "../../shared/channels/connector.ts";
import { connectors } from "../../shared/channels/registry.ts";
import type { Content } from "../../shared/domain/content.ts";
import { plan } from "../../shared/domain/plan.ts";
import { createHttp } from "../../shared/http/request.ts";
import { answered } from "../contracts/connector-contract.ts";
import { SAMPLE } from "../contracts/provider.ts";

const PRODUCTS = ["messenger", "instagram"] as const;
type Product = (typeof PRODUCTS)[number];
const CORRELATION = "conv_AAAAAAAAAAAAAAAAAAAAAA.msg_01kat1n2v3w4x5y6z7a8b9c0d1.0";
const INSTAGRAM_LOGIN = { instagramId: "300000000000001", host: "graph.instagram.com", graphVersion: "v26.0" };

function rendered(name: Product, about: Partial<Rendering> = {}) {
  const connector: Connector = connectors[name];
  return connector.sender.render({
    to: "7001",
    content: { type: "text", text: "Olá" },
    author: { type: "agent" },
    settings: SAMPLE[name].settings,
    correlation: CORRELATION,
    ...about,
  });
}

const bodyOf = (name: Product, about: Partial<Rendering> = {}) => JSON.parse(String(rendered(name, about).body));
const messageOf = (name: Product, content: Content) => {
  const { metadata, ...message } = bodyOf(name, { content }).message;
  expect(metadata).toBe(CORRELATION);
  return message;
};

const button = (number: number) => ({ id: `b${number}`, title: `Button ${number}` });
const buttons = (count: number, text = "Which one?"): Content => ({
  type: "buttons",
  text,
  buttons: Array.from({ length: count }, (_, index) => button(index + 1)),
});
const media = { contentType: "image/png", url: "https://files.example.test/1.png" };
const card = (number: number) => ({
  media,
  text: `Shirt ${number}`,
  title: "See it",
  url: `https://shop.example.test/${number}`,
});

describe("a utility template on Messenger", () => {
  const content: Content = {
    type: "template",
    name: "order_update",
    language: "pt_PT",
    header: media,
    parameters: ["Ana", "42"],
  };
  const named: Content = { type: "template", name: "appointment", language: "pt_BR", parameters: { customer: "Ana" } };

  it("goes out as such, with a picture and its values in order or by name", () => {
    const { messaging_type: type, tag, message } = bodyOf("messenger", { content, tag: "human_agent" });
    expect([type, tag]).toEqual(["UTILITY", undefined]);
    expect(message.template).toEqual({
      name: "order_update",
      language: { code: "pt_PT" },
      components: [
        { type: "header", parameters: [{ type: "image", image: { link: media.url } }] },
        {
          type: "body",
          parameters: [
            { type: "text", text: "Ana" },
            { type: "text", text: "42" },
          ],
        },
      ],
    });
    expect(messageOf("messenger", named).template.components).toEqual([
      { type: "body", parameters: [{ type: "text", text: "Ana", parameter_name: "customer" }] },
    ]);
  });

  it("may come when the window is closed, and is refused with what the Page's templates do not have", () => {
    const { capabilities } = connectors.messenger;
    const about = { author: { type: "bot" as const }, capabilities, lastInboundAt: undefined, now: 0 };
    expect(plan({ ...about, content })).toMatchObject({ allowed: true, template: { name: "order_update" } });
    const film = { ...media, contentType: "video/mp4" };
    const buttons = [{ index: 0, type: "url" as const, value: "42" }];
    for (const more of [{ header: film }, { buttons }])
      expect(plan({ ...about, content: { ...content, ...more } }).reasons).toMatchObject([{ code: "not_carried" }]);
    expect(plan({ ...about, content, capabilities: connectors.instagram.capabilities }).allowed).toBe(false);
  });
});

describe.each(PRODUCTS)("what is sent to %s", (name) => {
  it.each([
    ["image", "image"],
    ["video", "video"],
    ["audio", "audio"],
    ["document", "file"],
  ] as const)("is a file by its address: %s", (type, word) => {
    const attachment = { type: word, payload: { url: media.url } };
    expect(messageOf(name, { type, media } as Content)).toEqual({ attachment });
  });

  it("is a reaction on a message, alone in its request, and the same taken back", () => {
    const replyToProviderMessageId = "m_1";
    const body = bodyOf(name, { content: { type: "reaction", emoji: "👍" }, replyToProviderMessageId });
    const payload = { message_id: "m_1", reaction: "👍" };
    expect(body).toEqual({ recipient: { id: "7001" }, sender_action: "react", payload });
    const taken = bodyOf(name, { content: { type: "reaction", emoji: "" }, replyToProviderMessageId });
    expect(taken).toEqual({ recipient: { id: "7001" }, sender_action: "unreact", payload: { message_id: "m_1" } });
  });

  it("is a word that we have read, or are writing, alone in its request", () => {
    const about = { to: "7001", providerMessageId: "m_1", settings: SAMPLE[name].settings };
    for (const [signal, action] of [
      ["read", "mark_seen"],
      ["typing", "typing_on"],
    ] as const) {
      const connector: Connector = connectors[name];
      const request = connector.sender.signal?.({ ...about, signal });
      expect(request?.url).toBe(rendered(name).url);
      expect(JSON.parse(String(request?.body))).toEqual({ recipient: { id: "7001" }, sender_action: action });
    }
  });

  it("is a reaction that went out, although the answer names no message; each under an id of its own", async () => {
    const connector: Connector = connectors[name];
    const request = rendered(name, { content: { type: "reaction", emoji: "👍" }, replyToProviderMessageId: "m_1" });
    const http = async () => answered({ status: 200, body: { recipient_id: "7001" } });
    const outcomes = await Promise.all([1, 2].map(() => connector.sender.send(request, SAMPLE[name], http)));
    expect(outcomes.map(({ kind }) => kind)).toEqual(["sent", "sent"]);
    expect(new Set(outcomes.map((one) => one.kind === "sent" && one.providerMessageId)).size).toBe(2);
  });

  it("is a file by the id of an earlier upload", () => {
    const content: Content = { type: "image", media: { contentType: "image/png", providerMediaId: "99" } };
    expect(messageOf(name, content)).toEqual({ attachment: { type: "image", payload: { attachment_id: "99" } } });
  });

  it("is buttons that stay with the message where they fit a template", () => {
    const payload = {
      template_type: "button",
      text: "Which one?",
      buttons: [1, 2, 3].map((number) => ({ type: "postback", title: `Button ${number}`, payload: `b${number}` })),
    };
    expect(messageOf(name, buttons(3))).toEqual({ attachment: { type: "template", payload } });
  });

  it.each([
    ["there are more than three", buttons(4)],
    ["the text is longer than 640 characters", buttons(1, "x".repeat(641))],
  ])("is quick replies where %s", (_why, content) => {
    const message = messageOf(name, content);
    expect(message.text).toBe("text" in content && content.text);
    expect(message.quick_replies[0]).toEqual({ content_type: "text", title: "Button 1", payload: "b1" });
    expect(message).not.toHaveProperty("attachment");
  });

  it("is a list as quick replies, the rows of all its sections in order", () => {
    const rows = [button(1), button(2), button(3)];
    const content: Content = {
      type: "list",
      text: "Which one?",
      button: "Choose",
      sections: [{ rows: rows.slice(0, 2) }, { rows: rows.slice(2) }],
    };
    const replies = rows.map(({ id, title }) => ({ content_type: "text", title, payload: id }));
    expect(messageOf(name, content)).toEqual({ text: "Which one?", quick_replies: replies });
  });

  it("is a link as a button that opens it", () => {
    const link: Content = { type: "link", text: "The shop", title: "Open", url: "https://shop.example.test/" };
    const web = { type: "web_url", url: link.url, title: "Open" };
    expect(messageOf(name, link).attachment.payload).toEqual({
      template_type: "button",
      text: "The shop",
      buttons: [web],
    });
  });

  it("is cards, each with its picture and its button, titled even where it has no words", () => {
    const bare = { title: "See it", url: "https://shop.example.test/2" };
    const { payload } = messageOf(name, { type: "carousel", cards: [card(1), bare] }).attachment;
    expect(payload).toEqual({
      template_type: "generic",
      elements: [
        {
          title: "Shirt 1",
          image_url: media.url,
          buttons: [{ type: "web_url", url: "https://shop.example.test/1", title: "See it" }],
        },
        { title: "See it", buttons: [{ type: "web_url", url: bare.url, title: "See it" }] },
      ],
    });
  });

  it("is marked as a person's where only a person may still answer", () => {
    expect(bodyOf(name, { tag: "human_agent" })).toMatchObject({ messaging_type: "MESSAGE_TAG", tag: "HUMAN_AGENT" });
    expect(bodyOf(name)).not.toHaveProperty("tag");
    expect(bodyOf(name)).toMatchObject({ messaging_type: "RESPONSE" });
  });

  it("refuses to render what is not carried", () => {
    expect(() => rendered(name, { content: { type: "location-request", text: "Where?" } })).toThrow("location-request");
    expect(() => rendered(name, { content: { type: "image", media: { contentType: "image/png" } } })).toThrow(
      "address",
    );
  });

  it("is taken by the vendor up to the limits that are declared, and no further", async () => {
    const account = { id: "1", accessToken: "page-token", appSecret: "s", verifyToken: "v" };
    const simulator = await startGraphSimulator({
      webhookOrigin: "http://127.0.0.1:9",
      phoneNumbers: [],
      pages: name === "messenger" ? [{ ...account, id: "200000000000001" }] : [],
      instagramAccounts: name === "instagram" ? [{ ...account, id: "300000000000001" }] : [],
      retryAfterMs: [],
    });
    const connector: Connector = connectors[name];
    const { carries } = connector.capabilities;
    const origins = [connector.vendor.origin, ...(connector.vendor.otherOrigins ?? [])];
    const http = createHttp({ timeoutMs: 5000, replaces: { origins, by: simulator.url } });
    const send = (content: Content, settings = SAMPLE[name].settings) =>
      connector.sender.send(rendered(name, { content, settings }), SAMPLE[name], http);
    const text = (length: number): Content => ({ type: "text", text: "x".repeat(length) });
    const longest = carries.text?.longestText ?? carries.text?.longestTextBytes ?? 0;
    const cards = carries.carousel?.mostCards ?? 0;
    const long = "x".repeat(carries.buttons?.longestText ?? carries.buttons?.longestTextBytes ?? 0);
    try {
      for (const content of [
        text(longest),
        buttons(1),
        buttons(carries.buttons?.mostButtons ?? 0, long),
        { type: "link", text: "x".repeat(carries.link?.longestText ?? 0), title: "y".repeat(20), url: card(1).url },
        { type: "carousel", cards: Array.from({ length: cards }, (_, index) => card(index)) },
        { type: "image", media },
      ] satisfies Content[]) {
        expect(await send(content), content.type).toMatchObject({ kind: "sent" });
      }
      for (const content of [
        text(longest + 1),
        buttons((carries.buttons?.mostButtons ?? 0) + 1),
        { type: "carousel", cards: Array.from({ length: cards + 1 }, (_, index) => card(index)) },
        { type: "link", text: "x", title: "y".repeat(21), url: card(1).url },
      ] satisfies Content[]) {
        expect(await send(content), content.type).toMatchObject({ kind: "rejected", failure: { class: "payload" } });
      }
      // Instagram counts bytes: an umlaut is two.
      const umlauts = await send({ type: "text", text: "ä".repeat(longest) });
      expect(umlauts.kind).toBe(name === "instagram" ? "rejected" : "sent");
      if (name === "instagram") expect(await send(text(1), INSTAGRAM_LOGIN)).toMatchObject({ kind: "sent" });
    } finally {
      await simulator.close();
    }
  });

  it.each([
    [403, 10, 2018278, { kind: "rejected", failure: { class: "window" } }],
    [403, 10, 2534022, { kind: "rejected", failure: { class: "window", code: "10-2534022" } }],
    [400, 100, 2534014, { kind: "rejected", failure: { class: "unreachable" } }],
    [400, 200, 1545041, { kind: "rejected", failure: { class: "unreachable" } }],
    [400, 10, 2018108, { kind: "rejected", failure: { class: "unreachable" } }],
    [400, 200, 2534041, { kind: "rejected", failure: { class: "auth" } }],
    [400, 200, 2018028, { kind: "rejected", failure: { class: "auth" } }],
    [400, 100, 2018300, { kind: "rejected", failure: { class: "policy" } }],
    [400, 2, 2018344, { kind: "rejected", failure: { class: "policy" } }],
    [400, 100, 2018008, { kind: "rejected", failure: { class: "payload" } }],
    [400, 1, 2534068, { kind: "rejected", failure: { class: "payload" } }],
    [400, 10303, undefined, { kind: "rejected", failure: { class: "payload" } }],
    [400, 100, 2534029, { kind: "throttled", scope: "account", retryAfterSeconds: 1800 }],
    [400, 10, 2534122, { kind: "throttled", scope: "account", retryAfterSeconds: 1800 }],
    [400, 613, 2534040, { kind: "throttled", scope: "account", retryAfterSeconds: 30 }],
    [400, 4, 2018022, { kind: "throttled", scope: "account" }],
    [400, 80002, undefined, { kind: "throttled", scope: "account", retryAfterSeconds: 300 }],
    [500, 1, 1357046, { kind: "uncertain" }],
  ])("answered %i with code %i, subcode %s has its outcome", async (status, code, subcode, outcome) => {
    const connector: Connector = connectors[name];
    const body = { error: { code, error_subcode: subcode, message: "words" } };
    const http = async () => answered({ status, body });
    expect(await connector.sender.send(rendered(name), SAMPLE[name], http)).toMatchObject(outcome);
  });
});

describe("an Instagram send", () => {
  it("goes to the Page of the token, with its messaging type", () => {
    expect(rendered("instagram").url).toBe("https://graph.facebook.com/v26.0/me/messages");
    expect(bodyOf("instagram", { replyToProviderMessageId: "ig_in1" })).toEqual({
      recipient: { id: "7001" },
      messaging_type: "RESPONSE",
      message: { text: "Olá", metadata: CORRELATION },
      reply_to: { mid: "ig_in1" },
    });
  });

  it("goes to the account itself with a token of Instagram's own login, whose samples know no messaging type", () => {
    const about = { settings: INSTAGRAM_LOGIN };
    expect(rendered("instagram", about).url).toBe("https://graph.instagram.com/v26.0/300000000000001/messages");
    expect(bodyOf("instagram", about)).toEqual({
      recipient: { id: "7001" },
      message: { text: "Olá", metadata: CORRELATION },
    });
    expect(bodyOf("instagram", { ...about, tag: "human_agent" })).toMatchObject({ tag: "HUMAN_AGENT" });
  });

  it("goes to no other host", () => {
    const settings = { instagramId: "300000000000001", host: "graph.example.test" };
    expect(connectors.instagram.settings.safeParse(settings).success).toBe(false);
  });
});
