import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { WebhookRequest } from "../../../shared/channels/connector.ts";
import { connectors } from "../../../shared/channels/registry.ts";
import { conversationId, eventKey, messageId, personId } from "../../../shared/domain/ids.ts";
import { MailboxItem } from "../../../shared/domain/mailbox.ts";
import { asciiJson } from "../../../shared/domain/mailbox-rules.ts";
import { WorldFault } from "../../../shared/ports.ts";
import { type ConnectorName, fixturesOf, metaJson, SAMPLE, sha256, webhook } from "../../contracts/provider.ts";
import { faulty, MemoryMailbox } from "../../fakes/world.ts";
import { door, ID_SECRET } from "./door.ts";

const CONVERSATION = "conv_AAAAAAAAAAAAAAAAAAAAAA";
const NAMES = Object.keys(connectors) as ConnectorName[];

/** Lines that were logged, which never hold a body, an address or a secret. */
let logged: string[] = [];
beforeEach(() => {
  logged = [];
  for (const level of ["info", "warn", "error"] as const)
    vi.spyOn(console, level).mockImplementation((line) => logged.push(line));
});
afterEach(() => {
  vi.restoreAllMocks();
  expect(logged.join("\n")).not.toMatch(/5511987650000|\+3519|Olá|app-secret|auth-token|token"/);
});
const codes = () => logged.map((line) => (JSON.parse(line) as { code: string }).code);

function whatsapp(messages: unknown[], more: object = {}): WebhookRequest {
  const value = { metadata: { phone_number_id: "100000000000001" }, messages, ...more };
  const body = { object: "whatsapp_business_account", entry: [{ id: "1", changes: [{ field: "messages", value }] }] };
  return webhook("whatsapp-cloud", { body });
}

function text(id: string, from = "5511987650000", body = "Olá") {
  return { id, from, timestamp: "1795000000", type: "text", text: { body } };
}

describe("a webhook that is what it says", () => {
  it("becomes an item under our ids, and is answered as the provider wants", async () => {
    const { receive, mailbox, clock } = door("whatsapp-cloud");
    const contacts = [{ profile: { name: "Ana" }, wa_id: "5511987650000", user_id: "BR.44" }];
    const message = { ...text("wamid.1"), from_user_id: "BR.44" };
    expect(await receive(whatsapp([message], { contacts }))).toEqual({
      status: 200,
      contentType: "text/plain",
      body: "",
    });
    expect(mailbox.waiting).toEqual([
      {
        log: conversationId(ID_SECRET, "whatsapp", "BR.44"),
        key: eventKey(ID_SECRET, "whatsapp", "wamid.1#received"),
        token: expect.stringMatching(/^[A-Za-z0-9_-]{16}$/),
        type: "message.received",
        account: "whatsapp",
        channel: "whatsapp",
        address: "BR.44",
        aliases: [{ address: "5511987650000", conversation: conversationId(ID_SECRET, "whatsapp", "5511987650000") }],
        contact: { id: personId(ID_SECRET, "+5511987650000"), by: "number", name: "Ana" },
        at: { received: clock.time, provider: 1_795_000_000_000 },
        data: {
          message: {
            id: messageId(ID_SECRET, "whatsapp", "wamid.1"),
            direction: "inbound",
            author: { type: "contact", name: "Ana" },
            content: { type: "text", text: "Olá" },
            providerMessageId: "wamid.1",
          },
        },
      },
    ]);
  });

  it.each(NAMES)("of %s gives items that the mailbox's readers accept, whatever it is about", async (name) => {
    for (const fixture of fixturesOf(name)) {
      const { receive, mailbox } = door(name);
      expect((await receive(webhook(name, fixture))).status).toBe(200);
      const owned = fixture.parsed.filter(({ account }) => account !== undefined);
      const isForNobody = owned.length < fixture.parsed.length;
      expect(mailbox.waiting).toHaveLength(owned.length + (isForNobody ? 1 : 0));
      const theirs = fixture.parsed.flatMap(({ address = [], subject }) =>
        [address, subject.split("#")[0] ?? []].flat(),
      );
      for (const item of mailbox.waiting) {
        expect(MailboxItem.safeParse(JSON.parse(asciiJson(item))).error).toBeUndefined();
        for (const id of theirs) expect(`${item.log} ${item.key}`).not.toContain(id);
      }
    }
  });

  it("puts a receipt into the log of the message that it names", async () => {
    const { receive, mailbox } = door("sms-twilio");
    const [fixture] = fixturesOf("sms-twilio").filter(({ name }) => name === "status-delivered");
    await receive(webhook("sms-twilio", fixture ?? { body: "" }));
    expect(mailbox.waiting).toMatchObject([
      {
        log: CONVERSATION,
        type: "message.delivered",
        data: {
          message: { id: "msg_01kat1n2v3w4x5y6z7a8b9c0d1", part: 0, providerMessageId: expect.stringMatching(/^SM/) },
        },
      },
    ]);
    expect(mailbox.waiting[0]).not.toHaveProperty("contact");
  });

  it("leaves a receipt that names nobody to a lane of the account, always the same", async () => {
    const statuses = [{ id: "wamid.9", status: "sent", timestamp: "1795000000" }];
    const { receive, mailbox } = door("whatsapp-cloud");
    await receive(whatsapp([], { messages: [], statuses }));
    await receive(whatsapp([], { messages: [], statuses: [{ ...statuses[0], status: "delivered" }] }));
    const [first, second] = mailbox.waiting;
    expect(first?.log).toMatch(/^acct_whatsapp_\d{1,2}$/);
    expect(second?.log).toBe(first?.log);
  });

  it("keeps the order of a thousand updates", async () => {
    const { receive, mailbox } = door("whatsapp-cloud");
    await receive(
      whatsapp(Array.from({ length: 1000 }, (_, index) => text(`wamid.${index}`, `55119000000${index % 7}`))),
    );
    const ids = mailbox.waiting.map(
      ({ data }) => (data as { message: { providerMessageId: string } }).message.providerMessageId,
    );
    expect(ids).toEqual(Array.from({ length: 1000 }, (_, index) => `wamid.${index}`));
  });

  it("gives the same keys twenty times, and twenty tokens", async () => {
    const { receive, mailbox } = door("messenger");
    const [fixture] = fixturesOf("messenger").filter(({ name }) => name === "text");
    const request = webhook("messenger", fixture ?? { body: "" });
    const answers = await Promise.all(Array.from({ length: 20 }, () => receive(request)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(mailbox.waiting.map(({ key }) => key)).size).toBe(1);
    expect(new Set(mailbox.waiting.map(({ token }) => token)).size).toBe(20);
  });

  it("lays an element that is large beside the log", async () => {
    const { receive, mailbox, objects } = door("whatsapp-cloud");
    const history = {
      field: "history",
      value: { metadata: { phone_number_id: "100000000000001" }, history: ["x".repeat(50_000)] },
    };
    const body = { object: "whatsapp_business_account", entry: [{ id: "1", changes: [history] }] };
    await receive(webhook("whatsapp-cloud", { body }));
    const [reference = ""] = objects.kept.keys();
    expect(reference).toMatch(/^quarantine\/whatsapp-cloud\/[0-9a-f]{64}$/);
    expect(await objects.get(reference)).toContain("x".repeat(50_000));
    expect(mailbox.waiting).toMatchObject([{ type: "account.alert", data: { code: "unreadable_history", reference } }]);
    expect(mailbox.waiting[0]?.data).not.toHaveProperty("raw");
  });

  it("lays what a correction says beside the log where it is large and not understood", async () => {
    const { receive, mailbox, objects } = door("whatsapp-cloud");
    const edit = { original_message_id: "wamid.0", message: { type: "hologram", hologram: "x".repeat(50_000) } };
    await receive(whatsapp([{ id: "wamid.1", from: "5511987650000", type: "edit", edit }]));
    const [reference] = objects.kept.keys();
    const content = { type: "unsupported", reason: "hologram", raw: { reference } };
    expect(mailbox.waiting).toMatchObject([{ type: "message.edited", data: { content } }]);
  });

  it("takes in a webhook by GET where the provider has no handshake", async () => {
    const { receive, mailbox } = door("sms-twilio");
    const [fixture] = fixturesOf("sms-twilio").filter(({ name }) => name === "text-by-get");
    const { status, contentType, body } = await receive(webhook("sms-twilio", fixture ?? { body: "" }));
    expect({ status, contentType }).toEqual({ status: 200, contentType: "text/xml" });
    expect(body).toContain("<Response/>");
    expect(mailbox.waiting).toHaveLength(1);
  });
});

describe("a webhook that cannot be believed", () => {
  const genuine = whatsapp([text("wamid.1")]);

  it.each([
    ["without a signature", { ...genuine, headers: {} }, 401],
    ["with another's signature", { ...genuine, headers: { "x-hub-signature-256": `sha256=${"0".repeat(64)}` } }, 401],
    ["with another body", { ...genuine, body: Buffer.from("{}") }, 401],
    ["above 3 MB", { ...genuine, body: Buffer.alloc(3 * 1024 * 1024 + 1, " ") }, 413],
    ["compressed on its way", { ...genuine, headers: { ...genuine.headers, "content-encoding": "gzip" } }, 415],
    ["of another method", { ...genuine, method: "DELETE" }, 405],
  ])("%s is turned away, and nothing is kept", async (_, request, status) => {
    const { receive, mailbox, objects } = door("whatsapp-cloud");
    expect(await receive(request)).toEqual({ status, contentType: "text/plain", body: "" });
    expect(mailbox.waiting).toEqual([]);
    expect(objects.kept.size).toBe(0);
  });

  it("tells the operator why, in one line", async () => {
    const { receive } = door("whatsapp-cloud");
    await receive({ ...genuine, headers: {} });
    expect(logged.map((line) => JSON.parse(line))).toEqual([
      { level: "warn", code: "webhook_refused", connector: "whatsapp-cloud", hint: expect.stringContaining("missing") },
    ]);
  });

  it("enters only the accounts whose own key signed it", async () => {
    const other = {
      ...SAMPLE["whatsapp-cloud"],
      name: "other",
      settings: { phoneNumberId: "2" },
      secrets: { appSecret: "another app" },
    };
    const { receive, mailbox, objects } = door("whatsapp-cloud", { accounts: [SAMPLE["whatsapp-cloud"], other] });
    const change = (number: string, id: string) => ({
      field: "messages",
      value: { metadata: { phone_number_id: number }, messages: [text(id)] },
    });
    const changes = [change("100000000000001", "wamid.1"), change("2", "wamid.2")];
    const request = webhook("whatsapp-cloud", {
      body: { object: "whatsapp_business_account", entry: [{ id: "1", changes }] },
    });
    expect((await receive(request)).status).toBe(200);
    expect(mailbox.waiting.map(({ account, type }) => [account, type])).toEqual([
      ["whatsapp", "message.received"],
      ["whatsapp", "account.alert"],
    ]);
    const reference = `quarantine/whatsapp-cloud/${sha256(request.body)}`;
    expect(mailbox.waiting[1]?.data).toMatchObject({ code: "account_unknown", reference });
    expect(objects.kept.get(reference)).toEqual(Buffer.from(request.body));
  });
});

describe("a webhook that is authentic and cannot be read", () => {
  it.each<[string, ConnectorName, string]>([
    ["no JSON", "whatsapp-cloud", "{"],
    ["no envelope", "whatsapp-cloud", "[]"],
    ["another product", "whatsapp-cloud", '{"object":"page","entry":[]}'],
    ["nothing", "messenger", ""],
    ["null", "messenger", "null"],
    ["a call", "sms-twilio", "CallSid=CA1&AccountSid=AC00000000000000000000000000000001"],
    ["JSON", "sms-twilio", '{"a":1}'],
    ["a voice event", "sms-vonage", '{"status":"ringing","uuid":"1"}'],
    ["no event", "sms-telnyx", '{"data":{}}'],
  ])("(%s, at %s) is kept, answered with success and raised once", async (_, name, body) => {
    const { receive, mailbox, objects } = door(name);
    const request = webhook(name, { body });
    expect((await receive(request)).status).toBe(200);
    expect((await receive(request)).status).toBe(200);
    const reference = `quarantine/${name}/${sha256(body)}`;
    expect(objects.kept).toEqual(new Map([[reference, Buffer.from(body)]]));
    const [first, again] = mailbox.waiting;
    expect(first).toMatchObject({
      log: `account:${SAMPLE[name].name}`,
      type: "account.alert",
      data: { code: "webhook_unreadable", reference },
    });
    expect(again?.key).toBe(first?.key);
  });

  it("never ends in an exception, whatever bytes were signed", async () => {
    const hostile = fc.oneof(
      fc.uint8Array(),
      fc.json().map((json) => Buffer.from(json)),
      fc.jsonValue().map((value) => Buffer.from(metaJson({ object: "page", entry: [value] }))),
      fc.nat(3).map((depth) => Buffer.from(`{"object":"page","entry":[${"[".repeat(10 ** (depth + 2))}`)),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...NAMES), hostile, async (name, body) => {
        const { receive, mailbox } = door(name);
        expect((await receive(webhook(name, { body }))).status).toBe(200);
        for (const item of mailbox.waiting) expect(() => asciiJson(item)).not.toThrow();
      }),
      { numRuns: 300 },
    );
  });
});

describe("a world that fails", () => {
  it("is not hidden from the provider: it brings the webhook again, and nothing is lost or doubled by key", async () => {
    const [fixture] = fixturesOf("whatsapp-cloud").filter(({ name }) => name === "statuses");
    const request = webhook("whatsapp-cloud", fixture ?? { body: "" });
    for (const fault of ["before", "after"] as const) {
      const mailbox = new MemoryMailbox();
      const failing = faulty(mailbox, (call) => (call === 0 ? fault : undefined), { count: { calls: 0 } });
      const { receive } = door("whatsapp-cloud", { ports: { mailbox: failing } });
      expect((await receive(request)).status).toBe(503);
      expect((await receive(request)).status).toBe(200);
      expect(new Set(mailbox.waiting.map(({ key }) => key)).size).toBe(4);
    }
    expect(codes()).toContain("webhook_not_queued");
  });

  it("does not answer for what it could not put into quarantine", async () => {
    const objects = { put: () => Promise.reject(new WorldFault("s3: HTTP 503")) };
    const { receive, mailbox } = door("whatsapp-cloud", { ports: { objects } });
    expect((await receive(webhook("whatsapp-cloud", { body: "no JSON" }))).status).toBe(503);
    expect(mailbox.waiting).toEqual([]);
  });

  it("that gives no secrets makes the webhook wait", async () => {
    const secrets = () => Promise.reject(new WorldFault("ssm: HTTP 500"));
    const { receive } = door("whatsapp-cloud", { ports: { secrets } });
    expect((await receive(whatsapp([text("wamid.1")]))).status).toBe(503);
  });
});

describe("a secret that is missing", () => {
  const query = { "hub.mode": "subscribe", "hub.verify_token": "new-word", "hub.challenge": "42" };
  const handshake: WebhookRequest = { ...whatsapp([]), method: "GET", query, headers: {}, body: Buffer.alloc(0) };

  it("turns the handshake away, makes webhooks wait, and is raised once", async () => {
    const { receive, mailbox, documents } = door("whatsapp-cloud");
    documents.delete("whatsapp");
    expect((await receive(handshake)).status).toBe(403);
    expect((await receive(whatsapp([text("wamid.1")]))).status).toBe(503);
    expect((await receive(whatsapp([text("wamid.1")]))).status).toBe(503);
    expect(mailbox.waiting).toMatchObject([
      { log: "account:whatsapp", type: "account.alert", data: { code: "secret_missing" } },
    ]);
    expect(codes().filter((code) => code === "secret_missing")).toHaveLength(1);
  });

  it("counts as missing where the document is there without it", async () => {
    const { receive, mailbox, documents } = door("whatsapp-cloud");
    documents.set("whatsapp", { verifyToken: "new-word" });
    expect(await receive(handshake)).toMatchObject({ status: 200, body: "42" });
    expect((await receive(whatsapp([text("wamid.1")]))).status).toBe(503);
    expect(mailbox.waiting).toMatchObject([{ data: { code: "secret_missing" } }]);
  });

  it("of one account does not keep another from its webhooks", async () => {
    const other = { ...SAMPLE["whatsapp-cloud"], name: "other", settings: { phoneNumberId: "2" } };
    const { receive, mailbox, documents } = door("whatsapp-cloud", { accounts: [other, SAMPLE["whatsapp-cloud"]] });
    documents.delete("other");
    expect((await receive(whatsapp([text("wamid.1")]))).status).toBe(200);
    expect(mailbox.waiting.map(({ account, type }) => [account, type])).toEqual([
      ["other", "account.alert"],
      ["whatsapp", "message.received"],
    ]);
  });

  it("of the deployment stops everything", async () => {
    const { receive, documents } = door("whatsapp-cloud");
    documents.delete("deployment");
    expect((await receive(whatsapp([text("wamid.1")]))).status).toBe(503);
    expect(codes()).toEqual(["secret_missing"]);
  });

  it("has a handshake that works once everything is there", async () => {
    const { receive } = door("whatsapp-cloud");
    expect(await receive(handshake)).toEqual({ status: 200, contentType: "text/plain", body: "42" });
    expect((await receive({ ...handshake, query: { ...query, "hub.verify_token": "guess" } })).status).toBe(403);
  });
});
