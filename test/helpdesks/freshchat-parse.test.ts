/** What Freshchat's webhooks become: the forms of several years, as they are published and as integrators met them. */
import { describe, expect, it } from "vitest";
import type { WebhookRequest } from "../../shared/channels/connector.ts";
import { DeskHappening } from "../../shared/domain/desk-happening.ts";
import { freshchat } from "../../shared/helpdesks/freshchat/index.ts";

const BOT = "0b5d2b1c-7f0e-4c77-9c55-2a4a3f1f9a10";
const settings = freshchat.settings.parse({
  ...{ domain: "acme", channelIds: { whatsapp: "304d0a73-5135-4be6-9df3-7a4aa2a0d855" }, botIds: [BOT] },
  agentId: "5cf047ca-e453-4d2e-9fba-46da60708e87",
});
const TICKET = "35e80ec8-c697-42e4-8ce9-a47a050b1d1a";
const MESSAGE = "a834cd45-c463-4644-b254-be920924a998";
const AGENT = "1b8d2418-89a3-4de6-b93c-9f6557f13d04";
const USER = "9047e655-1e83-463e-b1b6-4a44beb1f07f";
const WRITTEN = "2026-11-22T10:55:23.103Z";
const TOLD = "2026-11-22T10:55:23.126Z";

const message = {
  message_parts: [{ text: { content: "Bom dia" } }],
  ...{
    app_id: "c6ec783e-4c89-490a-bbbc-32c97e2a8c3d",
    actor_id: AGENT,
    org_actor_id: "345162432277281455",
    id: MESSAGE,
  },
  ...{ channel_id: "304d0a73-5135-4be6-9df3-7a4aa2a0d855", conversation_id: TICKET },
  ...{ interaction_id: "681406910844650-1669114522220", message_type: "normal", actor_type: "agent" },
  ...{ created_time: WRITTEN, user_id: USER, message_source: "web" },
};
const reply = {
  ...{ type: "reply", id: MESSAGE, ticket: TICKET, at: Date.parse(WRITTEN), author: { type: "agent" } },
  ...{ text: "Bom dia", format: "plain", files: [] },
};
const fileId = (index: number) => `${TICKET}/${MESSAGE}/${index}/${Date.parse(WRITTEN)}`;
const without = ({ text: _, format: __, ...others }: typeof reply) => others;

function heard(action: string, data: unknown) {
  const actor = { actor_type: "agent", actor_id: AGENT };
  return parsed(JSON.stringify({ actor, action, action_time: TOLD, data }));
}

function parsed(body: string) {
  const request: WebhookRequest = {
    ...{ method: "POST", url: "https://recado.example.com/helpdesks/desk", query: {}, headers: {} },
    ...{ body: Buffer.from(body), receivedAt: 0 },
  };
  return freshchat.door.parse(request, { name: "desk", settings, secrets: {} });
}

describe("a message in Freshchat", () => {
  it.each<[string, object, object[]]>([
    ["an agent's reply", message, [reply]],
    [
      "one of the year in which parts were called otherwise",
      { ...message, message_parts: undefined, msg_parts: [{ properties: { text: "Bom dia" }, part_type: "text" }] },
      [reply],
    ],
    [
      "a picture of that year",
      {
        ...{ ...message, message_parts: undefined },
        msg_parts: [{ properties: { url: "https://files.example.com/a.png" }, part_type: "image" }],
      },
      [{ ...without(reply), files: [{ url: "https://files.example.com/a.png", id: fileId(0) }] }],
    ],
    [
      "a bot's whose type is left out, and which the bot does not keep to the agents",
      { ...message, message_type: undefined, message_source: "bot", restrictResponse: false, botsPrivateNote: false },
      [{ ...reply, author: { type: "bot" } }],
    ],
    [
      "a person's whose type is left out, and which is no note of a bot's",
      { ...message, message_type: undefined, restrictResponse: false, botsPrivateNote: false },
      [{ type: "look", id: `${MESSAGE}#look`, ticket: TICKET }],
    ],
    [
      "one that says it is none of a bot's notes, and a private one all the same",
      { ...message, message_type: "private", botsPrivateNote: false },
      [],
    ],
    ["a bot's note", { ...message, message_type: undefined, botsPrivateNote: true }, []],
    ["a bot's note under another name", { ...message, botsPrivateNote: true }, []],
    [
      "one that does not say who may see it",
      { ...message, message_type: undefined },
      [{ type: "look", id: `${MESSAGE}#look`, ticket: TICKET }],
    ],
    ["a private note, as ours are", { ...message, message_type: "private" }, []],
    ["a message of the system under an agent's name", { ...message, message_type: "system" }, []],
    ["the customer's words, which we wrote", { ...message, actor_type: "user", actor_id: USER }, []],
    ["the system's", { ...message, actor_type: "system" }, []],
    ["a bot's", { ...message, actor_type: "bot" }, [{ ...reply, author: { type: "bot" } }]],
    ["an agent's who is a bot", { ...message, actor_id: BOT }, [{ ...reply, author: { type: "bot" } }]],
    ["one that came by a bot", { ...message, message_source: "freshbots" }, [{ ...reply, author: { type: "bot" } }]],
    [
      "several parts, of which some say nothing",
      {
        ...message,
        message_parts: [
          { text: { content: "Veja:" } },
          { url_button: { url: "https://example.com/pedido", label: "Pedido", target: "_blank" } },
          { quick_reply_button: { label: "Sim" } },
          { collection: { sub_parts: [{ text: { content: "e mais" } }] } },
          "what is this",
          { text: "not a text" },
        ],
      },
      [{ ...reply, text: "Veja:\nPedido: https://example.com/pedido\ne mais" }],
    ],
    [
      "one with marks",
      { ...message, message_parts: [{ text: { content: "<p>Bom <b>dia</b></p>" } }] },
      [{ ...reply, text: "<p>Bom <b>dia</b></p>", format: "html" }],
    ],
    [
      "two numbers that are compared",
      { ...message, message_parts: [{ text: { content: "1 < 2 > 0" } }] },
      [{ ...reply, text: "1 < 2 > 0" }],
    ],
    [
      "files, of which one has no address yet",
      {
        ...message,
        message_parts: [
          { image: { url: "https://files.example.com/foto.png" } },
          { file: { name: "conta", file_extension: "pdf", content_type: "application/pdf", file_hash: "0a1b" } },
          { video: { url: "https://files.example.com/v.mp4", contentType: "video/mp4" } },
        ],
      },
      [
        {
          ...without(reply),
          files: [
            { url: "https://files.example.com/foto.png", id: fileId(0) },
            {
              url: `https://acme.freshchat.com/v2/conversations/${TICKET}/messages`,
              ...{ id: fileId(1), contentType: "application/pdf", fileName: "conta.pdf" },
            },
            { url: "https://files.example.com/v.mp4", id: fileId(2), contentType: "video/mp4" },
          ],
        },
      ],
    ],
    ["an answer to a message", { ...message, in_reply_to: "m-1" }, [{ ...reply, replyTo: "m-1" }]],
    ["an answer told at length", { ...message, in_reply_to: { message_id: "m-1" } }, [{ ...reply, replyTo: "m-1" }]],
    [
      "one of an account that counts its conversations",
      { ...message, conversation_id: undefined, freshchat_conversation_id: 681406910844650 },
      [{ ...reply, ticket: "681406910844650" }],
    ],
    ["nothing at all", { ...message, message_parts: [{ text: { content: " " } }] }, []],
    ["one of no conversation", { ...message, conversation_id: null }, []],
  ])("%s", (_, given, happenings) => {
    const read = heard("message_create", { message: given });
    expect(read).toEqual({ ok: true, happenings });
    if (read.ok) for (const one of read.happenings) expect(DeskHappening.parse(one)).toEqual(one);
  });
});

describe("a change of a conversation in Freshchat", () => {
  const conversation = { conversation_id: TICKET, app_id: "c6ec783e", status: "resolved", skill_id: 0 };
  const interaction_id = "681406910844650-1669114522220";
  const about = (what: string) => ({ id: `${TICKET}#${what}#${TOLD}`, ticket: TICKET, at: Date.parse(TOLD) });
  it.each<[string, string, object, object]>([
    [
      "resolved",
      "conversation_resolution",
      { resolve: { resolver: "agent", resolver_id: AGENT, conversation, interaction_id } },
      { type: "state", ...about("resolve"), state: "closed" },
    ],
    [
      "opened again by an agent",
      "conversation_reopen",
      { reopen: { reopener: "agent", reopener_id: AGENT, conversation } },
      { type: "state", ...about("reopen"), state: "open" },
    ],
    [
      "opened again by the customer's word",
      "conversation_reopen",
      { reopen: { reopener: "user", reopener_id: USER, conversation, interaction_id } },
      { type: "state", ...about("reopen"), state: "open" },
    ],
    [
      "given to an agent",
      "conversation_assignment",
      { assignment: { assignor: "agent", assignor_id: AGENT, to_agent_id: BOT, conversation } },
      { type: "assigned", ...about("assignment"), assignee: { id: BOT } },
    ],
    [
      "given to an agent, as the conversation tells",
      "conversation_assignment",
      { assignment: { conversation: { ...conversation, assigned_agent_id: AGENT } } },
      { type: "assigned", ...about("assignment"), assignee: { id: AGENT } },
    ],
    [
      "given to a group, and nobody in it",
      "conversation_assignment",
      { assignment: { to_group_id: "g-1", conversation: { ...conversation, assigned_group_id: "g-1" } } },
      { type: "assigned", ...about("assignment") },
    ],
    [
      "resolved, told without a word around it",
      "conversation_resolution",
      { conversation },
      { type: "state", ...about("resolve"), state: "closed" },
    ],
  ])("%s", (_, action, data, happening) => {
    expect(heard(action, data)).toEqual({ ok: true, happenings: [happening] });
    // When it comes again, it is the same.
    expect(heard(action, data)).toEqual(heard(action, data));
  });

  it.each(["conversation_create", "message_update", "user_create"])("%s is nothing", (action) => {
    expect(heard(action, { anything: 1 })).toEqual({ ok: true, happenings: [] });
  });
});

describe("what is no webhook of Freshchat's", () => {
  it.each([
    ["{", "the body is not JSON", undefined],
    ["[]", /^the body: /, undefined],
    ['{"data":{}}', /^action: /, "action"],
    [
      '{"action":"message_create","data":{"message":{"actor_type":"agent"}}}',
      /^data\.message\.id: /,
      "data.message.id",
    ],
    ['{"action":"message_create"}', /^data\.message: /, "data.message"],
    [
      '{"action":"conversation_resolution","data":{"resolve":{"conversation":{}}}}',
      /^data\.resolve\.conversation\.conversation_id: /,
      "data.resolve.conversation.conversation_id",
    ],
    ['{"action":"conversation_reopen","data":{}}', /^data\.conversation: /, "data.conversation"],
  ])("%s is not read, and why", (body, reason, field) => {
    const wanted = { ok: false, reason: typeof reason === "string" ? reason : expect.stringMatching(reason) };
    expect(parsed(body)).toEqual({ ...wanted, ...(field !== undefined && { field }) });
  });
});
