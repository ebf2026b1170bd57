/** What LibreDesk's webhooks become, from its program's own forms of each kind. */
import { describe, expect, it } from "vitest";
import type { WebhookRequest } from "../../shared/channels/connector.ts";
import { DeskHappening } from "../../shared/domain/desk-happening.ts";
import { libredesk } from "../../shared/helpdesks/libredesk/index.ts";

const settings = libredesk.settings.parse({
  baseUrl: "https://desk.example.com/",
  inboxes: "7f1f2c1a-1b57-4a6e-9a6d-3c7f0e6f2b11",
});
const TICKET = "0198a6f0-58a1-7c31-9d3c-0a5c1f6a2b77";
const MESSAGE = "0198a6f1-9c42-7f0e-8a11-6d0b9e3c4d55";
const FILE = "5c2f6d9e-0c3a-4f43-8f0a-9b7f1f2e3d4c";
const AT = "2026-11-22T09:00:00.123456Z";

const agent = {
  ...{ id: 4, first_name: "Ana", last_name: "Lima", email: "ana@example.com", avatar_url: null },
  ...{ availability_status: "online", type: "agent", last_active_at: null },
};
const message = {
  ...{ id: 91, created_at: AT, updated_at: AT, uuid: MESSAGE, type: "outgoing", status: "pending" },
  ...{ conversation_id: 12, conversation_uuid: TICKET, content: "<p>Até <b>já</b></p>", text_content: "Até já" },
  ...{ content_type: "html", private: false, sender_id: 4, sender_type: "agent", meta: {}, attachments: [] },
  author: agent,
};
const attachment = {
  ...{ uuid: FILE, name: "conta.pdf", content_type: "application/pdf", size: 12_345, content_id: "" },
  ...{ disposition: "attachment", url: `https://desk.example.com/uploads/${FILE}?sig=0a&exp=1795000000` },
};
const change = {
  ...{ conversation_uuid: TICKET, actor_id: 4 },
  conversation: { uuid: TICKET, status: "Resolved", updated_at: "2026-11-22T09:01:00Z", tags: ["vip"] },
};

const reply = {
  ...{ type: "reply", id: MESSAGE, ticket: TICKET, at: Date.parse(AT), author: { type: "agent", name: "Ana Lima" } },
  ...{ text: "<p>Até <b>já</b></p>", format: "html", files: [] },
};
const file = { id: FILE, url: attachment.url, contentType: "application/pdf", fileName: "conta.pdf" };

function heard(event: string, payload: unknown, timestamp: string | null = "2026-11-22T09:01:02Z") {
  return parsed(JSON.stringify({ event, timestamp, payload }));
}

function parsed(body: string) {
  const request: WebhookRequest = {
    ...{ method: "POST", url: "https://recado.example.com/helpdesks/desk", query: {}, headers: {} },
    ...{ body: Buffer.from(body), receivedAt: 0 },
  };
  return libredesk.door.parse(request, { name: "desk", settings, secrets: {} });
}

describe("a message in LibreDesk", () => {
  it.each([
    ["an agent's reply", message, [reply]],
    ["one that the agent's own screen gave an echo", { ...message, meta: { echo_id: "temp-6" } }, [reply]],
    [
      "one in plain text",
      { ...message, content: "2 < 3", content_type: "text" },
      [{ ...reply, text: "2 < 3", format: "plain" }],
    ],
    ["one with a file", { ...message, attachments: [attachment] }, [{ ...reply, files: [file] }]],
    [
      "files alone, of which one has no address yet",
      { ...message, content: "<p></p>", text_content: "", attachments: [attachment, { uuid: FILE, name: "b.png" }] },
      [
        {
          ...without(reply),
          files: [file, { id: FILE, url: `https://desk.example.com/uploads/${FILE}`, fileName: "b.png" }],
        },
      ],
    ],
    [
      "a picture that stands in the text",
      {
        ...{ ...message, content: `<p><img src="cid:ldsk-${FILE}"></p>` },
        attachments: [{ ...attachment, disposition: "inline", url: `/uploads/${FILE}?sig=0a&exp=1795000000` }],
      },
      [{ ...without(reply), files: [file] }],
    ],
    [
      "an AI assistant's",
      { ...message, author: { ...agent, first_name: "Robô", last_name: "", type: "ai_assistant" } },
      [{ ...reply, author: { type: "bot", name: "Robô" } }],
    ],
    [
      "an automation's",
      {
        ...message,
        meta: { is_automated: true },
        author: { ...agent, first_name: "System", last_name: "", email: "System" },
      },
      [{ ...reply, author: { type: "bot", name: "System" } }],
    ],
    ["a survey", { ...message, meta: { is_csat: true } }, [{ ...reply, author: { type: "bot", name: "Ana Lima" } }]],
    ["a private note", { ...message, private: true, status: "sent" }, []],
    ["what the customer wrote", { ...message, type: "incoming", sender_type: "contact", status: "received" }, []],
    [
      "an activity",
      { ...message, type: "activity", private: true, content: "Ana marked the conversation as Closed" },
      [],
    ],
    ["unread messages mailed after the customer", { ...message, meta: { continuity_email: true } }, []],
    ["what was written through the API by Recado", { ...message, meta: { echo_id: "recado:msg_1" } }, []],
    ["the same without its echo", { ...message, content: '<p data-recado="msg_1">Até já</p>' }, []],
    ["nothing at all", { ...message, content: "<p>&nbsp;</p>" }, []],
    ["a reply whose privacy is not said", { ...message, private: null }, []],
  ])("%s", (_, payload, happenings) => {
    expect(heard("message.created", payload)).toEqual({ ok: true, happenings });
  });

  it("is told once: how far LibreDesk's own sending came is nothing", () => {
    expect(heard("message.updated", { ...message, status: "sent" })).toEqual({ ok: true, happenings: [] });
  });
});

describe("a change of a conversation in LibreDesk", () => {
  const at = Date.parse("2026-11-22T09:01:00Z");
  it.each([
    ["status_changed", { new_status: "Resolved", previous_status: "Open" }, { type: "state", state: "closed" }],
    ["status_changed", { new_status: "Closed", previous_status: "Open" }, { type: "state", state: "closed" }],
    ["status_changed", { new_status: "Open", previous_status: "Closed" }, { type: "state", state: "open" }],
    ["status_changed", { new_status: "Snoozed", previous_status: "Open" }, { type: "state", state: "open" }],
    ["tags_changed", { previous_tags: [], new_tags: ["vip", "troca"] }, { type: "tags", tags: ["vip", "troca"] }],
    ["tags_changed", { previous_tags: ["vip"], new_tags: null }, { type: "tags", tags: [] }],
    ["assigned", { assigned_to: 9 }, { type: "assigned", assignee: { id: "9" } }],
    ["unassigned", {}, { type: "assigned" }],
  ])("%s %j", (what, more, expected) => {
    const first = heard(`conversation.${what}`, { ...change, ...more });
    expect(first).toEqual({ ok: true, happenings: [{ ...expected, ticket: TICKET, at, id: expect.any(String) }] });
    // Two webhooks of LibreDesk may lead here: each tells it at its own time, under the same id.
    expect(heard(`conversation.${what}`, { ...change, ...more }, "2026-11-22T09:01:09Z")).toEqual(first);
  });

  it("is over, too, in a state of the administrator's own that counts as resolved", () => {
    const conversation = { ...change.conversation, status: "Enviado", status_category: "resolved" };
    const told = heard("conversation.status_changed", { ...change, conversation, new_status: "Enviado" });
    expect(told).toMatchObject({ ok: true, happenings: [{ type: "state", state: "closed" }] });
  });

  it("has an id of its own each time, even where the conversation does not come with it", () => {
    const bare = { conversation_uuid: TICKET, actor_id: 4, new_status: "Resolved", previous_status: "Open" };
    const ids = ["2026-11-22T09:01:02Z", "2026-11-22T10:01:02Z"].map((timestamp) => {
      const told = heard("conversation.status_changed", bare, timestamp);
      return told.ok ? told.happenings[0]?.id : undefined;
    });
    expect(new Set(ids).size).toBe(2);
  });

  it.each(["conversation.created", "webhook.test", "contact.created"])("%s is of no interest", (event) => {
    expect(heard(event, { ...change, id: 3 })).toEqual({ ok: true, happenings: [] });
  });
});

describe("what cannot be read", () => {
  it.each([
    ["{", { ok: false, reason: "the body is not JSON" }],
    ["[]", { ok: false, reason: expect.stringContaining("the body") }],
    ['{"event":3}', { ok: false, reason: expect.stringContaining("event"), field: "event" }],
    ['{"event":"message.created"}', { ok: false, field: "payload" }],
    ['{"event":"message.created","payload":{"uuid":"","type":"outgoing"}}', { ok: false, field: "payload.uuid" }],
    [
      '{"event":"conversation.status_changed","payload":{"conversation_uuid":"a"}}',
      { ok: false, field: "payload.new_status" },
    ],
  ])("%s is said to be so, by the field at fault", (body, expected) => {
    expect(parsed(body)).toMatchObject(expected);
  });

  it("gives nothing that the queue could not carry", () => {
    const told = heard("message.created", { ...message, created_at: "soon", author: null, attachments: null });
    if (!told.ok) throw new Error(told.reason);
    expect(told.happenings).toHaveLength(1);
    for (const one of told.happenings) expect(DeskHappening.parse(one)).toEqual(one);
  });
});

/** The reply without its words. */
function without({ text: _, format: __, ...rest }: typeof reply) {
  return rest;
}
