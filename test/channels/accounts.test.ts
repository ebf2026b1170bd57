/** A webhook of several accounts enters each of them with what is its own, and no other. */
import { describe, expect, it } from "vitest";
import type { Account, Connector, Parsed } from "../../shared/channels/connector.ts";
import { connectors } from "../../shared/channels/registry.ts";
import { type ConnectorName, SAMPLE, webhook } from "../contracts/provider.ts";

function parsedFor(
  name: ConnectorName,
  body: unknown,
  accounts: readonly Account[],
  path = `/webhooks/${name}`,
): Parsed[] {
  const { receiver }: Connector = connectors[name];
  const result = receiver.parse(webhook(name, { body, path }), accounts);
  if (!result.ok) throw new Error(result.reason);
  return result.parsed;
}

const accountsOf = (parsed: readonly Parsed[]) => parsed.map(({ account }) => account);

describe("WhatsApp", () => {
  const second = { ...SAMPLE["whatsapp-cloud"], name: "second", settings: { phoneNumberId: "100000000000002" } };
  const both = [SAMPLE["whatsapp-cloud"], second];
  const text = (id: string) => ({
    id,
    from: "5511987650000",
    timestamp: "1795000000",
    type: "text",
    text: { body: id },
  });
  const change = (number: unknown, id: string) => ({
    field: "messages",
    value: { metadata: { phone_number_id: number }, messages: [text(id)] },
  });

  it("goes by the number of each change", () => {
    const changes = [
      change("100000000000002", "a"),
      change("100000000000001", "b"),
      change("3", "c"),
      change(undefined, "d"),
    ];
    const parsed = parsedFor(
      "whatsapp-cloud",
      { object: "whatsapp_business_account", entry: [{ id: "1", changes }] },
      both,
    );
    expect(accountsOf(parsed)).toEqual(["second", "whatsapp", undefined, undefined]);
  });

  it("gives news of the whole business to the first account", () => {
    const changes = [{ field: "account_alerts", value: { alert_type: "x" } }];
    const parsed = parsedFor(
      "whatsapp-cloud",
      { object: "whatsapp_business_account", entry: [{ id: "1", changes }] },
      both,
    );
    expect(accountsOf(parsed)).toEqual(["whatsapp"]);
  });

  it("tells the same news at another time as other news", () => {
    const changes = [{ field: "message_template_status_update", value: { event: "PAUSED", message_template_id: 1 } }];
    const at = (time: number) =>
      parsedFor("whatsapp-cloud", { object: "whatsapp_business_account", entry: [{ id: "1", time, changes }] }, both)[0]
        ?.subject;
    expect(at(1)).toBe(at(1));
    expect(at(1)).not.toBe(at(2));
  });
});

describe("Messenger", () => {
  it("goes by the Page of each entry", () => {
    const second = { ...SAMPLE.messenger, name: "second", settings: { pageId: "200000000000002" } };
    const entry = (id: string) => ({
      id,
      messaging: [{ sender: { id: "7001" }, recipient: { id }, timestamp: 1, message: { mid: `m_${id}`, text: "Hi" } }],
    });
    const body = { object: "page", entry: [entry("200000000000002"), entry("200000000000001"), entry("3")] };
    expect(accountsOf(parsedFor("messenger", body, [SAMPLE.messenger, second]))).toEqual([
      "second",
      "messenger",
      undefined,
    ]);
  });
});

describe("Instagram", () => {
  it("goes by the account of each entry, and takes no webhook of a Page", () => {
    const second = { ...SAMPLE.instagram, name: "second", settings: { instagramId: "300000000000002" } };
    const entry = (id: string) => ({
      id,
      messaging: [{ sender: { id: "8001" }, recipient: { id }, timestamp: 1, message: { mid: `m_${id}`, text: "Hi" } }],
    });
    const body = { object: "instagram", entry: [entry("300000000000002"), entry("300000000000001"), entry("3")] };
    expect(accountsOf(parsedFor("instagram", body, [SAMPLE.instagram, second]))).toEqual([
      "second",
      "instagram",
      undefined,
    ]);
    expect(() => parsedFor("instagram", { ...body, object: "page" }, [SAMPLE.instagram])).toThrow("Instagram");
  });
});

describe("Twilio", () => {
  const accountSid = "AC00000000000000000000000000000001";
  const service = `MG${"1".repeat(32)}`;
  const pool = { ...SAMPLE["sms-twilio"], name: "pool", settings: { accountSid, messagingServiceSid: service } };
  const both = [SAMPLE["sms-twilio"], pool];
  const form = (fields: Record<string, string>) =>
    new URLSearchParams({
      MessageSid: "SM1",
      AccountSid: accountSid,
      From: "+351912345678",
      Body: "Oi",
      ...fields,
    }).toString();

  it.each([
    [{ To: "+15550000002" }, "sms"],
    [{ To: "+15550000002", MessagingServiceSid: service }, "sms"],
    [{ To: "+15559999999", MessagingServiceSid: service }, "pool"],
    [{ To: "+15559999999" }, undefined],
    [{ To: "+15550000002", AccountSid: "AC2" }, undefined],
  ])("goes by account and number, or by Messaging Service: %o", (fields, account) => {
    expect(accountsOf(parsedFor("sms-twilio", form(fields), both))).toEqual([account]);
  });

  it("looks at the sender of a status, which is our number", () => {
    const status = form({ From: "+15550000002", To: "+351912345678", MessageStatus: "delivered" });
    expect(parsedFor("sms-twilio", status, both)).toMatchObject([{ account: "sms", address: "+351912345678" }]);
  });
});
