/** What belongs beside the messages, as conversation attributes, which the workspace has to have. */
import { ofTicket } from "../ask.ts";
import type { TellOutcome } from "../helpdesk.ts";
import { type Reach, request } from "./api.ts";
import { complaintIn } from "./payload.ts";

/**
 * Attributes that the workspace lacks are left out, one after another as the desk complains of them.
 * @returns refused where none of them is there
 */
export async function setFields(
  conversation: string,
  { fields, title }: { fields: Readonly<Record<string, string>>; title?: string },
  reach: Reach,
): Promise<TellOutcome> {
  let left = Object.entries(fields);
  const path = `/conversations/${encodeURIComponent(conversation)}`;
  while (left.length > 0) {
    const asked = await request(reach, "PUT", path, {
      ...(title !== undefined && { title }),
      custom_attributes: Object.fromEntries(left),
    });
    if (asked.isOk) return { kind: "told", ids: [] };
    if (asked.outcome.kind !== "refused" || asked.status === 404) return ofTicket(asked);
    const named = new Set(complaintIn(asked.json).split(/\W+/));
    const others = left.filter(([name]) => !named.has(name));
    if (others.length === left.length) return asked.outcome;
    left = others;
  }
  const isNothing = Object.keys(fields).length === 0;
  return isNothing
    ? { kind: "told", ids: [] }
    : { kind: "refused", detail: "the workspace has no conversation attributes of these names" };
}
