/** `recado send --to`: to somebody who is in no conversation yet. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { send } from "../../cli/send.ts";
import { ACCESS, atTerminal, playApi } from "./played-api.ts";

beforeEach(() => atTerminal());
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  process.exitCode = undefined;
});

const content = { type: "text", text: "Olá" };
const author = { type: "agent" };
const plan = { allowed: false, reasons: [{ code: "window_closed", text: "Too late." }], parts: [], changes: [] };
const play = () =>
  playApi(({ query }) =>
    query.dryRun
      ? { plan, passedOver: [{ to: {}, reasons: [...plan.reasons, { code: "opted_out", text: "They want none." }] }] }
      : { message: { id: "msg_1" } },
  );

it.each([
  [
    { to: "+351912345678", account: "sms" },
    { account: "sms", address: "+351912345678" },
  ],
  [{ to: "con_1" }, { contact: "con_1" }],
  [
    { to: "con_1", account: "sms" },
    { contact: "con_1", account: "sms" },
  ],
])("%j", async (options, to) => {
  const { asked, out } = play();
  await send(["Olá"], { ...ACCESS, wait: 0, ...options });
  expect(asked).toMatchObject([{ method: "POST", path: "/v1/messages", body: { to, content, author } }]);
  expect(out).toEqual(["msg_1"]);
});

it("says once each in a dry run why nobody may get it", async () => {
  atTerminal("stdout");
  const { out } = play();
  await send(["Olá"], { ...ACCESS, wait: 0, to: "con_1", dryRun: true });
  expect(out).toEqual(["It would not go out: 0 messages.", "  Too late.", "  They want none."]);
  expect(process.exitCode).toBe(1);
});

it.each<[string[], object, RegExp]>([
  [[], {}, /^Say into which conversation/],
  [["conv_1", "two", "words"], {}, /quotation marks/],
  [["conv_1", "Olá"], { to: "con_1" }, /there is no conversation/],
  [["Olá"], { to: "+351912345678" }, /--account/],
  [["conv_1", "Olá"], { account: "sms" }, /--to/],
  [["Olá"], { to: "con_1", replyTo: "msg_1" }, /--reply-to/],
])("%j with %j is refused, and nothing is sent", async (given, options, sentence) => {
  const { asked } = play();
  await expect(send(given, { ...ACCESS, wait: 0, ...options })).rejects.toThrow(sentence);
  expect(asked).toEqual([]);
});
