/** The webhooks of ticket events. One deed may be several events, whose order Zendesk does not promise. */
import { randomUUID } from "node:crypto";
import type { DeskDeed } from "../ticket-desk.ts";
import type { Account, Status, ZendeskUser } from "./account.ts";

/** What a deed changed is known by what was told before. */
interface Told {
  status?: Status;
  tags?: readonly string[];
  assignee?: number;
}
const told = new WeakMap<object, Told>();

/** @param actor who did it; undefined: an agent at the screens */
export function eventsOf(deed: DeskDeed, account: Account, actor: ZendeskUser | undefined): object[] {
  const { ticket } = deed;
  const before = told.get(ticket) ?? {};
  const status = account.statusOf(ticket);
  const particulars = account.particularsOf(ticket);
  particulars.status = status;
  if (deed.type === "assigned") particulars.assignee = account.agent(ticket.assignee).id;
  const who = actor ?? ("message" in deed ? account.authorOf(deed.message, ticket) : account.agent());
  const time = new Date().toISOString().replace("Z", "123456Z");
  const sequence = randomUUID();
  const seen = account.ticket(ticket);
  const detail = {
    ...{ id: String(seen.id), subject: seen.subject, tags: seen.tags, is_public: true, type: null },
    // Texts, all of them; what is not there is an empty one.
    external_id: seen.external_id ?? "",
    status: status.toUpperCase(),
    requester_id: String(seen.requester_id),
    submitter_id: String(seen.submitter_id),
    assignee_id: seen.assignee_id === null ? null : String(seen.assignee_id),
    actor_id: String(who.id),
    via: { channel: "api" },
    ...{ created_at: seen.created_at, updated_at: seen.updated_at },
  };
  const events = namesOf(deed, account, before).map(([name, event], position) => ({
    type: `zen:event-type:ticket.${name}`,
    account_id: 22_129_848,
    id: randomUUID(),
    time,
    zendesk_event_version: "2022-11-06",
    subject: `zen:ticket:${ticket.id}`,
    detail,
    event: { meta: { sequence: { id: sequence, position } }, ...event },
  }));
  const { assignee } = particulars;
  told.set(ticket, { status, tags: [...ticket.tags], ...(assignee !== undefined && { assignee }) });
  return events;
}

function namesOf(deed: DeskDeed, account: Account, before: Told): [name: string, event: object][] {
  const { ticket } = deed;
  const status = account.statusOf(ticket);
  const moved: [string, object][] =
    before.status === undefined || before.status === status
      ? []
      : [["status_changed", { current: status.toUpperCase(), previous: before.status.toUpperCase() }]];
  switch (deed.type) {
    case "message": {
      const { message } = deed;
      const author = account.authorOf(message, ticket);
      const comment = { id: message.id, is_public: !message.isPrivate };
      const by = { id: String(author.id), is_staff: author.role === "agent" && author.id > 0, name: author.name };
      const files = message.files.map((file): [string, object] => {
        const { id, content_type, file_name } = account.attachment(file);
        const attachment = { id: String(id), content_type, filename: file_name };
        return ["attachment_linked_to_comment", { comment: { ...comment, attachment } }];
      });
      const isFirst = before.status === undefined && ticket.messages[0] === message;
      return [
        ...(isFirst ? ([["created", {}]] as [string, object][]) : []),
        ...files,
        ["comment_added", { comment: { ...comment, body: message.text, author: by } }],
        ...moved,
      ];
    }
    // Nobody edits a comment, or deletes one: it is redacted, or made private.
    case "edited":
      return [["comment_redacted", { comment: { id: deed.message.id } }]];
    case "deleted":
      return [["comment_made_private", { comment: { id: deed.message.id } }]];
    case "state":
      return moved;
    case "assigned": {
      const previous = before.assignee === undefined ? null : String(before.assignee);
      return [["agent_assignment_changed", { current: String(account.particularsOf(ticket).assignee), previous }]];
    }
    case "tags": {
      const added = ticket.tags.filter((tag) => !before.tags?.includes(tag));
      const removed = (before.tags ?? []).filter((tag) => !ticket.tags.includes(tag));
      return [["tags_changed", { added: { tags: added }, removed: { tags: removed } }]];
    }
    default:
      return [];
  }
}
