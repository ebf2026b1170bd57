/** The ports of erasures in memory, over the tables in memory that hold what is erased. */
import type { Entry } from "../../shared/domain/conversation-log.ts";
import { formerAt } from "../../shared/domain/desk-state.ts";
import { erasedEntry } from "../../shared/domain/erased-entry.ts";
import type { Erasure } from "../../shared/domain/erasure.ts";
import {
  type Clock,
  type DeadLetterBox,
  type ErasedPlaces,
  type Erasures,
  HIDDEN_LETTERS_MS,
  type RemovableObjects,
} from "../../shared/ports.ts";
import type { MemoryDeskTickets } from "./memory-desk-tickets.ts";
import { MemoryObjects } from "./memory-objects.ts";
import type { MemoryTable } from "./memory-table.ts";

export class MemoryErasures implements Erasures {
  readonly kept = new Map<string, Erasure>();
  #lettersUntil = 0;
  async erasure(id: string) {
    return structuredClone(this.kept.get(id));
  }
  async newestErasure(contact: string) {
    return structuredClone([...this.kept.values()].findLast((erasure) => erasure.contact === contact));
  }
  async putErasure(erasure: Erasure) {
    if (erasure.version !== (this.kept.get(erasure.id)?.version ?? 0) + 1) return false;
    this.kept.set(erasure.id, structuredClone(erasure));
    return true;
  }
  async takeLetters(now: number, until: number) {
    if (this.#lettersUntil > now) return this.#lettersUntil;
    this.#lettersUntil = until;
    return undefined;
  }
  async returnLetters(lent: number, freeAt: number) {
    if (this.#lettersUntil === lent) this.#lettersUntil = freeAt;
  }
}

export class MemoryPlaces implements ErasedPlaces {
  readonly #table: MemoryTable;
  readonly #tickets: MemoryDeskTickets;

  constructor(table: MemoryTable, tickets: MemoryDeskTickets) {
    this.#table = table;
    this.#tickets = tickets;
  }

  async emptyEntry(log: string, entry: Entry) {
    const entries = this.#table.logs.get(log) ?? [];
    const emptied = entries.map((one) => (one.sequence === entry.sequence ? erasedEntry(one) : one));
    this.#table.logs.set(log, emptied);
  }
  async noteActivity(conversation: string, now: number) {
    const summary = this.#table.summaries.get(conversation);
    if (summary && summary.lastActivityAt < now)
      this.#table.summaries.set(conversation, { ...summary, lastActivityAt: now });
  }
  async emptySummary(conversation: string, sequence: number) {
    if ((this.#table.summaries.get(conversation)?.sequence ?? 0) <= sequence)
      this.#table.summaries.delete(conversation);
  }
  async emptyProfile(contact: string) {
    const known = this.#table.profiles.get(contact);
    if (!known) return;
    const { id, mergedInto, written, consents = [] } = known;
    const kept = consents.filter(({ state }) => state === "opted_out");
    if (mergedInto === undefined && !written && kept.length === 0) this.#table.profiles.delete(contact);
    else
      this.#table.profiles.set(contact, {
        ...{ id, conversations: [] },
        ...(mergedInto !== undefined && { mergedInto }),
        ...(written && { written: { ...written, name: undefined, attributes: {}, taken: {} } }),
        ...(kept.length > 0 && { consents: kept }),
      });
  }
  async removeAlias(account: string, address: string) {
    return Number(this.#table.aliases.delete(`${account} ${address}`));
  }
  async removeProviderMessage(account: string, providerMessageId: string) {
    return Number(this.#table.providerMessages.delete(`${account} ${providerMessageId}`));
  }
  async removeClaim(message: string, part: number) {
    return Number(this.#table.claims.delete(`${message} ${part}`));
  }
  async removeAnswer(hash: string) {
    return Number(this.#table.answers.delete(hash));
  }
  async removeMessagePlace(message: string) {
    return Number(this.#table.places.delete(message));
  }
  async removeDesk(desk: string, conversation: string, upTo: number) {
    const { states, ours, theirs, heard, ticketOf } = this.#tickets;
    const { tickets, isFormer, isOver } = formerAt(states.get(`${desk} ${conversation}`) ?? {}, upTo);
    for (const ticket of tickets) await this.removeLink(desk, ticket);
    let removed = 0;
    for (const items of [ours, theirs, heard, ...(isOver ? [states] : [])])
      for (const key of [...items.keys()])
        if (key.startsWith(`${desk} ${conversation}`) && isFormer(ticketOf.get(key) ?? heard.get(key)?.ticket))
          removed += Number(items.delete(key));
    for (const key of ticketOf.keys()) if (!ours.has(key) && !theirs.has(key)) ticketOf.delete(key);
    return removed;
  }
  async removeLink(desk: string, ticket: string) {
    return Number(this.#tickets.links.delete(`${desk} ${ticket}`));
  }
}

export class MemoryRemovableObjects extends MemoryObjects implements RemovableObjects {
  /** So small that one page is never all. */
  readonly page = 2;
  async list(prefix: string, after = "") {
    const all = [...this.kept.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
    return { keys: all.slice(0, this.page), isMore: all.length > this.page };
  }
}

export class MemoryDeadLetters implements DeadLetterBox {
  readonly letters = new Map<string, string>();
  readonly #hiddenUntil = new Map<string, number>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async look() {
    const now = this.#clock.now();
    const seen = [...this.letters].filter(([receipt]) => (this.#hiddenUntil.get(receipt) ?? 0) <= now).slice(0, 1);
    for (const [receipt] of seen) this.#hiddenUntil.set(receipt, now + HIDDEN_LETTERS_MS);
    return seen.map(([receipt, body]) => ({ receipt, body }));
  }
  async remove(receipt: string) {
    this.letters.delete(receipt);
  }
}
