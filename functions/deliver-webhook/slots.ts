/**
 * An endpoint that takes its time must not take the function from the others: as long as it is slow, a few places are
 * all that it has, and whoever finds them taken comes again later. Fast endpoints need none and pay for none.
 */
import type { KnownSubscription } from "../../shared/domain/subscription.ts";
import type { WebhookAnswer } from "../../shared/ports.ts";
import type { Ports } from "./ports.ts";

const PLACES = 10;
/** Longer than any request: whoever died keeps a place no longer. */
const HELD_MS = 60_000;

export async function withSlot(
  { subscription: { id }, health }: KnownSubscription,
  { subscriptions, clock, random }: Ports,
  run: () => Promise<WebhookAnswer>,
): Promise<WebhookAnswer | "crowded"> {
  const now = clock.now();
  if ((health.slowUntil ?? 0) <= now) return run();
  const holder = Buffer.from(random(9)).toString("base64url");
  const first = random(1)[0] ?? 0;
  for (let tried = 0; tried < PLACES; tried++) {
    const slot = (first + tried) % PLACES;
    if (!(await subscriptions.takeSlot(id, slot, holder, now, now + HELD_MS))) continue;
    try {
      return await run();
    } finally {
      await subscriptions.freeSlot(id, slot, holder);
    }
  }
  return "crowded";
}
