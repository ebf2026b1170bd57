/** `recado replay`: has a subscription's events delivered again, and shows how far that is. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Recado } from "../shared/client/client.ts";
import type { ApiReplay, ReplayToStart } from "../shared/domain/subscription-shapes.ts";
import { type Access, withRecado } from "./api.ts";
import { Failure } from "./failure.ts";
import { count, counted, startProgress } from "./progress.ts";
import { timeOf } from "./time.ts";

export interface ReplayOptions extends Access {
  conversation?: string;
  from?: number;
  to?: number;
  /** A time, or so long ago: `2h`. */
  since?: string;
  until?: string;
  failed?: true;
  cancel?: true;
  /** False: only begin it. */
  wait: boolean;
}

const POLL_MS = 1_000;
/** When nothing more has come for so long, all of it is delivered or waits for its next try. */
const QUIET_MS = 8_000;
/** A request takes up to fifteen seconds, and is on record, with the time of its beginning, when it is over. */
const LATE_MS = 30_000;

/** @throws Failure with a sentence that says what to do */
export async function replay(subscription: string, options: ReplayOptions): Promise<void> {
  const { url, key, cancel, wait } = options;
  await withRecado({ url, key }, async (recado) => {
    if (cancel) return cancelled(await recado.subscriptions.cancelReplays(subscription));
    const wanted = wantedBy(options, Date.now());
    if (!wanted) return list(subscription, recado);
    const attempts = await attemptsFromNowOn(subscription, recado);
    const id = await recado.subscriptions.replay(subscription, wanted);
    // Alone on the output, so that a pipe has it.
    console.log(id);
    if (!wait) return;
    // What goes over all conversations begins within a minute, and is told of by the list of replays.
    const isWalk = wanted.conversation === undefined;
    if (isWalk) console.error("It begins within a minute. Ctrl-C stops watching; the replay goes on.");
    await watch({
      state: async () => (isWalk ? find(id, subscription, recado) : undefined),
      attempts: () => attempts(id),
    });
  });
}

/** Undefined where nothing is asked for. */
function wantedBy({ conversation, from, to, since, until, failed }: ReplayOptions, now: number) {
  const ways = [conversation, since, failed].filter((way) => way !== undefined);
  if (ways.length > 1) throw new Failure("Say one of --conversation, --since and --failed.");
  if (conversation === undefined && (from ?? to) !== undefined)
    throw new Failure("--from and --to count the events of one conversation: name it with --conversation.");
  if (since === undefined && until !== undefined) throw new Failure("--until needs --since.");
  if (ways.length === 0) return undefined;
  const wanted: ReplayToStart = {
    ...(conversation !== undefined && { conversation }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(since !== undefined && { since: timeOf(since, now) }),
    ...(until !== undefined && { until: timeOf(until, now) }),
    ...(failed && { failed }),
  };
  return wanted;
}

async function list(subscription: string, recado: Recado): Promise<void> {
  let isAny = false;
  for await (const one of recado.subscriptions.replays(subscription)) {
    isAny = true;
    console.log(process.stdout.isTTY ? lineOf(one) : JSON.stringify(one));
  }
  if (!isAny) console.error("Nothing was replayed yet.");
  if (process.stdout.isTTY) console.error("Begin one with --conversation, --since or --failed.");
}

function cancelled(replays: readonly ApiReplay[]): void {
  for (const one of replays) console.log(process.stdout.isTTY ? lineOf(one) : JSON.stringify(one));
  if (replays.length === 0) console.error("No replay was under way.");
}

const WHAT: Readonly<Record<ApiReplay["kind"], string>> = {
  span: "span of time",
  failed: "what failed",
  resume: "since it was disabled",
  recovered: "what waited",
};
const STATES: Readonly<Record<ApiReplay["state"], string>> = {
  under_way: "under way",
  done: "done",
  cancelled: "cancelled",
};

function lineOf({ id, kind, state, startedAt, reached }: ApiReplay): string {
  return `${id}  ${startedAt.slice(0, 19)}Z  ${WHAT[kind]}: ${STATES[state]}, ${placesOf(kind, reached)}`;
}

/** The logs of accounts are among them. */
function placesOf(kind: ApiReplay["kind"], reached: number): string {
  return counted(reached, kind === "failed" ? "event" : "log");
}

interface Attempts {
  delivered: number;
  failed: number;
}

/** Until everything was rung for and nothing more comes. */
async function watch(ask: {
  state: () => Promise<ApiReplay | undefined>;
  attempts: () => Promise<Attempts>;
}): Promise<void> {
  const progress = startProgress();
  let quietSince = Date.now();
  let state: ApiReplay | undefined;
  let attempts: Attempts = { delivered: 0, failed: 0 };
  try {
    while (Date.now() - quietSince < QUIET_MS) {
      const before = attempts.delivered + attempts.failed;
      state = await ask.state();
      attempts = await ask.attempts();
      const done = attempts.delivered + attempts.failed;
      if (state?.state === "under_way" || done !== before) quietSince = Date.now();
      progress.show({ done, words: words(attempts, state) });
      if (state?.state === "cancelled") break;
      await sleep(POLL_MS);
    }
  } finally {
    progress.end();
  }
  if (state?.state === "cancelled") throw new Failure(`The replay was cancelled: ${words(attempts, state)}.`);
  console.error(`${sentence(words(attempts, state))}.`);
  if (attempts.delivered + attempts.failed === 0)
    console.error("The filter wants none of it, or the endpoint is left alone for a while because it failed.");
  if (attempts.failed > 0)
    console.error("What failed is tried again like any event: GET /v1/subscriptions/{id}/attempts shows why.");
}

function words({ delivered, failed }: Attempts, state: ApiReplay | undefined): string {
  const reached = state ? `${placesOf(state.kind, state.reached)} reached, ` : "";
  return `${reached}${count(delivered)} delivered${failed > 0 ? `, ${count(failed)} failed` : ""}`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

async function find(id: string, subscription: string, recado: Recado): Promise<ApiReplay | undefined> {
  for await (const one of recado.subscriptions.replays(subscription)) if (one.id === id) return one;
  return undefined;
}

/** Counts the attempts of a replay, each once, by the clock of Recado. Each call reads those alone that may be new. */
async function attemptsFromNowOn(subscription: string, recado: Recado): Promise<(replay: string) => Promise<Attempts>> {
  const seen = new Set<string>();
  const told: Attempts = { delivered: 0, failed: 0 };
  let from = 0;
  for await (const { at } of recado.subscriptions.attempts(subscription, { limit: 1 })) {
    from = Date.parse(at);
    break;
  }
  return async (replay) => {
    let latest = from;
    for await (const attempt of recado.subscriptions.attempts(subscription, { limit: 100 })) {
      const { at, event, outcome, reason = "" } = attempt;
      const time = Date.parse(at);
      if (time < from) break;
      latest = Math.max(latest, time);
      // Each event of what failed has its number behind the id.
      if (seen.has(`${at} ${event}`) || reason.split(".")[0] !== replay) continue;
      seen.add(`${at} ${event}`);
      told[outcome] += 1;
    }
    from = Math.max(from, latest - LATE_MS);
    return { ...told };
  };
}
