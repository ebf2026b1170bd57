import { describe, expect, it } from "vitest";
import { connectors } from "../../shared/channels/registry.ts";
import { smsTelnyx } from "../../shared/channels/sms-telnyx/index.ts";
import { smsTwilio } from "../../shared/channels/sms-twilio/index.ts";
import { smsVonage } from "../../shared/channels/sms-vonage/index.ts";
import { asked, CORRELATION, codes, opened, type Provider, refusal, subjects, webhook } from "./asked-provider.ts";

describe("sms-twilio", () => {
  const accountSid = `AC${"0".repeat(31)}1`;
  const settings = { accountSid, from: "+15550000002" };
  const secrets = { apiKey: "SK1", apiSecret: "secret" };
  const base = `/2010-04-01/Accounts/${accountSid}/Messages`;
  const twilio = { ...smsTwilio, settings };
  const row = (sid: string, more: object) => ({
    sid,
    account_sid: accountSid,
    direction: "inbound",
    status: "received",
    from: "+15551200002",
    to: "+15550000002",
    body: "Olá",
    num_media: "0",
    messaging_service_sid: null,
    error_code: null,
    error_message: null,
    date_created: "Sun, 22 Nov 2026 11:30:00 +0000",
    date_sent: "Sun, 22 Nov 2026 11:30:01 +0000",
    date_updated: "Sun, 22 Nov 2026 11:30:02 +0000",
    ...more,
  });
  const sent = (sid: string, status: string, more: object = {}) =>
    row(sid, { direction: "outbound-api", from: "+15550000002", to: "+15551200002", status, ...more });
  /** What the lists of what came in and of what went out hold. */
  const listing =
    (inbound: object[], outbound: object[] = [], more: Provider = () => undefined): Provider =>
    (url, request) => {
      if (url.pathname !== `${base}.json`) return more(url, request);
      return { messages: url.searchParams.has("To") ? inbound : outbound, next_page_uri: null };
    };

  it("tells a message as its webhook would have, with Twilio's own time", async () => {
    const answer = await asked(twilio, secrets, listing([row("SM1", { body: " Olá " })]));
    const form = { AccountSid: accountSid, MessageSid: "SM1", From: "+15551200002", To: "+15550000002", Body: " Olá " };
    const told = smsTwilio.receiver.parse(webhook(String(new URLSearchParams(form))), [
      { name: "shop", settings, secrets },
    ]);
    expect(told).toEqual({ ok: true, parsed: answer.parsed.map(({ time: _, ...parsed }) => parsed) });
    expect(answer.parsed[0]?.time).toBe(Date.parse("2026-11-22T11:30:00Z"));
    expect(answer.isComplete).toBe(true);
  });

  it("leaves what came to another account's number in the same Messaging Service to that account", async () => {
    const pool = { accountSid, messagingServiceSid: `MG${"0".repeat(32)}` };
    const rows = [
      row("SM1", { messaging_service_sid: pool.messagingServiceSid }),
      row("SM2", { messaging_service_sid: pool.messagingServiceSid, to: "+15550000009" }),
    ];
    const everything: Provider = (url) =>
      url.pathname === `${base}.json` ? { messages: rows, next_page_uri: null } : undefined;
    const answer = await asked({ ...smsTwilio, settings: pool }, secrets, everything, [], [{ name: "own", settings }]);
    expect(subjects(answer)).toEqual(["SM2#received"]);
  });

  it("leaves what is still coming in, and what Twilio answered by itself", async () => {
    const inbound = [row("SM1", { status: "receiving" })];
    const answer = await asked(
      twilio,
      secrets,
      listing(inbound, [sent("SM2", "sent", { direction: "outbound-reply" })]),
    );
    expect(subjects(answer)).toEqual([]);
    expect(answer.isComplete).toBe(true);
  });

  it("asks for what came to our number and what left it, in the span alone, with the key", async () => {
    const { requests } = await asked(twilio, secrets, listing([]));
    const [first, second] = requests.map(({ url }) => Object.fromEntries(new URL(url).searchParams));
    const span = { "DateSent>": "2026-11-22T11:00:00Z", "DateSent<": "2026-11-22T12:00:00Z", PageSize: "100" };
    expect([first, second]).toEqual([
      { To: "+15550000002", ...span },
      { From: "+15550000002", ...span },
    ]);
    const authorization = `Basic ${Buffer.from("SK1:secret").toString("base64")}`;
    expect(requests.map(({ headers }) => headers.authorization)).toEqual([authorization, authorization]);
  });

  it("tells each file of a message, by their own list", async () => {
    const media = `${base}/MM1/Media`;
    const mediaList = [
      { uri: `${media}/ME1.json`, content_type: "image/jpeg" },
      { uri: `${media}/ME2.json`, content_type: "audio/ogg" },
    ];
    const files: Provider = ({ pathname }) => (pathname === `${media}.json` ? { media_list: mediaList } : undefined);
    const answer = await asked(twilio, secrets, listing([row("MM1", { num_media: "2" })], [], files));
    expect(subjects(answer)).toEqual(["MM1#received", "MM1.1#received"]);
    expect(answer.parsed[0]?.happening).toMatchObject({
      message: {
        content: {
          type: "image",
          caption: "Olá",
          media: { url: `https://api.twilio.com${media}/ME1`, contentType: "image/jpeg" },
        },
      },
    });
  });

  it("tells nothing of a message whose files Twilio does not name for now, and is not complete", async () => {
    const later: Provider = () => refusal(503);
    const answer = await asked(twilio, secrets, listing([row("MM1", { num_media: "1" }), row("SM2", {})], [], later));
    expect(subjects(answer)).toEqual(["SM2#received"]);
    expect(answer.isComplete).toBe(false);
  });

  it("tells how far what we sent has come, failures with their code", async () => {
    const outbound = [
      sent("SM4", "queued"),
      sent("SM3", "undelivered", { error_code: 30003, error_message: "Unreachable" }),
      sent("SM2", "delivered"),
    ];
    const answer = await asked(twilio, secrets, listing([], outbound), [opened("SM2")]);
    expect(subjects(answer)).toEqual(["SM2#delivered", "SM3#failed"]);
    expect(answer.parsed.map(({ correlation }) => correlation)).toEqual([CORRELATION, undefined]);
    expect(answer.parsed[1]?.happening).toMatchObject({ failure: { class: "transient", code: "30003" } });
  });

  it("asks for the open messages that are older than the span, one by one", async () => {
    const one: Provider = ({ pathname }) => (pathname === `${base}/SM9.json` ? sent("SM9", "delivered") : undefined);
    const answer = await asked(twilio, secrets, listing([], [sent("SM8", "sent")], one), [
      opened("SM8"),
      opened("SM9"),
    ]);
    expect(subjects(answer)).toEqual(["SM8#sent", "SM9#delivered"]);
    expect(answer.requests).toHaveLength(3);
  });

  it("follows the pages as long as they are Twilio's own", async () => {
    const paged: Provider = (url) => {
      if (url.searchParams.has("From")) return { messages: [], next_page_uri: null };
      const isSecond = url.searchParams.get("Page") === "1";
      const next = isSecond ? "https://elsewhere.example/list" : `${base}.json?To=x&Page=1&PageToken=PASM2`;
      return { messages: [row(isSecond ? "SM1" : "SM2", {})], next_page_uri: next };
    };
    const answer = await asked(twilio, secrets, paged);
    // What was said first stands last in the list.
    expect(subjects(answer)).toEqual(["SM1#received", "SM2#received"]);
    expect(new Set(answer.requests.map(({ url }) => new URL(url).origin))).toEqual(new Set(["https://api.twilio.com"]));
  });

  it("stops at a list without an end, and is not complete", async () => {
    const endless: Provider = (url) => ({ messages: [], next_page_uri: `${url.pathname}${url.search}` });
    const answer = await asked(twilio, secrets, endless);
    expect(answer.isComplete).toBe(false);
    expect(answer.requests.length).toBeLessThanOrEqual(100);
  });

  it("of a Messaging Service reads the account's list and keeps what is the service's", async () => {
    const messagingServiceSid = `MG${"0".repeat(32)}`;
    const service = { ...smsTwilio, settings: { accountSid, messagingServiceSid } };
    const rows = [row("SM1", { messaging_service_sid: messagingServiceSid, to: "+15550000007" }), row("SM2", {})];
    const answer = await asked(service, secrets, () => ({ messages: rows, next_page_uri: null }));
    expect(subjects(answer)).toEqual(["SM1#received"]);
    expect(answer.requests).toHaveLength(1);
  });

  it("alerts once a day when the key is refused or missing", async () => {
    const answer = await asked(twilio, secrets, () => refusal(401, { code: 20003, message: "Authenticate" }));
    expect(answer).toMatchObject({ isComplete: false, parsed: [{ subject: "reconcile_denied#2026-11-22#alert" }] });
    expect(answer.requests).toHaveLength(1);
    const unset = await asked(twilio, {}, () => undefined);
    expect([codes(unset), unset.requests, unset.isComplete]).toEqual([["reconcile_denied"], [], false]);
  });
});

describe("sms-telnyx", () => {
  const telnyx = { ...smsTelnyx, settings: { from: "+15550000004" } };
  const message = (status: string, more: object = {}) => ({
    data: {
      id: "40e",
      direction: "outbound",
      from: { phone_number: "+15550000004" },
      to: [{ phone_number: "+15551200003", status }],
      completed_at: "2026-11-22T11:30:00.000+00:00",
      errors: [],
      ...more,
    },
  });

  it("tells how a message ended", async () => {
    const answer = await asked(telnyx, { apiKey: "KEY" }, () => message("delivered"), [opened("40e")]);
    expect(subjects(answer)).toEqual(["40e#delivered"]);
    expect(answer.parsed[0]).toMatchObject({ correlation: CORRELATION, time: Date.parse("2026-11-22T11:30:00Z") });
    expect(answer.requests[0]).toMatchObject({
      url: "https://api.telnyx.com/v2/messages/40e",
      headers: { authorization: "Bearer KEY" },
    });
    const errors = [{ code: "40008", title: "Undeliverable" }];
    const failed = await asked(telnyx, { apiKey: "KEY" }, () => message("delivery_failed", { errors }), [
      opened("40e"),
    ]);
    expect(failed.parsed[0]?.happening).toMatchObject({ type: "message.failed", failure: { code: "40008" } });
  });

  it("says nothing of one that is under way, or that Telnyx does not know", async () => {
    for (const provider of [() => message("queued"), () => refusal(404)]) {
      const answer = await asked(telnyx, { apiKey: "KEY" }, provider, [opened("40e")]);
      expect([answer.parsed, answer.isComplete]).toEqual([[], true]);
    }
  });
});

describe("sms-vonage", () => {
  it("cannot be asked: Vonage lists messages in a paid API alone", () => {
    expect(smsVonage.reconciler).toBeUndefined();
    expect(
      Object.values(connectors)
        .filter((one) => "reconciler" in one)
        .map(({ name }) => name),
    ).toEqual(["whatsapp-cloud", "messenger", "instagram", "sms-twilio", "sms-telnyx"]);
  });
});
