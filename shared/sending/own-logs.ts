/**
 * The logs of somebody who is limited to some accounts. A conversation's log belongs to the conversation's account as a
 * whole: where another account stood in, its entries name that one, and who sees only some of them reads it wrongly.
 */
import type { Conversations, LogReader, Summary } from "../ports.ts";

/** Asks once for each conversation: one for each request. */
export class OwnLogs {
  readonly #table: Pick<LogReader, "entry"> & Pick<Conversations, "summary">;
  readonly #accounts: ReadonlySet<string>;
  readonly #summaries = new Map<string, Promise<Summary | undefined>>();

  /** @param accounts those that are left */
  constructor(table: Pick<LogReader, "entry"> & Pick<Conversations, "summary">, accounts: ReadonlySet<string>) {
    this.#table = table;
    this.#accounts = accounts;
  }

  /** What `read` finds in the log; undefined where that is somebody else's. */
  async one<Read extends { account: string }>(
    log: string,
    read: () => Promise<Read | undefined>,
  ): Promise<Read | undefined> {
    const [found] = await this.all(log, async () => [await read()].filter((entry) => entry !== undefined));
    return found;
  }

  /** What `read` finds in the log; nothing where that is somebody else's. Only of other logs is each entry asked. */
  async all<Read extends { account: string }>(log: string, read: () => Promise<Read[]>): Promise<Read[]> {
    if (!log.startsWith("conv_")) return (await read()).filter(({ account }) => this.#accounts.has(account));
    const account = await this.#accountOf(log);
    return account !== undefined && this.#accounts.has(account) ? read() : [];
  }

  async summary(conversation: string): Promise<Summary | undefined> {
    const summary = await this.#summaryOf(conversation);
    return summary && this.#accounts.has(summary.account) ? summary : undefined;
  }

  /** Whether the conversation of a list is theirs; its log is not asked for again. */
  has(summary: Summary): boolean {
    this.#summaries.set(summary.conversation, Promise.resolve(summary));
    return this.#accounts.has(summary.account);
  }

  /** One that nobody sees yet, or no more, has no summary; nobody has stood in before its first entry. */
  async #accountOf(log: string): Promise<string | undefined> {
    const { account } = (await this.#summaryOf(log)) ?? (await this.#table.entry(log, 1)) ?? {};
    return account;
  }

  #summaryOf(conversation: string): Promise<Summary | undefined> {
    const known = this.#summaries.get(conversation) ?? this.#table.summary(conversation);
    this.#summaries.set(conversation, known);
    return known;
  }
}
