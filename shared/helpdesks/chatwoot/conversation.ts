/** What a conversation of Chatwoot's is to us, whether a webhook brought it or the API. */
import type { DeskHappening } from "../../domain/desk-happening.ts";
import { type Conversation, msOf } from "./payload.ts";

/** `resolved` is closed; `open`, `pending` (a bot has it) and `snoozed` are not. */
export function stateOf(status: unknown): "open" | "closed" {
  return status === "resolved" ? "closed" : "open";
}

export function stateHappening(conversation: Conversation): DeskHappening {
  const state = stateOf(conversation.status);
  return { type: "state", ...about(conversation, state), state };
}

export function assignedHappening(conversation: Conversation): DeskHappening {
  const { id, name } = conversation.meta?.assignee ?? {};
  const assignee = { ...(id !== undefined && { id }), ...(name && { name }) };
  const isSomebody = id !== undefined || name !== undefined;
  return { type: "assigned", ...about(conversation, `assigned-${id ?? "nobody"}`), ...(isSomebody && { assignee }) };
}

export function tagsHappening(conversation: Conversation): DeskHappening {
  return { type: "tags", ...about(conversation, "tags"), tags: conversation.labels ?? [] };
}

/** When it was last changed in any way, as Chatwoot writes it; the same in every word about the same change. */
export function changeTime({ updated_at: updated, last_activity_at: active }: Conversation): string {
  return String(updated ?? active ?? "");
}

/** The conversation's own id and the time make the happening's, since its webhooks have none that stays. */
function about(conversation: Conversation, what: string): { id: string; ticket: string; at?: number } {
  const { id, updated_at: updated, last_activity_at: active } = conversation;
  const at = msOf(updated ?? active);
  return {
    id: `conversation-${id}-${what}-${changeTime(conversation)}`,
    ticket: id,
    ...(at !== undefined && { at }),
  };
}
