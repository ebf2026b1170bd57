/** `recado erase`: erases a contact, after saying what that is, and prints the receipt. */
import { createInterface } from "node:readline/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { type Recado, RecadoError } from "../shared/client/client.ts";
import type { ApiContact, ExportItem } from "../shared/domain/api-shapes.ts";
import type { ErasureAnswer } from "../shared/domain/erasure-shapes.ts";
import { type Access, withRecado } from "./api.ts";
import { printable } from "./event-line.ts";
import { Failure } from "./failure.ts";
import { counted, startProgress } from "./progress.ts";

export interface EraseOptions extends Access {
  /** Nobody is asked. */
  yes?: true;
}

type Erasure = ErasureAnswer["erasure"];
type Receipt = NonNullable<Erasure["receipt"]>;
type Conversation = Extract<ExportItem, { kind: "conversation" }>;

const POLL_MS = 1_000;
const WORD = "erase";

/** @throws Failure with a sentence that says what to do */
export async function erase(contact: string, { yes, url, key }: EraseOptions): Promise<void> {
  const isTerminal = process.stdin.isTTY && process.stderr.isTTY;
  if (!yes && !isTerminal) throw new Failure("Nothing was erased: where nobody can be asked, say --yes.");
  await withRecado({ url, key }, async (recado) => {
    const kept = await whatIsKept(contact, recado);
    // Of whom nothing is kept any more there may be an erasure to be told of.
    if (kept) {
      for (const line of kept) console.error(printable(line));
      if (!yes) await confirm();
    }
    const begun = await recado.contacts.erase(contact);
    const erasure = begun.status === "done" ? begun : await followed(begun.id, recado);
    if (process.stdout.isTTY) for (const line of receiptLines(erasure)) console.log(printable(line));
    else console.log(JSON.stringify(erasure));
  });
}

/** In words that name nobody: what stands at a terminal is seen by others. @throws Failure for a part of a person */
async function whatIsKept(id: string, recado: Recado): Promise<string[] | undefined> {
  let contact: ApiContact | undefined;
  const conversations: Conversation[] = [];
  try {
    for await (const item of recado.contacts.export(id)) {
      if (item.kind === "contact") contact = item.contact;
      else if (item.kind === "conversation") conversations.push(item);
      else break;
    }
  } catch (error) {
    if (error instanceof RecadoError && error.status === 404) return undefined;
    throw error;
  }
  if (!contact) return undefined;
  if (contact.id !== id)
    throw new Failure(
      `Nothing was erased: ${printable(id)} is part of ${contact.id}. Name that one to erase all of the person.`,
    );
  const others = contact.absorbed ? `, with ${counted(contact.absorbed.length, "contact")} merged into them` : "";
  return [
    `${contact.id}, ${contact.name === undefined ? "without a name" : masked(contact.name)}${others}:`,
    ...conversations.map(({ conversation: { channel, account, address, lastActivityAt }, events }) => {
      const on = channel === account ? account : `${account} (${channel})`;
      return `  ${on}, ${ending(address)}: ${counted(events, "event")}, the last on ${lastActivityAt.slice(0, 10)}`;
    }),
    ...(conversations.length === 0 ? ["  no conversation"] : []),
  ];
}

/** `A… R…` */
function masked(name: string): string {
  return name
    .split(/\s+/)
    .filter((word) => word !== "")
    .map((word) => `${[...word][0]}…`)
    .join(" ");
}

function ending(address: string): string {
  return `…${address.slice(-3)}`;
}

/** @throws Failure when the answer is another, or none */
async function confirm(): Promise<void> {
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new AbortController();
  asking.once("close", () => ended.abort());
  const question = `All of it is erased for good, and nobody can bring it back. Type ${WORD}: `;
  const answer = await asking.question(question, { signal: ended.signal }).catch(() => "");
  asking.close();
  if (answer.trim() !== WORD) throw new Failure("Nothing was erased.");
}

async function followed(id: string, recado: Recado): Promise<Erasure> {
  console.error(`${id} is under way. Ctrl-C stops watching; the same command shows how far it is.`);
  const progress = startProgress();
  const began = Date.now();
  try {
    for (;;) {
      const erasure = await recado.contacts.erasure(id);
      if (erasure.status === "done") return erasure;
      progress.show({ done: 0, words: `Erasing for ${counted(Math.round((Date.now() - began) / 1000), "second")}` });
      await sleep(POLL_MS);
    }
  } finally {
    progress.end();
  }
}

/** What is counted in the receipt, in words. */
const COUNTS: Readonly<Record<Exclude<keyof Receipt, "log" | "helpdesks" | "remains">, string>> = {
  files: "files of messages",
  aliases: "other addresses",
  providerIds: "providers' ids of messages",
  claims: "records of sends",
  idempotencyKeys: "answers under an Idempotency-Key",
  messageIds: "places of messages",
  bodies: "large events on their way",
  quarantine: "webhooks in quarantine",
  accountEvents: "events of accounts",
  deadLetters: "events in dead-letter queues",
};

function receiptLines({ id, contact, finishedAt = "", receipt }: Erasure): string[] {
  if (!receipt) return [`${contact} is erased.`];
  const { log, helpdesks, remains } = receipt;
  const emptied = [counted(log.conversations, "conversation"), counted(log.contacts, "contact")].join(" and ");
  const counts = Object.entries(COUNTS).map(
    ([place, words]) => [receipt[place as keyof typeof COUNTS], words] as const,
  );
  return [
    `${contact} is erased. Receipt ${id}, ${finishedAt.slice(0, 19).replace("T", " ")} UTC:`,
    `  logs of ${emptied}: ${counted(log.entries, "entry", "entries")}`,
    ...counts.filter(([count]) => count > 0).map(([count, words]) => `  ${words}: ${count}`),
    ...helpdesks.map(({ name, removed, told }) => {
      const agents = told ? "its agents were told" : "its agents could not be told";
      return `  helpdesk ${name}: ${counted(removed, "tie")} removed, ${agents}`;
    }),
    "What remains:",
    ...remains.flatMap(({ place, detail, until, ids = [] }) => [
      `  ${place.replace("_", " ")}${until === undefined ? "" : ` (until ${until.slice(0, 10)})`}: ${detail}`,
      ...ids.map((file) => `    ${file}`),
    ]),
  ];
}
