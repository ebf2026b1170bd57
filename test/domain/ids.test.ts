import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  contactId,
  conversationId,
  decodeCorrelation,
  encodeCorrelation,
  eventKey,
  messageId,
  newMessageId,
} from "../../shared/domain/ids.ts";

/** As anybody with the secret would make them again, in any language. */
function made(secret: string, parts: string[]): string {
  return createHash("sha256")
    .update(secret)
    .update("\n")
    .update(JSON.stringify(parts))
    .digest("base64url")
    .slice(0, 22);
}

const part = fc.string({ unit: "binary" });

describe("ids", () => {
  it("are 22 characters of a SHA-256 over the secret and what they are made of", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), part, part, (secret, account, other) => {
        expect(conversationId(secret, account, other)).toBe(`conv_${made(secret, ["conversation", account, other])}`);
        expect(contactId(secret, account, other)).toBe(`con_${made(secret, ["contact", account, other])}`);
        expect(eventKey(secret, account, other)).toBe(made(secret, ["event", account, other]));
        expect(messageId(secret, account, other, 2)).toBe(`msg_${made(secret, ["message", account, other, "2"])}`);
      }),
    );
  });

  it("differ with every part, however the parts are cut", () => {
    fc.assert(
      fc.property(part, part, part, part, (a, b, c, d) => {
        fc.pre(a !== c || b !== d);
        expect(eventKey("s", a, b)).not.toBe(eventKey("s", c, d));
      }),
    );
  });

  it("made anew sort by their time", () => {
    const times = fc.tuple(fc.nat(2 ** 46), fc.nat(2 ** 46));
    const random = fc.uint8Array({ minLength: 10, maxLength: 10 });
    fc.assert(
      fc.property(times, random, random, ([one, two], first, second) => {
        fc.pre(one < two);
        expect(newMessageId(one, first) < newMessageId(two, second)).toBe(true);
      }),
    );
  });

  it("come back from a provider as they were given to it, and from nobody else", () => {
    const ours = { conversation: conversationId("s", "a", "b"), message: messageId("s", "a", "b"), part: 3 };
    expect(decodeCorrelation(encodeCorrelation(ours))).toEqual(ours);
    for (const foreign of [undefined, "", "conv_x.msg_y.0", `${encodeCorrelation(ours)}/`, "order-4711"]) {
      expect(decodeCorrelation(foreign)).toBeUndefined();
    }
  });
});
