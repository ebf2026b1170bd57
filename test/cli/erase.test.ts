/** `recado erase`: nobody is erased by accident, and the receipt is told. */
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { erase } from "../../cli/erase.ts";
import { ErasureAnswer } from "../../shared/domain/erasure-shapes.ts";
import { ACCESS, atTerminal, notFound, playApi } from "./played-api.ts";

/** Nobody waits. */
vi.mock("node:timers/promises", () => ({ setTimeout: async () => {} }));

const { stdin } = process;
beforeEach(() => void vi.spyOn(process.stderr, "write").mockReturnValue(true));
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  Object.defineProperty(process, "stdin", { value: stdin, configurable: true });
  atTerminal();
});

const kept = [
  { kind: "contact", contact: { id: "con_1", name: "Ana Ribeiro", absorbed: ["con_2"], conversations: [] } },
  {
    kind: "conversation",
    conversation: {
      channel: "sms",
      account: "twilio",
      address: "+351912345678",
      lastActivityAt: "2026-11-20T10:00:00Z",
    },
    events: 1_204,
  },
  { kind: "event", event: {} },
];
const running = { id: "era_1", contact: "con_1", status: "running", requestedAt: "2026-11-22T10:00:00Z" };
const done: ErasureAnswer["erasure"] = ErasureAnswer.shape.erasure.parse({
  ...running,
  status: "done",
  finishedAt: "2026-11-22T10:00:09Z",
  receipt: {
    log: { conversations: 1, contacts: 2, entries: 1_204 },
    ...{ files: 3, aliases: 0, providerIds: 0, claims: 0, idempotencyKeys: 0, messageIds: 0, bodies: 0 },
    ...{ quarantine: 0, accountEvents: 0, deadLetters: 0 },
    helpdesks: [{ name: "desk", removed: 2, told: false }],
    remains: [{ place: "uploads", detail: "Yours.", until: "2026-12-27T00:00:00Z", ids: ["med_1"] }],
  },
});

/** Its erasure is done at the second look. */
function play({ isKept = true, begun = running as object } = {}) {
  let looks = 0;
  return playApi(({ method, path }) => {
    if (path.endsWith("/export")) return isKept ? { data: kept, nextCursor: "more" } : notFound();
    if (method === "DELETE") return { erasure: begun };
    return { erasure: ++looks === 1 ? running : done };
  });
}

function answer(text: string): void {
  const input = new PassThrough();
  Object.defineProperty(process, "stdin", { value: input, configurable: true });
  Object.defineProperty(input, "isTTY", { value: true });
  input.end(text);
}

describe("at a terminal", () => {
  beforeEach(() => atTerminal("stdin", "stdout", "stderr"));

  it("shows what will be erased and names nobody, asks, follows, and prints the receipt in words", async () => {
    answer("erase\n");
    const { asked, out, err } = play();
    await erase("con_1", ACCESS);
    expect(err.slice(0, 2)).toEqual([
      "con_1, A… R…, with 1 contact merged into them:",
      "  twilio (sms), …678: 1,204 events, the last on 2026-11-20",
    ]);
    expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "GET /v1/contacts/con_1/export",
      "DELETE /v1/contacts/con_1",
      "GET /v1/erasures/era_1",
      "GET /v1/erasures/era_1",
    ]);
    expect(out).toEqual([
      "con_1 is erased. Receipt era_1, 2026-11-22 10:00:09 UTC:",
      "  logs of 1 conversation and 2 contacts: 1,204 entries",
      "  files of messages: 3",
      "  helpdesk desk: 2 ties removed, its agents could not be told",
      "What remains:",
      "  uploads (until 2026-12-27): Yours.",
      "    med_1",
    ]);
  });

  it.each(["yes\n", "\n", ""])("erases nothing when the answer is %j", async (text) => {
    answer(text);
    const { asked } = play();
    await expect(erase("con_1", ACCESS)).rejects.toThrow("Nothing was erased.");
    expect(asked.some(({ method }) => method === "DELETE")).toBe(false);
  });
});

describe("in a pipe", () => {
  beforeEach(() => atTerminal());

  it("erases nobody by a part of them, and says who they are", async () => {
    const { asked } = play();
    await expect(erase("con_2", { ...ACCESS, yes: true })).rejects.toThrow("con_2 is part of con_1. Name that one");
    expect(asked.some(({ method }) => method === "DELETE")).toBe(false);
  });

  it("asks for nothing and erases nothing without --yes", async () => {
    const { asked } = play();
    await expect(erase("con_1", ACCESS)).rejects.toThrow("say --yes");
    expect(asked).toEqual([]);
  });

  it("prints the receipt as JSON with --yes", async () => {
    const { out } = play();
    await erase("con_1", { ...ACCESS, yes: true });
    expect(out.map((line) => JSON.parse(line))).toEqual([done]);
  });

  it("tells of the erasure of somebody of whom nothing is kept any more", async () => {
    const { asked, out } = play({ isKept: false, begun: done });
    await erase("con_1", { ...ACCESS, yes: true });
    expect(JSON.parse(out[0] ?? "")).toEqual(done);
    expect(asked).toHaveLength(2);
  });
});
