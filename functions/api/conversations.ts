/** Conversations: the list, one of them, closing and opening. */
import {
  type ApiConversation,
  ConversationsQuery,
  NoQuery,
  Nothing,
  type Page,
} from "../../shared/domain/api-shapes.ts";
import { optedOutOf } from "../../shared/domain/consent.ts";
import { iso } from "../../shared/domain/envelope.ts";
import { replyUntil } from "../../shared/domain/plan.ts";
import type { Head, Summary } from "../../shared/ports.ts";
import { ask, type Wanted } from "./asked.ts";
import { openCursor, sealCursor } from "./cursor.ts";
import { PublicError } from "./problem.ts";
import { readBody, readQuery } from "./request.ts";
import { type Answer, type Call, json, type Ports } from "./route.ts";
import { wantedConversations } from "./wanted-conversations.ts";

/** A conversation as it is now: what the projection keeps for ever, and the newest entry for what changes. */
export interface Located {
  summary: Summary;
  newest: Head;
}

/** @throws PublicError `not_found` */
export async function locate(id: string, { table }: Ports): Promise<Located> {
  const isId = /^conv_[A-Za-z0-9_-]{22}$/.test(id);
  const [summary, newest] = isId ? await Promise.all([table.summary(id), table.newest(id)]) : [];
  if (summary && newest) return { summary, newest };
  throw new PublicError("not_found", "There is no conversation with this id.");
}

/** The conversation, or the one that took over from it when its address turned out to be an alias. */
export async function current(id: string, ports: Ports): Promise<Located> {
  const located = await locate(id, ports);
  const { moved } = located.newest.after;
  return moved === undefined ? located : locate(moved, ports);
}

/**
 * The projection puts the rows in order and may lag by ten minutes; what each row says is read from its log, and the
 * rows of one page are ordered by that.
 */
export async function listConversations({ request, ports }: Call): Promise<Answer> {
  const { limit, cursor, status, channel, account } = readQuery(request, ConversationsQuery);
  if (account !== undefined && !ports.accounts.has(account))
    throw new PublicError("bad_parameter", "There is no account with this name.", { field: "account" });
  const { idSecret } = await ports.deployment();
  const position = cursor === undefined ? {} : { cursor: openCursor(idSecret, "conversations", cursor) };
  const { summaries, nextCursor } = await wantedConversations(
    ports.table,
    { limit, ...position },
    (summary) =>
      (status ?? summary.status) === summary.status &&
      (channel ?? summary.channel) === summary.channel &&
      (account ?? summary.account) === summary.account,
  );
  const rows = await Promise.all(
    summaries.map(async (summary) => {
      const newest = await ports.table.newest(summary.conversation);
      return newest && view({ summary, newest }, ports);
    }),
  );
  const page: Page<ApiConversation> = {
    data: rows
      .filter((row) => row !== undefined)
      // The projection learns of a change a moment after the log.
      .filter((row) => (status ?? row.status) === row.status)
      .sort((a, b) => Date.parse(b.lastActivityAt) - Date.parse(a.lastActivityAt)),
    nextCursor: nextCursor === undefined ? null : sealCursor(idSecret, "conversations", nextCursor),
  };
  return json(200, page);
}

export async function showConversation({ request, name, ports }: Call): Promise<Answer> {
  readQuery(request, NoQuery);
  return json(200, await view(await locate(name, ports), ports));
}

/**
 * 202 with the status that was asked for, which the conversation has once the event is recorded; 200 when it
 * has that status already. It is asked of the log all the same, which knows whether it is news: the customer may have
 * written, or somebody else closed it, a moment ago.
 */
export function setStatus(status: "open" | "closed"): (call: Call) => Promise<Answer> {
  return async ({ request, name, ports }) => {
    readQuery(request, NoQuery);
    if (request.body.byteLength > 0) readBody(request, Nothing);
    const located = await locate(name, ports);
    const conversation = await view(located, ports);
    await ask([statusOf(located, status)], ports);
    return json(conversation.status === status ? 200 : 202, { ...conversation, status });
  };
}

function statusOf({ summary }: Located, status: "open" | "closed"): Wanted {
  const { conversation: log, account, channel, address, contact } = summary;
  const type = status === "open" ? "conversation.opened" : "conversation.closed";
  return { log, type, account, channel, address, contact: { id: contact }, data: { by: "agent" } };
}

export async function view({ summary, newest }: Located, { table, accounts }: Ports): Promise<ApiConversation> {
  const { conversation, channel, account, address } = summary;
  const contact = newest.after.contact ?? summary.contact;
  const known = await table.person(contact);
  const name = known?.name;
  const capabilities = accounts.get(account);
  const until = capabilities && replyUntil(capabilities, newest.after.inbound);
  return {
    id: conversation,
    channel,
    account,
    address,
    contact: { id: known?.id ?? contact, ...(name !== undefined && { name }) },
    status: newest.after.status,
    lastActivityAt: iso(newest.at.recorded),
    replyUntil: until === undefined ? null : iso(until),
    optedOut: optedOutOf(newest.after, channel, known?.consents),
  };
}
