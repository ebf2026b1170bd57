/** Vonage's two ways to sign, by vectors that its own libraries made, and against what an attacker might try. */
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Account, WebhookRequest } from "../../shared/channels/connector.ts";
import { smsVonage } from "../../shared/channels/sms-vonage/index.ts";
import type { Secrets, Settings, SmsSignature } from "../../shared/channels/sms-vonage/settings.ts";
import { hs256, sha256 } from "../contracts/provider.ts";

interface Vectors {
  token: {
    secret: string;
    body: string;
    madeAt: number;
    token: string;
    withoutSignature: string;
    byAnotherMethod: string;
  };
  form: { secret: string; fields: Record<string, string>; madeAt: number; signatures: Record<string, string> };
}
const { token, form } = JSON.parse(
  readFileSync(new URL("./vonage-signatures.json", import.meta.url), "utf8"),
) as Vectors;

const DAY_MS = 24 * 3_600_000;

function accountWith(secret: unknown, smsSignature?: SmsSignature): Account<Settings, Secrets> {
  const settings = { apiKey: "abcd1234", from: "447700900000", ...(smsSignature && { smsSignature }) };
  return { name: "vonage", settings, secrets: { signatureSecret: secret } };
}

function hintOf(request: WebhookRequest, account: Account<Settings, Secrets>): string {
  const verdict = smsVonage.receiver.verify(request, account);
  return verdict.ok ? "accepted" : verdict.hint;
}

const URL_OF_WEBHOOK = "https://hooks.example.test/webhooks/sms-vonage";

describe("the token of the Messages API", () => {
  const webhook = (changes: { authorization?: string; body?: string; receivedAt?: number } = {}): WebhookRequest => ({
    method: "POST",
    url: URL_OF_WEBHOOK,
    query: {},
    headers: { authorization: changes.authorization ?? `Bearer ${token.token}` },
    body: Buffer.from(changes.body ?? token.body),
    receivedAt: changes.receivedAt ?? token.madeAt + 1000,
  });
  const account = accountWith([token.secret]);
  const claims = { iat: token.madeAt / 1000, payload_hash: sha256(token.body) };
  const signed = (about: object, head?: object) => `Bearer ${hs256(about, token.secret, head)}`;

  it("is accepted as Vonage's library makes it, with any of several secrets", () => {
    expect(hintOf(webhook(), account)).toBe("accepted");
    expect(hintOf(webhook(), accountWith(["another", token.secret]))).toBe("accepted");
    expect(hintOf(webhook({ authorization: signed(claims) }), account)).toBe("accepted");
  });

  it("is accepted for a day, since Vonage repeats for so long", () => {
    expect(hintOf(webhook({ receivedAt: token.madeAt + DAY_MS }), account)).toBe("accepted");
    expect(hintOf(webhook({ receivedAt: token.madeAt + DAY_MS + 1 }), account)).toMatch(/more than a day/);
    expect(hintOf(webhook({ receivedAt: token.madeAt - 300_000 }), account)).toBe("accepted");
    expect(hintOf(webhook({ receivedAt: token.madeAt - 300_001 }), account)).toMatch(/future/);
  });

  it.each<[string, WebhookRequest, RegExp]>([
    ["another body", webhook({ body: `${token.body} ` }), /hash is in the token/],
    ["no signature", webhook({ authorization: `Bearer ${token.withoutSignature}` }), /HS256/],
    ["another method", webhook({ authorization: `Bearer ${token.byAnotherMethod}` }), /HS256/],
    ["a method that only the token names", webhook({ authorization: signed(claims, { alg: "RS256" }) }), /HS256/],
    ["no hash of the body", webhook({ authorization: signed({ iat: claims.iat }) }), /hash is in the token/],
    ["no time", webhook({ authorization: signed({ payload_hash: claims.payload_hash }) }), /when it was made/],
    ["an end that is over", webhook({ authorization: signed({ ...claims, exp: claims.iat - 600 }) }), /expired/],
    ["claims that are no object", webhook({ authorization: signed([]) }), /hash is in the token/],
    ["basic credentials", webhook({ authorization: "Basic YTpi" }), /HS256/],
    ["no header at all", { ...webhook(), headers: {} }, /are signed webhooks switched on/],
  ])("is refused with %s", (_, request, hint) => {
    expect(hintOf(request, account)).toMatch(hint);
  });

  it("is refused by another secret, and a secret with blanks around it is found out", () => {
    expect(hintOf(webhook(), accountWith(["another"]))).toMatch(/another secret/);
    expect(hintOf(webhook(), accountWith([` ${token.secret}\n`]))).toMatch(/blanks around/);
  });
});

describe("the signature of the older SMS API", () => {
  const signature = (method: string) => form.signatures[method] ?? "";
  const given = (fields: Record<string, string>, changes: Partial<WebhookRequest> = {}): WebhookRequest => ({
    method: "POST",
    url: URL_OF_WEBHOOK,
    query: {},
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: Buffer.from(new URLSearchParams(fields).toString()),
    receivedAt: form.madeAt + 1000,
    ...changes,
  });
  const fields = { ...form.fields, sig: signature("sha256") };
  const account = accountWith([form.secret], "sha256");
  const asQuery = { method: "GET", url: `${URL_OF_WEBHOOK}?${new URLSearchParams(fields)}`, body: Buffer.alloc(0) };
  const asJson = { headers: { "content-type": "application/json" }, body: Buffer.from(JSON.stringify(fields)) };

  it.each(["md5hash", "sha256"] as const)("fits Vonage's vector by %s", (method) => {
    const request = given({ ...form.fields, sig: signature(method) });
    expect(hintOf(request, accountWith([form.secret], method))).toBe("accepted");
    expect(hintOf(request, accountWith(["another", form.secret], method))).toBe("accepted");
  });

  it("fits by every method that Vonage offers, in either case", () => {
    const canonical = Object.keys(form.fields)
      .sort()
      .map((name) => `&${name}=${form.fields[name]?.replace(/[&=]/g, "_")}`)
      .join("");
    for (const method of ["md5", "sha1", "sha512"] as const) {
      const sig = createHmac(method, form.secret).update(canonical).digest("hex");
      expect(hintOf(given({ ...form.fields, sig }), accountWith([form.secret], method))).toBe("accepted");
      expect(hintOf(given({ ...form.fields, sig: sig.toUpperCase() }), accountWith([form.secret], method))).toBe(
        "accepted",
      );
    }
  });

  it("fits the same fields by GET and as JSON", () => {
    expect(hintOf(given(fields, asQuery), account)).toBe("accepted");
    expect(hintOf(given(fields, asJson), account)).toBe("accepted");
  });

  it.each<[string, WebhookRequest, RegExp]>([
    ["another text", given({ ...fields, text: "Hello" }), /another secret, or by another method/],
    ["a field more", given({ ...fields, extra: "1" }), /another secret, or by another method/],
    ["another method than the account's", given({ ...fields, sig: signature("md5hash") }), /another method/],
    ["an old time", given(fields, { receivedAt: form.madeAt + DAY_MS + 1 }), /more than a day/],
    ["members that are no words", given(fields, { ...asJson, body: Buffer.from(`{"sig":"1","a":{}}`) }), /switched on/],
    ["an empty signature", given({ ...fields, sig: "" }), /another secret/],
  ])("is refused with %s", (_, request, hint) => {
    expect(hintOf(request, account)).toMatch(hint);
  });

  it("is refused without a time", () => {
    const sig = createHmac("sha256", form.secret).update("&messageId=1").digest("hex");
    expect(hintOf(given({ messageId: "1", sig }), account)).toMatch(/at no time at all/);
  });

  it("counts for nothing where the account does not expect it", () => {
    expect(hintOf(given(fields), accountWith([form.secret]))).toMatch(/smsSignature/);
  });

  it("becomes a message, or a receipt", () => {
    const parsed = (more: Record<string, string>, changes = {}) =>
      smsVonage.receiver.parse(given({ ...fields, ...more }, changes), [account]);
    const text = {
      account: "vonage",
      subject: "0C000000217B7F02#received",
      time: Date.UTC(2026, 10, 22, 10),
      address: "+447700900001",
      number: "+447700900001",
      happening: {
        type: "message.received",
        message: {
          providerMessageId: "0C000000217B7F02",
          author: { type: "contact" },
          content: { type: "text", text: "Hello & bye = ok" },
        },
      },
    };
    expect(parsed({})).toEqual({ ok: true, parsed: [text] });
    expect(parsed({}, asQuery)).toEqual({ ok: true, parsed: [text] });
    expect(parsed({ type: "binary", data: "00" })).toMatchObject({
      parsed: [{ happening: { message: { content: { type: "unsupported", reason: "binary" } } } }],
    });
    expect(parsed({ to: "15559999999" })).toMatchObject({ parsed: [{ account: undefined }] });
    const receipt = (status: string) => parsed({ status, "err-code": "5", "client-ref": "ours" });
    expect(receipt("delivered")).toMatchObject({
      parsed: [
        { subject: "0C000000217B7F02#delivered", correlation: "ours", happening: { type: "message.delivered" } },
      ],
    });
    expect(receipt("accepted")).toMatchObject({ parsed: [{ happening: { type: "message.sent" } }] });
    expect(receipt("buffered")).toEqual({ ok: true, parsed: [] });
    expect(receipt("expired")).toMatchObject({
      parsed: [{ happening: { type: "message.failed", failure: { class: "expired", code: "expired-5" } } }],
    });
    expect(receipt("failed")).toMatchObject({ parsed: [{ happening: { failure: { class: "unknown" } } }] });
    expect(receipt("lost")).toMatchObject({ parsed: [{ happening: { code: "unreadable_status" } }] });
    expect(smsVonage.receiver.parse(given({ sig: "1" }), [account])).toMatchObject({ ok: false });
  });
});
