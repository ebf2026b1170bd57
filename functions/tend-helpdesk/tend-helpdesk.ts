/**
 * tend-helpdesk: what a desk needs beside the events of the log, by a schedule. The conversations that are older than
 * its place in the configuration are handed over to it; it is asked for what its webhooks did not tell; and it is rung
 * where the time for free replies is nearly over. All of it may be done twice: what is rung or looked at again changes
 * nothing.
 */
import type { DeskHappening } from "../../shared/domain/desk-happening.ts";
import { type QueuedDeskItem, queuedDeskItem } from "../../shared/domain/desk-queue.ts";
import { slotOf } from "../../shared/domain/desk-state.ts";
import type { Doorbell } from "../../shared/domain/mailbox.ts";
import type { Desk, DeskCapabilities, DeskReconciler } from "../../shared/helpdesks/helpdesk.ts";
import { log } from "../../shared/log.ts";
import type { Clock, Conversations, DeskTickets, DeskTimes, Http, Summary } from "../../shared/ports.ts";

export interface Ports {
  table: Pick<Conversations, "conversations">;
  tickets: DeskTimes & Pick<DeskTickets, "conversationOf" | "deskState">;
  desk: {
    name: string;
    /** Whose conversations it gets. */
    accounts: readonly string[];
    capabilities: DeskCapabilities;
    reconciler?: DeskReconciler | undefined;
  };
  /** Undefined as long as nobody has stored its secrets. */
  reach(): Promise<Desk | undefined>;
  http: Http;
  /** The queue of post-to-helpdesk for this desk. */
  ring(bell: Doorbell): Promise<void>;
  /** The queue of take-reply. */
  queue(item: QueuedDeskItem): Promise<void>;
  clock: Clock;
  /** Ms that are left to this invocation. */
  remaining(): number;
}

/** What was done, for a person who has it done by hand. */
export interface Report {
  desk: string;
  /** Conversations that were handed over, of which free replies end soon, tickets that were looked at. */
  handedOver: number;
  closing: number;
  lookedAt: number;
}

const PAGE = 100;
const DAY_MS = 86_400_000;
/** A list of what has changed may lag behind. */
const OVERLAP_MS = 2 * 60_000;
/** A desk that cannot be asked what has changed is asked about so many of its tickets. */
const MOST_LOOKED_AT = 100;
const SLOTS_PER_HOUR = 12;
/** A desk tells of tickets that are no business of ours, too. */
const UNLINKED_FOR_MS = 20 * 60_000;
const MOST_UNLINKED = 200;

type Changed = Awaited<ReturnType<NonNullable<DeskReconciler["changed"]>>>;
const ENOUGH_MS = 20_000;

export async function tendHelpdesk(ports: Ports): Promise<Report> {
  const handedOver = await handOver(ports);
  const closing = await ringClosing(ports);
  const lookedAt = await look(ports);
  return { desk: ports.desk.name, handedOver, closing, lookedAt };
}

/** Once for each desk: every open conversation that it serves is rung for, and post-to-helpdesk does the rest. */
async function handOver({ table, tickets, desk, ring, clock, remaining }: Ports): Promise<number> {
  for (const account of desk.accounts) await tickets.deskSince(desk.name, account, clock.now());
  let progress = await tickets.deskProgress(desk.name);
  const served = desk.accounts.toSorted();
  const isMore = served.some((account) => !progress.served?.includes(account));
  if (isMore) {
    const { handedOver: _, ...rest } = progress;
    progress = rest;
  }
  progress = { ...progress, served };
  let count = 0;
  while (progress.handedOver !== "all" && remaining() > ENOUGH_MS) {
    const { cursor } = progress.handedOver ?? {};
    const page = await table.conversations({ limit: PAGE, ...(cursor !== undefined && { cursor }) });
    for (const summary of page.summaries.filter((one) => one.status === "open" && isServed(one, desk.accounts))) {
      await ring({ log: summary.conversation, sequence: summary.sequence });
      count++;
    }
    progress = { ...progress, handedOver: page.nextCursor === undefined ? "all" : { cursor: page.nextCursor } };
    await tickets.putDeskProgress(desk.name, progress);
  }
  return count;
}

/** Only for desks that cannot show the time themselves: post-to-helpdesk has noted down when to ring for whom. */
async function ringClosing({ tickets, desk, ring, clock, remaining }: Ports): Promise<number> {
  if (desk.capabilities.window !== "note") return 0;
  const now = slotOf(clock.now());
  const progress = await tickets.deskProgress(desk.name);
  let count = 0;
  // What was not told within the hour is over.
  let slot = Math.max(progress.closedUntil ?? 0, now - SLOTS_PER_HOUR);
  for (; slot < now && remaining() > ENOUGH_MS; slot++) {
    for (const log of await tickets.closings(desk.name, slot)) {
      await ring({ log, sequence: 1, closing: true });
      count++;
    }
  }
  await tickets.putDeskProgress(desk.name, { ...progress, closedUntil: slot });
  return count;
}

/** What the desk did not tell, take-reply finds by asking about each ticket. */
async function look(ports: Ports): Promise<number> {
  const { desk, tickets, clock, http } = ports;
  const { reconciler } = desk;
  const reached = reconciler && (await ports.reach());
  if (!reached) return 0;
  const now = clock.now();
  const progress = await tickets.deskProgress(desk.name);
  const since = Math.max((progress.askedUntil ?? now) - OVERLAP_MS, now - DAY_MS);
  const changed: Changed = reconciler.changed
    ? await reconciler.changed({ since }, { desk: reached, http })
    : { kind: "changed", tickets: await recentTickets(ports) };
  if (changed.kind !== "changed") {
    log("warn", "desk_not_asked", { desk: desk.name, outcome: changed.kind, detail: changed.detail });
    return 0;
  }
  // One that we have opened may not be known to be ours yet: the answer to our request was lost.
  const waiting = (progress.unlinked ?? []).filter(({ at }) => now - at < UNLINKED_FOR_MS);
  const seen = new Map(waiting.map(({ ticket, at }) => [ticket, at]));
  const unlinked: { ticket: string; at: number }[] = [];
  let count = 0;
  for (const ticket of new Set([...seen.keys(), ...changed.tickets])) {
    if ((await tickets.conversationOf(desk.name, ticket)) === undefined) {
      unlinked.push({ ticket, at: seen.get(ticket) ?? now });
      continue;
    }
    const happening: DeskHappening = { type: "look", id: `${ticket}#${now}`, ticket };
    await ports.queue(queuedDeskItem(happening, desk.name, now));
    count++;
  }
  // Where there was more than the desk would list, the same time is asked about again.
  const askedUntil = changed.isCut ? (changed.reached ?? progress.askedUntil) : now;
  const { askedUntil: _, ...others } = await tickets.deskProgress(desk.name);
  await tickets.putDeskProgress(desk.name, {
    ...others,
    ...(askedUntil !== undefined && { askedUntil }),
    unlinked: unlinked.slice(-MOST_UNLINKED),
  });
  return count;
}

/** Of the conversations that were active last. */
async function recentTickets({ table, tickets, desk, clock }: Ports): Promise<string[]> {
  const { summaries } = await table.conversations({ limit: MOST_LOOKED_AT });
  const recent = summaries.filter((one) => clock.now() - one.lastActivityAt < DAY_MS && isServed(one, desk.accounts));
  const states = await Promise.all(recent.map(({ conversation }) => tickets.deskState(desk.name, conversation)));
  return states.flatMap((state) => state?.id ?? []);
}

function isServed({ account }: Summary, accounts: readonly string[]): boolean {
  return accounts.includes(account);
}
