/**
 * How far something has come that takes its time, beside the output: at a terminal one line that is drawn over itself,
 * in a pipe now and then a line, or nothing.
 */
import type { WriteStream } from "node:tty";

interface State {
  done: number;
  /** Left out where nobody knows it: then there is no bar, and no end in sight. */
  total?: number | undefined;
  /** What is being done, e.g. `1,204 events, 12 files`. */
  words: string;
}

export interface Progress {
  show(state: State): void;
  /** Takes the line away, so that what is printed next stands alone. Called however the work ended. */
  end(): void;
}

const DRAWN_EVERY_MS = 100;
const TOLD_EVERY_MS = 10_000;
const BAR_WIDTH = 24;
/** Before that a rate says nothing. */
const RATE_AFTER_MS = 2_000;

/** @param inPipe whether anything is told where nobody looks on */
export function startProgress(
  { inPipe = "lines" }: { inPipe?: "lines" | "nothing" } = {},
  { stream = process.stderr, now = Date.now }: { stream?: WriteStream; now?: () => number } = {},
): Progress {
  const began = now();
  let first: number | undefined;
  let drawnAt = stream.isTTY ? Number.NEGATIVE_INFINITY : began;
  const pause = stream.isTTY ? DRAWN_EVERY_MS : TOLD_EVERY_MS;
  return {
    show(state) {
      // What was done in an earlier run has no part in the rate.
      first ??= state.done;
      const at = now();
      if (at - drawnAt < pause) return;
      drawnAt = at;
      const line = lineOf(state, { ms: at - began, did: state.done - first });
      if (stream.isTTY) stream.write(`\r${cut(line, (stream.columns || 80) - 1)}\x1b[K`);
      else if (inPipe === "lines") stream.write(`${line}\n`);
    },
    end() {
      if (stream.isTTY) stream.write("\r\x1b[K");
    },
  };
}

function lineOf({ done, total, words }: State, { ms, did }: { ms: number; did: number }): string {
  const perSecond = ms >= RATE_AFTER_MS && did > 0 ? (did / ms) * 1000 : undefined;
  const rest = perSecond !== undefined && total !== undefined ? [`${span((total - done) / perSecond)} left`] : [];
  const rate = perSecond === undefined ? [] : [`${count(Math.round(perSecond * 10) / 10)}/s`];
  const details = [words, ...rate, ...rest].join(" · ");
  if (total === undefined) return details;
  const share = total === 0 ? 1 : Math.min(done / total, 1);
  const filled = Math.floor(share * BAR_WIDTH);
  return `${"█".repeat(filled)}${"░".repeat(BAR_WIDTH - filled)} ${String(Math.floor(share * 100)).padStart(3)}%  ${details}`;
}

function span(seconds: number): string {
  if (seconds < 90) return `${Math.max(Math.round(seconds), 0)} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  return `${count(Math.round(seconds / 360) / 10)} h`;
}

function cut(line: string, width: number): string {
  return [...line].slice(0, width).join("");
}

/** `1,204` */
export function count(value: number): string {
  return value.toLocaleString("en");
}

/** `1 event`, `1,204 events` */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}
