/**
 * Takes a message from a caller. What is accepted is in the mailbox when the answer goes out; everything after that is
 * told by the conversation's log.
 *
 * With an Idempotency-Key the answer is written down first, together with what goes into the mailbox. A repetition
 * delivers the very same item again, so that a crash in between loses nothing, and the item's key keeps history from
 * doubling.
 */
import { createHash } from "node:crypto";
import {
  LARGEST_MESSAGE,
  MessageToSend,
  type PlanAnswer,
  SendQuery,
  type SentMessage,
} from "../../shared/domain/api-shapes.ts";
import { optedOutOf } from "../../shared/domain/consent.ts";
import { iso } from "../../shared/domain/envelope.ts";
import type { Message, ReplyTo } from "../../shared/domain/event.ts";
import { eventKey, newMessageId } from "../../shared/domain/ids.ts";
import type { MailboxItem } from "../../shared/domain/mailbox.ts";
import { type Plan, plan } from "../../shared/domain/plan.ts";
import { queuedItem } from "../../shared/domain/queued-message.ts";
import { current, type Located } from "./conversations.ts";
import { findMessage } from "./message-page.ts";
import { shown } from "./messages.ts";
import { PublicError } from "./problem.ts";
import { readBody, readIdempotencyKey, readQuery } from "./request.ts";
import { type Answer, type Call, json, type Ports } from "./route.ts";
import { withStoredFiles } from "./stored-files.ts";

/** What is written down under an Idempotency-Key. */
interface Accepted {
  answer: Answer;
  item: MailboxItem;
}

export async function sendMessage({ request, name, caller, ports }: Call): Promise<Answer> {
  const { dryRun } = readQuery(request, SendQuery);
  const idempotencyKey = readIdempotencyKey(request);
  const asked = readBody(request, MessageToSend);
  const isDryRun = dryRun === "true";
  const once =
    idempotencyKey === undefined || isDryRun
      ? undefined
      : { name: hash([caller.id, idempotencyKey]), bodyHash: hash([name, asked]) };

  const earlier = once && (await ports.table.answered(once.name));
  if (earlier) return deliver(same(earlier, once.bodyHash), ports);

  const located = await current(name, ports);
  const wanted = { ...asked, content: await withStoredFiles(asked.content, ports) };
  const planned = await planFor(located, wanted, ports);
  const replyTo = wanted.replyTo === undefined ? undefined : await quoted(wanted.replyTo, [name, located], ports);
  if (wanted.content.type === "reaction" && replyTo?.providerMessageId === undefined) throw reactionOnNothing(replyTo);
  if (isDryRun) return json(200, planAnswer(planned));
  if (!planned.allowed) throw refusal(planned);
  if (Buffer.byteLength(JSON.stringify(wanted)) > LARGEST_MESSAGE)
    throw new PublicError("too_long", "The message is too large to be sent as one.", { field: "content" });

  const { idSecret } = await ports.deployment();
  // Never made from the key: that is forgotten after seven days, and may then come with another message.
  const id = newMessageId(ports.clock.now(), ports.random(10));
  const { content, author, topic, fallback } = wanted;
  const message: Message = {
    ...{ id, direction: "outbound", author, content },
    ...(replyTo && { replyTo }),
    ...(topic !== undefined && { topic }),
  };
  const accepted = accept(message, located, { ports, idSecret, planned, fallback });
  if (once) {
    const first = await ports.table.answerOnce(once.name, {
      bodyHash: once.bodyHash,
      answer: JSON.stringify(accepted),
    });
    if (first !== "new") return deliver(same(first, once.bodyHash), ports);
  }
  return deliver(accepted, ports);
}

async function deliver({ answer, item }: Accepted, { mailbox }: Ports): Promise<Answer> {
  await mailbox.deliver([item]);
  return answer;
}

function same(earlier: { bodyHash: string; answer: string }, bodyHash: string): Accepted {
  if (earlier.bodyHash === bodyHash) return JSON.parse(earlier.answer) as Accepted;
  const detail = "This Idempotency-Key came with another message before. Use a new key for each message.";
  throw new PublicError("idempotency_key_reused", detail, { field: "Idempotency-Key" });
}

async function planFor({ summary, newest }: Located, wanted: MessageToSend, ports: Ports): Promise<Plan> {
  const { account, channel, address, contact } = summary;
  const { content, author, topic, fallback = ports.fallbackTemplates.get(account) } = wanted;
  const capabilities = ports.accounts.get(account);
  if (!capabilities)
    throw new PublicError("account_unknown", "The account of this conversation is not configured any more.");
  const known = await ports.table.contact(newest.after.contact ?? contact);
  return plan({
    ...{ content, author, address, topic, fallback, capabilities },
    lastInboundAt: newest.after.inbound,
    now: ports.clock.now(),
    optedOut: optedOutOf(newest.after, channel, known?.consents),
    quietHours: ports.quietHours,
  });
}

function refusal({ reasons }: Plan): PublicError {
  const detail = reasons.map(({ text }) => text).join(" ");
  return new PublicError(reasons[0]?.code ?? "not_carried", detail, { field: "content" });
}

function reactionOnNothing(target: ReplyTo | undefined): PublicError {
  const detail = target
    ? "The provider does not know yet the message that is to be reacted to. Try again in a moment."
    : "A reaction needs replyTo: the message that it is on.";
  return new PublicError("reply_to_unknown", detail, { field: "replyTo" });
}

function planAnswer({ replyUntil, notBefore, ...planned }: Plan): PlanAnswer {
  return {
    plan: {
      ...planned,
      ...(replyUntil !== undefined && { replyUntil: iso(replyUntil) }),
      ...(notBefore !== undefined && { notBefore: iso(notBefore) }),
    },
  };
}

/** What a message of ours answers; it may stand in the log that the caller named or in the one that took over. */
async function quoted(id: string, [name, located]: [string, Located], ports: Ports): Promise<ReplyTo> {
  const { idSecret } = await ports.deployment();
  for (const conversation of new Set([located.summary.conversation, name])) {
    const newest = conversation === name ? await ports.table.newest(name) : located.newest;
    const found = newest && (await findMessage({ log: ports.table, conversation, newest, idSecret }, id));
    if (found)
      return { id, ...(found.providerMessageId !== undefined && { providerMessageId: found.providerMessageId }) };
  }
  const detail = "replyTo names no message among the newest of this conversation.";
  throw new PublicError("reply_to_unknown", detail, { field: "replyTo" });
}

function accept(
  message: Message,
  { summary }: Located,
  {
    ports,
    idSecret,
    planned,
    fallback,
  }: { ports: Ports; idSecret: string; planned: Plan; fallback: MessageToSend["fallback"] },
): Accepted {
  const { conversation, account } = summary;
  const now = ports.clock.now();
  const view = {
    ...message,
    conversation,
    sequence: 0,
    sentAt: now,
    receivedAt: now,
    status: "queued",
    statusAt: { queued: now },
  } as const;
  const answer: SentMessage = { message: shown(view) };
  return {
    answer: json(202, answer),
    item: queuedItem(message, summary, {
      key: eventKey(idSecret, account, `${message.id}#queued`),
      token: Buffer.from(ports.random(12)).toString("base64url"),
      receivedAt: now,
      expiresAfterSeconds: ports.expiresAfterSeconds,
      planned,
      fallback,
    }),
  };
}

function hash(parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
