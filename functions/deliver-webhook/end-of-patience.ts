/** What becomes of an event, and of its subscription, when it was refused for good. */
import type { Entry } from "../../shared/domain/conversation-log.ts";
import { eventId, eventKey, newToken } from "../../shared/domain/ids.ts";
import { accountLog } from "../../shared/domain/mailbox.ts";
import type { Failing } from "../../shared/domain/subscription.ts";
import { log as logLine } from "../../shared/log.ts";
import type { Ports } from "./ports.ts";

type Reason = "gone" | "failing";

const WHY: Readonly<Record<Reason, string>> = {
  gone: "answered 410, which says that it wants no more",
  failing: "took nothing over the whole schedule of tries",
};

/** Whether it has taken nothing else either since the entry failed for the first time. */
export async function isWholeEndpointFailing(
  id: string,
  { since }: Failing,
  { subscriptions }: Ports,
): Promise<boolean> {
  const { failingSince } = (await subscriptions.subscription(id))?.health ?? {};
  return failingSince !== undefined && failingSince <= since;
}

/** Switches the subscription off and raises it in the log of the account whose event came last. */
export async function disable(id: string, reason: Reason, entry: Entry, ports: Ports): Promise<void> {
  for (;;) {
    const fresh = (await ports.subscriptions.subscription(id))?.subscription;
    if (!fresh || fresh.disabled) return;
    logLine("error", "webhook_disabled", { subscription: id, reason });
    // First the word of it: whoever dies in between comes back and says it again under the same key.
    await alert(
      entry,
      {
        subject: `${id}#webhook_disabled#${fresh.version}`,
        code: "webhook_disabled",
        reason: `The subscription ${id} ${WHY[reason]}, and was switched off. What comes meanwhile is kept; switched on again it goes on where it stopped.`,
      },
      ports,
    );
    const disabled = { at: ports.clock.now(), reason };
    if (await ports.subscriptions.putSubscription({ ...fresh, version: fresh.version + 1, disabled })) break;
  }
  ports.known.forget();
}

/** One entry that an endpoint refuses while it takes others: the log goes on without it. */
export async function giveUp(id: string, log: string, entry: Entry, ports: Ports): Promise<void> {
  const event = eventId(entry.key);
  logLine("error", "webhook_given_up", { subscription: id, log, sequence: entry.sequence });
  await ports.subscriptions.noteMissed(id, log, entry.sequence);
  // About what cannot be told, one does not tell again.
  if ((entry.data as { code?: string } | null)?.code?.startsWith("webhook_")) return;
  await alert(
    entry,
    {
      subject: `${id}#webhook_missed#${event}`,
      code: "webhook_missed",
      reason: `The subscription ${id} refused the event ${event} over the whole schedule of tries; others it took. It can be replayed.`,
    },
    ports,
  );
}

async function alert(
  { account, channel }: Entry,
  { subject, code, reason }: { subject: string; code: string; reason: string },
  { mailbox, clock, random, idSecret }: Ports,
): Promise<void> {
  await mailbox.deliver([
    {
      log: accountLog(account),
      key: eventKey(await idSecret(), account, subject),
      token: newToken(random),
      type: "account.alert",
      account,
      channel,
      at: { received: clock.now() },
      data: { code, reason },
    },
  ]);
}
