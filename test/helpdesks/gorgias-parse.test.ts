/** What Gorgias's webhooks become, in both forms that an integration may have, and which listed messages are replies. */
import { describe, expect, it } from "vitest";
import type { WebhookRequest } from "../../shared/channels/connector.ts";
import { DeskHappening } from "../../shared/domain/desk-happening.ts";
import { gorgias } from "../../shared/helpdesks/gorgias/index.ts";
import type { Http } from "../../shared/ports.ts";

const ACCOUNT = { domain: "acme", email: "recado@acme.example", integrationUserId: 6001 };
const TICKET = 86_538_298;
const MESSAGE = 208_841_467;
const AT = "2026-11-22T09:49:40.308988+00:00";
const UPDATED = "2026-11-22T09:50:00.000001+00:00";
const CLOSED = "2026-11-22T09:49:59.500000+00:00";

function parsed(body: unknown, settings: object = ACCOUNT) {
  const request: WebhookRequest = {
    ...{ method: "POST", url: "https://recado.example.com/helpdesks/desk", query: {}, headers: {}, receivedAt: 0 },
    body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
  };
  return gorgias.door.parse(request, { name: "desk", settings: gorgias.settings.parse(settings), secrets: {} });
}

/** As the README has the integration's owner write it, when Gorgias has put in what it knows. */
const written = {
  ...{ event: "ticket-message-created", ticket_id: String(TICKET), ticket_external_id: "recado:conv_1:msg_1" },
  ...{ ticket_channel: "api", ticket_status: "open", ticket_updated: UPDATED, ticket_closed: "None" },
  ...{ ticket_tags: "[]", assignee_id: "None", assignee_name: "", message_id: String(MESSAGE) },
  ...{ message_external_id: "None", message_from_agent: "True", message_public: "True", message_channel: "api" },
};
const look = { type: "look", id: `${MESSAGE}#look`, ticket: String(TICKET) };

describe("a message that Gorgias tells of by ids", () => {
  it.each([
    ["an agent's", {}, [look]],
    ["an agent's by another channel, which the list will tell", { message_channel: "email" }, [look]],
    ["the customer's", { message_from_agent: "False" }, []],
    ["an internal note", { message_channel: "internal-note", message_public: "False" }, []],
    ["one that is not public", { message_public: "False" }, []],
    ["our own", { message_external_id: "recado:msg_2" }, []],
    ["one of a ticket of somebody else's", { ticket_external_id: "zendesk-12" }, []],
    ["one of a ticket that nobody marked, by mail", { ticket_external_id: "None", ticket_channel: "email" }, []],
    ["one of a ticket that lost its mark", { ticket_external_id: "" }, [look]],
    ["one of which no more than ids is told", { message_from_agent: "", message_public: "{{message.public}}" }, [look]],
    [
      "one without an id",
      { message_id: "{{message.id}}" },
      [{ type: "look", id: `${TICKET}#look#${UPDATED}`, ticket: String(TICKET) }],
    ],
    ["one that Gorgias could not send", { event: "ticket-message-failed" }, []],
    ["the first of a ticket, told as the ticket's", { event: "ticket-created" }, []],
  ])("%s", (_, more, happenings) => {
    expect(parsed({ ...written, ...more })).toEqual({ ok: true, happenings });
  });
});

const at = Date.parse(UPDATED);
const about = { ticket: String(TICKET), at };
const open = { type: "state", id: `${TICKET}#open#${UPDATED}`, ...about, state: "open" };
const closed = {
  type: "state",
  id: `${TICKET}#closed#${CLOSED}`,
  ticket: String(TICKET),
  at: Date.parse(CLOSED),
  state: "closed",
};
const tagged = (tags: string[]) => ({ type: "tags", id: `${TICKET}#tags#${UPDATED}`, ...about, tags });
const assigned = { type: "assigned", id: `${TICKET}#assigned#7001`, ...about, assignee: { id: "7001", name: "Ana" } };

describe("a change of a ticket", () => {
  const changed = { ...written, event: "ticket-updated", ticket_external_id: "recado:conv_1:msg_1" };
  it.each([
    ["open", {}, [open, tagged([])]],
    ["solved", { ticket_status: "closed", ticket_closed: CLOSED }, [closed, tagged([])]],
    ["given to somebody", { assignee_id: "7001", assignee_name: "Ana" }, [open, assigned, tagged([])]],
    ["given to nobody, or never given to anybody", { assignee_id: "" }, [open, tagged([])]],
    [
      "given to nobody, as a change of that alone",
      { event: "ticket-assignment-updated", assignee_id: "None" },
      [open, { type: "assigned", id: `${TICKET}#assigned#nobody#${UPDATED}`, ...about }, tagged([])],
    ],
    [
      "tagged",
      { ticket_tags: '[{"id": 1, "name": "vip"}, {"id": 2, "name": "troca"}]' },
      [open, tagged(["vip", "troca"])],
    ],
    ["whose tags came as something else", { ticket_tags: "[<Tag vip>]" }, [open]],
    ["of which only the id is told", { ticket_status: "", ticket_tags: undefined, assignee_id: undefined }, []],
  ])("%s", (_, more, happenings) => {
    const first = parsed({ ...changed, ...more });
    expect(first).toEqual({ ok: true, happenings });
    expect(parsed({ ...changed, ...more })).toEqual(first);
  });
});

/** All that Gorgias knows, as `{{context}}` gives it; people and bodies shortened. */
const message = {
  ...{ id: MESSAGE, ticket_id: TICKET, external_id: null, message_id: null, integration_id: null, rule_id: null },
  ...{ public: true, from_agent: true, channel: "api", via: "helpdesk", created_datetime: AT, deleted_datetime: null },
  source: { type: "api", from: { address: "", name: "" }, to: [{ address: "+15557000001", name: "Cliente" }] },
  sender: { id: 7001, email: "ana@acme.example", name: "Ana", firstname: "Ana", lastname: "", meta: {} },
  receiver: null,
  ...{ body_html: "<div>Até <b>já</b></div>", body_text: "Até já", stripped_html: "<div>Até</div>", attachments: [] },
};
const ticket = {
  ...{ id: TICKET, external_id: "recado:conv_1:msg_1", channel: "api", via: "api", status: "open", tags: [] },
  ...{ customer: { id: 9, email: null }, assignee_user: null, created_datetime: AT, updated_datetime: UPDATED },
  ...{ closed_datetime: null, trashed_datetime: null, reply_options: { "internal-note": { answerable: true } } },
  ...{ messages: [message], first_message: message, last_message: message },
};

describe("everything at once", () => {
  it.each([
    ["a message", { event: { type: "ticket-message-created" }, ticket, message }, [{ ...look, at: Date.parse(AT) }]],
    [
      "a ticket that is solved, somebody's and tagged",
      {
        event: { type: "ticket-updated" },
        ticket: {
          ...{ ...ticket, status: "closed", closed_datetime: CLOSED, tags: [{ id: 1, name: "vip", decoration: null }] },
          assignee_user: { id: 7001, name: "Ana", email: "ana@acme.example" },
        },
      },
      [closed, assigned, tagged(["vip"])],
    ],
    ["what happened untold", { ticket, message }, [{ ...look, at: Date.parse(AT) }, open, tagged([])]],
    ["a ticket of another channel", { ticket: { ...ticket, external_id: null, channel: "email" }, message }, []],
  ])("%s", (_, body, happenings) => {
    expect(parsed(body)).toEqual({ ok: true, happenings });
  });
});

describe("what cannot be read", () => {
  it.each([
    ["{", { ok: false, reason: expect.stringContaining("not JSON") }],
    ["[]", { ok: false, reason: expect.stringContaining("no object") }],
    ["{}", { ok: false, field: "ticket_id" }],
    ['{"ticket_id":"{{ticket.id}}","event":"ticket-updated"}', { ok: false, field: "ticket_id" }],
  ])("%s is said to be so", (body, expected) => {
    expect(parsed(body)).toMatchObject(expected);
  });
});

/** What is heard of a ticket whose list of messages is this. */
async function heard(messages: object[], settings: object = ACCOUNT, status = 200) {
  const body = JSON.stringify({ data: messages, meta: { next_cursor: null } });
  const http: Http = async () => ({ kind: "answer", status, headers: {}, body });
  const desk = { name: "desk", settings: gorgias.settings.parse(settings), secrets: { apiKey: "key" } };
  const answer = await gorgias.reconciler?.heard({ id: String(TICKET), kept: {} }, { since: 0 }, { desk, http });
  if (answer?.kind !== "heard") throw new Error(`The desk said ${answer?.kind}`);
  for (const one of answer.happenings) expect(DeskHappening.parse(one)).toEqual(one);
  return answer.happenings;
}

const reply = {
  ...{ type: "reply", id: String(MESSAGE), ticket: String(TICKET), at: Date.parse(AT), format: "html", files: [] },
  ...{ author: { type: "agent", name: "Ana" }, text: "<div>Até <b>já</b></div>" },
};
const attachment = {
  ...{ url: "https://uploads.gorgias.io/zKB3/81/conta.pdf", name: "conta.pdf", content_type: "application/pdf" },
  ...{ size: 12_345, public: false },
};
const file = { url: attachment.url, contentType: "application/pdf", fileName: "conta.pdf" };
const picture = "https://uploads.gorgias.io/zKB3/82/foto.png?a=1&b=2";
const mail = (...to: string[]) => ({
  ...{ ...message, channel: "email", body_html: "<div>Até</div><blockquote>antes</blockquote>" },
  source: { type: "email", from: { address: "shop@acme.example" }, to: to.map((address) => ({ address, name: "" })) },
});
const byMail = { ...reply, text: "<div>Até</div>" };

describe("a listed message", () => {
  it.each<[string, object, object[]]>([
    ["an agent's reply", message, [reply]],
    ["one in plain text", { ...message, body_html: null }, [{ ...reply, text: "Até já", format: "plain" }]],
    ["one with a file", { ...message, attachments: [attachment] }, [{ ...reply, files: [file] }]],
    [
      "a file alone",
      { ...message, body_html: "<div><br></div>", body_text: "", attachments: [attachment] },
      [{ ...without(reply), files: [file] }],
    ],
    [
      "a picture that stands in the text",
      {
        ...message,
        body_html: `<figure><img src="${picture.replaceAll("&", "&amp;")}" width="400"></figure>`,
        body_text: "",
      },
      [{ ...without(reply), files: [{ url: picture }] }],
    ],
    [
      "a picture of somebody else's in the text",
      { ...message, body_html: '<div>Veja<img src="https://tracker.example/p.gif"></div>' },
      [{ ...reply, text: '<div>Veja<img src="https://tracker.example/p.gif"></div>' }],
    ],
    ["a rule's", { ...message, via: "rule", rule_id: 31 }, [{ ...reply, author: { type: "bot", name: "Ana" } }]],
    [
      "one of Gorgias's own bot",
      { ...message, sender: { id: 5, email: "bot@658d6f54fbff", name: "AI" } },
      [{ ...reply, author: { type: "bot", name: "AI" } }],
    ],
    [
      "another program's",
      { ...message, via: "api", external_id: "theirs-1" },
      [{ ...reply, author: { type: "bot", name: "Ana" } }],
    ],
    ["the customer's", { ...message, from_agent: false }, []],
    ["an internal note", { ...message, channel: "internal-note", public: false }, []],
    ["a note that does not say it is none of the public's", { ...message, channel: "internal-note" }, []],
    ["a system message", { ...message, source: { type: "system-message" } }, []],
    ["one that was deleted", { ...message, deleted_datetime: UPDATED }, []],
    ["nothing at all", { ...message, body_html: "<div>&nbsp;</div>", body_text: " " }, []],
    ["our own, by its mark", { ...message, external_id: "recado:msg_2", via: "api" }, []],
    ["our own, by the user's id and the way", { ...message, via: "api", sender: { id: 6001 } }, []],
    [
      "our own, by the user's address and the way",
      { ...message, via: "api", sender: { email: "Recado@acme.example" } },
      [],
    ],
    ["what an agent wrote as our user at the screens", { ...message, sender: { id: 6001, name: "Ana" } }, [reply]],
    ["a mail to somebody", mail("ana@client.example"), []],
    ["a mail to nobody", mail(), [byMail]],
    ["a mail with somebody in copy", { ...mail(), source: { to: [], cc: [{ address: "boss@acme.example" }] } }, []],
    ["what was forwarded", { ...message, source: { type: "email", to: [], extra: { forward: true } } }, []],
    ["what was forwarded, by its kind", { ...mail(), source: { type: "email-forward", to: [] } }, []],
    ["one by another channel that Gorgias serves", { ...message, channel: "sms" }, []],
  ])("%s", async (_, given, happenings) => {
    expect(await heard([given])).toEqual(happenings);
  });

  it.each<[string, object, object[]]>([
    ["to the customer's address there", mail("con_1@no-mail.acme.example"), [byMail]],
    ["to that and somebody else", mail("con_1@no-mail.acme.example", "boss@acme.example"), []],
    ["to an address that only ends alike", mail("con_1@evilno-mail.acme.example"), []],
  ])("a mail, where customers have addresses of a domain that takes none, %s", async (_, given, happenings) => {
    expect(await heard([given], { ...ACCOUNT, replyDomain: "no-mail.acme.example" })).toEqual(happenings);
  });

  it("is by the account's own channel where an app brought one", async () => {
    const settings = { ...ACCOUNT, channel: "acme-whatsapp" };
    expect(await heard([{ ...message, channel: "acme-whatsapp" }, message], settings)).toEqual([reply]);
  });

  it("of a ticket that is gone, there is none", async () => {
    expect(await heard([message], ACCOUNT, 404)).toEqual([]);
  });
});

describe("the settings", () => {
  it.each([
    [{ ...ACCOUNT, domain: "acme.gorgias.com" }],
    [{ ...ACCOUNT, email: "nobody" }],
    [{ ...ACCOUNT, channel: "internal-note" }],
    [{ ...ACCOUNT, channel: "email" }],
    [{ ...ACCOUNT, replyDomain: "@acme.example" }],
    [{ domain: "acme" }],
  ])("are refused as %j", (settings) => {
    expect(gorgias.settings.safeParse(settings).success).toBe(false);
  });
});

/** The reply without its words. */
function without({ text: _, format: __, ...rest }: typeof reply) {
  return rest;
}
