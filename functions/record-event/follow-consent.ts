/**
 * What follows from what customers say about hearing from us: that it is told as an event, that every conversation of
 * the contact knows it, and that a stop word is answered once. Like all steps made of the entry alone, and repeatable.
 */
import { createHash } from "node:crypto";
import type * as z from "zod";
import { stopTopic, type Wish } from "../../shared/domain/consent.ts";
import type { Entry } from "../../shared/domain/conversation-log.ts";
import type { EventType, eventData, Failure, Message } from "../../shared/domain/event.ts";
import type { MailboxItem } from "../../shared/domain/mailbox.ts";
import type { Mailbox, Projections } from "../../shared/ports.ts";
import type { OptOut } from "./as-wish.ts";

type Consented = z.infer<(typeof eventData)["consent.changed"]>;

interface Ports {
  table: Projections;
  mailbox: Mailbox;
  optOut: OptOut;
}

/** So soon after the stop word its answer counts as one (47 CFR 64.1200(a)(12)); later it is better not sent. */
const CONFIRMED_WITHIN_MS = 5 * 60_000;
/** Messages overtake each other by seconds. One that is later than that does not take back what was said after it. */
const OVERTAKEN_MS = 60_000;

export async function followConsent(log: string, entry: Entry, ports: Ports): Promise<void> {
  const told = itemsFor(log, entry, ports.optOut);
  if (told.length > 0) await ports.mailbox.deliver(told);
  await keepForContact(entry, ports.table);
}

function itemsFor(log: string, entry: Entry, optOut: OptOut): MailboxItem[] {
  switch (entry.type) {
    case "message.received":
      return wished(log, entry);
    case "message.failed":
      return refused(log, entry);
    case "contact.merged":
      return carriedOver(entry);
    case "consent.changed":
      return confirmed(log, entry, optOut);
    default:
      return [];
  }
}

/**
 * An agreed word takes effect at once; words of the customer's own are for a person to read. A stop is told even where it
 * is known: a start that was said before it may not have taken effect yet.
 */
function wished(log: string, entry: Entry): MailboxItem[] {
  const wants = keywordIn(entry);
  if (wants !== "stop" && wants !== "start") return [];
  const saidAt = entry.at.provider ?? entry.at.received;
  if (wants === "start" && saidAt < (entry.after.inbound ?? 0) - OVERTAKEN_MS) return [];
  const data: Consented = {
    topic: stopTopic(entry.channel),
    state: wants === "stop" ? "opted_out" : "opted_in",
    source: "keyword",
  };
  const told = item(log, entry, { what: "consent", type: "consent.changed", data });
  return [{ ...told, at: { ...told.at, provider: saidAt } }];
}

/** What the customer wants by one of the agreed words. */
function keywordIn({ type, data }: Entry): Wish["wants"] | undefined {
  if (type !== "message.received") return undefined;
  const { consentWish } = (data as { message?: Partial<Message> }).message ?? {};
  return consentWish?.said === "keyword" ? consentWish.wants : undefined;
}

/** The provider would not send: on SMS it blocks everything, on the other channels what is marketing. */
function refused(log: string, entry: Entry): MailboxItem[] {
  const { failure } = entry.data as { failure?: Failure };
  // A refusal of our own follows from what is known already.
  if (failure?.class !== "opted_out" || failure.code === "opted_out") return [];
  const topic = entry.channel === "sms" ? "all" : "marketing";
  if (entry.after.optedOut?.includes(topic)) return [];
  const data: Consented = { topic, state: "opted_out", source: "provider" };
  return [item(log, withoutAddress(entry), { what: "consent", type: "consent.changed", data })];
}

/** The conversation goes on in another log, which has to know what was said in this one. */
function carriedOver(entry: Entry): MailboxItem[] {
  const { into } = entry.data as { into: string };
  return (entry.after.optedOut ?? []).map((topic) => {
    const data: Consented = { topic, state: "opted_out", source: "merged" };
    return item(into, withoutAddress(entry), { what: `consent.${topic}`, type: "consent.changed", data });
  });
}

/** Only for a word that changed something: a word that said nothing new is no entry. */
function confirmed(log: string, entry: Entry, { confirmation, byProvider }: OptOut): MailboxItem[] {
  const { topic, state, source } = entry.data as Partial<Consented>;
  const isStopped = topic === "all" && state === "opted_out" && source === "keyword";
  const isOurs =
    entry.channel === "sms" &&
    !byProvider.some(({ accounts }) => accounts.includes(entry.account)) &&
    confirmation !== "";
  const expiresAt = (entry.at.provider ?? entry.at.received) + CONFIRMED_WITHIN_MS;
  if (!isStopped || !isOurs || entry.address === undefined || expiresAt <= entry.at.recorded) return [];
  const id = createHash("sha256").update(`${entry.key}.confirmation`).digest("base64url").slice(0, 22);
  const message: Message = {
    id: `msg_${id}`,
    direction: "outbound",
    author: { type: "system" },
    content: { type: "text", text: confirmation },
  };
  const data = { message, expiresAt, confirmsOptOut: true };
  return [item(log, entry, { what: "confirmation", type: "message.queued", data })];
}

function item(
  log: string,
  { key, token, account, channel, address, at }: Entry,
  { what, type, data }: { what: string; type: EventType; data: unknown },
): MailboxItem {
  return {
    log,
    key: `${key}.${what}`,
    token,
    type,
    account,
    channel,
    ...(address !== undefined && { address }),
    at: { received: at.recorded },
    data,
  };
}

/** A receipt, and the log before, may spell the customer in another way than the log that is told. */
function withoutAddress({ address: _, ...entry }: Entry): Entry {
  return entry;
}

/** So that another account of the channel knows it too, and the person whom the contact turns out to be. */
async function keepForContact(entry: Entry, table: Projections): Promise<void> {
  const { type, data, channel, contact, after, at } = entry;
  if (after.contact === undefined) return;
  // At once: what this conversation knows already is told as no event, and the others may not know it.
  if (keywordIn(entry) === "stop") {
    const said = { topic: stopTopic(channel), state: "opted_out", source: "keyword" } as const;
    await table.putConsent(after.contact, { channel, ...said, at: at.recorded });
  }
  if (type === "consent.changed") {
    const { topic, state, source } = data as Partial<Consented>;
    if (topic === undefined || state === undefined || source === undefined) return;
    await table.putConsent(after.contact, { channel, topic, state, source, at: at.recorded });
  } else if (contact !== undefined) {
    for (const topic of after.optedOut ?? [])
      await table.putConsent(contact, { channel, topic, state: "opted_out", source: "merged", at: at.recorded });
  }
}
