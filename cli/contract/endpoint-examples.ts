/** What a request and its answer look like, by operation: a shoe shop in Lisbon and its customers. */
import { eventExamples } from "./event-examples.ts";
import { type Json, type JsonObject, objectIn } from "./json-schema.ts";

export interface EndpointExample {
  query?: JsonObject;
  /** Under a name each. */
  bodies?: Readonly<Record<string, JsonObject>>;
  /** By status. */
  answers: Readonly<Record<string, Json>>;
}

const conversation = {
  id: "conv_wKrj8Laes5BdOZ7Y5lFIIw",
  channel: "whatsapp",
  account: "whatsapp",
  address: "351912345678",
  contact: { id: "con_9vVbA0eS2rJkQy3uXzD4Tg", name: "Ana Ribeiro" },
  status: "open",
  lastActivityAt: "2026-11-20T10:13:07.412Z",
  replyUntil: "2026-11-21T10:13:05.000Z",
  optedOut: [],
} satisfies JsonObject;
const closed = { ...conversation, status: "closed" };
const withoutMarketing = { ...conversation, optedOut: ["marketing"] };

const erasing = {
  id: "era_9vVbA0eS2rJkQy3uXzD4Tg_1",
  contact: "con_9vVbA0eS2rJkQy3uXzD4Tg",
  status: "running",
  requestedAt: "2026-11-20T11:02:44.019Z",
} satisfies JsonObject;
const erased = {
  ...erasing,
  status: "done",
  finishedAt: "2026-11-20T11:02:51.730Z",
  receipt: {
    log: { conversations: 2, contacts: 1, entries: 63 },
    ...{ files: 2, aliases: 1, providerIds: 11, claims: 11, idempotencyKeys: 4, messageIds: 11 },
    ...{ bodies: 0, quarantine: 1, accountEvents: 0, deadLetters: 0 },
    helpdesks: [{ name: "desk", removed: 24, told: true }],
    remains: [
      {
        place: "backups",
        detail:
          "The table can be restored to any moment of the last 35 days, from before the erasure too: erase the contact again after such a restore.",
        until: "2026-12-25T11:02:51.730Z",
      },
      { place: "providers", detail: "What the channel's provider keeps of messages, by its own rules." },
    ],
  },
} satisfies JsonObject;

const question = {
  id: "msg_Xq3u0bYh7wJ5c2eK9sTnAg",
  direction: "inbound",
  author: { type: "contact", name: "Ana Ribeiro" },
  content: { type: "text", text: "Bom dia! Têm as botas Alfama no 38?" },
  providerMessageId: "wamid.HBgMMzUxOTEyMzQ1Njc4FQIAEhgUM0E5",
  conversation: conversation.id,
  sentAt: "2026-11-20T10:13:05.000Z",
  receivedAt: "2026-11-20T10:13:07.120Z",
} satisfies JsonObject;
const answer = {
  id: "msg_01m80v99chhrt829vc6dayx5sh",
  direction: "outbound",
  author: { type: "agent", name: "Rui, Sapataria Aurora" },
  content: { type: "text", text: "Temos, sim! Chega amanhã à loja do Chiado." },
  replyTo: { id: question.id, providerMessageId: question.providerMessageId },
  conversation: conversation.id,
  sentAt: "2026-11-20T10:16:07.120Z",
  receivedAt: "2026-11-20T10:16:07.120Z",
} satisfies JsonObject;
const queued = { ...answer, status: "queued", statusAt: { queued: "2026-11-20T10:16:07.120Z" } } satisfies JsonObject;
const read = {
  ...answer,
  providerMessageId: "wamid.HBgMMzUxOTEyMzQ1Njc4FQIAERgSQjA5",
  status: "read",
  statusAt: {
    queued: "2026-11-20T10:16:07.120Z",
    sent: "2026-11-20T10:16:08.000Z",
    delivered: "2026-11-20T10:16:09.000Z",
    read: "2026-11-20T10:17:31.000Z",
  },
} satisfies JsonObject;

/** One that the business begins, to go out the next morning. */
const begun = {
  id: "msg_01m80vq2d4f6h8k0n2r4t6w8y0",
  direction: "outbound",
  author: { type: "system" },
  content: {
    type: "template",
    name: "encomenda_pronta",
    language: "pt_PT",
    parameters: ["Ana", "4711", "Chiado"],
  },
  topic: "orders",
  conversation: conversation.id,
  sendAt: "2026-11-21T09:00:00.000Z",
  sentAt: "2026-11-20T10:20:00.000Z",
  receivedAt: "2026-11-20T10:20:00.000Z",
  status: "queued",
  statusAt: { queued: "2026-11-20T10:20:00.000Z" },
} satisfies JsonObject;

const contact = {
  id: "con_9vVbA0eS2rJkQy3uXzD4Tg",
  name: "Ana Ribeiro",
  conversations: [
    { id: conversation.id, channel: "whatsapp", account: "whatsapp", address: "351912345678" },
    { id: "conv_7uNx3Kq9WzBe5TyM1cVd8R", channel: "sms", account: "sms", address: "+351912345678" },
  ],
  consents: [
    {
      channel: "whatsapp",
      topic: "marketing",
      state: "opted_out",
      source: "keyword",
      at: "2026-10-02T08:15:30.000Z",
    },
  ],
} satisfies JsonObject;
const withShoeSize = { ...contact, attributes: { shoe_size: 38 } };
const onInstagram = {
  id: "con_4sGt7Zp1LhVx9CwQ2nRb0E",
  name: "ana.no.chiado",
  conversations: [
    { id: "conv_b8Kf3uRw6tQe0yVn5hGsMc", channel: "instagram", account: "instagram", address: "7212345678901234" },
  ],
} satisfies JsonObject;
const person = {
  ...contact,
  absorbed: [onInstagram.id],
  conversations: [...contact.conversations, ...onInstagram.conversations],
} satisfies JsonObject;

const file = {
  id: "med_01m80vq2d4f6h8k0n2r4t6w8y0",
  contentType: "application/pdf",
  size: 48_213,
  fileName: "fatura-4711.pdf",
  url: "https://recado-media.s3.eu-west-1.amazonaws.com/media/med_01m80vq2d4f6h8k0n2r4t6w8y0?X-Amz-Expires=900",
  expiresAt: "2026-11-20T10:35:00.000Z",
} satisfies JsonObject;

const secrets = [{ createdAt: "2026-11-02T09:00:00.000Z", expiresAt: null }];
const subscription = {
  id: "sub_01m7xq3c5gh1t8v2e9k4b6nzrw",
  url: "https://loja.sapataria-aurora.example/recado",
  description: "Loja online: encomendas e devoluções",
  filter: { types: ["message.*", "consent.changed"], accounts: ["whatsapp"] },
  state: "enabled",
  createdAt: "2026-11-02T09:00:00.000Z",
  since: "2026-11-02T09:00:02.000Z",
  secrets,
} satisfies JsonObject;
/** Of another endpoint, which was away for good. */
const switchedOff = {
  id: "sub_01m7y0w8d2rj5c3s7f1p9xq6ta",
  url: "https://armazem.sapataria-aurora.example/eventos",
  filter: { match: "devolução" },
  state: "disabled",
  disabled: { at: "2026-11-19T22:41:06.318Z", reason: "failing" },
  createdAt: "2026-11-02T10:20:00.000Z",
  since: "2026-11-02T10:20:02.000Z",
  failingSince: "2026-11-16T17:55:10.004Z",
  secrets: [{ createdAt: "2026-11-02T10:20:00.000Z", expiresAt: null }],
} satisfies JsonObject;

const received = objectIn(eventExamples["message.received"].text);
const delivered = {
  at: "2026-11-20T10:13:07.690Z",
  event: received.id ?? "",
  type: "message.received",
  subject: conversation.id,
  sequence: Number(received.sequence),
  outcome: "delivered",
  status: 204,
  durationMs: 87,
} satisfies JsonObject;
const timedOut = {
  at: "2026-11-20T08:02:51.133Z",
  event: "evt_T5rWq8LmXc2vJ9nKb4sYeA",
  type: "message.delivered",
  subject: "conv_4sGt7Zp1LhVx9CwQ2nRb0E",
  sequence: 7,
  outcome: "failed",
  error: "timeout",
  durationMs: 15_002,
  reason: "rpl_k3VtY8sQn0Wz5bLx",
} satisfies JsonObject;
const tested = {
  at: "2026-11-02T09:01:12.450Z",
  event: "evt_test_pX7dR2vNq9sKf4wLm1cZ0A",
  type: "message.received",
  subject: "conv_0000000000000000000000",
  sequence: 1,
  outcome: "delivered",
  status: 204,
  durationMs: 131,
  reason: "test",
} satisfies JsonObject;

const replayOfADay = {
  id: "rpl_Zb4nQw7yRk2sVx9m",
  kind: "span",
  state: "under_way",
  startedAt: "2026-11-20T10:40:12.500Z",
  since: "2026-11-19T00:00:00.000Z",
  until: "2026-11-20T00:00:00.000Z",
  reached: 540,
} satisfies JsonObject;
const replayOfFailed = {
  id: timedOut.reason,
  kind: "failed",
  state: "done",
  startedAt: "2026-11-20T08:01:30.214Z",
  endedAt: "2026-11-20T08:02:04.902Z",
  reached: 3,
} satisfies JsonObject;

const running = {
  id: "bat_01m80w3k7d5q9r2x8c4v6n1tza",
  status: "running",
  ...{ total: 2, accepted: 0, refused: 0, waiting: 2 },
  createdAt: "2026-11-20T10:30:59.950Z",
} satisfies JsonObject;
const stopped = {
  id: "bat_01m7zx9b3c8s5t1k6w2y4d0gqe",
  status: "cancelled",
  ...{ total: 800, accepted: 800, refused: 0, waiting: 0 },
  createdAt: "2026-11-19T16:02:11.030Z",
  sendAt: "2026-11-23T10:00:00.000Z",
  cancelledAt: "2026-11-19T17:20:45.612Z",
} satisfies JsonObject;
const optedOut = {
  code: "opted_out",
  text: "The customer has said that they want no messages about “orders”. They get none until they ask for them again.",
} satisfies JsonObject;

const document = { openapi: "3.1.1", info: { title: "Recado", version: "…" } } satisfies JsonObject;

/** By the operation's name. Every operation has one. */
export const endpointExamples: Readonly<Record<string, EndpointExample>> = {
  listConversations: {
    query: { limit: 20, status: "open", channel: "whatsapp", account: "whatsapp" },
    answers: {
      200: {
        data: [
          conversation,
          {
            id: "conv_4sGt7Zp1LhVx9CwQ2nRb0E",
            channel: "whatsapp",
            account: "whatsapp",
            address: "351965432109",
            contact: { id: "con_L2kYw8mNq5tXc1vRj7oHfA" },
            status: "open",
            lastActivityAt: "2026-11-19T17:40:52.006Z",
            replyUntil: "2026-11-20T17:40:50.000Z",
            optedOut: ["marketing"],
          },
        ],
        nextCursor: "MTc5NTE2.mJq0V3rY7sTeXw1K",
      },
    },
  },
  showConversation: { answers: { 200: conversation } },
  listMessages: {
    query: { limit: 20, direction: "outbound", status: "read", type: "text" },
    answers: { 200: { data: [read], nextCursor: null } },
  },
  sendMessage: {
    query: { dryRun: "false" },
    bodies: {
      text: { content: answer.content, replyTo: question.id, author: { type: "agent", name: "Rui, Sapataria Aurora" } },
      buttons: {
        content: {
          type: "buttons",
          text: "Onde prefere levantar as botas?",
          buttons: [
            { id: "chiado", title: "Loja do Chiado" },
            { id: "colombo", title: "Loja do Colombo" },
          ],
        },
      },
      file: { content: { type: "document", media: { id: "med_01m80vq2d4f6h8k0n2r4t6w8y0" }, caption: "A sua fatura" } },
      template: {
        content: {
          type: "template",
          name: "encomenda_pronta",
          language: "pt_PT",
          parameters: ["Ana", "4711", "Chiado"],
        },
        topic: "orders",
      },
      "with a template for a closed window": {
        content: { type: "text", text: "As suas botas chegaram!" },
        fallback: { type: "template", name: "temos_novidades", language: "pt_PT", parameters: ["{text}"] },
      },
    },
    answers: {
      200: {
        plan: {
          allowed: true,
          reasons: [],
          parts: [{ content: answer.content }],
          changes: [],
          replyUntil: "2026-11-21T10:13:05.000Z",
        },
      },
      202: { message: queued },
    },
  },
  sendProactively: {
    query: { dryRun: "false" },
    bodies: {
      "a template to a number": {
        to: { account: "whatsapp", address: "+351 912 345 678" },
        template: begun.content,
        topic: "orders",
      },
      "a contact, else an SMS": {
        to: [{ contact: contact.id }, { account: "sms", address: "+351912345678" }],
        content: { type: "text", text: "As suas botas chegaram!" },
        template: { type: "template", name: "temos_novidades", language: "pt_PT", parameters: ["{text}"] },
        author: { type: "system" },
      },
      later: {
        to: { contact: contact.id, channel: "sms" },
        content: { type: "text", text: "Até amanhã às 10!" },
        sendAt: begun.sendAt,
      },
    },
    answers: {
      200: {
        plan: {
          allowed: true,
          reasons: [],
          parts: [{ content: { type: "text", text: "As suas botas chegaram!" }, segments: 1, encoding: "GSM-7" }],
          changes: [],
          segments: 1,
          priceClass: "sms",
        },
        to: { account: "sms", channel: "sms", conversation: "conv_7uNx3Kq9WzBe5TyM1cVd8R" },
        passedOver: [
          {
            to: { account: "whatsapp", address: "+351912345678" },
            account: "whatsapp",
            channel: "whatsapp",
            reasons: [
              {
                code: "window_closed",
                text: "The customer has not written yet: this channel takes replies only within 24 hours after a message from the customer. A template is possible at any time.",
              },
            ],
          },
        ],
      },
      202: { message: begun },
    },
  },
  showMessage: { answers: { 200: { message: read } } },
  cancelMessage: {
    answers: {
      200: {
        message: {
          ...begun,
          status: "failed",
          statusAt: { ...begun.statusAt, failed: "2026-11-20T10:25:00.000Z" },
          failure: {
            class: "cancelled",
            code: "cancelled",
            reason: "The message was cancelled before it went out, and was not sent.",
          },
        },
      },
    },
  },
  listEvents: {
    query: { after: 41, limit: 50, types: ["message.received", "message.queued"] },
    answers: {
      200: {
        data: [eventExamples["message.received"].text ?? {}, eventExamples["message.queued"].text ?? {}],
        nextCursor: null,
      },
    },
  },
  closeConversation: { bodies: { nothing: {} }, answers: { 200: closed, 202: closed } },
  openConversation: { bodies: { nothing: {} }, answers: { 200: conversation, 202: conversation } },
  showRead: { bodies: { nothing: {} }, answers: { 202: {} } },
  showTyping: { bodies: { nothing: {} }, answers: { 202: {} } },
  createBatch: {
    query: { dryRun: "false" },
    bodies: {
      "a template, and SMS where there is no WhatsApp": {
        message: {
          template: {
            type: "template",
            name: "encomenda_pronta",
            language: "pt_PT",
            parameters: { nome: "{{nome}}", encomenda: "{{encomenda}}" },
          },
          content: { type: "text", text: "Olá, {{nome}}! A encomenda {{encomenda}} já está no Chiado." },
          topic: "orders",
        },
        recipients: [
          {
            to: [
              { account: "whatsapp", address: "+351912345678" },
              { account: "sms", address: "+351912345678" },
            ],
            values: { nome: "Ana", encomenda: "4711" },
          },
          { to: { contact: "con_L2kYw8mNq5tXc1vRj7oHfA" }, values: { nome: "Rui", encomenda: "4712" } },
        ],
      },
      "for later": {
        message: {
          content: { type: "text", text: "As botas Alfama voltaram. Responda SAIR para não receber mais." },
          author: { type: "system", name: "Sapataria Aurora" },
          topic: "marketing",
          sendAt: "2026-11-23T10:00:00+00:00",
        },
        recipients: [{ to: { account: "sms", address: "+351965432109" } }],
      },
    },
    answers: {
      200: {
        plan: {
          ...{ total: 2, judged: 2, accepted: 1, refused: 1, segments: 1 },
          channels: { sms: 1 },
          priceClasses: { sms: 1 },
          refusals: { opted_out: 1 },
          recipients: [
            {
              index: 0,
              account: "sms",
              channel: "sms",
              plan: {
                allowed: true,
                reasons: [],
                parts: [
                  {
                    content: { type: "text", text: "Olá, Ana! A encomenda 4711 já está no Chiado." },
                    segments: 1,
                    encoding: "GSM-7",
                  },
                ],
                changes: [],
                segments: 1,
                priceClass: "sms",
              },
            },
            { index: 1, account: "sms", channel: "sms", refusal: optedOut },
          ],
        },
      },
      202: { batch: running },
    },
  },
  listBatches: { query: { limit: 20 }, answers: { 200: { data: [running, stopped], nextCursor: null } } },
  showBatch: { answers: { 200: { batch: { ...running, status: "done", accepted: 1, refused: 1, waiting: 0 } } } },
  listBatchRecipients: {
    query: { limit: 20 },
    answers: {
      200: {
        data: [
          {
            index: 0,
            status: "accepted",
            message: {
              id: "msg_Wd7nKq2xTb9yRv4sLm1cZ0",
              conversation: conversation.id,
              status: "delivered",
              statusAt: {
                queued: "2026-11-20T10:31:00.204Z",
                sent: "2026-11-20T10:31:01.000Z",
                delivered: "2026-11-20T10:31:02.000Z",
              },
            },
          },
          { index: 1, status: "refused", refusal: optedOut },
        ],
        nextCursor: null,
      },
    },
  },
  cancelBatch: { answers: { 200: { batch: stopped } } },
  offerUpload: {
    bodies: {
      invoice: { contentType: "application/pdf", fileName: "fatura-4711.pdf", size: 48_213 },
      "with a checksum": {
        contentType: "image/jpeg",
        fileName: "botas-alfama.jpg",
        size: 184_320,
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      },
    },
    answers: {
      201: {
        media: { id: "med_01m80vq2d4f6h8k0n2r4t6w8y0" },
        upload: {
          method: "PUT",
          url: "https://recado-media.s3.eu-west-1.amazonaws.com/media/med_01m80vq2d4f6h8k0n2r4t6w8y0?X-Amz-Expires=900",
          headers: { "content-type": "application/pdf", "content-length": "48213" },
          expiresAt: "2026-11-20T10:35:00.000Z",
        },
      },
    },
  },
  showFile: { answers: { 200: { media: file } } },
  noteConsent: {
    bodies: { "no more marketing": { topic: "marketing", state: "opted_out" } },
    answers: { 200: withoutMarketing, 202: withoutMarketing },
  },
  listContacts: {
    query: { name: "ana", limit: 20 },
    answers: { 200: { data: [contact, onInstagram], nextCursor: null } },
  },
  showContact: { answers: { 200: contact } },
  changeContact: {
    bodies: {
      attributes: { attributes: { shoe_size: 38, newsletter: null } },
      name: { name: "Ana Ribeiro" },
    },
    answers: { 200: withShoeSize, 202: withShoeSize },
  },
  listContactEvents: {
    query: { after: 0 },
    answers: {
      200: {
        data: [eventExamples["contact.updated"].profile ?? {}, eventExamples["contact.merged"].person ?? {}],
        nextCursor: null,
      },
    },
  },
  mergeContacts: { bodies: { contact: { with: onInstagram.id } }, answers: { 200: person, 202: person } },
  splitContact: { bodies: { contact: { from: onInstagram.id } }, answers: { 202: onInstagram } },
  noteContactConsent: {
    bodies: { "no marketing": { channel: "whatsapp", topic: "marketing", state: "opted_out" } },
    answers: { 200: contact, 202: contact },
  },
  eraseContact: { answers: { 200: { erasure: erased }, 202: { erasure: erasing } } },
  showErasure: { answers: { 200: { erasure: erased } } },
  exportContact: {
    query: { cursor: "QnZ3Rk2sVx9mLw8sYb0mTe" },
    answers: {
      200: {
        data: [
          { kind: "contact", contact },
          { kind: "conversation", conversation, events: 42 },
          { kind: "message", message: question },
          { kind: "message", message: read },
          {
            kind: "event",
            event: eventExamples["message.received"].text ?? {},
            address: conversation.address,
            profile: { name: "Ana Ribeiro" },
          },
          { kind: "event", event: eventExamples["media.stored"].picture ?? {} },
          { kind: "file", file },
        ],
        nextCursor: "Zk1xVQ3vJtUeLw8sYb0m",
      },
    },
  },
  listAllEvents: {
    query: { since: "2026-11-20T10:00:00Z", limit: 100 },
    answers: {
      200: {
        data: [eventExamples["message.received"].text ?? {}, eventExamples["account.alert"].token ?? {}],
        nextCursor: "Tq4yLmWuEh2Vd6Nf0sPz8aTq4yLmWuE",
      },
    },
  },
  listAccountEvents: {
    query: { after: 0 },
    answers: { 200: { data: [eventExamples["account.alert"].token ?? {}], nextCursor: null } },
  },
  listSubscriptions: {
    query: { limit: 20 },
    answers: { 200: { data: [subscription, switchedOff], nextCursor: null } },
  },
  createSubscription: {
    bodies: {
      everything: { url: subscription.url },
      "what is said on one account": {
        url: subscription.url,
        filter: subscription.filter,
        description: subscription.description,
      },
      "messages with a word": { url: switchedOff.url, filter: switchedOff.filter },
    },
    answers: {
      201: { subscription: { ...subscription, secret: "whsec_RXhhbXBsZS1mb3ItdGhlLWRvY3VtZW50YXRpb24tISE=" } },
    },
  },
  showSubscription: { answers: { 200: { subscription } } },
  changeSubscription: {
    bodies: {
      "another filter": { filter: subscription.filter },
      "another address": { url: "https://loja.sapataria-aurora.example/v2/recado" },
      stop: { state: "disabled" },
      "go on": { state: "enabled" },
    },
    answers: { 200: { subscription } },
  },
  deleteSubscription: { answers: {} },
  testSubscription: { bodies: { nothing: {} }, answers: { 200: { attempt: tested } } },
  startReplay: {
    bodies: {
      "one conversation": { conversation: conversation.id, from: 17 },
      "a part of one conversation": { conversation: conversation.id, from: 17, to: 42 },
      "a span of time": { since: "2026-11-01T00:00:00Z", until: "2026-11-02T00:00:00Z" },
      "what was not taken": { failed: true },
    },
    answers: { 202: { replay: { id: timedOut.reason } } },
  },
  listAttempts: {
    query: { limit: 20 },
    answers: { 200: { data: [delivered, timedOut, tested], nextCursor: null } },
  },
  listReplays: {
    query: { limit: 20 },
    answers: { 200: { data: [replayOfADay, replayOfFailed], nextCursor: null } },
  },
  cancelReplays: {
    answers: { 200: { cancelled: [{ ...replayOfADay, state: "cancelled", endedAt: "2026-11-20T10:41:30.077Z" }] } },
  },
  addSecret: {
    bodies: {
      "the old one for a day": {},
      "the old one no longer": { expireOldAfterSeconds: 0 },
    },
    answers: {
      201: {
        secret: "whsec_QW5vdGhlci1vbmUtZm9yLXRoZS1kb2N1bWVudGF0aW8=",
        secrets: [
          { createdAt: "2026-11-02T09:00:00.000Z", expiresAt: "2026-11-21T10:30:00.000Z" },
          { createdAt: "2026-11-20T10:30:00.000Z", expiresAt: null },
        ],
      },
    },
  },
  showHealth: { answers: { 200: { status: "ok" } } },
  showOpenApi: { answers: { 200: document } },
  showAsyncApi: { answers: { 200: { asyncapi: "3.0.0", info: { title: "Recado", version: "…" } } } },
  followLink: { answers: {} },
};
