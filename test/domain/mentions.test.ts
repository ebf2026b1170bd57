import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mentions, spellingsOf } from "../../shared/domain/mentions.ts";

const ANA = "5511987650000";

describe("a text names a customer", () => {
  it.each([
    ["as JSON", `{"from":"${ANA}"}`],
    ["with its +", `From=+${ANA}&Body=oi`],
    ["percent-encoded", `From=%2B${ANA}`],
    ["as the last thing", ANA],
  ])("%s", (_, text) => {
    expect(mentions(text, spellingsOf(`+${ANA}`))).toBe(true);
  });

  it("inside of base64, wherever the number begins and ends", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 9 }), fc.uint8Array({ maxLength: 9 }), (before, behind) => {
        const id = Buffer.concat([before, Buffer.from(ANA), behind]).toString("base64");
        expect(mentions(`wamid.${id}`, spellingsOf(ANA))).toBe(true);
      }),
    );
  });

  it.each([
    ["whose number is a part of another one's", `{"from":"1${ANA}"}`, ANA],
    ["whose number another one's is a part of", `{"from":"${ANA}"}`, `${ANA}1`],
    ["whose address is so short that it is in any text", `{"timestamp":"12345"}`, "12345"],
    ["of whom it says nothing", `{"from":"351912345678"}`, ANA],
  ])("but not one %s", (_, text, address) => {
    expect(mentions(text, spellingsOf(address))).toBe(false);
  });
});
