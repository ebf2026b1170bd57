/** Whether a conversation is done: `new`, `assigned` and `reopened` are not, `resolved` is. */
import type { Failed } from "../ask.ts";
import type { TellOutcome } from "../helpdesk.ts";
import { conversationPath } from "./addresses.ts";
import { outcomeIn, type Reach, request } from "./api.ts";
import { Conversation } from "./payload.ts";

const RESOLVED = "resolved";
const DONE: TellOutcome = { kind: "told", ids: [] };

export async function resolve(conversation: string, reach: Reach): Promise<TellOutcome> {
  const asked = await setStatus(conversation, { status: RESOLVED }, reach);
  if (asked.isOk) return DONE;
  if (asked.outcome.kind !== "refused" || asked.status === 404) return outcomeIn(asked);
  // Somebody was quicker, perhaps.
  const now = await statusOf(conversation, reach);
  return now.isOk && now.status === RESOLVED ? DONE : asked.outcome;
}

/** Back with the agent who had it, where there is one. */
export async function reopen(conversation: string, reach: Reach): Promise<TellOutcome> {
  const now = await statusOf(conversation, reach);
  if (!now.isOk) return outcomeIn(now);
  if (now.status !== RESOLVED) return DONE;
  const { agent } = now;
  const json = agent === undefined ? { status: "new" } : { status: "assigned", assigned_agent_id: agent };
  const asked = await setStatus(conversation, json, reach);
  return asked.isOk ? DONE : outcomeIn(asked);
}

/**
 * A customer's word is said to open a conversation again. Where it does not, nobody would see the word: so it is done here
 * as far as it can be. The word itself is told already, whatever comes of this.
 */
export async function openIfResolved(conversation: string, reach: Reach): Promise<void> {
  await reopen(conversation, reach);
}

function setStatus(conversation: string, json: object, reach: Reach) {
  return request(reach, { method: "PUT", path: conversationPath(conversation), json });
}

async function statusOf(
  conversation: string,
  reach: Reach,
): Promise<{ isOk: true; status: string; agent: string | undefined } | Failed> {
  const asked = await request(reach, { method: "GET", path: conversationPath(conversation) });
  if (!asked.isOk) return asked;
  const { success, data } = Conversation.safeParse(asked.json);
  if (!success) return { isOk: false, outcome: { kind: "unavailable", detail: "an answer that is no conversation" } };
  return { isOk: true, status: data.status ?? "", agent: data.assigned_agent_id ?? undefined };
}
