/** One event or more of each type, as a shoe shop in Lisbon would get them. */
import { dataSchema } from "../../shared/domain/envelope.ts";
import type { EventType } from "../../shared/domain/event.ts";
import type { JsonObject } from "./json-schema.ts";

const CONVERSATION = "conv_wKrj8Laes5BdOZ7Y5lFIIw";
const CONTACT = "con_9vVbA0eS2rJkQy3uXzD4Tg";
const OTHER_CONTACT = "con_4sGt7Zp1LhVx9CwQ2nRb0E";
const QUESTION = "msg_Xq3u0bYh7wJ5c2eK9sTnAg";
const ANSWER = "msg_01m80v99chhrt829vc6dayx5sh";
const PICTURE = "msg_h2Vd6Nf0sPz8aTq4yLmWuE";
const FILE = "med_Jr5x1CwKpU7eYb3gZoHqSi";

/** In the order in which they would come. */
const ORDER = Object.freeze({ first: 41, minute: 12 });
let place = 0;

function event(
  type: EventType,
  data: JsonObject,
  { account = "whatsapp", channel = "whatsapp", log = CONVERSATION } = {},
) {
  place += 1;
  const time = `2026-11-20T10:${String(ORDER.minute + place).padStart(2, "0")}:07`;
  return {
    specversion: "1.0",
    id: `evt_${`${type.replace(".", "-")}-${place}`.padEnd(22, "0").slice(0, 22)}`,
    source: `/recado/${account}`,
    type,
    subject: log,
    time: `${time}.412Z`,
    datacontenttype: "application/json",
    dataschema: dataSchema(type),
    sequence: String(ORDER.first + place).padStart(12, "0"),
    epoch: 1,
    data: {
      ...(log === CONVERSATION && { conversation: log }),
      ...((log === CONVERSATION || log === CONTACT) && { contact: CONTACT }),
      channel,
      account,
      times: { received: `${time}.120Z`, recorded: `${time}.412Z` },
      ...data,
    },
  } satisfies JsonObject;
}

const at = (minute: number) => ({
  sentAt: `2026-11-20T10:${minute}:05.000Z`,
  receivedAt: `2026-11-20T10:${minute}:07.120Z`,
});
const customer = { type: "contact", name: "Ana Ribeiro" };
const agent = { type: "agent", name: "Rui, Sapataria Aurora" };
const answer = { id: ANSWER, part: 0, providerMessageId: "wamid.HBgMMzUxOTEyMzQ1Njc4FQIAERgSQjA5" };
const answerText = { type: "text", text: "Temos, sim! Chega amanhã à loja do Chiado." };

/** By type, under a name each. */
export const eventExamples: Record<EventType, Readonly<Record<string, JsonObject>>> = {
  "message.received": {
    text: event("message.received", {
      message: {
        id: QUESTION,
        direction: "inbound",
        author: customer,
        content: { type: "text", text: "Bom dia! Têm as botas Alfama no 38?" },
        providerMessageId: "wamid.HBgMMzUxOTEyMzQ1Njc4FQIAEhgUM0E5",
        ...at(13),
      },
    }),
    picture: event("message.received", {
      message: {
        id: PICTURE,
        direction: "inbound",
        author: customer,
        content: {
          type: "image",
          media: { providerMediaId: "1013859600285441", contentType: "image/jpeg" },
          caption: "A sola descolou-se…",
        },
        providerMessageId: "wamid.HBgMMzUxOTEyMzQ1Njc4FQIAEhgUM0Ew",
        ...at(14),
      },
    }),
    choice: event("message.received", {
      message: {
        id: "msg_b8Kf3uRw6tQe0yVn5hGsMc",
        direction: "inbound",
        author: customer,
        content: { type: "choice", id: "chiado", title: "Loja do Chiado" },
        replyTo: { id: "msg_01m80v7r6q3zb1y5d8kx2fjw0t", providerMessageId: "wamid.HBgMMzUxOTEyMzQ1Njc4FQIAERgSN0Q4" },
        providerMessageId: "wamid.HBgMMzUxOTEyMzQ1Njc4FQIAEhgUM0Ex",
        ...at(15),
      },
    }),
  },
  "message.queued": {
    text: event("message.queued", {
      message: {
        id: ANSWER,
        direction: "outbound",
        author: agent,
        content: answerText,
        replyTo: { id: QUESTION, providerMessageId: "wamid.HBgMMzUxOTEyMzQ1Njc4FQIAEhgUM0E5" },
        ...at(16),
      },
      expiresAt: "2026-11-21T10:16:07.120Z",
    }),
    "one of many": event("message.queued", {
      message: {
        id: "msg_Wd7nKq2xTb9yRv4sLm1cZ0",
        direction: "outbound",
        author: { type: "system" },
        content: { type: "text", text: "Olá, Ana! A encomenda 4711 já está no Chiado." },
        topic: "orders",
        ...at(31),
      },
      expiresAt: "2026-11-21T10:31:00.204Z",
      batch: { id: "bat_01m80w3k7d5q9r2x8c4v6n1tza", recipient: 0 },
    }),
  },
  "message.uncertain": {
    silence: event("message.uncertain", {
      message: { id: ANSWER, part: 0 },
      detail: "The provider did not answer within 10 seconds.",
    }),
  },
  "message.sent": {
    receipt: event("message.sent", { message: answer }),
    elsewhere: event("message.sent", {
      message: {
        id: "msg_m4Yc9oLd2xSa7wJf1pUzKe",
        direction: "outbound",
        author: { type: "agent", origin: "phone_app" },
        content: { type: "text", text: "Já lhe ligamos, dona Ana." },
        providerMessageId: "wamid.HBgMMzUxOTEyMzQ1Njc4FQIAERgSQzQ1",
        ...at(19),
      },
    }),
  },
  "message.delivered": {
    receipt: event("message.delivered", { message: answer }),
    watermark: event(
      "message.delivered",
      { message: {}, watermark: "2026-11-20T10:16:07.000Z" },
      { account: "messenger", channel: "messenger" },
    ),
  },
  "message.read": {
    receipt: event("message.read", {
      message: answer,
      pricing: { billable: false, category: "service", type: "regular" },
    }),
  },
  "message.played": {
    receipt: event("message.played", { message: { ...answer, id: "msg_01m80vf3n1k4s6t8w0y2a4c6e8" } }),
  },
  "message.failed": {
    unreachable: event("message.failed", {
      message: answer,
      failure: { class: "unreachable", code: "131026", reason: "The customer cannot be reached on WhatsApp." },
    }),
    unconfirmed: event("message.failed", {
      message: { id: ANSWER, part: 0 },
      failure: {
        class: "unconfirmed",
        reason: "The provider did not answer, and no receipt came. It may have arrived all the same.",
        assumed: true,
      },
    }),
  },
  "message.edited": {
    text: event("message.edited", {
      message: { id: QUESTION, providerMessageId: "wamid.HBgMMzUxOTEyMzQ1Njc4FQIAEhgUM0E5" },
      content: { type: "text", text: "Bom dia! Têm as botas Alfama no 39?" },
      author: customer,
    }),
  },
  "message.deleted": {
    customer: event("message.deleted", {
      message: { id: QUESTION, providerMessageId: "wamid.HBgMMzUxOTEyMzQ1Njc4FQIAEhgUM0E5" },
      author: customer,
    }),
  },
  "message.reacted": {
    emoji: event("message.reacted", { message: answer, emoji: "❤️", author: customer }),
    "taken-back": event("message.reacted", { message: answer, author: customer }),
  },
  "media.stored": {
    picture: event("media.stored", {
      message: { id: PICTURE },
      media: {
        id: FILE,
        contentType: "image/jpeg",
        size: 184_320,
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      },
    }),
  },
  "media.failed": {
    expired: event("media.failed", {
      message: { id: PICTURE },
      reason: "The provider does not have the file any more.",
      code: "expired",
    }),
  },
  "conversation.opened": { contact: event("conversation.opened", { by: "contact" }) },
  "conversation.closed": { agent: event("conversation.closed", { by: "agent", helpdesk: "apoio" }) },
  "conversation.assigned": {
    agent: event("conversation.assigned", { assignee: { id: "12", name: "Rui Tavares" }, helpdesk: "apoio" }),
    nobody: event("conversation.assigned", { helpdesk: "apoio" }),
  },
  "conversation.tagged": { tags: event("conversation.tagged", { tags: ["troca", "botas"], helpdesk: "apoio" }) },
  "contact.updated": {
    name: event("contact.updated", { name: "Ana Ribeiro" }),
    profile: event(
      "contact.updated",
      { change: "profile", by: "agent", name: "Ana Ribeiro", attributes: { shoe_size: 38, newsletter: null } },
      { log: CONTACT },
    ),
  },
  "contact.merged": {
    number: event("contact.merged", { into: "conv_4sGt7Zp1LhVx9CwQ2nRb0E" }),
    person: event("contact.merged", { into: CONTACT, from: OTHER_CONTACT }, { log: CONTACT }),
  },
  "contact.split": { person: event("contact.split", { into: CONTACT, from: OTHER_CONTACT }, { log: CONTACT }) },
  "contact.erased": {
    request: event("contact.erased", {
      erasure: "era_9vVbA0eS2rJkQy3uXzD4Tg_1",
      contact: "con_9vVbA0eS2rJkQy3uXzD4Tg",
    }),
  },
  "consent.changed": {
    keyword: event("consent.changed", { topic: "marketing", state: "opted_out", source: "keyword" }),
    agent: event("consent.changed", { topic: "marketing", state: "opted_in", source: "agent" }),
  },
  "helpdesk.linked": { ticket: event("helpdesk.linked", { helpdesk: "apoio", ticket: "3187" }) },
  "helpdesk.failed": {
    refused: event("helpdesk.failed", {
      helpdesk: "apoio",
      event: "evt_Xq3u0bYh7wJ5c2eK9sTnAg",
      detail: "The helpdesk apoio refused this event for good (HTTP 422); it does not show it.",
    }),
  },
  "account.alert": {
    token: event(
      "account.alert",
      {
        code: "credentials_refused",
        reason: "WhatsApp does not accept the access token any more. Connect the account again.",
      },
      { log: "account:whatsapp" },
    ),
  },
};
