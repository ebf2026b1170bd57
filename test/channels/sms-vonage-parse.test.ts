/** Webhooks of Vonage's older SMS API, which come as forms, and say less. */
import { describe, expect, it } from "vitest";
import { smsVonage } from "../../shared/channels/sms-vonage/index.ts";

const account = {
  name: "sms",
  settings: { apiKey: "abcd1234", from: "15550000002", smsSignature: "sha256" as const },
  secrets: {},
};

function parsed(fields: Record<string, string>) {
  const body = new URLSearchParams({
    msisdn: "351912345678",
    to: "15550000002",
    messageId: "0A01",
    sig: "00",
    ...fields,
  });
  const url = "https://hooks.example.test/webhooks/sms-vonage";
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const request = { method: "POST", url, query: {}, headers, body: Buffer.from(String(body)), receivedAt: 0 };
  const result = smsVonage.receiver.parse(request, [account]);
  if (!result.ok) throw new Error(result.reason);
  return result.parsed;
}

describe("a message", () => {
  it("is the customer's, at a time in UTC, which does not say so", () => {
    const { TZ } = process.env;
    process.env.TZ = "America/Sao_Paulo";
    try {
      expect(parsed({ text: "Olá", "message-timestamp": "2026-11-22 11:30:00" })).toMatchObject([
        {
          account: "sms",
          subject: "0A01#received",
          address: "+351912345678",
          time: Date.UTC(2026, 10, 22, 11, 30),
          happening: { type: "message.received", message: { content: { type: "text", text: "Olá" } } },
        },
      ]);
    } finally {
      process.env.TZ = TZ ?? "UTC";
    }
  });

  it.each([
    ["binary", { type: "binary", data: "0A0B", text: "\u0001" }],
    ["empty", {}],
  ])("that is %s is none that can be read", (reason, fields) => {
    expect(parsed(fields)).toMatchObject([{ happening: { message: { content: { type: "unsupported", reason } } } }]);
  });
});

describe("a receipt", () => {
  it.each([
    ["accepted", "message.sent"],
    ["delivered", "message.delivered"],
    ["expired", "message.failed"],
    ["failed", "message.failed"],
    ["rejected", "message.failed"],
  ])("%s is %s, with what went along", (status, type) => {
    const [told] = parsed({ status, "err-code": "6", "client-ref": "conv_1.msg_1.0" });
    expect(told).toMatchObject({ account: "sms", address: "+351912345678", correlation: "conv_1.msg_1.0" });
    expect(told?.happening.type).toBe(type);
    if (type === "message.failed") expect(told?.happening).toMatchObject({ failure: { code: `${status}-6` } });
  });

  it.each(["buffered", "unknown"])("%s is still on its way", (status) => {
    expect(parsed({ status })).toEqual([]);
  });

  it("of another kind is kept for people to look at", () => {
    expect(parsed({ status: "teleported" })).toMatchObject([
      { happening: { type: "account.alert", code: "unreadable_status" } },
    ]);
  });
});
