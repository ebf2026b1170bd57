/** How long a message waits until it is tried again. All in seconds. */
import { doublingSeconds } from "../../shared/domain/back-off.ts";
import type { Clock, Next } from "../../shared/ports.ts";
import type { Sending } from "./ports.ts";

/** Another worker is at it: by then it has said what came of it, or has ended without. */
export const OTHER_WORKER_SECONDS = 5;

/** The queue keeps a message from view for twelve hours at most; who waits a night looks in between. */
const LONGEST_SECONDS = 4 * 3600;

/** Never beyond the message's end, so that its end is told in time. */
export function wait(seconds: number, { expiresAt }: Sending, { clock }: { clock: Clock }): Next {
  const leftSeconds = Math.max((expiresAt - clock.now()) / 1000, 1);
  return { kind: "retry", afterSeconds: Math.min(Math.max(seconds, 1), leftSeconds, LONGEST_SECONDS) };
}

/**
 * 5, 10, 20, 40, then 60 seconds for the first quarter of an hour of an outage, then ever longer up to fifteen minutes:
 * a queue hands a message out only so often before it takes it for poison, and an outage must not use that up.
 * @param received how often the queue has handed the message out
 */
export function backOffSeconds(received: number): number {
  if (received <= 20) return doublingSeconds(received, 60);
  return Math.min(60 * (received - 19), 900);
}

/** What a pair may wait at most when the provider doubles and doubles. */
const LONGEST_PAIR_SECONDS = 900;

/**
 * What the provider asks for. Who is refused again and again asks less often: of a pair, 4, 16, 64 … seconds as WhatsApp
 * wants it (https://developers.facebook.com/documentation/business-messaging/whatsapp/about-the-platform).
 * @param received how often the queue has handed the message out
 */
export function throttledSeconds(
  { scope, retryAfterSeconds }: { scope: "pair" | "account"; retryAfterSeconds: number },
  received: number,
): number {
  if (scope === "pair") return Math.max(retryAfterSeconds, Math.min(4 ** Math.min(received, 9), LONGEST_PAIR_SECONDS));
  return received <= 5 ? retryAfterSeconds : Math.max(retryAfterSeconds, backOffSeconds(received));
}
