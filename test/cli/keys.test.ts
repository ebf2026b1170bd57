/** `recado keys` against a table that is really there, reached the way a local run lets its operator in. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { withKeys } from "../../cli/key-store.ts";
import { createKey, listKeys, revokeKey } from "../../cli/keys.ts";
import { KeyTable } from "../../shared/aws/key-table.ts";
import { hashOfKey, isMistyped } from "../../shared/domain/api-key.ts";
import { type Dynalite, startDynalite } from "../aws/dynalite.ts";
import { recado } from "./run.ts";

let server: Dynalite;
let keys: KeyTable;
let folder: string;
beforeAll(async () => {
  server = await startDynalite();
  const tableName = await server.newTable();
  keys = new KeyTable({ tableName, client: server.client });
  folder = await mkdtemp(join(tmpdir(), "recado-keys-"));
  const { endpoint, region, credentials } = server.access;
  const access = { tableName, bucket: "none", client: { endpoint, region, credentials } };
  await writeFile(join(folder, "operator.json"), JSON.stringify(access));
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const run = (...args: string[]) => recado(["keys", ...args], { RECADO_DATA_DIR: folder }).ended;

it("makes a key, lists it without the key itself, and revokes it", async () => {
  const made = await run(
    "create",
    "--name",
    "shop",
    "--scope",
    "send,read",
    "--account",
    "whatsapp",
    "sms",
    "--rate",
    "10",
  );
  expect(made).toMatchObject({ code: 0, err: "", out: expect.stringMatching(/^rk_local_[0-9A-Za-z]{39}\n$/) });
  const key = made.out.trim();
  expect(isMistyped(key)).toBe(false);
  const found = await keys.apiKey(hashOfKey(key));
  expect(found).toEqual({
    id: expect.stringMatching(/^key_[0-9a-z]{26}$/),
    scopes: ["read", "send"],
    accounts: ["whatsapp", "sms"],
    limit: { requests: 20, seconds: 2 },
  });
  const id = found?.id ?? "";

  const listed = await run("list");
  expect(listed.out.trimEnd().split("\t")).toEqual([
    id,
    "shop",
    "read send",
    "whatsapp sms",
    "20 in 2 s",
    expect.stringMatching(/^made \d{4}-\d\d-\d\d$/),
    "never used",
  ]);
  expect(listed.out).not.toContain(key.slice(9));

  const lines: unknown[] = [];
  vi.spyOn(console, "log").mockImplementation((line) => void lines.push(line));
  await revokeKey(id, keys);
  expect(await keys.apiKey(hashOfKey(key))).toBeUndefined();
  await listKeys(keys, { json: true });
  expect(lines[0]).toBe(`${id} “shop” is revoked: within a minute it stops working.`);
  expect(JSON.parse(String(lines[1]))).toMatchObject({
    id,
    name: "shop",
    revoked: expect.stringMatching(/^\d{4}-.*Z$/),
  });
  vi.restoreAllMocks();
});

describe("refuses with a sentence", () => {
  const shop = { name: "shop", scope: "read", rate: "50" };
  const known = ["whatsapp", "sms"];
  it.each([
    [{ scope: "read,write" }, "There is no scope “write”. There are: read, send, admin."],
    [{ name: " " }, "A key's name has 1 to 80 characters: who uses it, or what for."],
    [{ account: ["fax"] }, "There is no account fax. There are: whatsapp, sms."],
    [{ rate: "0" }, "--rate is a whole number of requests a second up to 1000, or none."],
  ])("a new key with %j", async (wrong, sentence) => {
    await expect(createKey({ ...shop, ...wrong }, { keys, stage: "local", known })).rejects.toThrow(sentence);
  });

  it("a key that is not there", async () => {
    await expect(revokeKey("key_9", keys)).rejects.toThrow("There is no key key_9. recado keys list shows the ids.");
  });

  it.each([
    [{ table: "x" }, "--table needs --stage: the stage stands in every key."],
    [{ stage: "Prod" }, 'The stage "Prod" cannot be part of a resource\'s name'],
    [{}, "No local run keeps its data in /nowhere. Start one with npm start, or name --stage."],
  ])("a store at %j", async (where, sentence) => {
    const work = withKeys({ ...where, dataDir: "/nowhere" }, async () => expect.fail());
    await expect(work).rejects.toThrow(sentence);
  });
});
