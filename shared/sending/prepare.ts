/**
 * What every way of sending has in common that begins at a caller: where the message goes, whether it may, and the item
 * by which it enters the mailbox. Writes nothing; whoever asks delivers the item, or only tells what would become of it.
 */
import { LARGEST_MESSAGE } from "../domain/api-shapes.ts";
import { optedOutOf } from "../domain/consent.ts";
import type { Content } from "../domain/content.ts";
import type { Message } from "../domain/event.ts";
import type { Template } from "../domain/fallback.ts";
import { eventKey, newToken } from "../domain/ids.ts";
import type { MailboxItem } from "../domain/mailbox.ts";
import { type Plan, plan } from "../domain/plan.ts";
import { queuedItem } from "../domain/queued-message.ts";
import type { QuietHours } from "../domain/quiet-hours.ts";
import type { Recipient } from "../domain/sending-shapes.ts";
import type { Clock, Random } from "../ports.ts";
import { type Place, type RecipientPorts, type Target, targetsOf, type Unreachable } from "./recipient.ts";

/** What is to be said; at least one of `content` and `template`. */
export interface Wanted extends Pick<Message, "author" | "topic" | "replyTo"> {
  content?: Content | undefined;
  /** Goes out where a free reply is not possible; alone it is the message. `{text}` in it stands for what the message says. */
  template?: Template | undefined;
  /** When it is to go out (ms since 1970); at once when left out. */
  sendAt?: number | undefined;
}

/** Decided by whoever takes the message, so that asking twice makes one. */
export interface Made {
  /** `msg_…` */
  id: string;
  /** The hash under which the caller's answer is kept, where it is. */
  once?: string | undefined;
  /** Of which batch it is, and for which of its recipients. */
  batch?: { id: string; recipient: number } | undefined;
}

export interface Ports extends RecipientPorts {
  /** By account: what stands in for a message whose window is closed. */
  fallbackTemplates: ReadonlyMap<string, Template>;
  quietHours: QuietHours | undefined;
  /** How long a message may wait to be sent, from the time that it is to go out. */
  expiresAfterSeconds: number;
  clock: Clock;
  random: Random;
}

export interface Ready {
  kind: "ready";
  place: Place;
  /** Whether the message would open the conversation. */
  isNew: boolean;
  plan: Plan;
  message: Message;
  item: MailboxItem;
}

type RefusalCode = Unreachable["code"] | Plan["reasons"][number]["code"] | "reply_to_unknown";

export interface Refused {
  kind: "refused";
  code: RefusalCode;
  /** At least one; the first has the code. */
  reasons: { code: RefusalCode; text: string }[];
  place?: Place;
  /** Where it came to one. */
  plan?: Plan;
}

/** A recipient, or one conversation of theirs, that did not get it, and why. */
export type PassedOver = Refused & { to: Recipient };

export type Prepared =
  | (Ready & { passedOver: PassedOver[] })
  /** None may get it; at least one stands in `passedOver`, and the first one's reasons are told. */
  | (Refused & { passedOver: PassedOver[] });

/** For the first of the recipients, who stand in order of preference, who may get it. */
export async function prepare(
  recipients: readonly Recipient[],
  wanted: Wanted,
  made: Made,
  ports: Ports,
): Promise<Prepared> {
  const passedOver: PassedOver[] = [];
  for (const to of recipients) {
    const targets = await targetsOf(to, ports);
    if ("kind" in targets) {
      passedOver.push({ ...refused([targets]), to });
      continue;
    }
    for (const target of targets) {
      const prepared = await prepareFor(target, wanted, made, ports);
      if (prepared.kind === "ready") return { ...prepared, passedOver };
      passedOver.push({ ...prepared, to });
    }
  }
  const [first] = passedOver;
  if (!first) throw new Error("a message for nobody");
  const { to: _, ...refusal } = first;
  return { ...refusal, passedOver };
}

/** For one conversation. */
export async function prepareFor(
  { place, newest }: Target,
  wanted: Wanted,
  made: Made,
  ports: Ports,
): Promise<Ready | Refused> {
  const { account, channel, address } = place;
  const { content = wanted.template, author, topic, replyTo, sendAt } = wanted;
  if (!content) throw new Error("a message without content");
  const capabilities = ports.accounts.get(account);
  if (!capabilities) {
    const text = "The account of this conversation is not configured any more.";
    return { ...refused([{ code: "account_unknown", text }]), place };
  }
  if (content.type === "reaction" && replyTo?.providerMessageId === undefined)
    return { ...refused([{ code: "reply_to_unknown", text: reactionOnNothing(replyTo) }]), place };

  const after = newest?.after;
  const consents = await ports.table.consentsOf(after?.contact ?? place.contact);
  const own = wanted.content && wanted.template;
  const receivedAt = ports.clock.now();
  const planned = plan({
    ...{ content, author, address, topic, capabilities },
    fallback: own ?? ports.fallbackTemplates.get(account),
    lastInboundAt: after?.inbound,
    now: Math.max(sendAt ?? 0, receivedAt),
    optedOut: optedOutOf(after ?? {}, channel, consents),
    quietHours: ports.quietHours,
  });
  if (!planned.allowed) {
    const reasons = planned.reasons.map((reason) => (sendAt === undefined ? reason : asOfThen(reason)));
    return { ...refused(reasons), plan: { ...planned, reasons }, place };
  }
  if (Buffer.byteLength(JSON.stringify(wanted)) > LARGEST_MESSAGE) {
    const text = "The message is too large to be sent as one.";
    return { ...refused([{ code: "too_long", text }]), plan: planned, place };
  }

  const message: Message = {
    ...{ id: made.id, direction: "outbound", author, content },
    ...(replyTo && { replyTo }),
    ...(topic !== undefined && { topic }),
  };
  const item = queuedItem(message, place, {
    key: queuedKey(made.id, account, ports),
    token: newToken(ports.random),
    receivedAt,
    sendAt,
    expiresAfterSeconds: ports.expiresAfterSeconds,
    planned,
    fallback: own,
    once: made.once,
    batch: made.batch,
  });
  return { kind: "ready", place, isNew: newest === undefined, plan: planned, message, item };
}

/** The key of the event by which a caller's message enters its log. */
export function queuedKey(message: string, account: string, { idSecret }: Pick<Ports, "idSecret">): string {
  return eventKey(idSecret, account, `${message}#queued`);
}

function refused(reasons: Refused["reasons"]): Refused {
  const [first] = reasons;
  if (!first) throw new Error("a refusal without a reason");
  return { kind: "refused", code: first.code, reasons: reasons.map(({ code, text }) => ({ code, text })) };
}

/** A scheduled message is judged by its time. */
function asOfThen({ code, text }: Plan["reasons"][number]): Plan["reasons"][number] {
  if (code !== "window_closed") return { code, text };
  return {
    code,
    text: `When it is to go out, free replies will not be possible unless the customer writes again. ${text}`,
  };
}

function reactionOnNothing(target: Wanted["replyTo"]): string {
  return target
    ? "The provider does not know yet the message that is to be reacted to. Try again in a moment."
    : "A reaction needs replyTo: the message that it is on.";
}
