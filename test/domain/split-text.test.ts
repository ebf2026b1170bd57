import * as fc from "fast-check";
import { expect, test } from "vitest";
import { splitText } from "../../shared/domain/split-text.ts";

const characters = (most: number) => ({ most, size: (text: string) => text.length });
const bytes = (most: number) => ({ most, size: (text: string) => Buffer.byteLength(text) });
const FAMILY = "👨‍👩‍👧‍👦";

test.each<[string, string, number, string[]]>([
  ["ends a part with a sentence", "Bom dia. Tudo bem? Sim.", 19, ["Bom dia. Tudo bem?", "Sim."]],
  ["else with a word", "uma frase sem fim", 10, ["uma frase", "sem fim"]],
  ["else inside the word", "abcdefghij", 4, ["abcd", "efgh", "ij"]],
  ["keeps a web address whole", "Veja https://a.pt/?q=1.2 hoje", 20, ["Veja", "https://a.pt/?q=1.2", "hoje"]],
  ["keeps the lines between", "Um.\n\nDois.\nTrês.", 12, ["Um.\n\nDois.", "Três."]],
  ["knows sentences without blanks", "你好。再见。", 3, ["你好。", "再见。"]],
  ["never cuts a family", FAMILY.repeat(3), 25, [FAMILY.repeat(2), FAMILY]],
  ["nor an accent from its letter", "e\u0301".repeat(3), 3, ["e\u0301", "e\u0301", "e\u0301"]],
  ["makes no part of blanks", "a.          b", 3, ["a.", "b"]],
])("%s", (_, text, most, parts) => {
  expect(splitText(text, characters(most))).toEqual(parts);
});

test("counts bytes where the provider does", () => {
  expect(splitText("ééé ééé", bytes(6))).toEqual(["ééé", "ééé"]);
});

test("loses nothing but blanks, keeps the order, and fills no part over the brim", () => {
  const piece = fc.oneof(
    fc.constantFrom("Olá. ", "sim ", "\n", FAMILY, "🇵🇹", "👍🏽", "não", "https://a.pt/?x=1 "),
    fc.string({ unit: "grapheme" }),
  );
  const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(""));
  const rooms = fc.tuple(fc.constantFrom(characters, bytes), fc.integer({ min: 40, max: 120 }));
  fc.assert(
    fc.property(text, rooms, (written, [unit, most]) => {
      const room = unit(most);
      const parts = splitText(written, room);
      expect(parts.join("").replace(/\s/g, "")).toBe(written.replace(/\s/g, ""));
      for (const part of parts) {
        expect(room.size(part)).toBeLessThanOrEqual(most);
        expect(part.isWellFormed()).toBe(written.isWellFormed());
        expect(part.trim()).not.toBe("");
      }
    }),
    { numRuns: 2_000 },
  );
});
