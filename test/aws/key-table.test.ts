/** Keys in a real table. */
import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { KeyTable } from "../../shared/aws/key-table.ts";
import { hashOfKey } from "../../shared/domain/api-key.ts";
import { type Dynalite, startDynalite } from "./dynalite.ts";

const HOUR_MS = 3_600_000;
const NOW = 1_795_000_000_000;

let server: Dynalite;
beforeAll(async () => {
  server = await startDynalite();
});
afterAll(() => server.close());

let tableName: string;
let keys: KeyTable;
beforeEach(async () => {
  tableName = await server.newTable();
  keys = new KeyTable({ tableName, client: server.client });
});

const shop = {
  id: "key_1",
  name: "shop",
  scopes: ["read", "send"] as const,
  accounts: ["whatsapp"],
  limit: { requests: 100, seconds: 2 },
  created: NOW,
};
const bare = { id: "key_2", name: "bare", scopes: ["admin"] as const, created: NOW + 1 };

test("a key is found by its hash with what it may do, and listed with what its owner wants to know", async () => {
  await keys.addKey(hashOfKey("secret 1"), shop);
  await keys.addKey(hashOfKey("secret 2"), bare);
  const { name: _, created: __, ...usable } = shop;
  expect(await keys.apiKey(hashOfKey("secret 1"))).toEqual(usable);
  expect(await keys.apiKey(hashOfKey("secret 2"))).toEqual({ id: "key_2", scopes: ["admin"] });
  expect(await keys.apiKey(hashOfKey("secret 3"))).toBeUndefined();
  expect(await keys.listKeys()).toEqual([shop, bare]);
  const { Items } = await server.client.send(new ScanCommand({ TableName: tableName }));
  expect(JSON.stringify(Items)).not.toContain("secret");
});

test("a key that was revoked is found no more, and stays listed", async () => {
  await keys.addKey(hashOfKey("secret 1"), shop);
  await keys.addKey(hashOfKey("secret 2"), bare);
  expect(await keys.revokeKey("key_1", NOW + 5)).toEqual({ ...shop, revoked: NOW + 5 });
  expect(await keys.revokeKey("key_1", NOW + 9)).toMatchObject({ revoked: NOW + 5 });
  expect(await keys.revokeKey("key_9", NOW)).toBeUndefined();
  expect(await keys.apiKey(hashOfKey("secret 1"))).toBeUndefined();
  expect(await keys.apiKey(hashOfKey("secret 2"))).toBeDefined();
  expect((await keys.listKeys()).map(({ id, revoked }) => [id, revoked])).toEqual([
    ["key_1", NOW + 5],
    ["key_2", undefined],
  ]);
});

test("the last use is written once an hour, whoever sees it, and for keys that are listed alone", async () => {
  await keys.addKey(hashOfKey("secret 1"), shop);
  const used = async () => (await keys.listKeys()).map((key) => key.used);
  await keys.noteUse("key_1", NOW);
  await keys.noteUse("key_1", NOW + HOUR_MS - 1);
  expect(await used()).toEqual([NOW]);
  await keys.noteUse("key_1", NOW + HOUR_MS);
  expect(await used()).toEqual([NOW + HOUR_MS]);
  await keys.noteUse("key_9", NOW);
  expect(await keys.listKeys()).toHaveLength(1);
});

test("requests are counted by key and span, whoever counts", async () => {
  const span = { number: 7, endsAt: NOW };
  const counts = await Promise.all([1, 2, 3].map((requests) => keys.countRequests("key_1", span, requests)));
  expect(Math.max(...counts)).toBe(6);
  expect(await keys.countRequests("key_1", { number: 8, endsAt: NOW }, 1)).toBe(1);
  expect(await keys.countRequests("key_2", span, 1)).toBe(1);
});
