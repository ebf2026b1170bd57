/**
 * What a customer says about hearing from us, found out before the message enters the log. Asked of the message and of
 * the state before it alone, hence the same for whoever appends.
 */
import { isOneOf, stopTopic, type Wish, type WishWords, wishIn } from "../../shared/domain/consent.ts";
import type { After, Arrival, Entry } from "../../shared/domain/conversation-log.ts";
import type { Message } from "../../shared/domain/event.ts";

/** How customers stop and start messages, and what they are answered. */
export interface OptOut extends WishWords {
  /** The one answer to a stop word; none when empty. */
  confirmation: string;
  /** The words at which the provider of these accounts acts by itself, and answers. */
  byProvider: readonly { accounts: readonly string[]; stop: readonly string[]; start: readonly string[] }[];
}

/** Providers repeat themselves for a week; what is older was handed over with a number's history, and is long settled. */
const OLDEST_MS = 8 * 86_400_000;

/** @returns the arrival's data, with the wish in its message where there is one */
export function withWish(
  { type, data, account, channel, at }: Omit<Arrival, "at"> & { at: Pick<Entry["at"], "provider" | "received"> },
  before: Pick<After, "optedOut"> | undefined,
  optOut: OptOut,
): unknown {
  if (type !== "message.received" || at.received - (at.provider ?? at.received) > OLDEST_MS) return data;
  const { message } = data as { message?: Message };
  // What the provider took it for is what it acts on.
  if (!message || message.consentWish) return data;
  const { stop, start } = optOut.byProvider.find((one) => one.accounts.includes(account)) ?? { stop: [], start: [] };
  // “Yes” starts again only who had stopped; to anybody else it is an answer.
  const isOut = before?.optedOut?.includes(stopTopic(channel)) ?? false;
  const wish = wishOf(message.content, { ...optOut, stop, start: isOut ? start : [] });
  return wish ? { ...(data as object), message: { ...message, consentWish: wish } } : data;
}

function wishOf(
  content: Message["content"],
  { stop, start, ...words }: WishWords & { stop: readonly string[]; start: readonly string[] },
): Wish | undefined {
  if (content.type === "text") {
    const { stopWords, startWords, helpWords } = words;
    return wishIn(content.text, {
      stopWords: [...stopWords, ...stop],
      startWords: [...startWords, ...start],
      helpWords,
    });
  }
  // The answer to a question is no stop word; but where the provider stops at it all the same, the truth is that it has.
  const isTakenForStop = content.type === "choice" && content.text !== undefined && isOneOf(stop, content.text);
  return isTakenForStop ? { wants: "stop", said: "keyword" } : undefined;
}
