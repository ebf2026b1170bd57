import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contactId, conversationId, eventKey, messageId } from "../../shared/domain/ids.ts";

/** As anybody with the secret would make them again, in any language. */
function hmac(secret: string, parts: string[]): string {
  const digest = createHmac("sha256", secret).update(JSON.stringify(parts)).digest();
  return digest.subarray(0, 16).toString("base64url");
}

describe("ids", () => {
  it("are the first half of an HMAC-SHA256 over what they are made of, whatever the secret", () => {
    const secret = fc.oneof(fc.string({ minLength: 1 }), fc.string({ minLength: 60, maxLength: 200, unit: "binary" }));
    const part = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 3 }), part, part, (secrets, account, other) => {
        for (const one of secrets) {
          expect(conversationId(one, account, other)).toBe(`conv_${hmac(one, ["conversation", account, other])}`);
          expect(contactId(one, account, other)).toBe(`con_${hmac(one, ["contact", account, other])}`);
          expect(eventKey(one, account, other)).toBe(hmac(one, ["event", account, other]));
          expect(messageId(one, account, other, 2)).toBe(`msg_${hmac(one, ["message", account, other, "2"])}`);
        }
      }),
    );
  });
});
