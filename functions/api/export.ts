/**
 * Everything that is kept about a contact, page by page: a sequence of steps, which are the contact, each conversation,
 * then what each log holds. A page is as much of it as goes into one answer; its cursor says in which step the next one
 * begins, and behind which entry.
 */
import { type ExportItem, ExportQuery, type Page } from "../../shared/domain/api-shapes.ts";
import type { Content } from "../../shared/domain/content.ts";
import { filesIn } from "../../shared/domain/content-files.ts";
import type { Entry } from "../../shared/domain/conversation-log.ts";
import { toEnvelope } from "../../shared/domain/envelope.ts";
import { storedIn } from "../../shared/domain/file-content.ts";
import { messageIn } from "../../shared/domain/message-status.ts";
import type { Contact } from "../../shared/ports.ts";
import { locateContact, shownContact } from "./contacts.ts";
import { view } from "./conversations.ts";
import { openCursor, sealCursor } from "./cursor.ts";
import { findFile } from "./media.ts";
import { readMessages } from "./message-page.ts";
import { shown } from "./messages.ts";
import { PublicError } from "./problem.ts";
import { readQuery } from "./request.ts";
import { type Answer, type Call, json, type Ports } from "./route.ts";

/** A function's answer has at most 6 MB, in which every quotation mark counts twice; one entry may have 3 MB. */
const LARGEST_PAGE = 2_500_000;
const MOST_ITEMS = 500;
const CHUNK = 100;
/** Of the twenty seconds that there are. */
const LONGEST_MS = 8_000;

/** Where a page begins: in which step, and behind which entry of its log. */
interface Place {
  step: string;
  after: number;
}

interface Step {
  name: string;
  read: (after: number) => AsyncIterable<Portion>;
}

/** What is never divided between two pages: what an entry holds. */
interface Portion {
  sequence: number;
  items: ExportItem[];
}

export async function exportContact({ request, name, ports }: Call): Promise<Answer> {
  const { cursor } = readQuery(request, ExportQuery);
  const contact = await locateContact(name, ports);
  const person = (await ports.table.person(contact.id)) ?? contact;
  const { idSecret } = await ports.deployment();
  const list = `export:${person.id}`;
  const from = cursor === undefined ? undefined : (JSON.parse(openCursor(idSecret, list, cursor)) as Place);
  const steps = stepsFrom(stepsOf(person, ports, idSecret), from);
  const { data, next } = await fill(steps, from?.after ?? 0, ports);
  const page: Page<ExportItem> = {
    data,
    nextCursor: next === undefined ? null : sealCursor(idSecret, list, JSON.stringify(next)),
  };
  return json(200, page);
}

/** @throws PublicError `bad_parameter` when the step is no longer one of them */
function stepsFrom(steps: readonly Step[], from: Place | undefined): readonly Step[] {
  const start = from ? steps.findIndex(({ name }) => name === from.step) : 0;
  if (start >= 0) return steps.slice(start);
  const detail = "The contact is no longer made of the same conversations: begin the export again, without a cursor.";
  throw new PublicError("bad_parameter", detail, { field: "cursor" });
}

/** One portion at least, and then for as long as there is room and time. */
async function fill(
  steps: readonly Step[],
  from: number,
  { clock }: Ports,
): Promise<{ data: ExportItem[]; next?: Place }> {
  const until = clock.now() + LONGEST_MS;
  const data: ExportItem[] = [];
  let size = 0;
  let after = from;
  for (const { name: step, read } of steps) {
    for await (const { sequence, items } of read(after)) {
      size += Buffer.byteLength(JSON.stringify(items));
      const isFull = size > LARGEST_PAGE || data.length + items.length > MOST_ITEMS || clock.now() > until;
      if (data.length > 0 && isFull) return { data, next: { step, after } };
      data.push(...items);
      after = sequence;
    }
    after = 0;
  }
  return { data };
}

function stepsOf(person: Contact, ports: Ports, idSecret: string): Step[] {
  const conversations = person.conversations.map(({ conversation }) => conversation).sort();
  const events = (log: string): Step => ({ name: `events ${log}`, read: (after) => eventsOf(log, after, ports) });
  return [
    { name: "contact", read: () => once([{ kind: "contact", contact: shownContact(person) }]) },
    ...conversations.map((log) => ({ name: `conversation ${log}`, read: () => conversationItem(log, ports) })),
    // What the business wrote about them, and about those whom they turned out to be.
    ...[person.id, ...(person.absorbed ?? [])].map(events),
    ...conversations.flatMap((log) => [
      { name: `messages ${log}`, read: (after: number) => messagesOf(log, after, { ports, idSecret }) },
      events(log),
    ]),
  ];
}

async function* once(items: ExportItem[]): AsyncGenerator<Portion> {
  yield { sequence: 0, items };
}

/** Nothing where nobody has said anything yet. */
async function* conversationItem(log: string, ports: Ports): AsyncGenerator<Portion> {
  const [summary, newest] = await Promise.all([ports.table.summary(log), ports.table.newest(log)]);
  if (!summary || !newest) return;
  const conversation = await view({ summary, newest }, ports);
  yield* once([{ kind: "conversation", conversation, events: newest.sequence }]);
}

async function* messagesOf(
  conversation: string,
  from: number,
  { ports: { table }, idSecret }: { ports: Ports; idSecret: string },
): AsyncGenerator<Portion> {
  const newest = await table.newest(conversation);
  for (let after: number | undefined = newest && from; newest && after !== undefined; ) {
    const page = await readMessages({ log: table, conversation, newest, idSecret }, { after, limit: CHUNK });
    for (const message of page.messages)
      yield { sequence: message.sequence, items: [{ kind: "message", message: shown(message) }] };
    after = page.next;
  }
}

async function* eventsOf(log: string, from: number, ports: Ports): AsyncGenerator<Portion> {
  for (let after: number | undefined = from; after !== undefined; ) {
    const entries: Entry[] = await ports.table.entries(log, after, CHUNK);
    const files = await Promise.all(entries.map((entry) => filesOf(entry, ports)));
    for (const [at, entry] of entries.entries())
      yield { sequence: entry.sequence, items: [eventItem(log, entry, ports), ...(files[at] ?? [])] };
    after = entries.length < CHUNK ? undefined : entries.at(-1)?.sequence;
  }
}

function eventItem(log: string, entry: Entry, { epoch }: Ports): ExportItem {
  const { address, profile } = entry;
  const addresses = profile?.aliases?.map((alias) => alias.address);
  return {
    kind: "event",
    event: toEnvelope(log, epoch, entry),
    ...(address !== undefined && { address }),
    ...(profile && {
      profile: { ...(profile.name !== undefined && { name: profile.name }), ...(addresses && { addresses }) },
    }),
  };
}

/** Those that are there still. */
async function filesOf(entry: Entry, ports: Ports): Promise<ExportItem[]> {
  const stored = storedIn(entry);
  const {
    content,
    parts = [],
    fallback,
  } = (entry.data ?? {}) as Partial<Record<"content" | "fallback", Content>> & {
    parts?: Content[];
  };
  const contents = [messageIn(entry)?.content, content, ...parts, fallback].filter((one) => one !== undefined);
  const named = contents.flatMap((one) => filesIn(one).flatMap(({ file }) => file.id ?? []));
  const ids = new Set([...(stored === undefined ? [] : [stored]), ...named]);
  const files = await Promise.all([...ids].map((id) => findFile(id, ports)));
  return files.flatMap((file) => (file ? [{ kind: "file" as const, file }] : []));
}
