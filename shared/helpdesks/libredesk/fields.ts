/** What stands beside a conversation: its custom attributes and its tags. */
import { ofTicket } from "../ask.ts";
import type { Place, TellOutcome } from "../helpdesk.ts";
import { askAsAgent } from "./api.ts";
import { conversationOf } from "./messages.ts";
import type { Secrets, Settings } from "./settings.ts";

type Here = Place<Settings, Secrets>;

/** Only what is written replaces anything: LibreDesk takes all attributes at once, so that the others are given back. */
export async function setFields(id: string, place: Here): Promise<TellOutcome> {
  const now = await conversationOf(id, place);
  if (!now.isOk) return ofTicket(now);
  const { fields } = place.conversation;
  const attributes = now.conversation.custom_attributes ?? {};
  if (Object.entries(fields).every(([name, value]) => attributes[name] === value)) return { kind: "told", ids: [] };
  const path = `/conversations/${encodeURIComponent(id)}/custom-attributes`;
  const asked = await askAsAgent(place, { method: "PUT", path, json: { ...attributes, ...fields } });
  return asked.isOk ? { kind: "told", ids: [] } : ofTicket(asked);
}

/** Tags that LibreDesk does not have it leaves out; those that the conversation has stay. */
export async function addTags(tags: readonly string[], id: string, place: Here): Promise<TellOutcome> {
  const now = await conversationOf(id, place);
  if (!now.isOk) return ofTicket(now);
  const had = now.conversation.tags ?? [];
  const all = [...new Set([...had, ...tags])];
  if (all.length === had.length) return { kind: "told", ids: [] };
  const path = `/conversations/${encodeURIComponent(id)}/tags`;
  const asked = await askAsAgent(place, { method: "POST", path, json: { tags: all } });
  return asked.isOk ? { kind: "told", ids: [] } : ofTicket(asked);
}
