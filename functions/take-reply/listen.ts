/**
 * A webhook of a desk that sends each once, or in any order, says only that there is something: what it is, and in which
 * order, is asked. So a reply whose webhook was lost is found with the next one, and two never overtake each other.
 */
import type { DeskHappening } from "../../shared/domain/desk-happening.ts";
import { log } from "../../shared/log.ts";
import type { Located, Ports } from "./ports.ts";

/** What is known of the ticket by now: `upTo`, and of which ticket, is kept when all of it was taken. */
export type Heard =
  | { kind: "heard"; happenings: readonly DeskHappening[]; reached?: { ticket: string; upTo: string } }
  | { kind: "later"; afterSeconds: number };

const LATER_SECONDS = 5;

/** @param mayWait whether there is still time for the desk to answer */
export async function listen(
  happening: DeskHappening,
  { desk, located, mayWait }: { desk: string; located: Located; mayWait: boolean },
  ports: Ports,
): Promise<Heard> {
  const own = happening.type === "look" ? [] : [happening];
  // A desk that keeps the order may lose a webhook all the same, but has nothing to add to one that is here.
  const isToAsk =
    happening.type === "look" || (happening.type === "reply" && !ports.desk(desk)?.capabilities.isOrdered);
  if (!isToAsk) return { kind: "heard", happenings: own };
  const { conversation } = located.summary;
  const state = await ports.tickets.deskState(desk, conversation);
  // Of a ticket before this one too: an agent may answer where the customer wrote before.
  // A desk that has no tickets of its own knows conversations by our id.
  const ticket = happening.ticket ?? state?.id ?? happening.conversation;
  const asked = await ports.asked(desk);
  if (!asked || ticket === undefined) return { kind: "heard", happenings: own };
  const { ticket: before, upTo } = await ports.tickets.listened(desk, conversation);
  // How far one ticket was heard says nothing of another.
  const after = before === ticket ? upTo : undefined;
  const isCurrent = ticket === (state?.id ?? happening.conversation);
  const answer = await asked.reconciler.heard(
    { id: ticket, kept: state?.kept ?? {} },
    { since: isCurrent ? (state?.openedAt ?? 0) : 0, ...(after !== undefined && { after }) },
    { desk: asked.desk, http: asked.http },
  );
  if (answer.kind !== "heard") {
    log("warn", "desk_not_asked", { desk, conversation, outcome: answer.kind, detail: answer.detail });
    const afterSeconds = answer.kind === "throttled" ? answer.retryAfterSeconds : LATER_SECONDS;
    return mayWait ? { kind: "later", afterSeconds } : { kind: "heard", happenings: own };
  }
  // A list may lag behind the webhook, or leave out what it does not show; a repeated id does nothing.
  const isListed = answer.happenings.some(({ type, id }) => type === happening.type && id === happening.id);
  const happenings = isListed ? answer.happenings : [...answer.happenings, ...own];
  const reached = isCurrent && answer.upTo !== undefined ? { ticket, upTo: answer.upTo } : undefined;
  return { kind: "heard", happenings, ...(reached && { reached }) };
}
