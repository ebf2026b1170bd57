import { describe, expect, it } from "vitest";
import { adviceFor, quote } from "../../../functions/post-to-helpdesk/advice.ts";

describe("a reply that is quoted", () => {
  it.each([
    ["Já vai\n  a caminho", "“Já vai a caminho”"],
    ["x".repeat(60), `“${"x".repeat(60)}”`],
    ["x".repeat(61), `“${"x".repeat(60)}…”`],
    // Two units each, and one character.
    ["😀".repeat(60), `“${"😀".repeat(60)}”`],
  ])("%s", (text, quoted) => {
    expect(quote(text)).toBe(quoted);
  });
});

describe("advice", () => {
  it("names the templates that may still go out, where there are any", () => {
    const late = { class: "window", reason: "Too late." } as const;
    expect(adviceFor(late, ["order_shipped", "hello"])).toContain("can go out (order_shipped, hello): write");
    expect(adviceFor(late, [])).toContain("can go out: write");
  });

  it("is the reason alone where there is nothing to do", () => {
    expect(adviceFor({ class: "policy", reason: "The provider does not allow it." }, [])).toBe(
      "The provider does not allow it.",
    );
  });
});
