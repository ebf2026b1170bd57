/**
 * What came of sending a message, as it is told to its log: our own verdicts, under keys that make each one event
 * however often it is reported, and the same event as the provider's receipt where there is one.
 */
import type { Entry } from "./conversation-log.ts";
import type { Channel, Failure, MessageReference } from "./event.ts";
import { eventKey, type IdSecret } from "./ids.ts";
import type { MailboxItem } from "./mailbox.ts";

/** One part of one message of a log. */
export interface SendSubject {
  log: string;
  /** The conversation's. */
  account: string;
  /** The account that carried it, or is to, in place of the conversation's. */
  via?: string | undefined;
  channel: Channel;
  message: string;
  part: number;
}

export type SendVerdict =
  /** `requestedAt`: when the request went out, by our clock (ms since 1970). */
  | { type: "message.sent"; providerMessageId: string; requestedAt: number }
  | { type: "message.failed"; failure: Failure }
  | { type: "message.uncertain"; detail: string };

/** @param made when and with which random bytes the item is made (`now`: ms since 1970) */
export function sendReport(
  subject: SendSubject,
  verdict: SendVerdict,
  made: { idSecret: IdSecret; now: number; token: string },
): MailboxItem {
  const { log, account, via = account, channel, message, part } = subject;
  const { type, ...said } = verdict;
  const ours = part === 0 ? message : `${message}.${part}`;
  const told = verdict.type === "message.sent" ? verdict.providerMessageId : ours;
  const reference: MessageReference = {
    id: message,
    ...(part > 0 && { part }),
    ...(verdict.type === "message.sent" && { providerMessageId: verdict.providerMessageId }),
  };
  return {
    log,
    // Our own verdict is one, whoever was to carry it; a provider's id is known under its account.
    key: eventKey(
      made.idSecret,
      verdict.type === "message.sent" ? via : account,
      `${told}#${type.slice("message.".length)}`,
    ),
    token: made.token,
    type,
    account: via,
    channel,
    // The provider's own time of the message is not before its request, and mostly before we hear that it was taken:
    // a watermark that reaches exactly to it has to reach this.
    at: { received: verdict.type === "message.sent" ? verdict.requestedAt : made.now },
    data: verdict.type === "message.sent" ? { message: reference } : { message: reference, ...said },
  };
}

const SENT: ReadonlySet<string> = new Set(["message.sent", "message.delivered", "message.read", "message.played"]);

/** What the log says of a part: it went out, it failed, nobody knows yet; undefined when nothing is said. */
export function outcomeIn(
  entries: readonly Entry[],
  { message, part }: Pick<SendSubject, "message" | "part">,
): "sent" | "failed" | "uncertain" | undefined {
  const types = entries.flatMap(({ type, data }) => {
    const { message: about } = data as { message?: MessageReference };
    return about?.id === message && (about.part ?? 0) === part ? [type] : [];
  });
  if (types.some((type) => SENT.has(type))) return "sent";
  if (types.includes("message.failed")) return "failed";
  return types.includes("message.uncertain") ? "uncertain" : undefined;
}

/** The account by which a message has gone out, as far as the log tells. */
export function carrierIn(entries: readonly Entry[], message: string): string | undefined {
  const said = entries.find(
    ({ type, data }) => SENT.has(type) && (data as { message?: MessageReference }).message?.id === message,
  );
  return said?.account;
}

const PAGE = 100;

/** All entries of a log behind one, as far as it has come. */
export async function entriesBehind(
  reader: { entries(log: string, after: number, limit: number): Promise<Entry[]> },
  log: string,
  after: number,
): Promise<Entry[]> {
  const found: Entry[] = [];
  for (;;) {
    const page = await reader.entries(log, found.at(-1)?.sequence ?? after, PAGE);
    found.push(...page);
    if (page.length < PAGE) return found;
  }
}
