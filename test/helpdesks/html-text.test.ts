import { expect, it } from "vitest";
import { htmlBlock } from "../../shared/helpdesks/html-text.ts";

it.each([
  ["um\ndois\r\ntrês\rquatro", "<p>um<br>dois<br>três<br>quatro</p>"],
  ["<b>&amp;</b>", "<p>&lt;b&gt;&amp;amp;&lt;/b&gt;</p>"],
])("%j reads as it was written", (text, html) => {
  expect(htmlBlock(text, "p")).toBe(html);
});
