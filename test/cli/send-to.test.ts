/** `recado send --to`: to somebody who is in no conversation yet. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
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
const upload = { method: "PUT", url: "https://bucket.test/put", headers: {} };
const play = () =>
  playApi(({ path, query }) => {
    if (path === "/v1/media") return { media: { id: "med_1" }, upload };
    return query.dryRun
      ? { plan, passedOver: [{ to: {}, reasons: [...plan.reasons, { code: "opted_out", text: "They want none." }] }] }
      : { message: { id: "msg_1" } };
  });

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

describe("a file", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "recado-send-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it.each([
    ["sapato.JPG", undefined, "image", "image/jpeg"],
    ["Fatura nº 1.pdf", undefined, "document", "application/pdf"],
    ["nota.bin", "audio/ogg", "audio", "audio/ogg"],
  ])("goes out as what its name or the option says: %s, %s", async (name, option, type, contentType) => {
    const file = join(folder, name);
    writeFileSync(file, "bytes");
    const { asked } = play();
    await send(["Aqui"], { ...ACCESS, wait: 0, to: "con_1", file, ...(option && { contentType: option }) });
    expect(asked).toMatchObject([
      { path: "/v1/media", body: { contentType, fileName: name, size: 5 } },
      { method: "PUT" },
      { path: "/v1/messages", body: { content: { type, media: { id: "med_1", contentType }, caption: "Aqui" } } },
    ]);
  });

  it("is refused when it does not exist, cannot be read, or nothing says what it is", async () => {
    const { asked } = play();
    const refused = (file: string) => expect(send([], { ...ACCESS, wait: 0, to: "con_1", file })).rejects;
    await refused(join(folder, "a.jpg")).toThrow(`The file ${join(folder, "a.jpg")} does not exist.`);
    await refused(folder).toThrow(`The file ${folder} cannot be read: `);
    writeFileSync(join(folder, "nota"), "bytes");
    await refused(join(folder, "nota")).toThrow("The name nota does not say what it is: add --content-type");
    expect(asked).toEqual([]);
  });
});
