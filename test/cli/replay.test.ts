/** `recado replay`: what it asks for, and how it tells how far that is. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { replay } from "../../cli/replay.ts";
import { ACCESS, atTerminal, playApi } from "./played-api.ts";

/** Nobody waits: time goes on by itself. */
vi.mock("node:timers/promises", () => ({
  setTimeout: async (ms: number) => void vi.setSystemTime(Date.now() + ms),
}));

const NOW = Date.parse("2026-11-22T12:00:00.000Z");
beforeEach(() => {
  atTerminal();
  vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

interface Attempt {
  at: string;
  event: string;
  outcome: "delivered" | "failed";
  reason?: string;
}
const walk = { id: "rpl_1", kind: "span", startedAt: "2026-11-22T12:00:00.000Z", reached: 0, state: "under_way" };

/** @param step what happened at the so-many-th look */
function play(step: (look: number, attempts: Attempt[]) => object | undefined) {
  // By another clock than this machine's.
  const attempts: Attempt[] = [{ at: "2026-11-22T09:00:00.000Z", event: "old", outcome: "delivered", reason: "rpl_0" }];
  let looks = 0;
  let state: object = walk;
  return playApi(({ method, path, query }) => {
    if (method === "POST") return { replay: { id: "rpl_1" } };
    if (method === "DELETE") return { cancelled: [{ ...walk, state: "cancelled" }] };
    if (path.endsWith("/replays")) {
      state = step(++looks, attempts) ?? state;
      return { data: [state], nextCursor: null };
    }
    const newestFirst = attempts.toReversed();
    const from = Number(query.cursor ?? 0);
    return {
      data: newestFirst.slice(from, from + 2),
      nextCursor: from + 2 < newestFirst.length ? `${from + 2}` : null,
    };
  });
}

const attempt = (number: number, more: Partial<Attempt> = {}): Attempt => ({
  ...{ at: new Date(Date.parse("2026-11-22T09:00:01.000Z") + number).toISOString(), event: `evt_${number}` },
  ...{ outcome: "delivered", reason: "rpl_1" },
  ...more,
});

async function run(options: Partial<Parameters<typeof replay>[1]>): Promise<unknown> {
  return replay("sub_1", { ...ACCESS, wait: true, ...options }).catch((error: unknown) => error);
}

describe("a replay", () => {
  it("is followed to its end: what the walk reached, what was delivered and what failed, each attempt once", async () => {
    const { asked, out, err } = play((look, attempts) => {
      if (look === 2) attempts.push(attempt(1), attempt(2), attempt(3, { reason: "test" }));
      if (look === 4) attempts.push(attempt(4, { outcome: "failed" }), attempt(5), attempt(6, { reason: "rpl_2" }));
      return { ...walk, reached: look, state: look < 4 ? "under_way" : "done" };
    });
    await run({ since: "2h", until: "2026-11-22T11:00Z" });
    const started = asked.find(({ method }) => method === "POST");
    expect(started?.body).toEqual({ since: "2026-11-22T10:00:00.000Z", until: "2026-11-22T11:00:00.000Z" });
    expect(out).toEqual(["rpl_1"]);
    expect(err.at(-2)).toMatch(/^\d+ logs reached, 3 delivered, 1 failed\.$/);
  });

  it("of what failed counts the events of which each has a number behind the id", async () => {
    const { err } = play((look, attempts) => {
      if (look === 1) attempts.push(attempt(1, { reason: "rpl_1.7" }));
      return { ...walk, kind: "failed", reached: 1, state: "done" };
    });
    await run({ failed: true });
    expect(err.at(-1)).toBe("1 event reached, 1 delivered.");
  });

  it("that somebody cancels ends with a failure", async () => {
    play((look) => ({ ...walk, state: look < 3 ? "under_way" : "cancelled" }));
    expect(await run({ since: "2026-11-22" })).toMatchObject({
      name: "Failure",
      message: expect.stringMatching(/cancelled/),
    });
  });

  it("is only begun with --no-wait", async () => {
    const { asked, out } = play(() => undefined);
    await run({ conversation: "conv_1", from: 3, to: 9, wait: false });
    expect(asked.at(-1)).toMatchObject({ method: "POST", body: { conversation: "conv_1", from: 3, to: 9 } });
    expect(out).toEqual(["rpl_1"]);
  });
});

it("shows the replays where nothing is asked for, and cancels them", async () => {
  const { asked, out } = play(() => undefined);
  await run({});
  await run({ cancel: true });
  expect(out.map((line) => JSON.parse(line).state)).toEqual(["under_way", "cancelled"]);
  expect(asked.map(({ method }) => method)).toEqual(["GET", "DELETE"]);
});

it("that Recado refuses says which option it is about", async () => {
  const refusal = { status: 422, code: "invalid_body", detail: "The field must be after since.", field: "until" };
  playApi(({ method }) =>
    method === "POST" ? Response.json(refusal, { status: 422 }) : { data: [], nextCursor: null },
  );
  expect(await run({ since: "1h", until: "2h" })).toMatchObject({
    name: "Failure",
    message: "Recado answered 422: The field until must be after since.",
  });
});

it.each([
  [{ conversation: "conv_1", failed: true as const }, /^Say one of/],
  [{ from: 3, failed: true as const }, /--conversation/],
  [{ until: "2h" }, /needs --since/],
  [{ since: "yesterday" }, /is no time/],
])("%j is refused before anything is asked", async (options, sentence) => {
  const { asked } = play(() => undefined);
  expect(await run(options)).toMatchObject({ name: "Failure", message: expect.stringMatching(sentence) });
  expect(asked).toEqual([]);
});
