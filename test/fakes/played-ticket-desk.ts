/** A desk of tickets as its own code would reach it: keeps what it is told, and answers as it is ordered. */
import type { Saying } from "../../shared/domain/telling.ts";
import type { DeskCapabilities, Place, TellOutcome, TicketWay } from "../../shared/helpdesks/helpdesk.ts";

interface PlayedTicket {
  id: string;
  follows?: string;
  status: "open" | "closed";
  name?: string;
  sayings: Saying[];
}

/** `lost`: it is done, and the answer does not arrive. */
type Order = Exclude<TellOutcome, { kind: "told" }> | { kind: "lost" } | { kind: "ok" };

export const CAN_ALL: DeskCapabilities = {
  dedupes: false,
  threadKey: "theirs",
  statusBack: "full",
  window: "note",
  retries: false,
  isOrdered: false,
  answersAtOnce: false,
  fields: true,
  templates: false,
  state: { closed: true, assignee: true, tags: true },
  files: { most: 2, largestBytes: 1_000_000 },
  longestText: 1_000,
};

export class PlayedTicketDesk implements TicketWay {
  readonly tickets: PlayedTicket[] = [];
  readonly orders: Order[] = [];
  readonly statuses: { message: string; status: string; reason?: string }[] = [];
  readonly places: Place[] = [];
  readonly shown: Readonly<Record<string, string>>[] = [];
  readonly states: ("open" | "closed")[] = [];
  readonly tags: (readonly string[])[] = [];
  /** Solved tickets take nothing any more. */
  isFinal = false;

  async say(saying: Saying, place: Place): Promise<TellOutcome> {
    this.places.push(place);
    const order = this.orders.shift();
    if (order && order.kind !== "lost" && order.kind !== "ok") return order;
    const ticket = await this.#ticket(saying, place);
    if (ticket.status === "closed" && this.isFinal) return { kind: "closed", detail: "HTTP 422" };
    if (saying.from === "customer") ticket.status = "open";
    const known = place.isRepeated && ticket.sayings.some(({ id }) => id === saying.id);
    if (!known) ticket.sayings.push(saying);
    return order?.kind === "lost"
      ? { kind: "uncertain", detail: "no answer in time" }
      : { kind: "told", ids: [`d_${saying.id}`] };
  }

  async status(word: { message: string; status: "sent" | "delivered" | "read" | "failed"; reason?: string }) {
    const { message, status, reason } = word;
    this.statuses.push({ message, status, ...(reason !== undefined && { reason }) });
    return { kind: "told" as const, ids: [] };
  }

  async state(state: "open" | "closed", { ticket }: Place): Promise<TellOutcome> {
    this.states.push(state);
    const found = this.tickets.find(({ id }) => id === ticket.id);
    if (found) found.status = state;
    return { kind: "told" as const, ids: [] };
  }

  async tag(tags: readonly string[]) {
    this.tags.push(tags);
    return { kind: "told" as const, ids: [] };
  }

  async fields({ conversation }: Place) {
    this.shown.push(conversation.fields);
    return { kind: "told" as const, ids: [] };
  }

  async customer({ name }: { name?: string }, { ticket }: Place) {
    const found = this.tickets.find(({ id }) => id === ticket.id);
    if (found && name !== undefined) found.name = name;
    return { kind: "told" as const, ids: [] };
  }

  async #ticket(saying: Saying, place: Place): Promise<PlayedTicket> {
    const known = this.tickets.find(({ id }) => id === place.ticket.id);
    if (known) return known;
    if (saying.from !== "customer") throw new Error("only a customer opens a ticket");
    // As a desk's own code looks for what a lost answer may have told: the ticket, with or without its first words.
    const isLost = ({ id, sayings }: PlayedTicket) =>
      id !== place.follows?.id && (sayings.length === 0 || sayings.some((one) => one.id === saying.id));
    const lost = place.isRepeated ? this.tickets.find(isLost) : undefined;
    const { name } = place.conversation.customer;
    const ticket: PlayedTicket = lost ?? {
      id: `t${this.tickets.length + 1}`,
      status: "open",
      sayings: [],
      ...(name !== undefined && { name }),
      ...(place.follows?.id !== undefined && { follows: place.follows.id }),
    };
    if (!lost) this.tickets.push(ticket);
    await place.keep({ id: ticket.id });
    return ticket;
  }

  /** What stands in the tickets, one after the other: `customer: Olá`. Files by their names. */
  read(): string[] {
    return this.tickets.flatMap(({ sayings }) =>
      sayings.map(({ from, text, files }) =>
        [`${from}: ${text}`, ...files.map(({ fileName }) => `[${fileName}]`)].join(" ").trim(),
      ),
    );
  }
}
