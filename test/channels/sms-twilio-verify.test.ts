import { readFileSync } from "node:fs";
import { parse as parseQuery, stringify as writeQuery } from "node:querystring";
import fc from "fast-check";
import twilio from "twilio";
import { describe, expect, it } from "vitest";
import { smsTwilio } from "../../shared/channels/sms-twilio/index.ts";

interface Vector {
  about: string;
  token: string;
  url: string;
  method: string;
  body: string;
  signature: string;
}
const vectors = JSON.parse(readFileSync(new URL("./twilio-signatures.json", import.meta.url), "utf8")) as Vector[];

function judge(vector: Omit<Vector, "about">, settings: { publicUrl?: string } = {}) {
  const { token, url, method, body, signature } = vector;
  const headers = { "x-twilio-signature": signature };
  const request = { method, url, query: {}, headers, body: Buffer.from(body), receivedAt: 0 };
  const account = { name: "sms", settings: { accountSid: "AC1", ...settings }, secrets: { authToken: [token] } };
  return smsTwilio.receiver.verify(request, account);
}

describe("Twilio's signature", () => {
  it.each(vectors)("fits the vector: $about", (vector) => {
    expect(judge(vector)).toEqual({ ok: true });
  });

  it.each(vectors)("fits no changed body, URL, token or signature: $about", (vector) => {
    if (vector.body) expect(judge({ ...vector, body: `${vector.body}x` }).ok).toBe(false);
    expect(judge({ ...vector, url: vector.url.replace("://", "://x") }).ok).toBe(false);
    expect(judge({ ...vector, token: `${vector.token}x` }).ok).toBe(false);
    expect(judge({ ...vector, signature: `A${vector.signature.slice(1)}` }).ok).toBe(vector.signature.startsWith("A"));
  });

  const [form] = vectors;
  if (!form) throw new Error("no vectors");
  const params = Object.fromEntries(new URLSearchParams(form.body));
  const signedFor = (url: string, fields: Record<string, string> = params) => ({
    ...form,
    signature: twilio.getExpectedTwilioSignature(form.token, url, fields),
  });

  it.each([
    [signedFor(form.url.replace("https", "http")), /signed for http/],
    [signedFor(form.url.replace("?", "/?")), /slash at the end/],
    [signedFor(form.url, {}), /without the form/],
    [signedFor(form.url, { ...params, Body: "trimmed" }), /another token .* or for another URL/],
    [{ ...form, signature: "no signature" }, /not a base64 SHA-1/],
  ])("names the likely cause of a refusal (%#)", (vector, hint) => {
    expect(judge(vector)).toMatchObject({ ok: false, hint: expect.stringMatching(hint) });
  });

  it("counts for the address that Twilio called, where a domain or a proxy is in front", () => {
    const inside = { ...form, url: "https://abc.lambda-url.test/webhooks/sms-twilio?tenant=acme" };
    const publicUrl = "https://hooks.example.test/recado/";
    const signature = signedFor("https://hooks.example.test/recado/webhooks/sms-twilio?tenant=acme").signature;
    expect(judge({ ...inside, signature }, { publicUrl })).toEqual({ ok: true });
    expect(judge({ ...inside, signature })).toMatchObject({ ok: false });
    // Status callbacks name the function's own address.
    expect(judge({ ...inside, signature: signedFor(inside.url).signature }, { publicUrl })).toEqual({ ok: true });
  });

  it("refuses a JSON body that is not the one whose hash was signed", () => {
    const json = vectors.find(({ url }) => url.includes("bodySHA256"));
    if (!json) throw new Error("no vector for JSON");
    expect(judge({ ...json, body: '{"hello":"mars"}' })).toMatchObject({
      ok: false,
      hint: expect.stringMatching(/hash/),
    });
  });

  it("is judged as Twilio's own library judges it, for any URL, form and spelling", () => {
    const word = fc.stringMatching(/^[a-zA-Z0-9 '()*!~_.é😀%&=+-]{0,12}$/u);
    const url = fc
      .record({
        port: fc.constantFrom("", ":443", ":8443"),
        path: word,
        query: fc.array(fc.tuple(word, word), { maxLength: 3 }),
        isForm: fc.boolean(),
      })
      .map(({ port, path, query, isForm }) => {
        const strict = query
          .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
          .join("&");
        const written = isForm ? new URLSearchParams(query).toString() : strict;
        return `https://hooks.example.test${port}/${encodeURIComponent(path)}${written ? `?${written}` : ""}`;
      });
    const spelled = fc.constantFrom<(url: string) => string>(
      (one) => one,
      (one) => one.replace(/^https:\/\/[^/]*/, "https://hooks.example.test"),
      (one) => one.replace(/^https:\/\/[^/]*/, "https://hooks.example.test:443"),
      (one) => one.replaceAll("'", "%27"),
      (one) => one.replaceAll("%20", "+"),
      (one) => one.replaceAll("+", "%20"),
      (one) => one.replace(/\?(.+)$/, (_, query: string) => `?${writeQuery(parseQuery(query))}`),
      (one) => `${one}/`,
    );
    fc.assert(
      fc.property(url, fc.dictionary(word.filter(Boolean), word), spelled, (called, fields, spell) => {
        const signature = twilio.getExpectedTwilioSignature("token", spell(called), fields);
        const body = new URLSearchParams(fields).toString();
        fc.pre(!called.includes("bodySHA256"));
        const ours = judge({ token: "token", url: called, method: "POST", body, signature }).ok;
        expect(ours).toBe(twilio.validateRequest("token", signature, called, fields));
      }),
      { numRuns: 1000 },
    );
  });
});
