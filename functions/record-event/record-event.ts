/**
 * record-event: the only writer of history. Takes one item out of the mailbox, finds the log it belongs to, says in the
 * index that there is something new, appends it, and does what follows from the entry: profile and aliases, the bells of
 * the consumers. Every step may be repeated; the steps derive from the entry alone, so whoever comes back after a crash
 * does the same ones.
 */
import { type Arrival, type Entry, profileDue, summaryDue } from "../../shared/domain/conversation-log.ts";
import { fileToFetch } from "../../shared/domain/customer-file.ts";
import type { Message } from "../../shared/domain/event.ts";
import { accountLog, laneAccount, type MailboxItem } from "../../shared/domain/mailbox.ts";
import { spelledAlike } from "../../shared/domain/phone-number.ts";
import type {
  Clock,
  Contacts,
  Doorbells,
  LogWriter,
  Mailbox,
  MediaRequests,
  ProfileRequests,
  Projections,
  ProviderMessages,
  Schedule,
  SendQueues,
} from "../../shared/ports.ts";
import { append } from "./append.ts";
import type { OptOut } from "./as-wish.ts";
import { followConsent } from "./follow-consent.ts";
import { followContact } from "./follow-contact.ts";
import { keepProfile } from "./keep-profile.ts";

export interface Ports {
  table: LogWriter & Projections & Contacts & ProviderMessages;
  mailbox: Mailbox;
  doorbells: Doorbells;
  sendQueues: SendQueues;
  schedule: Schedule;
  mediaRequests: MediaRequests;
  profileRequests: ProfileRequests;
  clock: Clock;
  optOut: OptOut;
}

export type Recorded =
  | { kind: "appended" | "resumed"; log: string; sequence: number }
  | { kind: "repeated" | "forwarded" }
  /** The message that a receipt is about is not known yet; it may be a moment away. */
  | { kind: "early"; retryAfterSeconds: number };

/** How often an item is sent on before it stays where it is. Two aliases deep is the most that a person can make. */
const MOST_HOPS = 4;
/** A receipt may overtake the answer of the send that it is about: so long it is waited for. */
const EARLY_RECEIPT_MS = 60_000;
/** What reaches the log later than this after its arrival is marked, because others may have come before it. */
const LATE_MS = 60 * 60_000;

export async function recordEvent(item: MailboxItem, ports: Ports): Promise<Recorded> {
  const lane = laneAccount(item.log);
  if (lane !== undefined) return fromLane(lane, item, ports);

  const { log, key, token, type, account, channel, address, data, once } = item;
  const isLate = item.late === true || ports.clock.now() - item.at.received > LATE_MS;
  const { profile, ...contact } = aboutContact(item);
  const outcome = await append(
    log,
    {
      key,
      token,
      type,
      account,
      channel,
      ...(address !== undefined && { address }),
      ...contact,
      ...(profile && { profile }),
      at: item.at,
      data,
      ...(isLate && { late: true }),
      ...(once !== undefined && { once }),
    },
    {
      table: ports.table,
      now: () => ports.clock.now(),
      optOut: ports.optOut,
      announce: (entry, again) => announceActivity(log, entry, again, ports.table),
      decide: async (before) => {
        if ((item.hops ?? 0) >= MOST_HOPS) return undefined;
        if (!before) return home(item, ports);
        return staysHere(item) ? undefined : before.moved;
      },
    },
  );

  switch (outcome.kind) {
    case "repeated":
    case "known":
      return { kind: "repeated" };
    case "elsewhere":
      // Whoever queued the message was told that it stands here.
      if (type === "message.queued") await ports.table.putAlias(account, log, outcome.log);
      await ports.mailbox.deliver([{ ...item, log: outcome.log, hops: (item.hops ?? 0) + 1 }]);
      return { kind: "forwarded" };
    default:
      await follow(log, outcome.entry, ports);
      return { kind: outcome.kind, log, sequence: outcome.entry.sequence };
  }
}

/** An account's lane holds receipts that name nothing of ours: the provider's id tells whose they are. */
async function fromLane(account: string, item: MailboxItem, ports: Ports): Promise<Recorded> {
  const { providerMessageId } = (item.data as { message?: { providerMessageId?: string } }).message ?? {};
  const ours = providerMessageId === undefined ? undefined : await ports.table.lookUp(account, providerMessageId);
  if (!ours && providerMessageId !== undefined && ports.clock.now() - item.at.received < EARLY_RECEIPT_MS) {
    return { kind: "early", retryAfterSeconds: 10 };
  }
  const known = ours && { message: { id: ours.message, part: ours.part, providerMessageId } };
  await ports.mailbox.deliver([
    {
      ...item,
      log: ours?.conversation ?? accountLog(account),
      data: { ...(item.data as object), ...known },
      hops: (item.hops ?? 0) + 1,
    },
  ]);
  return { kind: "forwarded" };
}

/**
 * Where something belongs whose log does not exist yet: in the log that its address is an alias of; in one that another
 * spelling of the address has opened before; or here.
 */
async function home(item: MailboxItem, { table }: Ports): Promise<string | undefined> {
  if (!item.log.startsWith("conv_") || item.address === undefined) return undefined;
  const { account, channel } = item;
  const own = spelledAlike(channel, item.address);
  const known = await table.aliasOf(account, own);
  if (known !== undefined) return known;
  for (const alias of item.aliases ?? []) {
    const spelling = spelledAlike(channel, alias.address);
    const other = (await table.aliasOf(account, spelling)) ?? (await existing(alias.conversation, table));
    if (other === undefined || other === item.log) continue;
    await table.putAlias(account, own, other);
    return other;
  }
  return undefined;
}

/**
 * A receipt belongs where its message was queued, wherever the conversation has gone since; so does the word of it. An
 * erasure is told to each log by itself.
 */
function staysHere({ type, data }: MailboxItem): boolean {
  const { message } = data as { message?: Partial<Message> };
  const isOfThisLog = type === "contact.merged" || type === "contact.erased";
  return isOfThisLog || (message?.id !== undefined && message.content === undefined);
}

async function existing(log: string, table: LogWriter): Promise<string | undefined> {
  return (await table.newest(log)) ? log : undefined;
}

/**
 * Whoever looks for what was recorded in a span of time finds the logs by the index of activity: an entry is in none
 * that does not stand there already. docs/decisions/0037-feed-over-all-logs.md
 */
async function announceActivity(
  log: string,
  entry: Entry,
  again: boolean,
  table: LogWriter & Projections,
): Promise<void> {
  // What was announced in vain is put right.
  const isDue = summaryDue(entry) || (again && entry.after.summarised > 0);
  if (log.startsWith("conv_") && isDue) await keepSummary(log, entry, table);
  if (log.startsWith("con_")) await table.noteChange(log, entry.at.recorded);
}

/** What follows from an entry. Each step may have been done before. */
async function follow(log: string, entry: Entry, ports: Ports): Promise<void> {
  if (log.startsWith("conv_")) {
    if (profileDue(entry)) await keepProfile(log, entry, ports);
    if (entry.after.reopened === entry.sequence) await announce(log, entry, ports.mailbox);
    await followConsent(log, entry, ports);
  }
  if (log.startsWith("con_")) await followContact(log, entry, ports);
  await ports.doorbells.ring({ log, sequence: entry.sequence });
  if (entry.type === "message.queued") await sendInTime(log, entry, ports);
  const { sequence, account } = entry;
  if (isNameless(entry)) await ports.profileRequests.requestProfile({ log, account, address: entry.address });
  if (fileToFetch(entry)) await ports.mediaRequests.requestMedia({ log, sequence, account });
}

/** A customer of whom no name came along: when they are met, and when they come back after the end of a conversation. */
function isNameless(entry: Entry): entry is Entry & { address: string } {
  const { address, profile, after, sequence } = entry;
  return address !== undefined && (profile ? profile.name === undefined : after.reopened === sequence);
}

async function keepSummary(log: string, entry: Entry, table: LogWriter & Projections): Promise<void> {
  const isTold = entry.address !== undefined || entry.sequence === 1;
  const { account, channel, address } = isTold ? entry : await opening(log, table);
  const { contact } = entry.after;
  if (address === undefined || contact === undefined) return;
  await table.putSummary({
    conversation: log,
    account,
    channel,
    address,
    contact,
    status: entry.after.status,
    lastActivityAt: entry.at.recorded,
    sequence: entry.sequence,
  });
}

async function opening(log: string, table: LogWriter): Promise<Entry> {
  const first = await table.entry(log, 1);
  if (!first) throw new Error(`${log} has no first entry`);
  return first;
}

/** The customer wrote to a closed conversation: that it is open again is an event of its own. */
async function announce(
  log: string,
  { key, token, account, channel, address, at }: Entry,
  mailbox: Mailbox,
): Promise<void> {
  await mailbox.deliver([
    {
      log,
      key: `${key}.opened`,
      token,
      type: "conversation.opened",
      account,
      channel,
      ...(address !== undefined && { address }),
      at: { received: at.recorded },
      data: { by: "contact" },
    },
  ]);
}

/**
 * What is noted down for later goes to its sender all the same when its time came while it was noted: send-scheduled may
 * have looked just before.
 */
async function sendInTime(log: string, entry: Entry, ports: Ports): Promise<void> {
  const { message, sendAt = 0 } = entry.data as { message: Message; sendAt?: number };
  const { sequence, account } = entry;
  if (sendAt > ports.clock.now())
    await ports.schedule.schedule({ log, sequence, account, message: message.id }, sendAt);
  if (sendAt <= ports.clock.now()) await send(log, entry, ports);
}

async function send(
  log: string,
  { sequence, account, channel, key, token, at, data }: Entry,
  ports: Ports,
): Promise<void> {
  const { message } = data as { message: Message };
  const isServed = await ports.sendQueues.queue({ log, sequence, account, message: message.id });
  if (isServed) return;
  const failure = {
    class: "account",
    code: "no_connector",
    reason: `No account named ${account} is configured any more.`,
  };
  await ports.mailbox.deliver([
    {
      log,
      key: `${key}.unserved`,
      token,
      type: "message.failed",
      account,
      channel,
      at: { received: at.recorded },
      data: { message: { id: message.id }, failure },
    },
  ]);
}

function aboutContact({ contact, aliases }: MailboxItem): Pick<Arrival, "contact" | "contactBy" | "profile"> {
  if (!contact) return {};
  const { id, by, name } = contact;
  const profile = { ...(name !== undefined && { name }), ...(aliases?.length && { aliases }) };
  return { contact: id, ...(by && { contactBy: by }), profile };
}
