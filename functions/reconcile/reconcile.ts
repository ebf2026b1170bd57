/**
 * Asks a provider for what its webhooks should have told, and puts into the mailbox what the log does not hold yet. The
 * keys are those of the webhooks, so whatever was told before, or comes after all, is the same event.
 */
import type { Account, Parsed, ParsedHappening, Reconciler } from "../../shared/channels/connector.ts";
import { type Making, toItem } from "../../shared/channels/to-item.ts";
import type { Content } from "../../shared/domain/content.ts";
import { decodeCorrelation, encodeCorrelation } from "../../shared/domain/ids.ts";
import type { MailboxItem } from "../../shared/domain/mailbox.ts";
import { laneAccount } from "../../shared/domain/mailbox-rules.ts";
import { log } from "../../shared/log.ts";
import type {
  Conversations,
  Http,
  KnownKeys,
  LogReader,
  Mailbox,
  ProviderMessages,
  Reconciliations,
} from "../../shared/ports.ts";
import { findOpen, unnamedSend } from "./open-messages.ts";

export interface Ports extends Making {
  table: Pick<LogReader, "newest" | "entries"> &
    Pick<Conversations, "conversations"> &
    Pick<ProviderMessages, "lookUp"> &
    KnownKeys &
    Reconciliations;
  mailbox: Mailbox;
  http: Http;
  /** The other accounts of the connector. */
  others: readonly Pick<Account, "name" | "settings">[];
  /** What is left of the invocation, in ms. */
  remaining: () => number;
}

/** What came of a run, for its log line and for whoever asked. Times are ms since 1970. */
export interface Report {
  account: string;
  since: number;
  until: number;
  /** The provider has told everything of the span. */
  isComplete: boolean;
  /** What it told, and how much of that the log held or is none of ours. */
  told: number;
  known: number;
  foreign: number;
  /** What the log did not hold, by type of event. */
  missed: Record<string, number>;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** What a provider's lists show late. */
const OVERLAP_MS = HOUR_MS;
const FIRST_SPAN_MS = DAY_MS;
const LONGEST_SPAN_MS = 7 * DAY_MS;
/** What is looked at in any case. */
const RECENT_MS = 2 * HOUR_MS;
/** What is remembered as done at once. */
const PIECE_MS = DAY_MS;
/** Less is not begun with. */
const LEAST_TIME_MS = 60_000;
/** With less left the provider is asked nothing more: one more answer may take twenty seconds, and then all is delivered. */
const LAST_QUESTION_MS = 45_000;
/** Look-ups under way at once. */
const AT_ONCE = 20;

/**
 * Goes on where the last run ended, an hour before; at most seven days back, a day at a time. A piece of which the
 * provider did not tell everything is asked for again the next time, and so is everything after a crash.
 * @throws WorldFault
 */
export async function reconcile(account: Account, reconciler: Reconciler, ports: Ports): Promise<Report> {
  const { table, clock, others } = ports;
  const { name } = account;
  const now = clock.now();
  const last = await table.reconciledUntil(name);
  const since = Math.max(last === undefined ? now - FIRST_SPAN_MS : last - OVERLAP_MS, now - LONGEST_SPAN_MS);
  const report: Report = {
    account: name,
    since,
    until: since,
    isComplete: true,
    told: 0,
    known: 0,
    foreign: 0,
    missed: {},
  };
  // What became of a message may be told long after it was sent.
  let open = reconciler.asksAboutOpen ? await findOpen(name, Math.min(since, now - DAY_MS), table) : [];
  for (let from = since; from < now && report.isComplete && ports.remaining() > LEAST_TIME_MS; ) {
    const until = now - from <= PIECE_MS + OVERLAP_MS ? now : from + PIECE_MS;
    const { parsed, isComplete } = await reconciler.missed(
      { account, others, since: from, until, open },
      inTime(ports),
    );
    await deliver(parsed, report, ports);
    report.isComplete = isComplete;
    if (isComplete) await table.reconciled(name, until);
    if (isComplete) report.until = until;
    from = until;
    open = [];
    if (isComplete || from >= now || ports.remaining() <= LEAST_TIME_MS) continue;
    // A day of which the provider never tells everything is asked for again and again: what is missed now is found all the same.
    const recent = { account, others, since: Math.max(from, now - RECENT_MS), until: now, open };
    await deliver((await reconciler.missed(recent, inTime(ports))).parsed, report, ports);
  }
  if (now - report.until > DAY_MS) await deliver([behind(name, now)], report, ports);
  tell(report);
  return report;
}

/** A function that is ended in the middle keeps nothing of what it was told, and would be so the next time. */
function inTime({ http, remaining }: Ports): Http {
  return async (request) =>
    remaining() > LAST_QUESTION_MS ? http(request) : { kind: "not_sent", detail: "no time is left" };
}

/** In the order in which it happened, so that the log reads as the conversation went. */
async function deliver(parsed: readonly Parsed[], report: Report, ports: Ports): Promise<void> {
  const inOrder = parsed.toSorted((one, other) => (one.time ?? 0) - (other.time ?? 0));
  const items: MailboxItem[] = [];
  for (let first = 0; first < inOrder.length; first += AT_ONCE) {
    const those = inOrder.slice(first, first + AT_ONCE);
    const sifted = await Promise.all(those.map((one) => newsOf(one, ports)));
    for (const one of sifted) {
      report.told += 1;
      if (typeof one === "string") report[one] += 1;
      else {
        items.push(one);
        report.missed[one.type] = (report.missed[one.type] ?? 0) + 1;
      }
    }
  }
  if (items.length > 0) await ports.mailbox.deliver(items);
}

/** The item, if the log does not hold it. One that lies in another log than its address says is recognized there. */
async function newsOf(parsed: Parsed, ports: Ports): Promise<MailboxItem | "known" | "foreign"> {
  const { account } = parsed;
  if (account === undefined) return "foreign";
  const item = await toItem({ ...parsed, account }, ports);
  const isLog = laneAccount(item.log) === undefined;
  if (isLog && (await ports.table.holds(item.log, item.key))) return "known";
  const word = await wordOfOurs({ ...parsed, account }, item, ports);
  if (word === "foreign") return "foreign";
  if (!word) return item;
  const ours = await toItem({ ...word, account }, ports);
  return (await ports.table.holds(ours.log, ours.key)) ? "known" : ours;
}

/**
 * A message in the provider's list that the business wrote, or a receipt of one: of a send of ours it is a receipt for
 * that send, even where we were never told its id. A receipt of somebody else's send is none of our business.
 */
async function wordOfOurs(
  parsed: Parsed & { account: string },
  { log: conversation }: MailboxItem,
  { table }: Ports,
): Promise<Parsed | "foreign" | undefined> {
  const { happening, account, time } = parsed;
  if (decodeCorrelation(parsed.correlation)) return undefined;
  const { providerMessageId, content } = aboutOurs(happening);
  if (providerMessageId === undefined) return undefined;
  const named = await table.lookUp(account, providerMessageId);
  const ours = named ?? (content && (await unnamedSend(conversation, { content, time }, table)));
  if (!ours) return content ? undefined : "foreign";
  const told: Parsed = { ...parsed, correlation: encodeCorrelation(ours) };
  return content ? { ...told, happening: { type: "message.sent", receipt: { providerMessageId } } } : told;
}

/** The provider's id of the business's message that this is about, and what it says where it is the message itself. */
function aboutOurs(happening: ParsedHappening): { providerMessageId?: string; content?: Content } {
  if ("receipt" in happening) return happening.receipt;
  if (happening.type !== "message.sent" || !("message" in happening)) return {};
  return happening.message;
}

function behind(account: string, now: number): Parsed {
  const reason =
    "For more than a day the provider did not tell everything that its webhooks may have missed; Recado goes on asking, seven days back. The log of the function reconcile says what it answers.";
  const day = new Date(now).toISOString().slice(0, 10);
  const code = "reconcile_behind";
  return { account, subject: `${code}#${day}#alert`, happening: { type: "account.alert", code, reason, raw: null } };
}

/** A run that found nothing amiss is no news. */
function tell({ missed, ...report }: Report): void {
  const count = Object.values(missed).reduce((sum, one) => sum + one, 0);
  log(count > 0 || !report.isComplete ? "warn" : "info", "reconciled", { ...report, missed: count });
}
