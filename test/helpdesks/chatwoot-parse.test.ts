/** What Chatwoot's webhooks tell, and what they do not. */
import { describe, expect, it } from "vitest";
import { chatwoot } from "../../shared/helpdesks/chatwoot/index.ts";

const SETTINGS = {
  baseUrl: "https://chatwoot.example.com",
  accountId: 3,
  inboxes: { whatsapp: { id: 7, identifier: "a" }, sms: { id: 8, identifier: "b" } },
};

function parse(body: unknown) {
  const request = {
    ...{ method: "POST", url: "https://recado.example.com/helpdesks/desk", query: {}, headers: {}, receivedAt: 0 },
    body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
  };
  return chatwoot.door.parse(request, { name: "desk", settings: SETTINGS, secrets: {} });
}

/** The last message of a conversation is shown in it whole, with its status. */
const shown = (id: number, status: string) => ({ messages: [{ id, status, message_type: 1, private: false }] });
const conversation = {
  ...{ id: 12, inbox_id: 7, status: "open", labels: ["vip"], can_reply: true, custom_attributes: {} },
  contact_inbox: { source_id: "con_1" },
  meta: { sender: { id: 5, name: "Rita" }, assignee: { id: 2, name: "Ana", type: "user" }, team: null },
  ...{ messages: [], updated_at: 1795000000.25, last_activity_at: 1795000000 },
};
const message = {
  ...{ event: "message_created", id: 501, content: "Já **vai**", content_type: "text", content_attributes: {} },
  ...{ message_type: "outgoing", private: false, source_id: null, created_at: "2026-11-22T09:06:40.000Z" },
  sender: { id: 2, name: "Ana", email: "ana@example.com", type: "user" },
  ...{ account: { id: 3, name: "Loja" }, inbox: { id: 7, name: "WhatsApp" }, additional_attributes: {}, conversation },
};
const updated = { ...message, event: "message_updated" };
const ofMessage = (id: number, status: string) => ({ conversation: { ...conversation, ...shown(id, status) } });
const status = (from: string, to: string) => [{ status: { previous_value: from, current_value: to } }];
const data = "https://chatwoot.example.com/rails/active_storage/blobs/redirect/eyJf--1/conta%20de%20luz.pdf";

const REPLY = {
  ...{ type: "reply", id: "501", ticket: "12", at: Date.parse("2026-11-22T09:06:40Z") },
  ...{ author: { type: "agent", name: "Ana" }, text: "Já **vai**", format: "markdown", files: [] },
};
const ABOUT = { ticket: "12", at: 1_795_000_000_250 };

describe("a message", () => {
  it.each<[string, object, object[]]>([
    ["of an agent", message, [REPLY]],
    ["told as the API lists it", { ...message, message_type: 1, created_at: 1795338400 }, [REPLY]],
    [
      "of a bot",
      { ...message, sender: { id: 9, name: "Robô", type: "agent_bot" } },
      [{ ...REPLY, author: { type: "bot", name: "Robô" } }],
    ],
    [
      "of the built-in assistant",
      { ...message, sender: { id: 9, name: "Captain", type: "captain_assistant" } },
      [{ ...REPLY, author: { type: "bot", name: "Captain" } }],
    ],
    [
      "of a rule, which has no sender",
      { ...message, sender: null, content_attributes: { automation_rule_id: 4 } },
      [{ ...REPLY, author: { type: "bot" } }],
    ],
    ["that greets", { ...message, message_type: "template", sender: null }, [{ ...REPLY, author: { type: "bot" } }]],
    [
      "that asks how it was, even in an agent's name",
      { ...message, message_type: "template", content_type: "input_csat" },
      [{ ...REPLY, author: { type: "bot", name: "Ana" } }],
    ],
    [
      "that answers another one",
      { ...message, content_attributes: { in_reply_to: 499, in_reply_to_external_id: null } },
      [{ ...REPLY, replyTo: "499" }],
    ],
    ["with the editor's hard line breaks", { ...message, content: "um\\\ndois\n\n" }, [{ ...REPLY, text: "um\ndois" }]],
    [
      "with a file alone",
      {
        ...message,
        content: null,
        attachments: [{ id: 31, message_id: 501, file_type: "file", data_url: data, content_type: "application/pdf" }],
      },
      [
        {
          ...{ type: "reply", id: "501", ticket: "12", at: REPLY.at, author: REPLY.author },
          files: [{ url: data, id: "31", contentType: "application/pdf", fileName: "conta de luz.pdf" }],
        },
      ],
    ],
    [
      "with a file of which no type is told, a place, and something odd",
      {
        ...message,
        attachments: [
          { id: 31, file_type: "image", data_url: data },
          { id: 32, file_type: "location", data_url: data },
          7,
        ],
      },
      [{ ...REPLY, files: [{ url: data, id: "31", fileName: "conta de luz.pdf" }] }],
    ],
    ["of the customer", { ...message, message_type: "incoming", sender: { id: 5, name: "Rita" } }, []],
    ["about the conversation", { ...message, message_type: "activity", sender: null }, []],
    ["for agents alone", { ...message, private: true }, []],
    ["that is not plainly public", { ...message, private: undefined }, []],
    ["of ours", { ...message, source_id: "recado:msg_01kat1n2v3w4x5y6z7a8b9c001" }, []],
    ["of another integration", { ...message, source_id: "wamid.1" }, [REPLY]],
    ["that says nothing", { ...message, content: " ".trim() }, []],
    ["of another inbox, told to the account", { ...message, inbox: { id: 99, name: "E-mail" } }, []],
    ["of another account", { ...message, account: { id: 4, name: "Outra" } }, []],
  ])("%s", (_, body, happenings) => {
    expect(parse(body)).toEqual({ ok: true, happenings });
  });
});

describe("a message that was changed", () => {
  const again = { type: "look", id: "501-retried-1795000000.25", ticket: "12" };
  const failed = { external_error: "The window has closed." };

  it.each<[string, object, object[]]>([
    [
      "was deleted",
      { ...updated, content: "This message was deleted", content_attributes: { deleted: true } },
      [{ type: "deleted", id: "501-deleted", ticket: "12", of: "501" }],
    ],
    ["is wanted again, its failure gone", { ...updated, ...ofMessage(501, "sent") }, [again]],
    [
      "is wanted again, as later releases may tell it",
      { ...updated, status: "sent", changed_attributes: status("failed", "sent") },
      [again],
    ],
    [
      "says something else now",
      { ...updated, changed_attributes: [{ content: { previous_value: "Vai", current_value: "Já" } }] },
      [{ type: "edited", id: "501-edited-1795000000.25", of: "501", ...ABOUT }],
    ],
    ["has failed by our word", { ...updated, ...ofMessage(501, "failed"), content_attributes: failed }, []],
    [
      "was sent after all by our word",
      { ...updated, ...ofMessage(501, "sent"), content_attributes: { external_error: null } },
      [],
    ],
    ["was delivered by our word", { ...updated, ...ofMessage(501, "delivered") }, []],
    ["was read by our word", { ...updated, ...ofMessage(501, "read") }, []],
    ["was delivered by our word, and is not the last any more", { ...updated, ...ofMessage(502, "sent") }, []],
    [
      "was delivered by our word, as later releases may tell it",
      { ...updated, status: "delivered", changed_attributes: status("sent", "delivered") },
      [],
    ],
    [
      "was translated, as later releases may tell it",
      { ...updated, status: "sent", changed_attributes: [{ content_attributes: {} }] },
      [],
    ],
    ["is a note", { ...updated, ...ofMessage(501, "sent"), private: true }, []],
    ["is ours", { ...updated, ...ofMessage(501, "sent"), source_id: "recado:msg_1" }, []],
    ["is the customer's", { ...updated, ...ofMessage(501, "sent"), message_type: "incoming" }, []],
  ])("%s", (_, body, happenings) => {
    expect(parse(body)).toEqual({ ok: true, happenings });
  });
});

describe("a conversation", () => {
  const turned = { ...conversation, event: "conversation_status_changed", account: { id: 3 } };
  const changed = { ...conversation, event: "conversation_updated", account: { id: 3 } };
  const state = (word: string) => ({
    type: "state",
    id: `conversation-12-${word}-1795000000.25`,
    state: word,
    ...ABOUT,
  });

  it.each<[string, object, object[]]>([
    [
      "was resolved",
      { ...turned, status: "resolved", changed_attributes: status("open", "resolved") },
      [state("closed")],
    ],
    ["was opened again", { ...turned, changed_attributes: status("resolved", "open") }, [state("open")]],
    [
      "was opened again for a bot",
      { ...turned, status: "pending", changed_attributes: status("resolved", "pending") },
      [state("open")],
    ],
    ["was put off", { ...turned, status: "snoozed", changed_attributes: status("open", "snoozed") }, []],
    [
      "was resolved and opened before it was told",
      { ...turned, changed_attributes: status("open", "resolved") },
      [state("open")],
    ],
    ["was resolved, without saying what was before", { ...turned, status: "resolved" }, [state("closed")]],
    [
      "was resolved, in the other event's words",
      { ...changed, status: "resolved", changed_attributes: status("open", "resolved") },
      [],
    ],
    [
      "was assigned",
      { ...changed, changed_attributes: [{ assignee_id: { previous_value: null, current_value: 2 } }] },
      [
        {
          type: "assigned",
          id: "conversation-12-assigned-2-1795000000.25",
          assignee: { id: "2", name: "Ana" },
          ...ABOUT,
        },
      ],
    ],
    [
      "is nobody's any more",
      {
        ...changed,
        meta: { assignee: null },
        changed_attributes: [{ assignee_id: { previous_value: 2, current_value: null } }],
      },
      [{ type: "assigned", id: "conversation-12-assigned-nobody-1795000000.25", ...ABOUT }],
    ],
    [
      "has other labels",
      { ...changed, changed_attributes: [{ label_list: { previous_value: [], current_value: ["vip"] } }] },
      [{ type: "tags", id: "conversation-12-tags-1795000000.25", tags: ["vip"], ...ABOUT }],
    ],
    [
      "has other attributes, which we set",
      { ...changed, changed_attributes: [{ custom_attributes: { previous_value: {}, current_value: { a: 1 } } }] },
      [],
    ],
    ["was opened", { ...conversation, event: "conversation_created" }, []],
    [
      "of another inbox",
      { ...turned, inbox_id: 99, status: "resolved", changed_attributes: status("open", "resolved") },
      [],
    ],
  ])("%s", (_, body, happenings) => {
    expect(parse(body)).toEqual({ ok: true, happenings });
  });

  it.each(["conversation_typing_on", "contact_updated", "webwidget_triggered", "something_new"])(
    "%s tells nothing",
    (event) => {
      expect(parse({ event, conversation })).toEqual({ ok: true, happenings: [] });
    },
  );
});

describe("a body that cannot be read", () => {
  it.each<[string, unknown, object]>([
    ["no JSON", "<html>", { reason: "the body is not JSON" }],
    ["no event", { id: 1 }, { field: "event" }],
    ["a message without an id", { ...message, id: null }, { field: "id" }],
    ["a message without a conversation", { ...message, conversation: {} }, { field: "conversation.id" }],
    ["a conversation without an id", { event: "conversation_updated" }, { field: "id" }],
  ])("%s", (_, body, fault) => {
    expect(parse(body)).toMatchObject({ ok: false, ...fault });
  });
});
