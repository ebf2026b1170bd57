/** Customers write in bursts, and some desks allow few updates of a ticket: what comes close together is told as one. */
import type { Entry } from "../../shared/domain/conversation-log.ts";
import type { Saying } from "../../shared/domain/telling.ts";
import type { Next } from "../../shared/ports.ts";
import type { Telling } from "./tellings.ts";

type Burst = { kind: "whole"; entries: readonly Entry[] } | Extract<Next, { kind: "retry" }>;

/**
 * @param upTo the last entry of a burst that was begun to be told: it stays what it was
 * @param seconds how long the first one waits for others; undefined: the desk takes them one by one
 */
export function burstFrom(
  entry: Entry,
  ahead: readonly Entry[],
  {
    upTo,
    hasBegun,
    seconds,
    now,
  }: { upTo: number | undefined; hasBegun: boolean; seconds: number | undefined; now: number },
): Burst {
  // One that was begun alone stays alone.
  if (seconds === undefined || !isCustomers(entry) || (hasBegun && upTo === undefined))
    return { kind: "whole", entries: [entry] };
  const others: Entry[] = [];
  for (const next of ahead) {
    // What is no word of anybody's stands between words without parting them.
    const isPart = upTo === undefined ? next.at.recorded - entry.at.recorded < seconds * 1000 : next.sequence <= upTo;
    if (!isPart || !(isCustomers(next) || isQuiet(next))) break;
    others.push(next);
  }
  while (others.length > 0 && upTo === undefined && !isCustomers(others.at(-1) ?? entry)) others.pop();
  const leftMs = entry.at.recorded + seconds * 1000 - now;
  if (upTo === undefined && leftMs > 0) return { kind: "retry", afterSeconds: Math.max(Math.ceil(leftMs / 1000), 1) };
  return { kind: "whole", entries: [entry, ...others] };
}

function isCustomers({ type, erased }: Entry): boolean {
  return type === "message.received" && !erased;
}

function isQuiet({ type }: Entry): boolean {
  return type === "media.stored" || type === "media.failed" || type === "conversation.opened";
}

/** The steps of several entries as those of one: what the customer said in one saying, everything else behind it. */
export function joined(steps: readonly (readonly Telling[])[]): readonly Telling[] {
  const [first = [], ...others] = steps;
  if (others.length === 0) return first;
  const all = steps.flat();
  const said = all.flatMap((one) => (one.kind === "say" ? [one] : []));
  const [begin] = said;
  if (!begin) return all;
  const saying: Saying = {
    ...begin.saying,
    text: said
      .map(({ saying: { text } }) => text)
      .filter(Boolean)
      .join("\n"),
    files: said.flatMap(({ saying: { files } }) => files),
  };
  const isLater = (one: Telling) => one.kind !== "say" && one.kind !== "opening";
  const awaits = said.flatMap((one) => one.awaits ?? []);
  return [{ ...begin, saying, ...(awaits.length > 0 && { awaits }) }, { kind: "opening" }, ...all.filter(isLater)];
}
