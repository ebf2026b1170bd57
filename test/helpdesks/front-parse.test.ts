/** What Front sends, and what it means. */
import { describe, expect, it } from "vitest";
import type { DeskHappening } from "../../shared/domain/desk-happening.ts";
import { front } from "../../shared/helpdesks/front/index.ts";
import { threadFor } from "../../shared/helpdesks/front/thread.ts";

const CONVERSATION = "conv_wKrj8Laes5BdOZ7Y5lFIIw";
const metadata = { external_conversation_id: CONVERSATION, external_conversation_ids: [CONVERSATION] };
const author = {
  _links: { self: "https://api2.frontapp.com/teammates/tea_6r55a" },
  ...{ id: "tea_6r55a", email: "bia@example.com", username: "bia", first_name: "Bia", last_name: "Reis", type: "user" },
  is_admin: false,
};
const message = {
  _links: {
    self: "https://api2.frontapp.com/messages/msg_1q15qmtq",
    related: {
      conversation: "https://company.api.frontapp.com/conversations/cnv_yo1kg5q",
      message_replied_to: "https://api2.frontapp.com/messages/msg_2y67qldq",
    },
  },
  ...{ id: "msg_1q15qmtq", type: "custom", is_inbound: false, draft_mode: null, error_type: null, version: null },
  ...{ created_at: 1_795_000_000.123, subject: "", blurb: "Já segue", body: "Já segue", text: "Já segue", author },
  ...{ recipients: [{ handle: "+351912345678", role: "to" }], attachments: [], signature: null, metadata: {} },
};
const attachment = {
  ...{ id: "fil_3q8a7mby", filename: "conta.pdf", content_type: "application/pdf", size: 4405 },
  url: "https://api2.frontapp.com/messages/msg_1q15qmtq/download/fil_3q8a7mby",
  metadata: { is_inline: false },
};
const conversation = {
  _links: { self: "https://api2.frontapp.com/conversations/cnv_yo1kg5q" },
  ...{ id: "cnv_yo1kg5q", subject: "WhatsApp: Ana", status: "assigned", assignee: author },
  tags: [
    { id: "tag_1", name: "vip" },
    { id: "tag_2", name: "troca" },
  ],
};
const byTeammate = { _meta: { type: "teammate" }, data: author };

const reply: DeskHappening = {
  ...{ type: "reply", id: "msg_1q15qmtq", conversation: CONVERSATION, ticket: "cnv_yo1kg5q", at: 1_795_000_000_123 },
  ...{ author: { type: "agent", name: "Bia Reis" }, text: "Já segue", format: "plain", files: [] },
};
const about = { id: "evt_4ckcra8e", ticket: "cnv_yo1kg5q", at: 1_795_000_001_500 };

function event(type: string, more: object = {}) {
  return {
    type,
    authorization: { id: "cmp_abc" },
    payload: { id: "evt_4ckcra8e", emitted_at: 1_795_000_001.5, source: byTeammate, conversation, ...more },
  };
}
function parse(told: unknown, method = "POST") {
  const body = Buffer.from(typeof told === "string" ? told : JSON.stringify(told));
  const request = {
    method,
    url: "https://recado.example.com/helpdesks/front",
    query: {},
    headers: {},
    body,
    receivedAt: 0,
  };
  return front.door.parse(request, { name: "front", settings: { appId: "app" }, secrets: {} });
}

describe("Front's channel tells", () => {
  it.each<[string, object, DeskHappening]>([
    ["a reply", { type: "message", payload: message, metadata }, reply],
    [
      "a reply with its ids inside",
      { type: "message", payload: { ...message, metadata: { external_conversation_ids: [CONVERSATION] } } },
      reply,
    ],
    [
      "a reply in a ticket that follows another",
      {
        type: "message",
        payload: message,
        metadata: { external_conversation_ids: [CONVERSATION, `${CONVERSATION}.1`] },
      },
      reply,
    ],
    [
      "a reply whose thread is not told, by Front's conversation",
      { type: "message", payload: message },
      (({ conversation: _, ...rest }) => rest)(reply as DeskHappening & { conversation?: string }) as DeskHappening,
    ],
    [
      "a reply of a name alone",
      { type: "message", payload: { ...message, author: { id: "tea_1", username: "bia" } }, metadata },
      { ...reply, author: { type: "agent", name: "bia" } } as DeskHappening,
    ],
    [
      "a reply of nobody who is named",
      { type: "message", payload: { ...message, author: {} }, metadata },
      { ...reply, author: { type: "agent" } } as DeskHappening,
    ],
    [
      "words that stand in the body as HTML alone",
      { type: "message", payload: { ...message, text: "", body: "<p>Já <b>segue</b></p>" }, metadata },
      { ...reply, text: "<p>Já <b>segue</b></p>", format: "html" } as DeskHappening,
    ],
    [
      "words that stand in the body alone",
      { type: "message", payload: { ...message, text: null, body: "2 < 3" }, metadata },
      { ...reply, text: "2 < 3" } as DeskHappening,
    ],
    [
      "files without a word",
      { type: "message", payload: { ...message, text: "", body: "", attachments: [attachment] }, metadata },
      (({ text: _, format: __, ...rest }) => ({
        ...rest,
        files: [{ url: attachment.url, id: "fil_3q8a7mby", contentType: "application/pdf", fileName: "conta.pdf" }],
      }))(reply as DeskHappening & { text?: string; format?: string }) as DeskHappening,
    ],
    [
      "what a rule wrote as a bot's",
      { type: "message", payload: { ...message, author: { ...author, type: "rule" } }, metadata },
      { ...reply, author: { type: "bot", name: "Bia Reis" } } as DeskHappening,
    ],
    [
      "an automatic reply, which has no id, by what it answers",
      { type: "message_autoreply", payload: { ...message, id: undefined, type: "auto_reply", author: null }, metadata },
      { ...reply, id: "msg_2y67qldq_autoreply", author: { type: "bot" } } as DeskHappening,
    ],
  ])("%s", (_, told, happening) => {
    expect(parse(told)).toEqual({ ok: true, happenings: [happening] });
  });

  describe("of a conversation that was merged", () => {
    const RITA = threadFor("conv_AAAAAAAAAAAAAAAAAAAAAA", "+351912345678");
    const OTHERS = threadFor("conv_BBBBBBBBBBBBBBBBBBBBBB", "+5511987654321");
    const RITAS_SMS = threadFor("conv_CCCCCCCCCCCCCCCCCCCCCC", "+351 912 345 678");
    const told = (...threads: string[]) => ({
      ...{ type: "message", payload: message, metadata: { external_conversation_ids: threads } },
    });
    const answer = (json: object) => {
      const request = { method: "POST", url: "", query: {}, headers: {}, body: Buffer.from(JSON.stringify(json)) };
      const desk = { name: "front", settings: { appId: "app" }, secrets: {} };
      const { status, body } = front.door.reply({ ...request, receivedAt: 0 }, desk);
      return { status, body: JSON.parse(body) as unknown };
    };

    it.each([
      ["the last one", [OTHERS, RITA]],
      ["the first one", [RITA, OTHERS]],
    ])("the reply for the conversation of whom it goes to, where that is %s", (_, threads) => {
      const conversation = "conv_AAAAAAAAAAAAAAAAAAAAAA";
      expect(parse(told(...threads))).toEqual({ ok: true, happenings: [{ ...reply, conversation }] });
      expect(answer(told(...threads))).toMatchObject({ status: 200, body: { external_conversation_id: RITA } });
    });

    it.each([
      ["of nobody whom it goes to", [OTHERS, "conv_CCCCCCCCCCCCCCCCCCCCCC.1"]],
      ["of one customer on two channels", [RITA, OTHERS, RITAS_SMS]],
    ])("nothing by a reply among conversations %s, and its writer hears why", (_, threads) => {
      expect(parse(told(...threads))).toEqual({ ok: true, happenings: [] });
      expect(answer(told(...threads))).toMatchObject({
        status: 400,
        body: { type: "bad_request", message: expect.stringMatching(/merged.+\.$/) },
      });
    });
  });

  it.each<[string, object]>([
    [
      "our own writing, once it was imported",
      { type: "message_imported", payload: { ...message, is_inbound: true }, metadata },
    ],
    ["that a channel was connected", { type: "authorization", payload: { channel_id: "cha_1" } }],
    ["that a channel was taken away", { type: "delete", payload: { channel_id: "cha_1" } }],
    ["that conversations were merged", { type: "conversation_merged", payload: {}, metadata }],
    ["what is new to us", { type: "message_recalled", payload: 7 }],
  ])("nothing by %s", (_, told) => {
    expect(parse(told)).toEqual({ ok: true, happenings: [] });
  });
});

describe("Front's application tells", () => {
  it.each<[string, object, DeskHappening]>([
    ["that it was archived", event("conversation_archived"), { type: "state", ...about, state: "closed" }],
    ["the same under its other name", event("archive"), { type: "state", ...about, state: "closed" }],
    [
      "the same by the event's own name",
      event("event", { type: "archive" }),
      { type: "state", ...about, state: "closed" },
    ],
    ["that it was deleted", event("conversation_deleted"), { type: "state", ...about, state: "closed" }],
    ["that it was opened again", event("conversation_reopened"), { type: "state", ...about, state: "open" }],
    ["that it was restored", event("restore"), { type: "state", ...about, state: "open" }],
    [
      "who has it",
      event("assignee_changed", { target: { _meta: { type: "teammate" }, data: author } }),
      { type: "assigned", ...about, assignee: { id: "tea_6r55a", name: "Bia Reis" } },
    ],
    [
      "who has it, by the conversation alone",
      event("assign"),
      { type: "assigned", ...about, assignee: { id: "tea_6r55a", name: "Bia Reis" } },
    ],
    [
      "that nobody has it any more",
      event("assignee_changed", { conversation: { ...conversation, assignee: null } }),
      { type: "assigned", ...about },
    ],
    ["the same under its other name", event("unassign"), { type: "assigned", ...about }],
    [
      "all of its tags",
      event("tag_added", { target: { _meta: { type: "tag" }, data: { id: "tag_2", name: "troca" } } }),
      { type: "tags", ...about, tags: ["vip", "troca"] },
    ],
    [
      "that the last tag went",
      event("tag_removed", { conversation: { ...conversation, tags: [] } }),
      { type: "tags", ...about, tags: [] },
    ],
  ])("%s", (_, told, happening) => {
    expect(parse(told)).toEqual({ ok: true, happenings: [happening] });
  });

  it.each<[string, object]>([
    [
      "a note",
      event("new_comment_added", { target: { _meta: { type: "comment" }, data: { id: "com_1", body: "x" } } }),
    ],
    [
      "a message, which its channel tells",
      event("outbound_sent", { target: { _meta: { type: "message" }, data: message } }),
    ],
    ["what the customer wrote", event("inbound_received")],
    ["that we closed it ourselves", event("conversation_archived", { source: { _meta: { type: "api" } } })],
    ["that it was moved", event("conversation_moved")],
    ["tags that are not told", event("tag_added", { conversation: { id: "cnv_yo1kg5q" } })],
    ["an event of no conversation", event("conversation_archived", { conversation: null })],
    ["an event without an id", event("conversation_archived", { id: null })],
  ])("nothing by %s", (_, told) => {
    expect(parse(told)).toEqual({ ok: true, happenings: [] });
  });
});

it.each([
  ["no JSON", "{", undefined],
  ["no webhook", [], undefined],
  ["no type", { payload: {} }, "type"],
  [
    "a message that is none",
    { type: "message", payload: { ...message, attachments: [{ id: "fil_1" }] } },
    "payload.attachments.0.url",
  ],
])("says where it cannot be read: %s", (_, told, field) => {
  expect(parse(told)).toEqual({ ok: false, reason: expect.any(String), ...(field !== undefined && { field }) });
});
