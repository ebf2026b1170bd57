import fc from "fast-check";
import { SegmentedMessage } from "sms-segments-calculator";
import { describe, expect, test } from "vitest";
import { networkText, segments } from "../../shared/domain/segments.ts";

describe("segments of a text", () => {
  test.each<[string, string, ReturnType<typeof segments>]>([
    ["nothing", "", { encoding: "GSM-7", segments: 0, units: 0 }],
    ["160 plain letters", "a".repeat(160), { encoding: "GSM-7", segments: 1, units: 160 }],
    ["one letter more", "a".repeat(161), { encoding: "GSM-7", segments: 2, units: 161 }],
    ["a lower-case ç", `${"a".repeat(69)}ç`, { encoding: "UCS-2", segments: 1, units: 70 }],
    ["a capital Ç", `${"a".repeat(69)}Ç`, { encoding: "GSM-7", segments: 1, units: 70 }],
    ["80 euro signs", "€".repeat(80), { encoding: "GSM-7", segments: 1, units: 160 }],
    ["81 euro signs", "€".repeat(81), { encoding: "GSM-7", segments: 2, units: 162 }],
    ["brackets that straddle", "]".repeat(153), { encoding: "GSM-7", segments: 3, units: 306 }],
    ["35 emoji", "🕐".repeat(35), { encoding: "UCS-2", segments: 1, units: 70 }],
    ["36 emoji", "🕐".repeat(36), { encoding: "UCS-2", segments: 2, units: 72 }],
    ["a family", "👨‍👩‍👧‍👦", { encoding: "UCS-2", segments: 1, units: 11 }],
    ["accents written apart", "e\u0301", { encoding: "GSM-7", segments: 1, units: 1 }],
    ["line ends of two characters", "a\r\nb", { encoding: "GSM-7", segments: 1, units: 3 }],
  ])("%s", (_, text, expected) => {
    expect(segments(text)).toEqual(expected);
  });

  test("are those of Twilio's own calculator", () => {
    const character = fc.oneof(
      fc.constantFrom(
        ..."aeiou nrst.,?!\n",
        ..."áàãâéêíóõôúçÇÉÜ",
        ..."^{}\\[~]|€",
        "👨‍👩‍👧‍👦",
        "👍🏽",
        "🇵🇹",
        "e\u0301",
        "“",
        "\t",
      ),
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
    );
    // Long enough for several segments, and mostly of few kinds, so that long texts in the GSM alphabet come up, too.
    const alphabet = fc.array(character, { minLength: 1, maxLength: 6 });
    const text = fc
      .tuple(alphabet, fc.array(fc.nat(5), { minLength: 1, maxLength: 400 }))
      .map(([letters, places]) => places.map((place) => letters[place % letters.length]).join(""));
    fc.assert(
      fc.property(text, (written) => {
        const judge = new SegmentedMessage(networkText(written), "auto");
        expect(segments(written)).toMatchObject({
          encoding: judge.encodingName,
          segments: judge.segmentsCount,
        });
      }),
      { numRuns: 10_000 },
    );
  });
});
