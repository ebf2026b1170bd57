/** Telnyx's signature, beside its own library as the judge. */
import { sign } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import Telnyx from "telnyx";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { smsTelnyx } from "../../shared/channels/sms-telnyx/index.ts";
import { ed25519 } from "../contracts/provider.ts";

const vector = JSON.parse(readFileSync(new URL("./telnyx-signature.json", import.meta.url), "utf8")) as {
  publicKey: string;
  timestamp: string;
  body: string;
  signature: string;
};
const SIGNED_AT = Number(vector.timestamp) * 1000;

interface Given {
  body: string;
  headers: Record<string, string>;
  publicKey: unknown;
  receivedAt: number;
}
const genuine: Given = {
  body: vector.body,
  headers: { "telnyx-signature-ed25519": vector.signature, "telnyx-timestamp": vector.timestamp },
  publicKey: [vector.publicKey],
  receivedAt: SIGNED_AT,
};

function verdictOn({ body, headers, publicKey, receivedAt }: Given) {
  const url = "https://hooks.example.test/webhooks/sms-telnyx";
  const request = { method: "POST", url, query: {}, headers, body: Buffer.from(body), receivedAt };
  const account = { name: "telnyx", settings: { from: "+15550000004" }, secrets: { publicKey } };
  return smsTelnyx.receiver.verify(request, account);
}

describe("Telnyx's signature", () => {
  it("fits the vector, with any of several keys, for five minutes either way", () => {
    expect(verdictOn(genuine)).toEqual({ ok: true });
    expect(verdictOn({ ...genuine, publicKey: [ed25519("another").publicKey, vector.publicKey] }).ok).toBe(true);
    expect(verdictOn({ ...genuine, publicKey: vector.publicKey }).ok).toBe(true);
    for (const [apartMs, isTaken] of [
      [300_000, true],
      [301_000, false],
      [-300_000, true],
      [-301_000, false],
    ] as const) {
      expect(verdictOn({ ...genuine, receivedAt: SIGNED_AT + apartMs }).ok).toBe(isTaken);
    }
  });

  it.each<[string, Given, RegExp]>([
    [
      "JSON that was written again",
      { ...genuine, body: JSON.stringify(JSON.parse(vector.body), null, 1) },
      /body as it/,
    ],
    [
      "a later time",
      { ...genuine, headers: { ...genuine.headers, "telnyx-timestamp": "1795341601" } },
      /another account/,
    ],
    ["another account's key", { ...genuine, publicKey: [ed25519("another").publicKey] }, /another account/],
    ["no header", { ...genuine, headers: {} }, /not both there/],
    ["one header", { ...genuine, headers: { "telnyx-timestamp": vector.timestamp } }, /not both there/],
    [
      "half a signature",
      { ...genuine, headers: { ...genuine.headers, "telnyx-signature-ed25519": "AAAA" } },
      /64 bytes/,
    ],
    ["a time in words", { ...genuine, headers: { ...genuine.headers, "telnyx-timestamp": "now" } }, /no number/],
    ["a key that is none", { ...genuine, publicKey: ["a word"] }, /base64 of 32 bytes/],
    ["an old webhook", { ...genuine, receivedAt: SIGNED_AT + 3_600_000 }, /five minutes/],
  ])("is refused with %s, and the hint says why", (_, given, hint) => {
    expect(verdictOn(given)).toMatchObject({ ok: false, hint: expect.stringMatching(hint) });
  });

  describe("beside Telnyx's own library", () => {
    beforeEach(() => void vi.useFakeTimers({ now: SIGNED_AT, toFake: ["Date"] }));
    afterEach(() => void vi.useRealTimers());

    async function isTakenByLibrary({ body, headers }: Given, key: string): Promise<boolean> {
      const { webhooks } = new Telnyx({ apiKey: "KEY", publicKey: key });
      return webhooks.unwrap(body, { headers }).then(
        () => true,
        () => false,
      );
    }

    it("is judged the same, whatever was changed", async () => {
      expect(await isTakenByLibrary(genuine, vector.publicKey)).toBe(true);
      const { publicKey, privateKey } = ed25519("ours");
      const changed = fc.record({
        body: fc.json(),
        seconds: fc.integer({ min: -302, max: 302 }),
        spoil: fc.constantFrom("nothing", "body", "signature", "timestamp", "key"),
      });
      await fc.assert(
        fc.asyncProperty(changed, async ({ body, seconds, spoil }) => {
          const timestamp = String(SIGNED_AT / 1000 + seconds);
          const signature = sign(null, Buffer.from(`${timestamp}|${body}`), privateKey).toString("base64");
          const given: Given = {
            body: spoil === "body" ? `${body} ` : body,
            headers: {
              "telnyx-signature-ed25519": spoil === "signature" ? `A${signature.slice(1)}` : signature,
              "telnyx-timestamp": spoil === "timestamp" ? `${timestamp}0` : timestamp,
            },
            publicKey: [spoil === "key" ? vector.publicKey : publicKey],
            receivedAt: SIGNED_AT,
          };
          const key = spoil === "key" ? vector.publicKey : publicKey;
          expect(verdictOn(given).ok).toBe(await isTakenByLibrary(given, key));
        }),
        { numRuns: 200 },
      );
    });
  });
});
