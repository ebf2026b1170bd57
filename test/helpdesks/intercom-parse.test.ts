/** Webhooks of Intercom as they come, and what they tell. */
import { describe, expect, it } from "vitest";
import type { DeskHappening } from "../../shared/domain/desk-happening.ts";
import { intercom } from "../../shared/helpdesks/intercom/index.ts";

const DESK = {
  name: "desk",
  settings: { region: "us", adminId: "1957471", apiVersion: "2.16" },
  secrets: {},
} as const;
const TICKET = "215474343849634";
const AT = 1_779_200_976;
const ANA = { id: "1957999", type: "admin", name: "Ana", email: "ana@example.com", from_ai_agent: false };
const BOT = { id: "6827949", type: "bot", name: "Fin", email: "operator+x@intercom.io", from_ai_agent: false };
const CUSTOMER = { id: "5c9553cb27e377f24eed49f7", type: "user", name: "Cliente", email: null };

const part = (about: object) => ({
  ...{ type: "conversation_part", id: "45763812690", part_type: "comment", body: "Já vai", external_id: null },
  ...{ created_at: AT, updated_at: AT, notified_at: AT, assigned_to: null, attachments: [], redacted: false },
  ...{ author: ANA, ...about },
});
const notification = (topic: string, parts: object[], item: object = {}) => ({
  ...{ type: "notification_event", app_id: "i6wc9ipe", topic, id: "notif_44d1f763", delivery_attempts: 1 },
  ...{ delivery_status: "pending", delivered_at: 0, first_sent_at: AT, created_at: AT, links: {}, self: null },
  data: {
    type: "notification_event_data",
    item: {
      ...{ type: "conversation", id: TICKET, created_at: AT - 900, updated_at: AT, open: true, state: "open" },
      ...{ source: { type: "conversation", id: "403918330", body: "Olá", author: CUSTOMER } },
      ...{ tags: { type: "tag.list", tags: [] }, custom_attributes: {} },
      conversation_parts: { type: "conversation_part.list", conversation_parts: parts, total_count: parts.length },
      ...item,
    },
  },
});
const told = (body: unknown) =>
  intercom.door.parse(
    {
      ...{ method: "POST", url: "https://x.example/helpdesks/desk", query: {}, headers: {}, receivedAt: Date.now() },
      body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
    },
    DESK,
  );
const reply = (about: object = {}) => ({
  ...{ type: "reply", id: "45763812690", ticket: TICKET, at: AT * 1000, author: { type: "agent", name: "Ana" } },
  ...{ text: "Já vai", format: "plain", files: [], ...about },
});
const PDF = { type: "upload", name: "conta.pdf", url: "https://downloads.intercomcdn.com/i/o/1/conta.pdf?signature=x" };
const PDF_TOLD = { url: PDF.url, contentType: "application/pdf", fileName: "conta.pdf" };
const assigned = { part_type: "assignment", assigned_to: { type: "admin", id: "77" } };

type Case = [what: string, body: unknown, happenings: object[]];
const REPLIED = "conversation.admin.replied";
const CASES: Case[] = [
  ["a reply", notification(REPLIED, [part({})]), [reply()]],
  [
    "a reply as HTML, by an older version",
    notification(REPLIED, [part({ body: '<p class="no-margin">Já <b>vai</b></p>' })]),
    [reply({ text: '<p class="no-margin">Já <b>vai</b></p>', format: "html" })],
  ],
  [
    "a reply that only looks like HTML somewhere",
    notification(REPLIED, [part({ body: "1 < 2 e <b> não é marca" })]),
    [reply({ text: "1 < 2 e <b> não é marca" })],
  ],
  ["words that are said while assigning, maybe to a teammate", notification(REPLIED, [part(assigned)]), []],
  ["a reply that opens a closed one again", notification(REPLIED, [part({ part_type: "open" })]), [reply()]],
  [
    "files alone",
    notification(REPLIED, [
      part({ body: null, attachments: [{ ...PDF, content_type: "application/pdf", filesize: 9 }] }),
    ]),
    [{ ...reply({ files: [PDF_TOLD] }), text: undefined, format: undefined }],
  ],
  [
    "a picture inside the text",
    notification(REPLIED, [
      part({ body: '<p>Veja</p><div><img src="https://downloads.intercomcdn.com/i/1.png?a=1&amp;b=2"></div>' }),
    ]),
    [
      reply({
        text: '<p>Veja</p><div><img src="https://downloads.intercomcdn.com/i/1.png?a=1&amp;b=2"></div>',
        format: "html",
        files: [{ url: "https://downloads.intercomcdn.com/i/1.png?a=1&b=2" }],
      }),
    ],
  ],
  [
    "a picture alone, in plain text",
    notification(REPLIED, [part({ body: '[Image "https://downloads.intercomcdn.com/i/1.png"]' })]),
    [
      {
        ...reply({ files: [{ url: "https://downloads.intercomcdn.com/i/1.png" }] }),
        text: undefined,
        format: undefined,
      },
    ],
  ],
  [
    "a reply whose words did not come with it",
    notification(REPLIED, [part({ body: null })]),
    [{ type: "look", id: "45763812690:look", ticket: TICKET }],
  ],
  [
    "a bot, under the agents' topic",
    notification(REPLIED, [part({ author: BOT })]),
    [reply({ author: { type: "bot", name: "Fin" } })],
  ],
  [
    "the same bot, under its own topic",
    notification("conversation.operator.replied", [part({ author: BOT })]),
    [reply({ author: { type: "bot", name: "Fin" } })],
  ],
  [
    "an AI agent in an agent's name",
    notification(REPLIED, [part({ author: { ...ANA, from_ai_agent: true } })]),
    [reply({ author: { type: "bot", name: "Ana" } })],
  ],
  ["a note that strayed", notification(REPLIED, [part({ part_type: "note" })]), []],
  ["a note", notification("conversation.admin.noted", [part({ part_type: "note" })]), []],
  [
    "a note that opens again",
    notification("conversation.admin.opened", [part({ part_type: "note_and_reopen" })]),
    [{ type: "state", id: "45763812690:open", ticket: TICKET, at: AT * 1000, state: "open" }],
  ],
  ["the customer", notification("conversation.user.replied", [part({ author: CUSTOMER })]), []],
  ["the customer, under the agents' topic", notification(REPLIED, [part({ author: CUSTOMER })]), []],
  ["what was redacted before it came", notification(REPLIED, [part({ redacted: true })]), []],
  [
    "closed",
    notification("conversation.admin.closed", [part({ part_type: "close", body: null })], { state: "closed" }),
    [{ type: "state", id: "45763812690:closed", ticket: TICKET, at: AT * 1000, state: "closed" }],
  ],
  [
    "closed with a last word",
    notification("conversation.admin.closed", [part({ part_type: "close", body: "Até já!" })]),
    [
      reply({ text: "Até já!" }),
      { type: "state", id: "45763812690:closed", ticket: TICKET, at: AT * 1000, state: "closed" },
    ],
  ],
  [
    "opened",
    notification("conversation.admin.opened", [part({ part_type: "open", body: null })]),
    [{ type: "state", id: "45763812690:open", ticket: TICKET, at: AT * 1000, state: "open" }],
  ],
  [
    "assigned to another",
    notification("conversation.admin.assigned", [part({ ...assigned, body: null })]),
    [{ type: "assigned", id: "45763812690:assigned", ticket: TICKET, at: AT * 1000, assignee: { id: "77" } }],
  ],
  [
    "taken by oneself, with words, which come under a topic of their own",
    notification("conversation.admin.assigned", [part({ ...assigned, assigned_to: { type: "admin", id: ANA.id } })]),
    [
      {
        ...{ type: "assigned", id: "45763812690:assigned", ticket: TICKET, at: AT * 1000 },
        assignee: { id: ANA.id, name: "Ana" },
      },
    ],
  ],
  [
    "assigned to nobody, by its number",
    notification("conversation.admin.assigned", [part({ ...assigned, assigned_to: { type: "admin", id: "0" } })]),
    [{ type: "assigned", id: "45763812690:assigned", ticket: TICKET, at: AT * 1000 }],
  ],
  [
    "assigned to nobody",
    notification("conversation.admin.assigned", [
      part({ ...assigned, assigned_to: { type: "nobody_admin", id: null } }),
    ]),
    [{ type: "assigned", id: "45763812690:assigned", ticket: TICKET, at: AT * 1000 }],
  ],
  [
    "tagged",
    notification("conversation_part.tag.created", [part({ author: CUSTOMER })], {
      tags: {
        type: "tag.list",
        tags: [
          { type: "tag", id: "1", name: "vip" },
          { type: "tag", id: "2", name: "troca" },
        ],
      },
      tags_added: { type: "tag.list", tags: [{ type: "tag", id: "2", name: "troca" }] },
    }),
    [{ type: "tags", id: "notif_44d1f763", ticket: TICKET, tags: ["vip", "troca"] }],
  ],
  [
    "redacted, as a part in its conversation",
    notification("conversation_part.redacted", [part({ body: null, redacted: true })]),
    [{ type: "deleted", id: "45763812690:deleted", ticket: TICKET, of: "45763812690" }],
  ],
  [
    "redacted, as a part alone",
    {
      topic: "conversation_part.redacted",
      id: "notif_1",
      data: { item: { type: "conversation_part", id: 45763812690 } },
    },
    [{ type: "deleted", id: "45763812690:deleted", of: "45763812690" }],
  ],
  ["a ping", { topic: "ping", id: null, data: { item: { type: "ping", message: "interzen" } } }, []],
  ["another topic", { topic: "contact.user.created", id: "notif_2", data: { item: { type: "contact", id: "1" } } }, []],
];

describe("what Intercom tells", () => {
  it.each(CASES)("%s", (_, body, happenings) => {
    expect(told(body)).toEqual({ ok: true, happenings });
  });

  it("is the same thing when it comes again", () => {
    const again = { ...notification(REPLIED, [part({})]), delivery_attempts: 2, id: "notif_of_another_delivery" };
    expect(told(again)).toEqual(told(notification(REPLIED, [part({})])));
  });

  it.each([
    ["no JSON", "<html>", undefined],
    ["no topic", {}, "topic"],
    ["no conversation", { topic: REPLIED, data: {} }, "data.item"],
    [
      "parts that are none",
      notification(REPLIED, [{ body: "Oi" }]),
      "data.item.conversation_parts.conversation_parts.0.id",
    ],
  ])("is not understood with %s", (_, body, field) => {
    const parsed: { ok: boolean; happenings?: DeskHappening[]; field?: string } = told(body);
    expect(parsed).toMatchObject({ ok: false, ...(field !== undefined && { field }) });
    expect(parsed).toHaveProperty("reason");
  });
});
