import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { helpdesksPage, PATH } from "../../cli/helpdesks-page.ts";
import { helpdesks } from "../../shared/helpdesks/registry.ts";

it("docs/helpdesks.md says what the helpdesks declare: `node cli/helpdesks-page.ts` writes it anew", () => {
  expect(readFileSync(PATH, "utf8")).toBe(helpdesksPage());
});

it("has a column for every helpdesk, which leads to its page, and an answer in every cell", () => {
  const rows = helpdesksPage()
    .split("\n")
    .filter((line) => line.split(" | ").length > Object.keys(helpdesks).length)
    .map((line) => line.slice(2, -2).split(" | "));
  const [head = [], , ...questions] = rows;
  expect(head.slice(1)).toEqual(
    Object.keys(helpdesks).map((name) => `[${name}](../shared/helpdesks/${name}/README.md)`),
  );
  for (const cells of questions) expect(cells.every((cell) => cell !== "" && !/undefined|NaN/.test(cell))).toBe(true);
  expect(questions.length).toBeGreaterThan(10);
});
