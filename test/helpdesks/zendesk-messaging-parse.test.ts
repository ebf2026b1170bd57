import { describe, expect, it } from "vitest";
import type { DeskHappening } from "../../shared/domain/desk-happening.ts";
import { happeningsOf } from "../../shared/helpdesks/zendesk-messaging/message.ts";
import { parse } from "../../shared/helpdesks/zendesk-messaging/parse.ts";

const CONVERSATION = "67c1a5f20b3d4e0f81a2b3c4";
const MESSAGE = "67c1a6010b3d4e0f81a2b3d5";
const RECEIVED = "2026-11-22T10:15:30.250Z";
const AT = Date.UTC(2026, 10, 22, 10, 15, 30, 250);
const ABOUT = { ticket: CONVERSATION, at: AT };

const agent = { type: "business", displayName: "Bia", subtypes: ["agent"] };
const text = (words: string) => ({ type: "text", text: words });

function message(more: object) {
  return {
    ...{ id: MESSAGE, received: RECEIVED, author: agent, content: text("Até já") },
    ...{ source: { type: "zd:agentWorkspace" }, ...more },
  };
}

function switchboard(what: string, more: object) {
  const conversation = { id: CONVERSATION, type: "personal", metadata: { recado_conversation: "conv_1" } };
  return {
    id: "67c1a6050b3d4e0f81a2b3d9",
    type: `switchboard:${what}`,
    createdAt: RECEIVED,
    payload: { conversation, ...more },
  };
}

function told(events: readonly unknown[], switchboardIntegration?: string) {
  const settings = {
    ...{ subdomain: "lojaazul", appId: "64f1c2a7be90d3f8417a5c02" },
    ...(switchboardIntegration !== undefined && { switchboardIntegration }),
  };
  const body = Buffer.from(
    JSON.stringify({ app: { id: "64f1c2a7be90d3f8417a5c02" }, webhook: { id: "w", version: "v2" }, events }),
  );
  const request = {
    method: "POST",
    url: "https://recado.example.com/helpdesks/desk",
    query: {},
    headers: {},
    body,
    receivedAt: AT,
  };
  return parse(request, { name: "desk", settings, secrets: {} });
}

function event(one: object, more: object = {}) {
  return {
    ...{ id: "67c1a6020b3d4e0f81a2b3d6", createdAt: RECEIVED, type: "conversation:message" },
    payload: { conversation: { id: CONVERSATION, type: "personal" }, message: one },
    ...more,
  };
}

const reply: DeskHappening = {
  ...{ type: "reply", id: MESSAGE, ...ABOUT, author: { type: "agent", name: "Bia" } },
  ...{ text: "Até já", format: "plain", files: [] },
};
const { at: _, ...timeless } = reply;
const url = "https://lojaazul.zendesk.com/sc/attachments/v2/01JK699PBZ/conta%20de%20luz.pdf";
const file = { url, contentType: "application/pdf", fileName: "conta de luz.pdf" };
const nobody = { type: "business", displayName: "Bia" };

/** What a message is, wherever it is read. */
const MESSAGES: [string, object, DeskHappening[]][] = [
  ["an agent's", message({}), [reply]],
  [
    "a bot's",
    message({ author: { type: "business", subtypes: ["bot"] }, source: { type: "zd:answerBot" } }),
    [{ ...reply, author: { type: "bot" } }],
  ],
  [
    "one that AI wrote",
    message({ author: { type: "business", subtypes: ["AI"] } }),
    [{ ...reply, author: { type: "bot" } }],
  ],
  ["the customer's", message({ author: { type: "user", userId: "u", displayName: "Ana" } }), []],
  ["ours, with the marker", message({ metadata: { recado_message: "msg_1", recado_part: 1 } }), []],
  ["another program's, with a marker of its own", message({ metadata: { campaign: "natal" } }), [reply]],
  ["the system's, by its author", message({ author: { type: "business", subtypes: ["activity"] } }), []],
  ["the system's, by its content", message({ content: { type: "activity", text: "closed" } }), []],
  ["the system's, by its activity", message({ activity: { type: "ticket:closed" } }), []],
  [
    "a file and no word",
    message({ content: { type: "file", mediaUrl: url, mediaType: "application/pdf", altText: "conta de luz.pdf" } }),
    [{ type: "reply", id: MESSAGE, ...ABOUT, author: { type: "agent", name: "Bia" }, files: [file] }],
  ],
  [
    "a picture that has words and, at its address, no name",
    message({ content: { type: "image", mediaUrl: "https://media.smooch.io/a/b", altText: "Mapa", text: "Aqui" } }),
    [{ ...reply, text: "Aqui", files: [{ url: "https://media.smooch.io/a/b", fileName: "Mapa" }] }],
  ],
  [
    "formatted alone",
    message({ content: { type: "text", markdownText: "**Já**" } }),
    [{ ...reply, text: "**Já**", format: "markdown" }],
  ],
  [
    "in HTML alone",
    message({ content: { type: "text", htmlText: "<b>Já</b>" } }),
    [{ ...reply, text: "<b>Já</b>", format: "html" }],
  ],
  [
    "with buttons",
    message({
      content: {
        ...text("Escolha"),
        actions: [
          { type: "reply", text: "Sim" },
          { type: "link", text: "Loja", uri: "https://a.pt" },
        ],
      },
    }),
    [{ ...reply, text: "Escolha\nSim\nLoja: https://a.pt" }],
  ],
  [
    "a carousel",
    message({
      content: { type: "carousel", items: [{ title: "Azul", description: "10 €", actions: [] }, { title: "Verde" }] },
    }),
    [{ ...reply, text: "Azul: 10 €\nVerde" }],
  ],
  ["of nothing that we know", message({ content: { type: "hologram" } }), []],
  [
    "one that answers another",
    message({ quotedMessage: { type: "message", message: { id: "67c1a5ff0b3d4e0f81a2b3d1" } } }),
    [{ ...reply, replyTo: "67c1a5ff0b3d4e0f81a2b3d1" }],
  ],
  [
    "taken back",
    message({ deleted: true, content: text("") }),
    [{ type: "deleted", id: `${MESSAGE}#deleted`, of: MESSAGE, ...ABOUT }],
  ],
  ["without a time", message({ received: null }), [timeless]],
  ["without an id", message({ id: undefined }), []],
];

describe("a message of Zendesk's", () => {
  it.each(MESSAGES)("%s, is the same in the list and in a webhook", (_, one, happenings) => {
    expect(happeningsOf(one, CONVERSATION, "list")).toEqual(happenings);
    expect(told([event(one)])).toEqual({ ok: true, happenings });
  });

  it("whose webhook does not tell agents from bots is to be looked at, and is the same each time", () => {
    const look = { type: "look", id: `${MESSAGE}#look`, ...ABOUT };
    const again = event(message({ author: nobody }), { id: "another-delivery" });
    expect(told([event(message({ author: nobody })), again])).toEqual({ ok: true, happenings: [look, look] });
  });

  it.each([
    ["zd:agentWorkspace", "agent"],
    ["zd:answerBot", "bot"],
    ["api:conversations", "bot"],
    [undefined, "agent"],
  ])("of which the list does not tell it either, from %s, is by where it was written of an %s", (type, author) => {
    const listed = happeningsOf(message({ author: nobody, source: type && { type } }), CONVERSATION, "list");
    expect(listed).toMatchObject([{ type: "reply", id: MESSAGE, author: { type: author, name: "Bia" } }]);
  });
});

describe("the switchboard", () => {
  const agents = {
    activeSwitchboardIntegration: { id: "1", name: "zd-agentWorkspace", integrationType: "zd:agentWorkspace" },
  };
  const bot = { activeSwitchboardIntegration: { id: "2", name: "bot", integrationType: "custom" } };
  const state = (word: "open" | "closed") => [{ type: "state", state: word, id: "67c1a6050b3d4e0f81a2b3d9", ...ABOUT }];

  it.each([
    [
      "that a ticket was closed, and nobody has it",
      switchboard("releaseControl", { reason: "ticketClosed" }),
      state("closed"),
    ],
    [
      "that a ticket was closed, and the bot has it",
      switchboard("passControl", { conversation: { id: CONVERSATION, ...bot }, reason: "ticketClosed" }),
      state("closed"),
    ],
    [
      "that agents have it",
      switchboard("passControl", { conversation: { id: CONVERSATION, ...agents } }),
      state("open"),
    ],
    [
      "that agents took it",
      switchboard("acceptControl", { conversation: { id: CONVERSATION, ...agents } }),
      state("open"),
    ],
    ["that a bot has it", switchboard("passControl", { conversation: { id: CONVERSATION, ...bot } }), []],
    ["that it was let go", switchboard("releaseControl", {}), []],
    ["that agents let it go", switchboard("releaseControl", { conversation: { id: CONVERSATION, ...agents } }), []],
    ["that it goes on by e-mail", switchboard("releaseControl", { reason: "transferToEmail" }), []],
    ["that agents are asked", switchboard("offerControl", { conversation: { id: CONVERSATION, ...agents } }), []],
    [
      "that agents could not have it",
      switchboard("passControl:failure", { conversation: { id: CONVERSATION, ...agents } }),
      [],
    ],
  ])("tells %s", (_, one, happenings) => {
    expect(told([one])).toEqual({ ok: true, happenings });
  });

  it("knows the agents by the name in the settings, too", () => {
    const mine = switchboard("passControl", { conversation: { id: CONVERSATION, ...bot } });
    expect(told([mine], "bot")).toEqual({ ok: true, happenings: state("open") });
  });
});

describe("a webhook", () => {
  it("may bring several events of several conversations, all of which count", () => {
    const other = {
      conversation: { id: "67c1a5f20b3d4e0f81a2b3ff" },
      message: message({ id: "67c1a6010b3d4e0f81a2b3ee" }),
    };
    const events = [event(message({})), { type: "conversation:typing", id: "1" }, "odd", event({}, { payload: other })];
    expect(told(events)).toMatchObject({
      happenings: [
        { id: MESSAGE, ticket: CONVERSATION },
        { id: "67c1a6010b3d4e0f81a2b3ee", ticket: "67c1a5f20b3d4e0f81a2b3ff" },
      ],
    });
  });

  it.each([
    "conversation:read",
    "conversation:create",
    "conversation:message:delivery:failure",
    "user:merge",
    "of:tomorrow",
  ])("is of no interest: %s", (type) => {
    expect(told([event(message({}), { type })])).toEqual({ ok: true, happenings: [] });
  });

  it("that names no conversation is set aside, unless the batch has something else", () => {
    const nameless = event({}, { payload: { message: message({}) } });
    expect(told([nameless])).toMatchObject({ ok: false, field: "events.0.payload" });
    expect(told([nameless, event(message({}))])).toMatchObject({ ok: true, happenings: [reply] });
  });

  it.each([["nonsense"], [[]], [{ events: {} }]])("that is no webhook is set aside: %j", (body) => {
    const request = {
      method: "POST",
      url: "",
      query: {},
      headers: {},
      body: Buffer.from(JSON.stringify(body)),
      receivedAt: 0,
    };
    const settings = { subdomain: "lojaazul", appId: "a" };
    expect(parse(request, { name: "desk", settings, secrets: {} })).toMatchObject({ ok: false });
  });
});
