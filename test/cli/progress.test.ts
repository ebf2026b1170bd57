import type { WriteStream } from "node:tty";
import { beforeEach, describe, expect, it } from "vitest";
import { startProgress } from "../../cli/progress.ts";

let written: string;
let time: number;
beforeEach(() => {
  written = "";
  time = 0;
});
function stream(isTTY: boolean, columns = 80): WriteStream {
  const write = (text: string) => {
    written += text;
  };
  return { isTTY, columns, write } as unknown as WriteStream;
}
const now = () => time;
/** What stands on the line in the end. */
const line = () => written.split("\r").at(-1)?.replaceAll("\x1b[K", "");

describe("at a terminal", () => {
  it("is one line with a bar, the rate and the time that is left", () => {
    const progress = startProgress({}, { stream: stream(true), now });
    progress.show({ done: 0, total: 1_000, words: "0 events" });
    expect(line()).toBe("░░░░░░░░░░░░░░░░░░░░░░░░   0%  0 events");
    time = 5_000;
    progress.show({ done: 500, total: 1_000, words: "500 events" });
    expect(line()).toBe("████████████░░░░░░░░░░░░  50%  500 events · 100/s · 5 s left");
    expect(written).not.toContain("\n");
    progress.end();
    expect(line()).toBe("");
  });

  it("counts only what this run did into the rate", () => {
    const progress = startProgress({}, { stream: stream(true), now });
    progress.show({ done: 9_000, total: 20_000, words: "" });
    time = 10_000;
    progress.show({ done: 10_000, total: 20_000, words: "" });
    expect(line()).toContain("100/s · 2 min left");
  });

  it("has no bar where nobody knows the end, is as wide as the terminal, and drawn now and then", () => {
    const progress = startProgress({}, { stream: stream(true, 20), now });
    progress.show({ done: 1, words: "1 delivered and some more" });
    time = 50;
    progress.show({ done: 2, words: "2" });
    expect(line()).toBe("1 delivered and som");
  });
});

describe("in a pipe", () => {
  it("is a line every ten seconds, or nothing", () => {
    for (const inPipe of ["lines", "nothing"] as const) {
      written = "";
      time = 0;
      const progress = startProgress({ inPipe }, { stream: stream(false), now });
      for (; time <= 25_000; time += 1_000) progress.show({ done: time / 1_000, words: `${time / 1_000} events` });
      progress.end();
      expect(written).toBe(inPipe === "nothing" ? "" : "10 events · 1/s\n20 events · 1/s\n");
    }
  });
});
