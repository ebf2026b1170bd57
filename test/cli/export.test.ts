/** `recado export` into a folder: whole, or saying that it is not, and gone on with. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { exportContact } from "../../cli/export.ts";
import { ACCESS, type Asked, atTerminal, notFound, playApi } from "./played-api.ts";

const BUCKET = "https://bucket.test/";
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "recado-export-"));
  atTerminal();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  rmSync(folder, { recursive: true });
});

const event = (number: number) => ({ kind: "event", event: { sequence: String(number) }, address: "5511" });
const message = (number: number) => ({ kind: "message", message: { id: `msg_${number}` } });
const file = (id: string, more: object = {}) => ({
  kind: "file",
  file: { id, size: 5, contentType: "image/jpeg", url: `${BUCKET}${id}`, ...more },
});
const pages: Record<string, unknown[]> = {
  first: [
    { kind: "contact", contact: { id: "con_1", name: "Ana" } },
    { kind: "conversation", conversation: { id: "conv_1" }, events: 3 },
    message(1),
    event(1),
    file("med_1", { fileName: "../../fatura nº 1.pdf" }),
  ],
  second: [message(2), event(2), file("med_2")],
  third: [event(3), file("med_1", { fileName: "../../fatura nº 1.pdf" })],
};
const order = ["first", "second", "third"];

/** @param dies whether the answer to this call is cut short */
function playExport(dies: (asked: Asked) => boolean = () => false) {
  return playApi((asked) => {
    if (dies(asked)) return Response.error();
    if (asked.path.startsWith("/med_")) return new Response("bytes");
    if (!asked.path.endsWith("/con_1/export")) return notFound();
    const at = order.indexOf(asked.query.cursor ?? "first");
    return { data: pages[order[at] ?? ""], nextCursor: order[at + 1] ?? null };
  });
}

const lines = (out: string, name: string) => {
  const text = readFileSync(join(out, name), "utf8");
  return text === "" ? [] : text.trimEnd().split("\n");
};

function expectWhole(out: string): void {
  expect(readdirSync(out).sort()).toEqual(["contact.json", "events.ndjson", "files", "messages.ndjson"]);
  expect(JSON.parse(readFileSync(join(out, "contact.json"), "utf8"))).toEqual({
    contact: { id: "con_1", name: "Ana" },
    conversations: [{ id: "conv_1" }],
  });
  expect(lines(out, "messages.ndjson")).toEqual(['{"id":"msg_1"}', '{"id":"msg_2"}']);
  expect(lines(out, "events.ndjson").map((line) => JSON.parse(line).event.sequence)).toEqual(["1", "2", "3"]);
  expect(readdirSync(join(out, "files")).sort()).toEqual(["med_1-.._.._fatura nº 1.pdf", "med_2.jpeg"]);
  expect(readFileSync(join(out, "files/med_2.jpeg"), "utf8")).toBe("bytes");
}

it("is the person, their messages, events and files, each file fetched once", async () => {
  const { asked, out } = playExport();
  const to = join(folder, "ana");
  await exportContact("con_1", { ...ACCESS, out: to });
  expectWhole(to);
  expect(asked.filter(({ path }) => path === "/med_1")).toHaveLength(1);
  expect(out).toEqual([`${to}: 2 messages, 3 events, 2 files.`]);
});

it("is read by nobody else on the machine, in a folder that was there before, too", async () => {
  playExport();
  const to = join(folder, "ana");
  mkdirSync(to);
  chmodSync(to, 0o755);
  await exportContact("con_1", { ...ACCESS, out: to });
  expect(statSync(to).mode & 0o777).toBe(0o700);
});

it.each([
  ["a page does not come", (asked: Asked) => asked.query.cursor === "third"],
  ["a file does not come", (asked: Asked) => asked.path === "/med_2"],
])("says that it is unfinished when %s, and is whole after the same command again", async (_, dies) => {
  const to = join(folder, "ana");
  playExport(dies);
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  const dying = expect(exportContact("con_1", { ...ACCESS, out: to })).rejects.toThrow(/./);
  for (let turns = 0; turns < 100; turns++) {
    await vi.advanceTimersByTimeAsync(5_000);
    await new Promise(setImmediate);
  }
  await dying;
  vi.useRealTimers();
  expect(JSON.parse(readFileSync(join(to, "UNFINISHED.json"), "utf8")).about).toContain("not complete");
  // What stands behind the last page that counted was half a page.
  writeFileSync(join(to, "events.ndjson"), `${readFileSync(join(to, "events.ndjson"), "utf8")}{"ev`);
  const { err, out } = playExport();
  await exportContact("con_1", { ...ACCESS, out: to });
  expect(out).toEqual([`${to}: 2 messages, 3 events, 2 files.`]);
  expect(err[0]).toContain("an earlier run has not finished");
  expectWhole(to);
});

it("makes no folder for a contact that is not there, and writes into none that has something in it", async () => {
  playExport();
  const to = join(folder, "nobody");
  await expect(exportContact("con_2", { ...ACCESS, out: to })).rejects.toThrow("404");
  expect(readdirSync(folder)).toEqual([]);
  writeFileSync(join(folder, "letter"), "x");
  await expect(exportContact("con_1", { ...ACCESS, out: folder })).rejects.toThrow("is there already");
  expect(readdirSync(folder)).toEqual(["letter"]);
});

it("says what to do when the contact has become another meanwhile", async () => {
  playExport((asked) => asked.query.cursor === "second");
  const to = join(folder, "ana");
  const refusal = { code: "bad_parameter", field: "cursor", detail: "No." };
  playApi(({ query, path }) => {
    if (path.startsWith("/med_")) return new Response("bytes");
    if (query.cursor) return new Response(JSON.stringify(refusal), { status: 400 });
    return { data: pages.first, nextCursor: "second" };
  });
  await expect(exportContact("con_1", { ...ACCESS, out: to })).rejects.toThrow("Remove");
  expect(readdirSync(to)).toContain("UNFINISHED.json");
});

it("is one JSON per line on the output", async () => {
  const { out } = playExport();
  await exportContact("con_1", { ...ACCESS, out: "-" });
  expect(out.map((line) => JSON.parse(line))).toEqual(Object.values(pages).flat());
});
