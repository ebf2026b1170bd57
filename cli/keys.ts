/** `recado keys`: makes, lists and revokes the API keys of a local run or of a deployed stack. */
import { randomBytes } from "node:crypto";
import { hashOfKey, KEY_BYTES, newApiKey } from "../shared/domain/api-key.ts";
import { newKeyId } from "../shared/domain/ids.ts";
import type { KeyRing, ListedKey, RateLimit, Scope } from "../shared/ports.ts";
import { printable } from "./event-line.ts";
import { Failure } from "./failure.ts";

/** What a key may do: the words of `--scope`. */
const SCOPES: readonly Scope[] = ["read", "send", "admin"];
/** A limit is so many requests a second on average over so many seconds: twice as many may come at once. */
const SPAN_SECONDS = 2;
const MOST_PER_SECOND = 1_000;
const LONGEST_NAME = 80;

export interface NewKey {
  name: string;
  /** Comma-separated. */
  scope: string;
  /** Of these alone; of all when left out. */
  account?: readonly string[];
  /** Requests a second, or `none`. */
  rate: string;
}

/**
 * Prints the key, which nobody can show again: at a terminal among words, in a pipe alone.
 * @param known names of the accounts that are configured
 * @throws Failure with a sentence that says what to do
 */
export async function createKey(
  { name, scope, account, rate }: NewKey,
  { keys, stage, known }: { keys: KeyRing; stage: string; known: readonly string[] },
): Promise<void> {
  const limit = limitIn(rate);
  const key: ListedKey = {
    id: newKeyId(Date.now(), randomBytes(10)),
    name: nameIn(name),
    scopes: scopesIn(scope),
    ...(account && account.length > 0 && { accounts: accountsIn(account, known) }),
    ...(limit && { limit }),
    created: Date.now(),
  };
  const secret = newApiKey(stage, randomBytes(KEY_BYTES));
  await keys.addKey(hashOfKey(secret), key);
  if (!process.stdout.isTTY) {
    console.log(secret);
    return;
  }
  console.log(`${key.id} “${key.name}”: ${scopesOf(key)}, ${accountsOf(key)}, ${limitOf(key)}.`);
  console.log(`\n  ${secret}\n`);
  console.log("It is shown this once: only its hash is kept. It works at once.");
}

/** One key on a line; in a pipe with tabs, for machines as JSON. */
export async function listKeys(keys: KeyRing, { json }: { json?: true }): Promise<void> {
  const all = await keys.listKeys();
  if (json) {
    for (const key of all) console.log(JSON.stringify({ ...key, ...timesOf(key) }));
    return;
  }
  if (all.length === 0) {
    console.error("There are no keys. Make one with recado keys create.");
    return;
  }
  const rows = all.map((key) => {
    const { created, used, revoked } = timesOf(key);
    const state = revoked ? `revoked ${day(revoked)}` : used ? `used ${hour(used)}` : "never used";
    return [key.id, key.name, scopesOf(key), accountsOf(key), limitOf(key), `made ${day(created)}`, state].map(
      printable,
    );
  });
  for (const line of process.stdout.isTTY ? columns(rows) : rows.map((row) => row.join("\t"))) console.log(line);
}

/** @throws Failure when there is no such key */
export async function revokeKey(id: string, keys: KeyRing): Promise<void> {
  const revoked = await keys.revokeKey(id, Date.now());
  if (!revoked) throw new Failure(`There is no key ${printable(id)}. recado keys list shows the ids.`);
  console.log(printable(`${revoked.id} “${revoked.name}” is revoked: within a minute it stops working.`));
}

function nameIn(name: string): string {
  const text = name.trim();
  if (text === "" || text.length > LONGEST_NAME || /\p{Cc}/u.test(text))
    throw new Failure(`A key's name has 1 to ${LONGEST_NAME} characters: who uses it, or what for.`);
  return text;
}

function scopesIn(text: string): Scope[] {
  const asked = text.split(",").map((one) => one.trim());
  const unknown = asked.find((one) => !SCOPES.some((scope) => scope === one));
  if (unknown !== undefined)
    throw new Failure(`There is no scope “${printable(unknown)}”. There are: ${SCOPES.join(", ")}.`);
  return SCOPES.filter((scope) => asked.includes(scope));
}

function accountsIn(accounts: readonly string[], known: readonly string[]): string[] {
  const unknown = accounts.find((account) => !known.includes(account));
  if (unknown !== undefined)
    throw new Failure(`There is no account ${printable(unknown)}. There are: ${known.join(", ")}.`);
  return [...new Set(accounts)];
}

function limitIn(rate: string): RateLimit | undefined {
  if (rate === "none") return undefined;
  const perSecond = Number(rate);
  if (!Number.isInteger(perSecond) || perSecond < 1 || perSecond > MOST_PER_SECOND)
    throw new Failure(`--rate is a whole number of requests a second up to ${MOST_PER_SECOND}, or none.`);
  return { requests: perSecond * SPAN_SECONDS, seconds: SPAN_SECONDS };
}

function scopesOf({ scopes }: ListedKey): string {
  return scopes.join(" ");
}

function accountsOf({ accounts }: ListedKey): string {
  return accounts ? accounts.join(" ") : "all accounts";
}

function limitOf({ limit }: ListedKey): string {
  return limit ? `${limit.requests} in ${limit.seconds} s` : "no limit";
}

function timesOf({ created, used, revoked }: ListedKey) {
  return {
    created: new Date(created).toISOString(),
    ...(used !== undefined && { used: new Date(used).toISOString() }),
    ...(revoked !== undefined && { revoked: new Date(revoked).toISOString() }),
  };
}

function day(time: string): string {
  return time.slice(0, 10);
}

/** Uses are noted to the hour: what is finer would be made up. */
function hour(time: string): string {
  return `${time.slice(0, 13).replace("T", " ")}h UTC`;
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
