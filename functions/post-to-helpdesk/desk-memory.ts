/** What is remembered of a conversation at a desk: in hand while it is told, and kept before and behind every request. */
import type { Entry } from "../../shared/domain/conversation-log.ts";
import { type DeskState, type Followed, NEW_STATE } from "../../shared/domain/desk-state.ts";
import type { DeskTickets } from "../../shared/ports.ts";
import type { OnSolved } from "./ports.ts";

/** Of more messages at a time nobody waits to hear what became. */
const MOST_FOLLOWED = 20;
const HOUR_MS = 3_600_000;

/** A step of what the desk is told of an entry. */
export interface At {
  /** The first one, where several are told as one; `last` of them. */
  entry: Entry;
  last: Entry;
  step: number;
  /** The last one's number, where there are several. */
  upTo?: number;
}

/** What may be unsaid again. */
type Unsaid = Pick<DeskState, "id" | "openedAt" | "openedBy" | "closedAt" | "trying" | "windowTold">;
type Tickets = Pick<DeskTickets, "deskState" | "putDeskState">;

export class DeskMemory {
  readonly #tickets: Tickets;
  readonly #desk: string;
  readonly #log: string;
  #state: DeskState;
  #isDirty = false;

  private constructor(tickets: Tickets, desk: string, log: string, state: DeskState) {
    this.#tickets = tickets;
    this.#desk = desk;
    this.#log = log;
    this.#state = state;
  }

  static async of(tickets: Tickets, desk: string, log: string): Promise<DeskMemory> {
    return new DeskMemory(tickets, desk, log, (await tickets.deskState(desk, log)) ?? NEW_STATE);
  }

  get state(): Readonly<DeskState> {
    return this.#state;
  }

  /** Kept with the next `save` at the latest: all of it may be found out again. */
  change(changes: Partial<DeskState>, ...without: (keyof Unsaid)[]): void {
    const changed: DeskState = { ...this.#state, ...changes };
    for (const key of without) delete changed[key];
    this.#state = changed;
    this.#isDirty = true;
  }

  async save(): Promise<void> {
    await this.#tickets.putDeskState(this.#desk, this.#log, this.#state);
    this.#isDirty = false;
  }

  async saveChanges(): Promise<void> {
    if (this.#isDirty) await this.save();
  }

  /**
   * As if the conversation had never been at the desk. What was told of the log stays, and which tickets there were:
   * what leads from them to the conversation is removed by whoever erases.
   */
  async forget(): Promise<void> {
    const { told, id, previous, forgotten = [] } = this.#state;
    const tickets = [...new Set([...forgotten, previous?.id, id].flatMap((ticket) => ticket ?? []))];
    this.#state = { ...NEW_STATE, ...(told && { told }), forgotten: tickets };
    await this.save();
  }

  // Steps.

  /** Up to where this entry was begun to be told, with others behind it. */
  upTo({ sequence }: Entry): number | undefined {
    const { trying, told } = this.#state;
    const begun = trying?.entry === sequence ? trying : undefined;
    return (begun ?? (told?.entry === sequence ? told : undefined))?.upTo;
  }

  /** Whether anything of this entry was told or begun: what it is told with stays what it was. */
  hasBegun({ sequence }: Entry): boolean {
    const { trying, told } = this.#state;
    return trying?.entry === sequence || told?.entry === sequence;
  }

  isTold({ entry, step }: Pick<At, "entry" | "step">): boolean {
    const { told } = this.#state;
    return told !== undefined && (told.entry > entry.sequence || (told.entry === entry.sequence && told.step >= step));
  }

  /** Whether an earlier try of this step may have done it. */
  isBegun({ entry, step }: At): boolean {
    const { trying } = this.#state;
    return trying?.entry === entry.sequence && trying.step === step;
  }

  async begin({ entry, step, upTo }: At): Promise<void> {
    this.change({ trying: { entry: entry.sequence, step, ...(upTo !== undefined && { upTo }) } });
    await this.save();
  }

  /** It is certain that nothing was done. */
  async withdraw(): Promise<void> {
    this.change({}, "trying");
    await this.save();
  }

  async end({ entry, step, upTo }: At): Promise<void> {
    this.change({ told: { entry: entry.sequence, step, ...(upTo !== undefined && { upTo }) } }, "trying");
    await this.save();
  }

  // Messages.

  /** @param attempt 1, 2 … where an agent had it sent again: then what became of the last one counts */
  follow(message: string, ours: string, from: number, attempt = 0): void {
    const { following } = this.#state;
    const same = following.find((one) => one.message === message);
    const isSame = same && (same.attempt ?? 0) === attempt;
    const followed: Followed = isSame
      ? { ...same, ours: [...new Set([...same.ours, ours])] }
      : { message, ours: [ours], from, ...(attempt > 0 && { attempt }) };
    const others = following.filter((one) => one !== same);
    // The first to go is one of which something is known.
    const settled = others.find((one) => one.told === "delivered" || one.told === "failed") ?? others[0];
    const kept = others.length < MOST_FOLLOWED ? others : others.filter((one) => one !== settled);
    this.change({ following: [...kept, followed] });
  }

  /** The desk has been told what became of a message. */
  told(message: string, status: string): void {
    const following = this.#state.following.flatMap((one) => {
      if (one.message !== message) return [one];
      // Nothing more becomes of it.
      return status === "read" ? [] : [{ ...one, told: status }];
    });
    this.change({ following });
  }

  awaitFile(message: string): void {
    this.change({ waiting: [...this.#state.waiting, message].slice(-MOST_FOLLOWED) });
  }

  fileCame(message: string): void {
    this.change({ waiting: this.#state.waiting.filter((one) => one !== message) });
  }

  // The ticket.

  /** What a solved ticket means when the customer writes again is the owner's choice. */
  applyPolicy(onSolved: OnSolved, { at }: Entry): void {
    const { closedAt, id } = this.#state;
    if (closedAt === undefined || id === undefined || onSolved === "reopen") return;
    const isOver = onSolved === "new" || at.recorded - closedAt > onSolved.newAfterHours * HOUR_MS;
    if (isOver) this.leaveTicket();
  }

  /** The next thing that the customer says opens another one. */
  leaveTicket(): void {
    const { id, kept } = this.#state;
    if (id === undefined) return;
    this.change({ previous: { id, kept } }, "id", "openedAt", "openedBy", "closedAt", "trying");
  }
}
