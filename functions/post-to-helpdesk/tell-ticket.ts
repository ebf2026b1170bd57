/**
 * A desk of tickets: what each entry of the log is there. A step that writes is marked as begun before its request and
 * as told behind it, so that after a crash or an answer that was lost the desk's own code looks before it writes again.
 */
import type { Entry } from "../../shared/domain/conversation-log.ts";
import { slotOf } from "../../shared/domain/desk-state.ts";
import type { Saying } from "../../shared/domain/telling.ts";
import type { Desk, TellOutcome, TicketWay } from "../../shared/helpdesks/helpdesk.ts";
import { log as logLine } from "../../shared/log.ts";
import { laterOrNever } from "./again-later.ts";
import { fateOf } from "./await-file.ts";
import { closingText } from "./closing-window.ts";
import { openingText } from "./conversation-view.ts";
import { type At, DeskMemory } from "./desk-memory.ts";
import { placesOf } from "./desk-place.ts";
import { fitToDesk, withLinks } from "./fit-to-desk.ts";
import { burstFrom, joined } from "./join-burst.ts";
import type { Ports, Teller, Tried } from "./ports.ts";
import { type News, news } from "./receipts.ts";
import { type Telling, tellingsOf } from "./tellings.ts";

const ON: Tried = { kind: "on" };
const NOTHING = { kind: "nothing" } as const;
const HOUR_MS = 3_600_000;
/** Behind every step of an entry. */
const WINDOW_STEP = 1_000;

/** What came of a step: of its request, or that there was none to make. */
type Done = TellOutcome | { kind: "nothing" };

export async function tellTicket(
  { log, received, reached }: { log: string; received: number; reached: Desk },
  way: TicketWay,
  ports: Ports,
): Promise<Teller> {
  const { desk, tickets, capabilities, clock, table } = ports;
  const memory = await DeskMemory.of(tickets, desk.name, log);
  const places = placesOf(log, reached, memory, ports);

  async function tell(entry: Entry, ahead: readonly Entry[]): Promise<Tried> {
    const { waiting } = memory.state;
    const begun = { upTo: memory.upTo(entry), hasBegun: memory.hasBegun(entry) };
    const burst = burstFrom(entry, ahead, { ...begun, seconds: capabilities.joinSeconds, now: clock.now() });
    if (burst.kind === "retry") return burst;
    const fates = await fateOf(burst.entries, ahead, { log, table, now: clock.now() });
    if (fates.kind === "retry") return fates;
    const told = { desk: desk.name, files: fates.files, waiting };
    const last = burst.entries.at(-1) ?? entry;
    const span = last.sequence === entry.sequence ? {} : { upTo: last.sequence };
    for (const [step, telling] of joined(burst.entries.map((one) => tellingsOf(one, told))).entries()) {
      const at: At = { entry, last, step, ...span };
      const tried = memory.isTold(at) ? ON : await take(telling, at);
      if (tried.kind === "on") continue;
      await memory.saveChanges();
      return tried;
    }
    await memory.saveChanges();
    return { kind: "on", ...span };
  }

  async function take(telling: Telling, at: At): Promise<Tried> {
    const done = await perform(telling, at);
    if (done.kind === "nothing" || done.kind === "told") return ON;
    if (done.kind === "closed" || (done.kind === "refused" && telling.kind !== "say")) {
      // A ticket that takes nothing any more, or a note or mark that it does not want: no reason to hold up what comes.
      const about = { helpdesk: desk.name, log, sequence: at.entry.sequence, step: telling.kind };
      logLine("warn", "helpdesk_not_told", about);
      return ON;
    }
    const later = await laterOrNever(done, { entry: at.entry, log, received }, ports);
    if (!later) await memory.end(at);
    return later ?? ON;
  }

  async function perform(telling: Telling, at: At): Promise<Done> {
    const { id, openedBy } = memory.state;
    // What a ticket shows from its beginning is no news of it.
    const isKnown = id !== undefined && openedBy !== at.entry.sequence;
    switch (telling.kind) {
      case "say":
        return say(telling, at);
      case "note":
        return id === undefined ? NOTHING : write(noteOf(telling.id, telling.text, at), at, aboutOf(telling));
      case "opening": {
        if (openedBy !== at.entry.sequence) return NOTHING;
        const text = await openingText({ log, entry: at.entry, state: memory.state, ports });
        return text === "" ? NOTHING : write(noteOf(`${at.entry.key}#opening`, text, at), at);
      }
      case "own":
        memory.change({ isAnswered: true });
        memory.follow(telling.deskMessage, telling.message, at.entry.sequence, telling.attempt);
        await tickets.linkMessage(desk.name, log, { ...telling, isOurs: false, ticket: id });
        return NOTHING;
      case "receipts":
        return receipts(at);
      case "state":
        return stateOf(telling, at);
      case "tags":
        return way.tag && id !== undefined ? way.tag(telling.tags, await places.at(at)) : NOTHING;
      case "customer": {
        if (!way.customer || !isKnown) return NOTHING;
        const place = await places.at(at);
        return way.customer(place.conversation.customer, place);
      }
      case "fields":
        return id === undefined ? NOTHING : fields(telling.isNews, isKnown, at);
      case "moved":
        await move(telling.into);
        return NOTHING;
      case "forget":
        await memory.forget();
        return NOTHING;
    }
  }

  // What is said.

  async function say(telling: Extract<Telling, { kind: "say" }>, at: At): Promise<Done> {
    const { saying, message, quotes, awaits } = telling;
    const isCustomer = saying.from === "customer";
    // A campaign is not to open a ticket for everybody whom it reaches: the first answer does, and shows what came before.
    if (memory.state.id === undefined && !isCustomer) return NOTHING;
    if (isCustomer) memory.applyPolicy(desk.onSolved, at.entry);
    /** What follows from it, kept in the same breath as that it was told. */
    const learn = async (ids: readonly string[]) => {
      if (isCustomer) memory.change({ isAnswered: false }, "closedAt", "windowTold");
      else memory.change({ isAnswered: true });
      if (isCustomer) await noteClosing(at);
      for (const one of awaits ?? []) memory.awaitFile(one);
      if (saying.id !== message) memory.fileCame(message);
      const shown = ids.at(-1);
      if (!isCustomer && shown !== undefined) memory.follow(shown, message, at.entry.sequence);
    };
    const given = { message, learn, ...(quotes !== undefined && { about: quotes }) };
    const done = await write(saying, at, given);
    if (done.kind !== "closed" || !isCustomer) return done;
    memory.leaveTicket();
    return write(saying, at, given);
  }

  /** So that somebody who does not answer is told in time: once for all that is said within five minutes. */
  async function noteClosing(at: At): Promise<void> {
    if (capabilities.window !== "note") return;
    const { replyUntil } = (await places.at(at)).conversation;
    const soon = replyUntil === undefined ? undefined : replyUntil - HOUR_MS;
    if (soon === undefined || soon < clock.now() || slotOf(soon) === memory.state.closingNoted) return;
    await tickets.putClosing(desk.name, log, soon);
    memory.change({ closingNoted: slotOf(soon) });
  }

  /**
   * Marks it as begun, says it in as many pieces as the desk needs, and marks it as told.
   * @param given `message` of ours that it is, `about` one that it answers
   */
  async function write(
    saying: Saying,
    at: At,
    {
      about,
      message = saying.id,
      learn,
    }: { about?: string; message?: string; learn?: (ids: readonly string[]) => Promise<void> } = {},
  ): Promise<TellOutcome> {
    const isRepeated = memory.isBegun(at);
    await memory.begin(at);
    const quoted = about === undefined ? undefined : await tickets.deskMessage(desk.name, log, about);
    const whole = quoted === undefined ? saying : { ...saying, replyTo: quoted };
    const linkOf = await places.linkOf();
    const ids: string[] = [];
    for (const piece of fitToDesk(whole, capabilities, linkOf)) {
      let outcome = await way.say(piece, await places.at(at, isRepeated));
      // Better its words and a link than nothing.
      if (outcome.kind === "refused" && piece.files.length > 0)
        outcome = await way.say(withLinks(piece, linkOf), await places.at(at, isRepeated));
      if (outcome.kind !== "told") {
        // What an earlier try has written, or an earlier piece of this one, is to be looked for.
        if (outcome.kind !== "uncertain" && !isRepeated && ids.length === 0) await memory.withdraw();
        return outcome;
      }
      ids.push(...outcome.ids);
    }
    // Before the step is told: a webhook about them may be here already.
    for (const deskMessage of ids.toReversed())
      await tickets.linkMessage(desk.name, log, { message, deskMessage, isOurs: true, ticket: memory.state.id });
    await learn?.(ids);
    await memory.end(at);
    return { kind: "told", ids };
  }

  /** The time moves with each word of the customer's; it is set right when it is wrong by an hour, not each time. */
  async function fields(isNews: boolean, isKnown: boolean, at: At): Promise<Done> {
    if (!way.fields) return NOTHING;
    const place = await places.at(at);
    const { replyUntil = 0 } = place.conversation;
    const isOff = replyUntil - (memory.state.untilShown ?? 0) > HOUR_MS;
    if (isKnown && !isNews && !isOff) return NOTHING;
    const outcome: Done = isKnown ? await way.fields(place) : NOTHING;
    if (outcome.kind === "told" || outcome.kind === "nothing") memory.change({ untilShown: replyUntil });
    return outcome;
  }

  // What became of messages.

  async function receipts(at: At): Promise<Done> {
    const { following } = memory.state;
    if (following.length === 0) return NOTHING;
    for (const [index, one] of (await news(following, at.entry, { log, ports })).entries()) {
      // Each a step of its own, before the one that they are all a part of.
      const outcome = await showStatus(one, { ...at, step: at.step - 1 + (index + 1) / 1_000 });
      if (isUnsettled(outcome)) return outcome;
    }
    return NOTHING;
  }

  async function showStatus({ followed, status, text, reason, time }: News, at: At): Promise<Done> {
    const { message, told } = followed;
    const isMark = status !== "uncertain" && (capabilities.statusBack === "full" || status === "failed");
    let outcome: TellOutcome;
    if (way.status && isMark) {
      const word = { message, status, at: time, ...(reason !== undefined && { reason }) };
      outcome = await way.status(word, await places.at(at));
    } else {
      // Who was told of trouble hears of its end, too.
      const isWanted = status === "failed" || status === "uncertain" || told !== undefined || desk.receiptNotes;
      if (!isWanted) {
        if (status === "read") memory.told(message, status);
        return NOTHING;
      }
      const note = noteOf(`${message}#${status}#${at.entry.sequence}`, text, at);
      outcome = await write({ ...note, replyTo: message }, at);
    }
    if (!isUnsettled(outcome)) memory.told(message, status);
    return outcome;
  }

  // The ticket.

  async function stateOf({ state, isOwn }: Extract<Telling, { kind: "state" }>, at: At): Promise<Done> {
    const { id, closedAt } = memory.state;
    if (id === undefined) return NOTHING;
    const isSame = (closedAt !== undefined) === (state === "closed");
    const outcome: Done = isOwn || isSame || !way.state ? NOTHING : await way.state(state, await places.at(at));
    // Not before the desk knows: what it seems to know already, it is not told.
    if (isUnsettled(outcome)) return outcome;
    if (state === "closed") memory.change({ closedAt: at.entry.at.recorded });
    else memory.change({}, "closedAt");
    return outcome;
  }

  /**
   * The conversation goes on under another name, and its ticket with it. The ticket still leads to the old one, from
   * where readers follow: what was said in it before stands there.
   */
  async function move(into: string): Promise<void> {
    const { id, told: _, trying: __, openedBy: ___, ...rest } = memory.state;
    if (id === undefined || (await tickets.deskState(desk.name, into))?.id !== undefined) return;
    await tickets.putDeskState(desk.name, into, { ...rest, id, following: [] });
    memory.leaveTicket();
  }

  /** The window, where the desk cannot show it: a note in the last hour, once, unless the customer has had an answer. */
  async function caughtUp(upTo: number): Promise<Tried> {
    if (capabilities.window !== "note") return ON;
    const closing = await closingText(log, memory.state, ports);
    // What was appended meanwhile is told first, by its own bell.
    if (!closing || closing.entry.sequence > upTo) return ON;
    const { entry, inbound, text } = closing;
    const at: At = { entry, last: entry, step: WINDOW_STEP };
    const outcome = await write(noteOf(`${inbound}#window`, text, at), at);
    if (isUnsettled(outcome)) return (await laterOrNever(outcome, { entry, log, received }, ports)) ?? ON;
    memory.change({ windowTold: inbound });
    await memory.save();
    return ON;
  }

  return { tell, caughtUp };
}

/** Whether it has to be tried again, since nobody knows that it was done, or is never to be. */
function isUnsettled(outcome: Done): outcome is Extract<Done, { kind: "unavailable" | "uncertain" | "throttled" }> {
  return outcome.kind === "unavailable" || outcome.kind === "uncertain" || outcome.kind === "throttled";
}

function aboutOf({ about }: { about?: string }): { about?: string } {
  return about === undefined ? {} : { about };
}

function noteOf(id: string, text: string, { entry }: At): Saying {
  return { id, from: "recado", isPrivate: true, text, files: [], at: entry.at.recorded };
}
