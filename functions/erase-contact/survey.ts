/** Reads everything that is the contact's, once: who they are and were, where they were spoken to, what is under way. */
import type { Contact } from "../../shared/domain/contact.ts";
import type { Entry } from "../../shared/domain/conversation-log.ts";
import { fileToFetch } from "../../shared/domain/customer-file.ts";
import type { Channel, Failure, MessageReference } from "../../shared/domain/event.ts";
import { mediaId } from "../../shared/domain/ids.ts";
import { messageIn } from "../../shared/domain/message-status.ts";
import type { Ports } from "./ports.ts";
import { filesOf } from "./told.ts";

const PAGE = 500;

/** A part of a message of ours of which nobody has said how it ended. */
export interface Unsettled {
  log: string;
  sequence: number;
  account: string;
  channel: Channel;
  message: string;
  part: number;
  /** When it may go out at the latest, ms since 1970. */
  until: number;
}

/** A file that is still to be fetched, and where its message stands. */
interface FileUnderWay {
  id: string;
  log: string;
  sequence: number;
}

/** An entry that was not emptied yet, with the ids of files that it tells of. */
interface Filled {
  log: string;
  sequence: number;
  files: string[];
  uploads: string[];
}

/** Another address of theirs without a log of its own: what they want to hear nothing about is known by it no longer. */
interface Spelling {
  conversation: string;
  account: string;
  channel: Channel;
  optedOut: readonly string[];
}

export interface Survey {
  contacts: string[];
  logs: Map<string, { account: string; channel: Channel }>;
  /** As the channels write them. */
  addresses: Set<string>;
  spellings: Spelling[];
  unsettled: Unsettled[];
  filesUnderWay: FileUnderWay[];
  /** What is to be emptied: nobody can count it behind that. */
  filled: Filled[];
  /** Names of helpdesks that have had tickets of theirs, also of such as are not configured any more. */
  desks: Set<string>;
}

export async function survey(contact: string, ports: Ports): Promise<Survey> {
  const found: Survey = {
    ...{ contacts: [], logs: new Map(), addresses: new Set(), spellings: [], unsettled: [] },
    ...{ filesUnderWay: [], filled: [], desks: new Set() },
  };
  const person = await ports.table.person(contact);
  const contacts = new Set([contact, person?.id ?? contact, ...(person?.absorbed ?? [])]);
  const waiting = [...(person?.conversations.map(({ conversation }) => conversation) ?? []), ...contacts];
  for (const { address } of person?.conversations ?? []) found.addresses.add(address);
  const seen = new Set<string>();
  for (let log = waiting.pop(); log !== undefined; log = waiting.pop()) {
    if (seen.has(log)) continue;
    seen.add(log);
    const walked = await walk(log, found, person, ports);
    waiting.push(...walked.logs);
    for (const other of walked.contacts) {
      if (contacts.has(other)) continue;
      // Whom the conversation was taken for before their number was known. Others may have been spoken to on it, too.
      const isSame = (await ports.table.person(other))?.id === (person?.id ?? contact);
      if (!isSame) continue;
      contacts.add(other);
      waiting.push(other);
    }
  }
  return { ...found, contacts: [...contacts] };
}

/** One log from its first entry to its end. Gives what it leads to. */
async function walk(
  log: string,
  found: Survey,
  person: Contact | undefined,
  ports: Ports,
): Promise<{ logs: Set<string>; contacts: Set<string> }> {
  const leads = { logs: new Set<string>(), contacts: new Set<string>() };
  const underWay = new Map<string, Unsettled>();
  const files = new Map<string, FileUnderWay>();
  const aliases = new Set<string>();
  let last: Entry | undefined;
  for (;;) {
    const entries = await ports.table.entries(log, last?.sequence ?? 0, PAGE);
    for (const entry of entries) {
      if (entry.after.contact !== undefined) leads.contacts.add(entry.after.contact);
      if (entry.after.moved !== undefined) leads.logs.add(entry.after.moved);
      if (entry.address !== undefined) found.addresses.add(entry.address);
      for (const { address, conversation } of entry.profile?.aliases ?? []) {
        found.addresses.add(address);
        aliases.add(conversation);
      }
      const { helpdesk } = entry.data as { helpdesk?: string };
      if (entry.type === "helpdesk.linked" && helpdesk !== undefined) found.desks.add(helpdesk);
      // What an earlier erasure has emptied was ended by it.
      if (!entry.erased) followMessage(log, entry, underWay);
      followFile(log, entry, files, ports);
      if (isFilled(entry)) found.filled.push(filledBy(log, entry));
    }
    last = entries.at(-1) ?? last;
    if (entries.length < PAGE) break;
  }
  if (!last) return leads;
  const { account, channel, after } = last;
  const optedOut = [...new Set([...(after.optedOut ?? []), ...saidNoTo(channel, person)])];
  found.logs.set(log, { account, channel });
  found.unsettled.push(...underWay.values());
  found.filesUnderWay.push(...files.values());
  for (const conversation of aliases) {
    const newest = await ports.table.newest(conversation);
    // One that holds a wish and nothing else is not of anybody who has said anything.
    const isOnlyWish = newest?.type === "consent.changed" && newest.after.contact === undefined;
    if (newest && !isOnlyWish) leads.logs.add(conversation);
    else found.spellings.push({ conversation, account, channel, optedOut });
  }
  return leads;
}

/** What the person wants to hear nothing about on a channel, wherever they said so. */
function saidNoTo(channel: Channel, person: Contact | undefined): string[] {
  const consents = person?.consents ?? [];
  return consents.flatMap((said) => (said.channel === channel && said.state === "opted_out" ? [said.topic] : []));
}

/** Whether it says anything of the customer: `contact.erased` says what the receipt says. */
export function isFilled({ erased, type }: Entry): boolean {
  return !erased && type !== "contact.erased";
}

function filledBy(log: string, entry: Entry): Filled {
  const { own, uploads } = filesOf(entry);
  return { log, sequence: entry.sequence, files: own, uploads };
}

const ENDS: ReadonlySet<string> = new Set([
  "message.sent",
  "message.delivered",
  "message.read",
  "message.played",
  "message.failed",
]);

function followMessage(log: string, entry: Entry, underWay: Map<string, Unsettled>): void {
  const { sequence, type, account, channel, data } = entry;
  const {
    message: about,
    parts = [],
    expiresAt = 0,
    failure,
  } = data as {
    message?: MessageReference;
    parts?: unknown[];
    expiresAt?: number;
    failure?: Partial<Failure>;
  };
  if (about?.id === undefined) return;
  const { id: message, part: ended = 0 } = about;
  const wasUnderWay = ENDS.has(type) && underWay.delete(`${message} ${ended}`);
  // Behind a part that was certainly not sent none goes out.
  let last = wasUnderWay && type === "message.failed" && !failure?.assumed ? ended : undefined;
  while (last !== undefined) last = underWay.delete(`${message} ${last + 1}`) ? last + 1 : undefined;
  if (type !== "message.queued") return;
  for (let part = 0; part < Math.max(parts.length, 1); part++)
    underWay.set(`${message} ${part}`, { log, sequence, account, channel, message, part, until: expiresAt });
}

function followFile(log: string, entry: Entry, files: Map<string, FileUnderWay>, { idSecret }: Ports): void {
  const wanted = fileToFetch(entry);
  if (wanted) {
    const id = mediaId(idSecret, entry.account, wanted.message.id);
    files.set(wanted.message.id, { id, log, sequence: entry.sequence });
  }
  const { message } = entry.data as { message?: MessageReference };
  const isEnd = entry.type === "media.stored" || entry.type === "media.failed";
  if (isEnd && message?.id !== undefined && !messageIn(entry)) files.delete(message.id);
}
