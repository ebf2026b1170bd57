/** What is kept of a conversation at one desk of tickets. All times are ms since 1970. */

/** Where in a log the desk has been told everything: an entry may have to be told in several steps. */
interface Step {
  entry: number;
  step: number;
}

/** Messages of ours behind one message of the desk's, whose end the desk has not been told yet. */
export interface Followed {
  /** The desk's id. */
  message: string;
  ours: string[];
  /** The entry from which on they are told of. */
  from: number;
  /** What the desk was told last. */
  told?: string;
  /** How often an agent had it sent again. */
  attempt?: number;
}

export interface DeskState {
  /** The ticket that is open, or was the last one. */
  id?: string;
  kept: Record<string, string>;
  /** The ticket that the next one follows. */
  previous?: { id: string; kept: Record<string, string> };
  /**
   * Since the customer was erased: the tickets from before, by which whoever erases finds what still leads from them to
   * the conversation. All others are new.
   */
  forgotten?: string[];
  openedAt?: number;
  /** The entry that opened it. */
  openedBy?: number;
  closedAt?: number;
  /** `upTo`: the last of several entries that are told as one. */
  told?: Step & { upTo?: number };
  /** Begun, and not known to have ended. */
  trying?: Step & { upTo?: number };
  following: Followed[];
  /** Messages that were told before their file had come. */
  waiting: string[];
  /** Whether the business has said anything since the customer did. */
  isAnswered?: boolean;
  /** Until when free replies are possible, as the ticket's fields say. */
  untilShown?: number;
  /** For which five minutes it is noted down to be told that the window closes. */
  closingNoted?: number;
  /** The customer's last word for which it was told that the window closes. */
  windowTold?: number;
}

/** Conversations whose free replies end soon are looked up by fives of minutes: this one's number, from 1970 on. */
export function slotOf(at: number): number {
  return Math.floor(at / 300_000);
}

export const NEW_STATE: DeskState = { kept: {}, following: [], waiting: [] };

/**
 * What whoever erases a customer finds at a desk.
 * @param upTo the entry at which they were erased
 * @returns the tickets from before it; whether what is kept of a ticket is from before it; whether all of it is
 */
export function formerAt({ id, previous, forgotten, openedBy = 0 }: Partial<DeskState>, upTo: number) {
  const isOver = openedBy <= upTo;
  const all = isOver ? [...(forgotten ?? []), previous?.id, id] : (forgotten ?? [previous?.id]);
  const tickets = new Set(all.flatMap((ticket) => ticket ?? []));
  // A desk that knows conversations by our id has one ticket of each.
  if (!isOver) tickets.delete(id ?? "");
  const isFormer = (ticket: string | undefined) => isOver || ticket === undefined || tickets.has(ticket);
  return { tickets, isFormer, isOver };
}
