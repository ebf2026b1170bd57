import { describe, expect, it } from "vitest";
import { parse } from "../../shared/helpdesks/hubspot/parse.ts";

const CONVERSATION = `conv_${"A".repeat(22)}`;
const settings = { channelId: "1042", channelAccounts: "2001", appId: "3003", portalId: "8000001" };
const desk = { name: "desk", settings, secrets: {} };

function told(body: unknown, about: Partial<typeof settings> = {}) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const request = { method: "POST", url: "https://recado.example.com/helpdesks/desk", query: {}, headers: {} };
  return parse(
    { ...request, body: Buffer.from(text), receivedAt: 0 },
    { ...desk, settings: { ...settings, ...about } },
  );
}

const MESSAGE = {
  id: "4a1c9f0e2b",
  type: "MESSAGE",
  conversationsThreadId: "7123456789",
  channelId: "1042",
  channelAccountId: "2001",
  direction: "OUTGOING",
  createdAt: "2026-11-22T09:00:00.000Z",
  createdBy: "A-501",
  client: { clientType: "HUBSPOT" },
  senders: [{ actorId: "A-501", name: "Bia" }],
  recipients: [{ actorId: "V-900", deliveryIdentifier: { type: "HS_PHONE_NUMBER", value: "+15557000001" } }],
  text: "Até às 18h.",
  richText: null,
  attachments: [],
  status: { statusType: "SENT" },
};
const AT = Date.parse(MESSAGE.createdAt);

/** A webhook of the custom channel. */
const written = (message: object, event: object = {}) => ({
  type: "OUTGOING_CHANNEL_MESSAGE_CREATED",
  portalId: "8000001",
  channelIntegrationThreadIds: [CONVERSATION],
  message: { ...MESSAGE, ...message },
  ...event,
});
const REPLY = {
  ...{ type: "reply", id: "4a1c9f0e2b", conversation: CONVERSATION, ticket: "7123456789", at: AT },
  ...{ author: { type: "agent", name: "Bia" }, text: "Até às 18h.", format: "plain", files: [] },
};
const { text: _text, format: _format, ...WITHOUT_WORDS } = REPLY;
const bot = { ...REPLY, author: { type: "bot", name: "Bia" } };
const file = {
  type: "FILE",
  fileId: "77",
  fileUsageType: "OTHER",
  name: "conta.pdf",
  url: "https://f.example.com/conta.pdf",
};

/** A batch of the app's own webhooks. */
const changed = (propertyName: string, propertyValue: unknown, more: object = {}) => ({
  ...{ eventId: 100, subscriptionId: 24, portalId: 8000001, appId: 3003, occurredAt: 1_795_341_600_000 },
  ...{
    subscriptionType: "conversation.propertyChange",
    attemptNumber: 0,
    objectId: 7123456789,
    propertyName,
    propertyValue,
  },
  ...more,
});
const ABOUT = { ticket: "7123456789", at: 1_795_341_600_000 };

describe("hubspot tells of", () => {
  it.each<[string, unknown, object[]]>([
    ["an agent's reply", written({}), [REPLY]],
    [
      "one that is formatted",
      written({ richText: "<div><p>Até às <strong>18h</strong>.</p></div>" }),
      [{ ...REPLY, text: "<div><p>Até às <strong>18h</strong>.</p></div>", format: "html" }],
    ],
    [
      "a file alone",
      written({ text: "", attachments: [file] }),
      [{ ...WITHOUT_WORDS, files: [{ url: "https://f.example.com/conta.pdf", id: "77", fileName: "conta.pdf" }] }],
    ],
    [
      "a file that has no address",
      written({ text: "", attachments: [{ ...file, url: null, fileId: 77 }] }),
      [
        {
          ...WITHOUT_WORDS,
          files: [{ url: "https://api.hubapi.com/files/v3/files/77", id: "77", fileName: "conta.pdf" }],
        },
      ],
    ],
    [
      "pictures that stand in the text, each once",
      written({
        richText: `<p>Veja</p><img src="https://f.example.com/a.png?x=1&amp;y=2" alt="a"><IMG alt='b' src='https://f.example.com/b.png'/><img src="https://f.example.com/b.png">`,
      }),
      [
        {
          ...REPLY,
          text: "<p>Veja</p>",
          format: "html",
          files: [{ url: "https://f.example.com/a.png?x=1&y=2" }, { url: "https://f.example.com/b.png" }],
        },
      ],
    ],
    [
      "a picture and no word",
      written({ text: "", richText: `<div><p><img src="https://f.example.com/a.png"></p>&nbsp;</div>` }),
      [{ ...WITHOUT_WORDS, files: [{ url: "https://f.example.com/a.png" }] }],
    ],
    [
      "no picture whose address is none",
      written({ richText: `<p>Oi<img src="data:image/png;base64,AAAA"><img src="cid:1"><img></p>` }),
      [{ ...REPLY, text: "<p>Oi</p>", format: "html" }],
    ],
    ["what it answers", written({ inReplyToId: "111" }), [{ ...REPLY, replyTo: "111" }]],
    [
      "a reply in a thread that follows another",
      written({}, { channelIntegrationThreadIds: [`${CONVERSATION}.7000000001`] }),
      [REPLY],
    ],
    ["a bot's", written({ senders: [{ actorId: "B-31", name: "Bia" }] }), [bot]],
    [
      "a language model's",
      written({ senders: [{ actorId: "L-2", name: "Bia" }], client: { clientType: "SYSTEM" } }),
      [bot],
    ],
    [
      "another app's, in an agent's name",
      written({ client: { clientType: "INTEGRATION", integrationAppId: 99 } }),
      [bot],
    ],
    [
      "a writer who is named in another place",
      written({ senders: [], createdBy: "B-31" }),
      [{ ...REPLY, author: { type: "bot" } }],
    ],
    ["nothing that this app wrote", written({ client: { clientType: "INTEGRATION", integrationAppId: 3003 } }), []],
    ["nothing of an app that does not say which it is", written({ client: { clientType: "INTEGRATION" } }), []],
    ["no note", written({ type: "COMMENT", direction: undefined }), []],
    ["nothing of the customer's", written({ direction: "INCOMING", senders: [{ actorId: "V-900" }] }), []],
    ["nothing that came in, whoever is named", written({ direction: "INCOMING" }), []],
    ["nothing whose direction is not told", written({ direction: null }), []],
    ["nothing that HubSpot itself says", written({ senders: [{ actorId: "S-1" }] }), []],
    ["nothing of an agent's name that the system used", written({ client: { clientType: "SYSTEM" } }), []],
    ["no reply without words and files", written({ text: " ", attachments: [{ type: "UNSUPPORTED_CONTENT" }] }), []],
    ["nothing of another channel", written({ channelId: "1043" }), []],
    ["nothing of another HubSpot account", written({}, { portalId: 9 }), []],
    ["no news of the channel itself", { type: "CHANNEL_ACCOUNT_CREATED", portalId: "8000001", accountId: "2001" }, []],
    [
      "a thread that was closed",
      [changed("status", "CLOSED")],
      [{ type: "state", id: "7123456789#status#CLOSED#1795341600000", ...ABOUT, state: "closed" }],
    ],
    [
      "a thread that was opened again and given to somebody",
      [changed("status", "OPEN"), changed("assignedTo", "A-501")],
      [
        { type: "state", id: "7123456789#status#OPEN#1795341600000", ...ABOUT, state: "open" },
        { type: "assigned", id: "7123456789#assignedTo#A-501#1795341600000", ...ABOUT, assignee: { id: "A-501" } },
      ],
    ],
    [
      "a thread that is nobody's any more",
      [changed("assignedTo", "")],
      [{ type: "assigned", id: "7123456789#assignedTo##1795341600000", ...ABOUT }],
    ],
    ["nothing of threads elsewhere", [changed("status", "CLOSED", { portalId: 9 })], []],
    ["no other property", [changed("isArchived", "true")], []],
    ["no other subscription", [{ ...changed("status", "OPEN"), subscriptionType: "conversation.newMessage" }], []],
    ["nothing", [], []],
  ])("%s", (_, body, happenings) => {
    expect(told(body)).toEqual({ ok: true, happenings });
  });

  it("a reply under the same id, however often it is told", () => {
    const again = { ...changed("status", "CLOSED"), eventId: 999, attemptNumber: 3 };
    expect(told([again])).toEqual(told([changed("status", "CLOSED")]));
    expect(told([written({})])).toEqual(told(written({})));
  });

  it("a thread that HubSpot began, by its own id alone", () => {
    const [one] = (({ happenings }) => happenings)(
      told(written({}, { channelIntegrationThreadIds: null })) as { happenings: object[] },
    );
    expect(one).toEqual({ ...REPLY, conversation: undefined });
    expect(one).not.toHaveProperty("conversation");
  });

  it("every account, where none is named", () => {
    const { portalId: _, ...open } = settings;
    const request = { method: "POST", url: "", query: {}, headers: {}, receivedAt: 0 };
    const body = Buffer.from(JSON.stringify(written({}, { portalId: 9 })));
    expect(parse({ ...request, body }, { ...desk, settings: open })).toEqual({ ok: true, happenings: [REPLY] });
  });

  it.each([
    ["no JSON", "{", undefined],
    ["no event", "7", undefined],
    ["a message without its id", written({ id: undefined }), "message.id"],
    ["no message at all", written({}, { message: undefined }), "message"],
    ["a change that names no thread", [changed("status", "CLOSED", { objectId: null })], undefined],
    ["an event without a type", { portalId: 1 }, "type"],
  ])("%s as what cannot be read", (_, body, field) => {
    const answer = told(body);
    if (field === undefined) expect(answer).toMatchObject({ ok: false });
    else expect(answer).toMatchObject({ ok: false, field });
  });
});
