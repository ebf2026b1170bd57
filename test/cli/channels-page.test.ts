import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { channelsPage, PATH } from "../../cli/channels-page.ts";

it("docs/channels.md says what the connectors declare: `node cli/channels-page.ts` writes it anew", () => {
  expect(readFileSync(PATH, "utf8")).toBe(channelsPage());
});
