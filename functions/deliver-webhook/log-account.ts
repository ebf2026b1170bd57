/**
 * Whose log an entry is in. Where another account stood in for the conversation's own, the entries about that name the
 * other one, and who wants the conversation would miss what became of a message.
 */
import type { Entry } from "../../shared/domain/conversation-log.ts";
import { type Candidate, namesAccounts, type Subscription } from "../../shared/domain/subscription.ts";
import type { LogReader } from "../../shared/ports.ts";

/** Reads one entry more at most, and only where a subscription names accounts. */
export class LogAccount {
  readonly #log: string;
  readonly #table: Pick<LogReader, "entry">;
  #account: string | undefined;

  constructor(log: string, table: Pick<LogReader, "entry">) {
    this.#log = log;
    this.#table = table;
  }

  async with(entry: Entry, subscriptions: readonly Subscription[]): Promise<Candidate> {
    const isItsOwn = !this.#log.startsWith("conv_") || !subscriptions.some(namesAccounts);
    if (isItsOwn) return { entry, account: entry.account };
    // Nobody stands in before the first entry.
    this.#account ??= (await this.#table.entry(this.#log, 1))?.account;
    return { entry, account: this.#account ?? entry.account };
  }
}
