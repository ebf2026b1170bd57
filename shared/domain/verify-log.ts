/**
 * Proves one log: walks it from entry 1 and says exactly where it is not what append would have written.
 */
import { type After, advance, chain, type Entry, fold, KNOWN_KEYS } from "./conversation-log.ts";
import { erasedEntry } from "./erased-entry.ts";
import { messageIn } from "./message-status.ts";

export interface Problem {
  log: string;
  /** The entry at fault. */
  sequence: number;
  code:
    | "missing"
    | "misnumbered"
    | "repeated_key"
    | "changed"
    | "not_erased"
    | "wrong_state"
    | "unreachable"
    | "cursor_ahead"
    | "cursor_behind"
    | "file_missing";
  text: string;
}

/** @param entries all entries of the log as they lie in the table, by sort key */
export function verifyLog(log: string, entries: readonly Entry[]): Problem[] {
  const problems: Problem[] = [];
  const report = (sequence: number, code: Problem["code"], text: string) =>
    problems.push({ log, sequence, code, text });
  const keys = new Map<string, number>();
  const known = new Set<string>();
  let before: After | undefined;
  let expected = 1;

  entries.forEach((entry, index) => {
    const { sequence } = entry;
    for (; expected < sequence; expected++) report(expected, "missing", `entry ${expected} is missing`);
    expected = sequence + 1;
    if (entry.after.n !== sequence)
      report(sequence, "misnumbered", `entry ${sequence} says that it is ${entry.after.n}`);

    const twin = keys.get(entry.key);
    if (twin !== undefined) report(sequence, "repeated_key", `entry ${sequence} has the key of entry ${twin}`);
    keys.set(entry.key, sequence);

    const follows = entries[index - 1]?.sequence === sequence - 1 || sequence === 1;
    if (follows && !entry.erased && entry.after.chain !== chain(before?.chain, entry)) {
      report(sequence, "changed", `entry ${sequence} is not what was written: its digest does not fit`);
    }
    if (entry.erased && JSON.stringify(erasedEntry(entry)) !== JSON.stringify(entry)) {
      report(sequence, "not_erased", `entry ${sequence} says that it was erased, and is not empty`);
    }
    if (follows && !sameState(entry.after, advance(before, entry).after, lostWith([entry]))) {
      report(sequence, "wrong_state", `the state after entry ${sequence} does not follow from the entry before it`);
    }
    const message = messageIn(entry);
    if (message) known.add(message.id);
    const reference = (entry.data as { message?: { id?: string } } | undefined)?.message?.id;
    if (log.startsWith("conv_") && reference && !message && !known.has(reference)) {
      report(
        sequence,
        "unreachable",
        `entry ${sequence} is about message ${reference}, which the log does not hold before it`,
      );
    }
    before = entry.after;
  });

  const last = entries.at(-1);
  const plain = fold(entries);
  if (problems.length === 0 && last && plain && !sameState(last.after, plain, lostWith(entries))) {
    report(last.sequence, "wrong_state", `the state after entry ${last.sequence} is not the fold of the log`);
  }
  return problems;
}

/**
 * Holds a consumer's cursor against the end of the log.
 * @param isBusy whether what lies behind the cursor may still be under way
 */
export function verifyCursor(
  log: string,
  end: number,
  { consumer, position, isBusy }: { consumer: string; position: number; isBusy: boolean },
): Problem[] {
  if (position > end) {
    const text = `${consumer} has read to ${position}, the log ends at ${end}`;
    return [{ log, sequence: end + 1, code: "cursor_ahead", text }];
  }
  if (position === end || isBusy) return [];
  return [
    {
      log,
      sequence: position + 1,
      code: "cursor_behind",
      text: `${consumer} has not read on from ${position} of ${end}`,
    },
  ];
}

/** What cannot be told any more of the state after entries of which some were emptied: it followed from what they said. */
function lostWith(entries: readonly Entry[]): readonly (keyof After)[] {
  const erased = entries.filter((entry) => entry.erased);
  if (erased.length === 0) return [];
  return ["known", "asked", ...(erased.some(({ type }) => type === "message.reacted") ? (["inbound"] as const) : [])];
}

/** Equal but for the digest, which is judged by itself, for what a later release keeps in the state, and for `lost`. */
function sameState(one: Omit<After, "chain">, other: Omit<After, "chain">, lost: readonly (keyof After)[]): boolean {
  const written = (state: Omit<After, "chain">) => {
    const isJudged = (name: string) => name !== "chain" && KNOWN_KEYS.has(name) && !lost.some((one) => one === name);
    const kept = Object.entries(state).filter(([name]) => isJudged(name));
    return JSON.stringify(kept.sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  return written(one) === written(other);
}
