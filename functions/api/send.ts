/**
 * Takes a message from a caller. What is accepted is in the mailbox when the answer goes out; everything after that is
 * told by the conversation's log.
 */
import { MessageToSend, type PlanAnswer, SendQuery } from "../../shared/domain/api-shapes.ts";
import { iso } from "../../shared/domain/envelope.ts";
import type { ReplyTo } from "../../shared/domain/event.ts";
import { newMessageId } from "../../shared/domain/ids.ts";
import type { Plan } from "../../shared/domain/plan.ts";
import { prepareFor, type Ports as SendingPorts } from "../../shared/sending/prepare.ts";
import { readSendAt } from "../../shared/sending/send-at.ts";
import { accept, onceOf, repeated } from "./accept.ts";
import { current, type Located } from "./conversations.ts";
import { findMessage } from "./message-page.ts";
import { PublicError } from "./problem.ts";
import { readBody, readQuery } from "./request.ts";
import { type Answer, type Call, json, type Ports } from "./route.ts";
import { withStoredFiles } from "./stored-files.ts";

export async function sendMessage(call: Call): Promise<Answer> {
  const { request, name, ports } = call;
  const isDryRun = readQuery(request, SendQuery).dryRun === "true";
  const asked = readBody(request, MessageToSend);
  const once = onceOf(call, [name, asked], isDryRun);
  const earlier = await repeated(once, ports);
  if (earlier) return earlier;

  const located = await current(name, ports);
  const { content, author, topic, fallback } = asked;
  const wanted = {
    content: await withStoredFiles(content, ports),
    template: fallback,
    author,
    sendAt: sendAtIn(asked, ports),
    ...(topic !== undefined && { topic }),
    ...(asked.replyTo !== undefined && { replyTo: await quoted(asked.replyTo, [name, located], ports) }),
  };
  const { summary: place, newest } = located;
  const prepared = await prepareFor({ place, newest }, wanted, madeNow(once?.name, ports), await sendingPorts(ports));
  if (isDryRun && prepared.plan) return json(200, { plan: shownPlan(prepared.plan) } satisfies PlanAnswer);
  if (prepared.kind === "ready") return accept(prepared, once, ports);
  const detail = prepared.reasons.map(({ text }) => text).join(" ");
  const field = prepared.code === "reply_to_unknown" ? "replyTo" : "content";
  throw new PublicError(prepared.code, detail, prepared.code === "account_unknown" ? {} : { field });
}

/** Of one message. The id is never made from the key: that is forgotten after seven days, and may then come with another. */
export function madeNow(once: string | undefined, { clock, random }: Ports) {
  return { id: newMessageId(clock.now(), random(10)), once };
}

export async function sendingPorts(ports: Ports): Promise<SendingPorts> {
  return { ...ports, ...(await ports.deployment()) };
}

/** @throws PublicError `invalid_body` */
export function sendAtIn({ sendAt }: { sendAt?: string | undefined }, { clock }: Ports): number | undefined {
  if (sendAt === undefined) return undefined;
  const at = readSendAt(sendAt, clock.now());
  if (at !== undefined) return at;
  const detail = "The field must be a time that is not over and at most 90 days ahead.";
  throw new PublicError("invalid_body", detail, { field: "sendAt" });
}

export function shownPlan({ replyUntil, notBefore, ...planned }: Plan): PlanAnswer["plan"] {
  return {
    ...planned,
    ...(replyUntil !== undefined && { replyUntil: iso(replyUntil) }),
    ...(notBefore !== undefined && { notBefore: iso(notBefore) }),
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
