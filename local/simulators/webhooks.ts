/**
 * Posts a vendor's webhooks. First attempts for one customer go out one after another, so that a vendor that is not
 * told to misbehave keeps their order; repetitions hold up nobody.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Faults } from "./faults.ts";
import { call, type Posted } from "./http.ts";

export interface Webhook {
  /** Where it is really posted. */
  url: string;
  headers: Record<string, string>;
  body: string;
  customer: string;
  about: "message" | "receipt";
  /** When to try again after this outcome of the given attempt (1, 2, …), in ms; undefined: give up. */
  retryAfterMs: (outcome: Posted, attempt: number) => number | undefined;
  /** Called with the first attempt that was answered. */
  onAnswer?: (answer: Extract<Posted, { kind: "answered" }>) => void;
}

/** What became of one webhook, as the control surface shows it. */
interface Delivery {
  number: number;
  url: string;
  about: "message" | "receipt";
  body: string;
  /** HTTP status, or why there is none, of every attempt. */
  attempts: (number | "unreachable" | "interrupted")[];
  isDropped: boolean;
}

export interface Webhooks {
  deliveries: readonly Delivery[];
  /** Resolves when the first attempt is over, or given to a fault. */
  deliver(webhook: Webhook): Promise<void>;
}

const TIMEOUT_MS = 15_000;

export function createWebhooks(faults: Faults, closing: AbortSignal): Webhooks {
  const deliveries: Delivery[] = [];
  const lanes = new Map<string, Promise<void>>();
  let held: (() => void)[] = [];

  async function attempt(webhook: Webhook, delivery: Delivery): Promise<void> {
    const outcome = await call(
      webhook.url,
      { method: "POST", headers: webhook.headers, body: webhook.body },
      { timeoutMs: TIMEOUT_MS, closing },
    );
    if (closing.aborted) return;
    delivery.attempts.push(outcome.kind === "answered" ? outcome.status : outcome.kind);
    const isFirstAnswer = delivery.attempts.filter((one) => typeof one === "number").length === 1;
    if (outcome.kind === "answered" && isFirstAnswer) webhook.onAnswer?.(outcome);
    const retryAfterMs = webhook.retryAfterMs(outcome, delivery.attempts.length);
    if (retryAfterMs !== undefined) void later(retryAfterMs, () => attempt(webhook, delivery));
  }

  async function later(delayMs: number, act: () => Promise<void>): Promise<void> {
    await sleep(delayMs, undefined, { signal: closing }).then(act, () => {});
  }

  async function first(webhook: Webhook): Promise<void> {
    const { url, about, body } = webhook;
    const delivery: Delivery = { number: deliveries.length + 1, url, about, body, attempts: [], isDropped: false };
    deliveries.push(delivery);
    if (faults.take("drop_webhook", webhook)) {
      delivery.isDropped = true;
      return;
    }
    const delayed = faults.take("delay", webhook);
    if (delayed) {
      void later(delayed.delayMs, () => attempt(webhook, delivery));
      return;
    }
    const overtaken = faults.take("reorder", webhook);
    if (overtaken) {
      const overtaking = new Promise<void>((resolve) => held.push(resolve));
      const patience = sleep(overtaken.delayMs, undefined, { signal: closing }).catch(() => {});
      void Promise.race([overtaking, patience]).then(() => attempt(webhook, delivery));
      return;
    }
    const isDoubled = faults.take("duplicate", webhook) !== undefined;
    await attempt(webhook, delivery);
    if (isDoubled) await attempt(webhook, delivery);
    for (const release of held) release();
    held = [];
  }

  return {
    deliveries,
    deliver(webhook) {
      const turn = (lanes.get(webhook.customer) ?? Promise.resolve()).then(() => first(webhook));
      lanes.set(webhook.customer, turn);
      return turn;
    },
  };
}
