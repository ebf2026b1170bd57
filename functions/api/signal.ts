/**
 * What the customer is shown that is no message: that the newest of theirs was read, that somebody is writing. Passed to
 * the sender at once and forgotten; it stands in no log.
 */
import { NoQuery, Nothing } from "../../shared/domain/api-shapes.ts";
import type { SignalRequest } from "../../shared/domain/mailbox.ts";
import { messageIn } from "../../shared/domain/message-status.ts";
import { type Located, locate } from "./conversations.ts";
import { PublicError } from "./problem.ts";
import { readBody, readQuery } from "./request.ts";
import { type Answer, type Call, json, type Ports } from "./route.ts";

/** Somebody who writes for longer says so again; the customer's app shows it for about as long. */
const LASTS_MS = 20_000;
/** The customer's newest message is looked for among so many of the newest entries, in steps. */
const LOOK_BACK = [200, 1_000, 5_000] as const;

export function sendSignal(signal: SignalRequest["signal"]): (call: Call) => Promise<Answer> {
  return async ({ request, name, ports }) => {
    readQuery(request, NoQuery);
    if (request.body.byteLength > 0) readBody(request, Nothing);
    const named = await locate(name, ports);
    const { moved } = named.newest.after;
    const located = moved === undefined ? named : await locate(moved, ports);
    const { conversation, account, address } = located.summary;
    if (!isKnown(signal, located, ports))
      throw new PublicError("not_carried", "This channel does not know this signal.");
    const providerMessageId = await newestOfTheirs(located, ports);
    if (providerMessageId === undefined)
      throw new PublicError("not_carried", "There is no message of the customer that this could be about.");
    const expiresAt = ports.clock.now() + LASTS_MS;
    await ports.signals.signal({ signal, log: conversation, account, address, providerMessageId, expiresAt });
    return json(202, {});
  };
}

function isKnown(signal: SignalRequest["signal"], { summary }: Located, { accounts }: Ports): boolean {
  const { signals = [], groups } = accounts.get(summary.account) ?? {};
  return signals.includes(signal) && !(groups && summary.address.startsWith(groups.addressPrefix));
}

async function newestOfTheirs({ summary, newest }: Located, { table }: Ports): Promise<string | undefined> {
  let end = newest.sequence;
  for (const depth of LOOK_BACK) {
    const start = Math.max(newest.sequence - depth, 0);
    const entries = start < end ? await table.entries(summary.conversation, start, end - start) : [];
    const theirs = entries.flatMap((entry) => (entry.type === "message.received" ? (messageIn(entry) ?? []) : []));
    const found = theirs.findLast(({ providerMessageId }) => providerMessageId !== undefined);
    if (found) return found.providerMessageId;
    end = start;
  }
  return undefined;
}
