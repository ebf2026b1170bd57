/**
 * record-event: the only writer of history. Takes one item out of the mailbox, finds the log it belongs to, appends it,
 * and does what follows from the entry: profile and aliases, summary, the bells of the consumers. Every step may be
 * repeated; the steps derive from the entry alone, so whoever comes back after a crash does the same ones.
 */
import { type Entry, type Profile, profileDue, summaryDue } from "../../shared/domain/conversation-log.ts";
import type { Message } from "../../shared/domain/event.ts";
import { type Alias, accountLog, laneAccount, type MailboxItem } from "../../shared/domain/mailbox.ts";
import type {
  Clock,
  Doorbells,
  LogWriter,
  Mailbox,
  Projections,
  ProviderMessages,
  SendQueues,
} from "../../shared/ports.ts";
import { append } from "./append.ts";

export interface Ports {
  table: LogWriter & Projections & ProviderMessages;
  mailbox: Mailbox;
  doorbells: Doorbells;
  sendQueues: SendQueues;
  clock: Clock;
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

  const { log, key, token, type, account, channel, address, data } = item;
  const isLate = item.late === true || ports.clock.now() - item.at.received > LATE_MS;
  const { contact, profile } = aboutContact(item);
  const outcome = await append(
    log,
    {
      key,
      token,
      type,
      account,
      channel,
      ...(address !== undefined && { address }),
      ...(contact !== undefined && { contact }),
      ...(profile && { profile }),
      at: item.at,
      data,
      ...(isLate && { late: true }),
    },
    {
      table: ports.table,
      now: () => ports.clock.now(),
      decide: async (before) => {
        if ((item.hops ?? 0) >= MOST_HOPS) return undefined;
        if (!before) return home(item, ports);
        return staysHere(item) ? undefined : before.moved;
      },
    },
  );

  switch (outcome.kind) {
    case "repeated":
      return { kind: "repeated" };
    case "elsewhere":
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
  const known = await table.aliasOf(item.account, item.address);
  if (known !== undefined) return known;
  for (const alias of item.aliases ?? []) {
    const other = (await table.aliasOf(item.account, alias.address)) ?? (await existing(alias.conversation, table));
    if (other === undefined || other === item.log) continue;
    await table.putAlias(item.account, item.address, other);
    return other;
  }
  return undefined;
}

/** A receipt belongs where its message was queued, wherever the conversation has gone since; so does the word of it. */
function staysHere({ type, data }: MailboxItem): boolean {
  const { message } = data as { message?: Partial<Message> };
  return type === "contact.merged" || (message?.id !== undefined && message.content === undefined);
}

async function existing(log: string, table: LogWriter): Promise<string | undefined> {
  return (await table.newest(log)) ? log : undefined;
}

/** What follows from an entry. Each step may have been done before. */
async function follow(log: string, entry: Entry, ports: Ports): Promise<void> {
  if (log.startsWith("conv_")) {
    if (profileDue(entry)) await keepProfile(log, entry, ports);
    if (summaryDue(entry)) await keepSummary(log, entry, ports.table);
    if (entry.after.reopened === entry.sequence) await announce(log, entry, ports.mailbox);
  }
  await ports.doorbells.ring({ log, sequence: entry.sequence });
  if (entry.type === "message.queued") await send(log, entry, ports);
}

async function keepProfile(log: string, entry: Entry, ports: Ports): Promise<void> {
  const { account, address, profile, token, key, channel, at } = entry;
  const { contact } = entry.after;
  if (address === undefined || contact === undefined) return;
  const { name } = profile ?? {};
  await ports.table.putContact({
    id: contact,
    account,
    address,
    ...(name !== undefined && { name }),
    conversation: log,
  });
  for (const alias of profile?.aliases ?? []) {
    const former = await superseded(alias, log, ports.table);
    if (former === undefined && (await ports.table.aliasOf(account, alias.address)) === log) continue;
    await ports.table.putAlias(account, alias.address, log, former);
    if (former === undefined) continue;
    // The other spelling has a log of its own: it is told where the conversation goes on, and sends on what still comes.
    await ports.mailbox.deliver([
      {
        log: former,
        key: `${key}.merged`,
        token,
        type: "contact.merged",
        account,
        channel,
        at: { received: at.recorded },
        data: { into: log },
      },
    ]);
  }
}

/** The log that an alias has opened under its own name, unless it has been told already. */
async function superseded(alias: Alias, log: string, table: LogWriter): Promise<string | undefined> {
  const newest = alias.conversation === log ? undefined : await table.newest(alias.conversation);
  return newest && newest.after.moved !== log ? alias.conversation : undefined;
}

async function keepSummary(log: string, entry: Entry, table: LogWriter & Projections): Promise<void> {
  const { account, channel, address } = entry.address === undefined ? await opening(log, table) : entry;
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

function aboutContact({ contact, aliases }: MailboxItem): { contact?: string; profile?: Profile } {
  if (!contact) return {};
  const { id, name } = contact;
  return { contact: id, profile: { ...(name !== undefined && { name }), ...(aliases?.length && { aliases }) } };
}
