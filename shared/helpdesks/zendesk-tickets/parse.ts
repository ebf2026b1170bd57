import type { WebhookRequest } from "../../channels/connector.ts";
import type { DeskHappening } from "../../domain/desk-happening.ts";
import { jsonIn } from "../../domain/json.ts";
import { isoTime } from "../../domain/provider-time.ts";
import type { Desk, DeskParse } from "../helpdesk.ts";
import { isOurTicket, OUR_TAG, SYSTEM_USER } from "./marks.ts";
import { AssignmentEvent, CommentEvent, StatusEvent, Told } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";

const TYPE = "zen:event-type:ticket.";
/** Solved takes more, closed does not; to a conversation both are its end. */
const ENDED = new Set(["solved", "closed"]);

/** What every happening of this event has. */
interface About {
  id: string;
  ticket: string;
  at?: number;
}

/**
 * The webhook tells of all tickets of the account: those of ours have an external id of ours. A comment comes without
 * its files and without its formatting, so that the ticket is to be looked into (`heard`) instead of taking what is here.
 */
export function parse({ body }: WebhookRequest, { settings }: Desk<Settings, Secrets>): DeskParse {
  const json = jsonIn(body);
  if (json === undefined) return { ok: false, reason: "the body is not JSON" };
  const { data: told } = Told.safeParse(json);
  if (!told)
    return { ok: false, reason: "not an event of Zendesk's: is the webhook connected to a trigger?", field: "type" };
  if (!told.type.startsWith(TYPE)) return { ok: true, happenings: [] };
  const { detail } = told;
  if (!detail) return { ok: false, reason: "a ticket's event without the ticket", field: "detail" };
  if (!isOurTicket(detail.external_id)) return { ok: true, happenings: [] };

  const us = String(settings.integrationUserId);
  const what = told.type.slice(TYPE.length);
  const { time } = isoTime(told.time);
  const about = {
    id: told.id ?? `${detail.id}#${what}#${told.time ?? ""}`,
    ticket: detail.id,
    ...(time !== undefined && { at: time }),
  };
  const happening = isComment(what)
    ? commented(what, told.event, { us, about })
    : detail.actor_id === us
      ? undefined
      : changed(what, told.event, { about, tags: detail.tags });
  return { ok: true, happenings: happening ? [happening] : [] };
}

type CommentKind = "comment_added" | "comment_made_private" | "comment_redacted";

function isComment(what: string): what is CommentKind {
  return what === "comment_added" || what === "comment_made_private" || what === "comment_redacted";
}

/** Only what certainly is no reply is left out here: whoever looks into the ticket sees it as it is. */
function commented(
  what: CommentKind,
  event: unknown,
  { us, about }: { us: string; about: About },
): DeskHappening | undefined {
  const { comment } = CommentEvent.safeParse(event).data ?? {};
  const { author } = comment ?? {};
  if (author?.id === us || (author?.is_staff === false && author.id !== SYSTEM_USER)) return undefined;
  if (what === "comment_added") return comment?.is_public === false ? undefined : { type: "look", ...about };
  if (comment?.id === undefined) return undefined;
  // What was said cannot be taken back from the customer; whoever made it private is told so.
  return { type: what === "comment_made_private" ? "deleted" : "edited", ...about, of: comment.id };
}

function changed(
  what: string,
  event: unknown,
  { about, tags }: { about: About; tags: readonly string[] | undefined },
): DeskHappening | undefined {
  switch (what) {
    case "status_changed": {
      const { data } = StatusEvent.safeParse(event);
      if (!data) return undefined;
      const isEnded = ENDED.has(data.current.toLowerCase());
      const wasEnded = data.previous === undefined ? !isEnded : ENDED.has(data.previous.toLowerCase());
      return isEnded === wasEnded ? undefined : { type: "state", ...about, state: isEnded ? "closed" : "open" };
    }
    case "agent_assignment_changed": {
      const agent = AssignmentEvent.safeParse(event).data?.current;
      return { type: "assigned", ...about, ...(agent !== undefined && agent !== "0" && { assignee: { id: agent } }) };
    }
    case "tags_changed":
      return tags && { type: "tags", ...about, tags: tags.filter((tag) => tag !== OUR_TAG) };
    default:
      return undefined;
  }
}
