import type * as z from "zod/mini";
import type { WebhookRequest } from "../../channels/connector.ts";
import { jsonIn } from "../../domain/json.ts";
import type { DeskParse } from "../helpdesk.ts";
import { unreadable } from "../unreadable.ts";
import { Told } from "./payload.ts";

/** A note stays where it was written. */
export function parse({ body }: WebhookRequest): DeskParse {
  const json = jsonIn(body);
  if (json === undefined) return { ok: false, reason: "the body is not JSON" };
  const result = Told.safeParse(json);
  if (!result.success) return unreadable(result.error);
  return happeningsOf(result.data);
}

/** One thing that a desk tells, by webhook or when it is asked. */
export function happeningsOf(told: z.output<typeof Told>): DeskParse {
  if (told.type === "note") return { ok: true, happenings: [] };
  if (told.type === "state") return { ok: true, happenings: [told] };
  const { id, conversation, text, attachments = [], agent } = told;
  if (!text && attachments.length === 0) return { ok: false, reason: "a reply needs text or attachments" };
  const author = {
    type: agent?.isBot ? ("bot" as const) : ("agent" as const),
    ...(agent?.name && { name: agent.name }),
  };
  return {
    ok: true,
    happenings: [{ type: "reply", id, conversation, author, ...(text && { text }), files: attachments }],
  };
}
