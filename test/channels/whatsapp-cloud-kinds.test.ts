/** What the kinds of WhatsApp come to in a conversation: from the webhook through the log to what a reader sees. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { conversationId } from "../../shared/domain/ids.ts";
import { foldMessages } from "../../shared/domain/message-status.ts";
import { errors } from "../../shared/whatsapp-platform/errors.ts";
import { fixturesOf, SAMPLE, webhook } from "../contracts/provider.ts";
import { pump } from "../fakes/pump.ts";
import { world } from "../fakes/world.ts";
import { door, ID_SECRET } from "../functions/receive-webhook/door.ts";

beforeEach(() => {
  for (const level of ["info", "warn", "error"] as const) vi.spyOn(console, level).mockReturnValue();
});
afterEach(() => vi.restoreAllMocks());

const metadata = { display_phone_number: "15550000001", phone_number_id: "100000000000001" };
const change = (field: string, value: object) => ({
  object: "whatsapp_business_account",
  entry: [{ id: "102290129340398", changes: [{ field, value: { metadata, ...value } }] }],
});
const fixture = (name: string) => fixturesOf("whatsapp-cloud").find((one) => one.name === name)?.body;
const text = (id: string, from: object, body: string, timestamp = "1795000000") => ({
  ...from,
  id,
  timestamp,
  type: "text",
  text: { body },
});

/** Posts the webhooks one after another and records what they told. */
async function told(...bodies: unknown[]) {
  const here = world();
  for (const body of bodies) {
    const { receive, mailbox } = door("whatsapp-cloud", { ports: { clock: here.clock } });
    expect((await receive(webhook("whatsapp-cloud", { body }))).status).toBe(200);
    here.mailbox.waiting.push(...mailbox.waiting);
    await pump(here.mailbox, () => here.ports);
  }
  const logOf = (address: string) => here.table.logs.get(conversationId(ID_SECRET, "whatsapp", address)) ?? [];
  const messages = (address: string) => foldMessages("conv", logOf(address));
  return { ...here, logOf, messages };
}

const ANA = "5511987650000";

describe("a customer", () => {
  it("who changes the number goes on in the same conversation, with the window as it was", async () => {
    const before = "BR.4410000000000000001";
    const after = "PT.5510000000000000002";
    const { logOf, messages } = await told(
      change("messages", { messages: [text("wamid.1", { from_user_id: before }, "antes", "1794000000")] }),
      fixture("system-both-ids"),
      change("messages", { messages: [text("wamid.2", { from_user_id: after }, "depois")] }),
      change("messages", { messages: [text("wamid.3", { from: "351910000003" }, "e ainda")] }),
    );
    expect(logOf(before).map(({ type }) => type)).toEqual([
      "message.received",
      "contact.updated",
      "message.received",
      "message.received",
    ]);
    expect(logOf(before)[1]?.after.inbound).toBe(1_794_000_000_000);
    expect(messages(before).map(({ content }) => content)).toEqual(
      ["antes", "depois", "e ainda"].map((said) => ({ type: "text", text: said })),
    );
    expect(logOf(after)).toEqual([]);
  });

  it("corrects a message, reacts and takes back both", async () => {
    const first = fixture("text");
    const { messages } = await told(first, fixture("edit"));
    expect(messages(ANA)[0]).toMatchObject({
      content: { type: "text", text: "Olá, corrigido" },
      editedAt: expect.any(Number),
    });
    const taken = await told(first, fixture("revoke"));
    expect(taken.messages(ANA)[0]).toMatchObject({ deletedAt: expect.any(Number) });
    const reaction = { message_id: "wamid.ECHO1", emoji: "👍" };
    const reacting = { from: ANA, id: "wamid.R", timestamp: "1795000300", type: "reaction", reaction };
    const reacted = await told(fixture("phone-app-echo"), change("messages", { messages: [reacting] }));
    expect(reacted.messages(ANA)[0]?.reactions).toEqual([{ emoji: "👍", author: { type: "contact" } }]);
  });

  it("reacts in a group, where everybody has a reaction of their own", async () => {
    const by = (from: string, id: string, emoji: string) => ({
      from,
      id,
      group_id: "Y2FwaV9ncm91cA",
      timestamp: "1795000300",
      type: "reaction",
      reaction: { message_id: "wamid.GROUP1", emoji },
    });
    const said = { from: ANA, group_id: "Y2FwaV9ncm91cA", id: "wamid.GROUP1", timestamp: "1795000200" };
    const reactions = [by(ANA, "wamid.R1", "👍"), by("5511987650001", "wamid.R2", "❤️"), by(ANA, "wamid.R3", "😂")];
    const { messages } = await told(
      change("messages", { messages: [{ ...said, type: "text", text: { body: "Olá" } }, ...reactions] }),
    );
    expect(messages("group:Y2FwaV9ncm91cA")[0]?.reactions).toEqual([
      { emoji: "❤️", author: expect.objectContaining({ participant: "5511987650001" }) },
      { emoji: "😂", author: expect.objectContaining({ participant: ANA }) },
    ]);
  });

  it("who calls opens the window, and the call says how it ended", async () => {
    const { messages, logOf, clock } = await told(fixture("call"));
    expect(logOf(ANA)[0]?.after.inbound).toBe(clock.time);
    expect(messages(ANA)).toMatchObject([{ content: { type: "unsupported", reason: "call", raw: { duration: 55 } } }]);
  });

  it("who wants no marketing is known to want none", async () => {
    const { logOf } = await told(fixture("preferences"));
    expect(logOf(ANA)).toMatchObject([
      { type: "consent.changed", data: { topic: "marketing", state: "opted_out", source: "provider" } },
    ]);
  });
});

describe("the past of a number", () => {
  it("becomes messages of both sides at their own times, files in their places", async () => {
    const { messages, table } = await told(fixture("history"), fixture("history-files"));
    expect(messages(ANA).map(({ direction, content, sentAt }) => [direction, content.type, sentAt])).toEqual([
      ["inbound", "text", 1_785_000_000_000],
      ["outbound", "text", 1_785_000_060_000],
      ["inbound", "audio", 1_785_000_120_000],
    ]);
    expect([...table.logs.keys()].filter((log) => log.startsWith("account:"))).toEqual([]);
  });

  it("meets what was recorded live, once", async () => {
    const live = change("messages", { messages: [text("wamid.PAST1", { from: ANA }, "Têm bolos?", "1785000000")] });
    const { messages } = await told(live, fixture("history"));
    expect(messages(ANA)).toHaveLength(3);
  });

  it("is no flood of alerts, however much of it cannot be read", async () => {
    const messages = Array.from({ length: 500 }, (_, index) =>
      index % 2 ? { index } : text(`wamid.P${index}`, { from: ANA }, "x"),
    );
    const { logOf, table } = await told(change("history", { history: [{ threads: [{ id: ANA, messages }] }] }));
    expect(logOf(ANA)).toHaveLength(250);
    expect(table.logs.get("account:whatsapp")).toHaveLength(1);
  });

  it("comes with an address book that is mentioned once and not kept", async () => {
    const another = { state_sync: [{ type: "contact", contact: { phone_number: "351910000002" }, action: "remove" }] };
    const { table } = await told(
      fixture("address-book"),
      fixture("address-book"),
      change("smb_app_state_sync", another),
    );
    expect(table.logs.get("account:whatsapp")).toHaveLength(1);
    expect(JSON.stringify([...table.logs])).not.toContain("351910000002");
  });
});

describe("news", () => {
  it("of a number goes to the account that has it", async () => {
    const second = { ...SAMPLE["whatsapp-cloud"], name: "second" };
    second.settings = { phoneNumberId: "100000000000002", displayPhoneNumber: "+1 555 000 0002" };
    const changes = [
      { field: "phone_number_quality_update", value: { display_phone_number: "15550000002", event: "FLAGGED" } },
      {
        field: "messaging_handovers",
        value: { recipient: { phone_number_id: "100000000000002" }, type: "control_passed" },
      },
      { field: "account_review_update", value: { decision: "APPROVED" } },
    ];
    const { receive, mailbox } = door("whatsapp-cloud", { accounts: [SAMPLE["whatsapp-cloud"], second] });
    await receive(
      webhook("whatsapp-cloud", { body: { object: "whatsapp_business_account", entry: [{ id: "1", changes }] } }),
    );
    expect(mailbox.waiting.map(({ account }) => account)).toEqual(["second", "second", "whatsapp"]);
  });

  it("reads a rejection's reason beside the change as well as inside", async () => {
    const value = { event: "REJECTED", message_template_name: "sale", message_template_language: "en", reason: "NONE" };
    const rejected = { field: "message_template_status_update", value, rejection_info: { reason: "Too many places" } };
    const { receive, mailbox } = door("whatsapp-cloud");
    const entry = [{ id: "1", changes: [rejected, { ...rejected, rejection_info: undefined }] }];
    await receive(webhook("whatsapp-cloud", { body: { object: "whatsapp_business_account", entry } }));
    expect(mailbox.waiting.map(({ data }) => (data as { reason: string }).reason)).toEqual([
      "WhatsApp: Template sale (en) is now REJECTED. Reason: Too many places.",
      "WhatsApp: Template sale (en) is now REJECTED.",
    ]);
  });
});

describe("the table of errors", () => {
  it("has every code once, and a wait for each that only asks for time", () => {
    const codes = Object.values(errors.classes).flat();
    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
    expect(Object.keys(errors.waits).toSorted()).toEqual([...(errors.classes.rate ?? [])].toSorted());
  });
});
