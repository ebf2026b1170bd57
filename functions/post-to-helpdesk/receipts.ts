/** What became of the messages that a desk is told of: the fold of the log, and not the receipt that happened to come. */
import { wordsOf } from "../../shared/domain/content-words.ts";
import type { Entry } from "../../shared/domain/conversation-log.ts";
import type { Followed } from "../../shared/domain/desk-state.ts";
import { foldMessages, type MessageView } from "../../shared/domain/message-status.ts";
import { adviceFor, quote, statusText } from "./advice.ts";
import type { Ports } from "./ports.ts";

type Status = "sent" | "delivered" | "read" | "failed" | "uncertain";

export interface News {
  followed: Followed;
  status: Status;
  /** For a note. */
  text: string;
  /** Why it failed, and what an agent can do. */
  reason?: string;
  /** Ms since 1970. */
  time: number;
}

/** Of a long conversation no more is read for one receipt. */
const MOST_ENTRIES = 300;
const RANKS: readonly string[] = ["sent", "delivered", "read"];

/** Of the messages that are followed, those whose state at `entry` the desk has not been told. */
export async function news(
  following: readonly Followed[],
  entry: Entry,
  { log, ports: { table, account } }: { log: string; ports: Pick<Ports, "table" | "account"> },
): Promise<News[]> {
  const first = Math.max(Math.min(...following.map(({ from }) => from)), entry.sequence - MOST_ENTRIES);
  const entries = await table.entries(log, first - 1, entry.sequence - first + 1);
  const views = new Map(foldMessages(log, entries).map((view) => [view.id, view]));
  const templates = account(entry.account)?.templates ?? [];
  return following.flatMap((followed): News[] => {
    const ours = followed.ours.flatMap((id) => views.get(id) ?? []);
    const worst = worstOf(ours);
    if (!worst || worst.status === followed.told) return [];
    const { view, status } = worst;
    const reason = view.failure && status === "failed" ? adviceFor(view.failure, templates) : undefined;
    const quoted = quote(wordsOf(view.content) || `[${view.content.type}]`);
    const time = view.statusAt?.[view.status ?? "sent"] ?? entry.at.recorded;
    const text = statusText(status, { quoted, reason });
    return [{ followed, status, text, time, ...(reason !== undefined && { reason }) }];
  });
}

/** Several messages of ours behind one reply have come as far as the one behind all others. */
function worstOf(views: readonly MessageView[]): { view: MessageView; status: Status } | undefined {
  const known = views.flatMap((view) => {
    const status = view.status === "played" ? "read" : view.status;
    return status === undefined ? [] : [{ view, status }];
  });
  for (const word of ["failed", "uncertain"] as const) {
    const found = known.find(({ status }) => status === word);
    if (found) return { view: found.view, status: word };
  }
  if (known.length === 0 || known.some(({ status }) => status === "queued")) return undefined;
  const rank = (status: string) => RANKS.indexOf(status);
  const last = known.toSorted((one, other) => rank(one.status) - rank(other.status))[0];
  return last && { view: last.view, status: last.status as Status };
}
