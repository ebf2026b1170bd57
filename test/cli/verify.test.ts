import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { verify } from "../../cli/verify.ts";
import type { Problem } from "../../shared/domain/verify-log.ts";

let lines: string[];
beforeEach(() => {
  lines = [];
  vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
});
afterEach(() => vi.restoreAllMocks());

it("says that all is well, and what was walked", async () => {
  await verify(undefined, async () => ({ logs: 2, entries: 340, erased: 1, problems: [] }));
  expect(lines[0]).toMatch(/^340 entries in 2 logs: /);
  expect(lines[1]).toBe("1 entry was erased on request.");
});

it("names every problem by log and number, then fails", async () => {
  const problems: Problem[] = [
    { log: "conv_1", sequence: 42, code: "missing", text: "entry 42 is missing" },
    { log: "conv_1", sequence: 43, code: "wrong_state", text: "the state does not follow" },
  ];
  const prove = vi.fn(async () => ({ logs: 1, entries: 42, erased: 0, problems }));
  await expect(verify("conv_1", prove)).rejects.toThrow("2 problems among 42 entries in 1 log.");
  expect(prove).toHaveBeenCalledWith("conv_1", expect.any(Function));
  expect(lines).toEqual([
    "conv_1#42  missing  entry 42 is missing",
    "conv_1#43  wrong_state  the state does not follow",
  ]);
});

it.each(["conv_nope", "con_nope", "account:nope"])("proves nothing about a log that there is not: %s", async (log) => {
  const prove = async () => ({ logs: 1, entries: 0, erased: 0, problems: [] });
  await expect(verify(log, prove)).rejects.toThrow(`There is no log of ${log}: nothing was ever recorded there`);
  expect(lines).toEqual([]);
});

it.each(["nope", "msg_1", "whatsapp", ""])(
  "says what a log is called when it is asked for anything else: %j",
  async (log) => {
    const prove = vi.fn();
    await expect(verify(log, prove)).rejects.toThrow(`${log} names no log. Say conv_…, con_…, or account:`);
    expect(prove).not.toHaveBeenCalled();
  },
);

it("still names what is wrong with a log of which nothing is left", async () => {
  const problems: Problem[] = [
    { log: "conv_1", sequence: 1, code: "cursor_ahead", text: "publish-event has read to 3" },
  ];
  await expect(verify("conv_1", async () => ({ logs: 1, entries: 0, erased: 0, problems }))).rejects.toThrow(
    "1 problem among 0 entries in 1 log.",
  );
});
