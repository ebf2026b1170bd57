/**
 * How a message is accepted, once. With an Idempotency-Key the answer is written down first, together with what goes
 * into the mailbox. A repetition delivers the very same item again, so that a crash in between loses nothing, and the
 * item's key keeps history from doubling.
 */
import { createHash } from "node:crypto";
import type { SentMessage } from "../../shared/domain/api-shapes.ts";
import { eventData } from "../../shared/domain/event.ts";
import type { MailboxItem } from "../../shared/domain/mailbox.ts";
import type { Ready } from "../../shared/sending/prepare.ts";
import { shown } from "./messages.ts";
import { PublicError } from "./problem.ts";
import { readIdempotencyKey } from "./request.ts";
import { type Answer, type Call, json, type Ports } from "./route.ts";

/** What a repetition of a request is known by. */
export interface Once {
  name: string;
  bodyHash: string;
}

/** What is written down under an Idempotency-Key. */
interface Accepted {
  answer: Answer;
  item: MailboxItem;
}

/**
 * Undefined without an Idempotency-Key, and for a dry run, which may be repeated as often as anybody likes.
 * @param asked what the request says, and where it says it
 */
export function onceOf({ request, caller }: Call, asked: readonly unknown[], isDryRun: boolean): Once | undefined {
  const key = readIdempotencyKey(request);
  return key === undefined || isDryRun ? undefined : { name: hash([caller.id, key]), bodyHash: hash(asked) };
}

/** The answer of the first time, and what it promised once more. @throws PublicError `idempotency_key_reused` */
export async function repeated(once: Once | undefined, ports: Ports): Promise<Answer | undefined> {
  const earlier = once && (await ports.table.answered(once.name));
  return earlier && deliver(same(earlier, once.bodyHash), ports);
}

/** 202 once it is in the mailbox. */
export async function accept({ message, place, item }: Ready, once: Once | undefined, ports: Ports): Promise<Answer> {
  const now = ports.clock.now();
  const { sendAt } = eventData["message.queued"].parse(item.data);
  const view = {
    ...message,
    conversation: place.conversation,
    sequence: 0,
    ...(sendAt !== undefined && { sendAt }),
    sentAt: now,
    receivedAt: now,
    status: "queued",
    statusAt: { queued: now },
  } as const;
  const answer: SentMessage = { message: shown(view) };
  const accepted = { answer: json(202, answer), item };
  if (once) {
    const first = await ports.table.answerOnce(once.name, {
      bodyHash: once.bodyHash,
      answer: JSON.stringify(accepted),
    });
    if (first !== "new") return deliver(same(first, once.bodyHash), ports);
  }
  return deliver(accepted, ports);
}

/** Where it stands is noted first: whoever knows its id finds it. */
async function deliver({ answer, item }: Accepted, { table, mailbox }: Ports): Promise<Answer> {
  const { message, expiresAt } = eventData["message.queued"].parse(item.data);
  await table.noteMessage(message.id, { conversation: item.log, account: item.account }, expiresAt);
  await mailbox.deliver([item]);
  return answer;
}

function same(earlier: { bodyHash: string; answer: string }, bodyHash: string): Accepted {
  if (earlier.bodyHash === bodyHash) return JSON.parse(earlier.answer) as Accepted;
  const detail = "This Idempotency-Key came with another message before. Use a new key for each message.";
  throw new PublicError("idempotency_key_reused", detail, { field: "Idempotency-Key" });
}

function hash(parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
