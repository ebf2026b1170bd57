/**
 * A desk of tickets: what each entry of the log is there. A step that writes is marked as begun before its request and
 * as told behind it, so that after a crash or an answer that was lost the desk's own code looks before it writes again.
 */
import { CHANNEL_NAMES } from "../../shared/domain/content-words.ts";
import type { Entry } from "../../shared/domain/conversation-log.ts";
import { type DeskState, type Followed, NEW_STATE } from "../../shared/domain/desk-state.ts";
import { eventKey } from "../../shared/domain/ids.ts";
import { linkCode } from "../../shared/domain/media-link.ts";
import { replyUntil } from "../../shared/domain/plan.ts";
import type { DeskConversation, Saying } from "../../shared/domain/telling.ts";
import type { Desk, Place, TellOutcome, TicketWay } from "../../shared/helpdesks/helpdesk.ts";
import { log as logLine } from "../../shared/log.ts";
import { laterOrNever } from "./again-later.ts";
import { fateOf } from "./await-file.ts";
import { conversationOf, openingText } from "./conversation-view.ts";
import { fitToDesk, withLinks } from "./fit-to-desk.ts";
import { burstFrom, joined } from "./join-burst.ts";
import type { Ports, Teller, Tried } from "./ports.ts";
import { news } from "./receipts.ts";
import { type Telling, tellingsOf } from "./tellings.ts";

const ON: Tried = { kind: "on" };
/** Their end is of no interest any more. */
const MOST_FOLLOWED = 20;
const HOUR_MS = 3_600_000;
const LINK_SECONDS = 3_600;

/** A step of a desk's: the outcome of its request, or that there was none to make. */
type Done = TellOutcome | { kind: "nothing" };

export async function tellTicket(
  { log, received, reached }: { log: string; received: number; reached: Desk },
  way: TicketWay,
  ports: Ports,
): Promise<Teller> {
  const { desk, tickets, table, clock, capabilities, mailbox } = ports;
  let state: DeskState = (await tickets.deskState(desk.name, log)) ?? NEW_STATE;
  let isDirty = false;

  const change = (changes: Partial<DeskState>) => {
    state = { ...state, ...changes };
    isDirty = true;
  };
  const save = async () => {
    await tickets.putDeskState(desk.name, log, state);
    isDirty = false;
  };

  async function tell(entry: Entry, ahead: readonly Entry[]): Promise<Tried> {
    const upTo = state.trying?.entry === entry.sequence ? state.trying.upTo : undefined;
    const burst = burstFrom(entry, ahead, { upTo, seconds: capabilities.joinSeconds, now: clock.now() });
    if (burst.kind === "retry") return burst;
    const fates = await fateOf(burst.entries, ahead, { log, table, now: clock.now() });
    if (fates.kind === "retry") return fates;
    const told = { desk: desk.name, files: fates.files, waiting: state.waiting };
    const steps = joined(burst.entries.map((one) => tellingsOf(one, told)));
    const last = burst.entries.at(-1) ?? entry;
    const span = last.sequence === entry.sequence ? {} : { upTo: last.sequence };
    for (const [step, telling] of steps.entries()) {
      if (isTold(entry.sequence, step)) continue;
      const tried = await take(telling, { entry, step, last, ...span });
      if (tried.kind === "on") continue;
      if (isDirty) await save();
      return tried;
    }
    if (isDirty) await save();
    return { kind: "on", ...span };
  }

  function isTold(entry: number, step: number): boolean {
    const { told } = state;
    return told !== undefined && (told.entry > entry || (told.entry === entry && told.step >= step));
  }

  interface At {
    entry: Entry;
    step: number;
    last: Entry;
    upTo?: number;
  }

  async function take(telling: Telling, at: At): Promise<Tried> {
    const done = await perform(telling, at);
    if (done.kind === "nothing" || done.kind === "told") return ON;
    const about = { entry: at.entry, log, received };
    const isWord = telling.kind === "say" || telling.kind === "note" || telling.kind === "opening";
    const isFinal = done.kind === "closed" || (done.kind === "refused" && !isWord);
    if (isFinal) {
      // A ticket that takes nothing any more, or a mark that it does not know: no reason to hold up what comes.
      logLine("warn", "helpdesk_not_told", { helpdesk: desk.name, log, sequence: at.entry.sequence, step: telling.kind });
      return ON;
    }
    const later = await laterOrNever(done, about, ports);
    if (!later) await end(at);
    return later ?? ON;
  }

  async function perform(telling: Telling, at: At): Promise<Done> {
    const isOpen = state.id !== undefined;
    switch (telling.kind) {
      case "say":
        return say(telling, at);
      case "note":
        return isOpen ? write(noteOf(telling.id, telling.text, at.entry), at, telling.about) : NOTHING;
      case "opening": {
        if (state.openedBy !== at.entry.sequence) return NOTHING;
        const text = await openingText({ log, entry: at.entry, state, ports });
        return text === "" ? NOTHING : write(noteOf(`${at.entry.key}#opening`, text, at.entry), at);
      }
      case "own":
        change({ isAnswered: true });
        follow(telling.deskMessage, telling.message, at.entry.sequence, telling.attempt);
        await tickets.linkMessage(desk.name, log, { ...telling, isOurs: false });
        return NOTHING;
      case "receipts":
        return receipts(at);
      case "state":
        return stateOf(telling, at);
      case "tags":
        return way.tag && isOpen ? way.tag(telling.tags, await place(at)) : NOTHING;
      case "customer": {
        if (!way.customer || !isOpen || state.openedBy === at.entry.sequence) return NOTHING;
        const there = await place(at);
        return way.customer(there.conversation.customer, there);
      }
      case "fields":
        return way.fields && isOpen && state.openedBy !== at.entry.sequence ? way.fields(await place(at)) : NOTHING;
      case "moved":
        await move(telling.into);
        return NOTHING;
    }
  }

  // What is said.

  async function say(telling: Extract<Telling, { kind: "say" }>, at: At): Promise<Done> {
    const { saying, message, quotes, awaits } = telling;
    const isCustomer = saying.from === "customer";
    // A campaign is not to open a ticket for everybody whom it reaches: the first answer does, and shows what came before.
    if (state.id === undefined && !isCustomer) return NOTHING;
    if (isCustomer) applyPolicy(at.entry);
    let done = await write(saying, at, quotes, message);
    if (done.kind === "closed" && isCustomer) {
      leaveTicket();
      done = await write(saying, at, quotes, message);
    }
    if (done.kind !== "told") return done;
    const { closedAt: _, windowTold: __, ...rest } = state;
    state = isCustomer ? { ...rest, isAnswered: false } : { ...state, isAnswered: true };
    if (awaits) state = { ...state, waiting: [...state.waiting, message].slice(-MOST_FOLLOWED) };
    if (saying.id.endsWith("#file")) state = { ...state, waiting: state.waiting.filter((one) => one !== message) };
    const [first] = done.ids;
    const final = done.ids.at(-1);
    if (!isCustomer && final !== undefined) follow(final, message, at.entry.sequence);
    for (const deskMessage of done.ids.slice(1).filter((id) => id !== first))
      await tickets.linkMessage(desk.name, log, { message, deskMessage, isOurs: true });
    if (first !== undefined) await tickets.linkMessage(desk.name, log, { message, deskMessage: first, isOurs: true });
    await save();
    return done;
  }

  /** Marks it as begun, says it in as many pieces as the desk needs, and marks it as told. */
  async function write(saying: Saying, at: At, about?: string, message?: string): Promise<Done> {
    const isRepeated = state.trying?.entry === at.entry.sequence && state.trying.step === at.step;
    state = { ...state, trying: { entry: at.entry.sequence, step: at.step, ...(at.upTo !== undefined && { upTo: at.upTo }) } };
    await save();
    const quoted = about === undefined ? undefined : await tickets.deskMessage(desk.name, log, about);
    const whole: Saying = { ...saying, ...(quoted !== undefined && { replyTo: quoted }) };
    const ids: string[] = [];
    for (const piece of fitToDesk(whole, capabilities, await linker())) {
      const there = await place(at, isRepeated);
      let outcome = await way.say(piece, there);
      // Better its words and a link than nothing.
      if (outcome.kind === "refused" && piece.files.length > 0)
        outcome = await way.say(withLinks(piece, await linker()), await place(at, isRepeated));
      if (outcome.kind !== "told") {
        if (outcome.kind !== "uncertain") await unbegin(isRepeated);
        return outcome;
      }
      ids.push(...outcome.ids);
    }
    await end(at);
    if (message === undefined)
      for (const deskMessage of ids)
        await tickets.linkMessage(desk.name, log, { message: saying.id, deskMessage, isOurs: true });
    return { kind: "told", ids };
  }

  /** Nothing was written by this try; what an earlier one has written is still not known. */
  async function unbegin(isRepeated: boolean): Promise<void> {
    if (isRepeated) return;
    const { trying: _, ...rest } = state;
    state = rest;
    await save();
  }

  async function end({ entry, step }: At): Promise<void> {
    const { trying: _, ...rest } = state;
    state = { ...rest, told: { entry: entry.sequence, step } };
    await save();
  }

  /** @param attempt 1, 2 … where an agent had it sent again: then what became of the last one counts */
  function follow(message: string, ours: string, from: number, attempt = 0): void {
    const same = state.following.find((one) => one.message === message);
    const isSame = same && (same.attempt ?? 0) === attempt;
    const followed: Followed = isSame
      ? { ...same, ours: [...new Set([...same.ours, ours])] }
      : { message, ours: [ours], from, ...(attempt > 0 && { attempt }) };
    change({ following: [...state.following.filter((one) => one !== same), followed].slice(-MOST_FOLLOWED) });
  }

  // What became of messages.

  async function receipts(at: At): Promise<Done> {
    if (state.following.length === 0) return NOTHING;
    const found = await news(state.following, at.entry, { log, ports });
    for (const [index, { followed, status, text, reason, time }] of found.entries()) {
      const isShown = way.status !== undefined && (capabilities.statusBack === "full" || status === "failed");
      const isNoted = !isShown && (status === "failed" || status === "uncertain" || followed.told !== undefined || desk.receiptNotes);
      let outcome: Done = NOTHING;
      if (isShown && status !== "uncertain") {
        const word = { message: followed.message, status, at: time, ...(reason !== undefined && { reason }) };
        outcome = (await way.status?.(word, await place(at))) ?? NOTHING;
      } else if (isNoted || status === "uncertain") {
        const id = `${followed.message}#${status}#${at.entry.sequence}`;
        // Each a step of its own, before the one that they are all a part of.
        const step = at.step - 1 + (index + 1) / 1000;
        outcome = await write({ ...noteOf(id, text, at.entry), replyTo: followed.message }, { ...at, step });
      } else continue;
      if (outcome.kind === "unavailable" || outcome.kind === "uncertain" || outcome.kind === "throttled") return outcome;
      const told = { ...followed, told: status };
      change({ following: state.following.map((one) => (one.message === followed.message ? told : one)) });
    }
    return NOTHING;
  }

  async function stateOf({ state: word, isOwn }: Extract<Telling, { kind: "state" }>, at: At): Promise<Done> {
    if (state.id === undefined) return NOTHING;
    const isClosed = state.closedAt !== undefined;
    if (word === "closed") change({ closedAt: at.entry.at.recorded });
    else {
      const { closedAt: _, ...rest } = state;
      state = rest;
      isDirty = true;
    }
    return isOwn || !way.state || isClosed === (word === "closed") ? NOTHING : way.state(word, await place(at));
  }

  // The ticket.

  /** What a solved ticket means when the customer writes again is the owner's choice. */
  function applyPolicy(entry: Entry): void {
    const { closedAt, id } = state;
    if (closedAt === undefined || id === undefined) return;
    const { onSolved } = desk;
    if (onSolved === "reopen") return;
    const isOld = onSolved === "new" || entry.at.recorded - closedAt > onSolved.newAfterHours * HOUR_MS;
    if (isOld) leaveTicket();
  }

  function leaveTicket(): void {
    const { id, openedAt: _, openedBy: __, closedAt: ___, trying: ____, ...rest } = state;
    if (id !== undefined) state = { ...rest, previous: { id, kept: state.kept } };
  }

  async function linked(ticket: string, entry: Entry): Promise<void> {
    const { account, channel } = entry;
    await tickets.linkTicket(desk.name, ticket, log);
    await mailbox.deliver([
      {
        log,
        key: eventKey(await ports.idSecret(), account, `${desk.name}#${ticket}#linked`),
        token: tokenOf(ports),
        type: "helpdesk.linked",
        account,
        channel,
        at: { received: clock.now() },
        data: { helpdesk: desk.name, ticket },
      },
    ]);
  }

  /**
   * The conversation goes on under another name, and its ticket with it. The ticket's link stays: whoever follows it from
   * there comes by what was answered before, too.
   */
  async function move(into: string): Promise<void> {
    const { id } = state;
    if (id === undefined || (await tickets.deskState(desk.name, into))?.id !== undefined) return;
    const { told: _, trying: __, openedBy: ___, ...rest } = state;
    await tickets.putDeskState(desk.name, into, { ...rest, following: [] });
  }

  async function place(at: At, isRepeated = false): Promise<Place> {
    const { id, kept, previous } = state;
    const there: Place = {
      desk: reached,
      conversation: await view(at.last),
      ticket: { kept, ...(id !== undefined && { id }) },
      ...(id === undefined && previous && { follows: previous }),
      isRepeated,
      keep: async (learnt) => {
        const { id: ticket } = learnt;
        const isFirst = state.id === undefined;
        const isOther = ticket !== undefined && ticket !== state.id;
        state = { ...state, kept: { ...state.kept, ...learnt.kept } };
        if (isOther) {
          await linked(ticket, at.entry);
          // Tickets that agents merge have another id from then on, and are not new.
          state = { ...state, id: ticket, ...(isFirst && { openedAt: clock.now(), openedBy: at.entry.sequence }) };
        }
        there.ticket = { kept: state.kept, ...(state.id !== undefined && { id: state.id }) };
        await save();
      },
      http: ports.http,
      now: clock.now(),
      files: {
        read: (file) => ports.files.read(file),
        link: ({ id: file, fileName }) =>
          ports.files.linkToRead(file, { seconds: LINK_SECONDS, disposition: `attachment; filename="${plain(fileName)}"` }),
      },
    };
    return there;
  }

  let seen: { at: number; conversation: DeskConversation } | undefined;
  async function view(entry: Entry): Promise<DeskConversation> {
    if (seen?.at !== entry.sequence)
      seen = { at: entry.sequence, conversation: await conversationOf({ log, entry, ports }) };
    return seen.conversation;
  }

  let link: ((id: string) => string) | undefined;
  async function linker(): Promise<(id: string) => string> {
    if (link) return link;
    const secret = await ports.idSecret();
    const { linksUrl } = ports;
    link = (id) => `${linksUrl}/${linkCode(secret, id, clock.now())}`;
    return link;
  }

  // The window.

  /** Where the desk cannot show it: a note in the last hour, once, unless the customer has had an answer. */
  async function caughtUp(): Promise<Tried> {
    if (capabilities.window !== "note" || state.id === undefined || state.closedAt !== undefined) return ON;
    if (state.isAnswered) return ON;
    const head = await table.newest(log);
    const { inbound } = head?.after ?? {};
    const channel = head && ports.account(head.account);
    if (!head || !channel || inbound === undefined || state.windowTold === inbound) return ON;
    const until = replyUntil(channel.capabilities, inbound);
    const leftMs = until === undefined ? Number.POSITIVE_INFINITY : until - clock.now();
    if (leftMs <= 0 || leftMs > HOUR_MS) return ON;
    const entry = await table.entry(log, head.sequence);
    if (!entry) return ON;
    const minutes = Math.max(Math.round(leftMs / 60_000), 1);
    const text = `⏳ Free replies on ${CHANNEL_NAMES[head.channel]} end in ${minutes} minutes (${new Date(until ?? 0).toISOString()}). After that only an approved template can go out.`;
    const outcome = await write(noteOf(`${inbound}#window`, text, entry), { entry, step: 1_000, last: entry });
    if (outcome.kind === "told" || outcome.kind === "refused" || outcome.kind === "closed") {
      state = { ...state, windowTold: inbound };
      await save();
      return ON;
    }
    if (outcome.kind === "nothing") return ON;
    return (await laterOrNever(outcome, { entry, log, received }, ports)) ?? ON;
  }

  return { tell, caughtUp };
}

const NOTHING = { kind: "nothing" } as const;

function noteOf(id: string, text: string, { at }: Entry): Saying {
  return { id, from: "recado", isPrivate: true, text, files: [], at: at.recorded };
}

function plain(fileName: string): string {
  return fileName.replace(/[^\x20-\x7e]|["\\%/]/g, "_");
}

function tokenOf({ random }: Ports): string {
  return Buffer.from(random(12)).toString("base64url");
}
