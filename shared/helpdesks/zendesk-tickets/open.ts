/** How a conversation comes by its ticket. */
import type { Saying } from "../../domain/telling.ts";
import type { Refusal } from "../ask.ts";
import type { Place, TellOutcome } from "../helpdesk.ts";
import { OneTicket, Refused, Tickets, type ZendeskTicket } from "./answers.ts";
import type { Api } from "./api.ts";
import { commentsIn, compose } from "./comment.ts";
import { endUser } from "./contact.ts";
import { externalId, OUR_TAG, SAYING_MARK } from "./marks.ts";
import type { Secrets, Settings } from "./settings.ts";

type ZendeskPlace = Place<Settings, Secrets>;

/** Closed tickets of one conversation that are passed over, one request each, where it is not known which is the last. */
const MOST_PASSED_OVER = 50;
const LONGEST_SUBJECT = 150;

/**
 * Opens the ticket with what is said. One that bears the conversation's external id already is looked for first, since
 * Zendesk takes any number of tickets with the same one: an earlier try may have opened it, or what was known of it was
 * lost.
 * @returns `there`: it was open already, and whether this was said in it has to be asked
 */
export async function openTicket(
  saying: Saying,
  place: ZendeskPlace,
  api: Api,
): Promise<{ kind: "there"; id: string } | TellOutcome> {
  const { follows, conversation } = place;
  let number = follows ? Number(follows.kept.number ?? 1) + 1 : 1;
  let previous = follows?.id;
  for (const most = number + MOST_PASSED_OVER; number < most; number++) {
    const key = externalId(conversation.id, number);
    const found = await findTicket(key, api);
    if (found.kind === "none") {
      const opened = await create(saying, { place, api, number, previous, idempotencyKey: saying.id });
      if (opened.kind !== "mismatch") return opened;
      // An earlier try with other words or uploads was judged under this key. If it opened a ticket, it shows by now.
      const late = await findTicket(key, api);
      if (late.kind === "found") return take(late.ticket, number, place);
      if (late.kind !== "none") return late;
      const again = await create(saying, { place, api, number, previous, idempotencyKey: `${saying.id}:${place.now}` });
      return again.kind === "mismatch" ? { kind: "unavailable", detail: "HTTP 400" } : again;
    }
    if (found.kind !== "found") return found;
    if (found.ticket.status !== "closed") return take(found.ticket, number, place);
    previous = found.ticket.id;
  }
  return { kind: "refused", detail: "too many closed tickets of this conversation" };
}

async function take({ id, requester_id }: ZendeskTicket, number: number, { keep }: ZendeskPlace) {
  await keep({ id, kept: { number: String(number), ...(requester_id !== undefined && { requester: requester_id }) } });
  return { kind: "there" as const, id };
}

/** Straight from the database, where the search would lag behind. */
async function findTicket(
  key: string,
  api: Api,
): Promise<{ kind: "found"; ticket: ZendeskTicket } | { kind: "none" } | Refusal> {
  const answer = await api({ method: "GET", path: `/tickets?${new URLSearchParams({ external_id: key })}` });
  if (!answer.isOk) return answer.outcome;
  const { data } = Tickets.safeParse(answer.json);
  if (!data) return { kind: "unavailable", detail: "no tickets in the answer" };
  // Zendesk leaves the query out where it does not know it.
  const ours = data.tickets.filter((one) => one !== undefined && one.external_id === key);
  const ticket = ours.find((one) => one?.status !== "closed") ?? ours.at(-1);
  return ticket ? { kind: "found", ticket } : { kind: "none" };
}

interface Creation {
  place: ZendeskPlace;
  api: Api;
  number: number;
  previous: string | undefined;
  idempotencyKey: string;
  /** Whoever is kept as the end user was refused: merged into another, or deleted. */
  isUserDoubted?: true;
}

async function create(saying: Saying, creation: Creation): Promise<{ kind: "mismatch" } | TellOutcome> {
  const { place, api, number, previous, idempotencyKey, isUserDoubted } = creation;
  const { conversation, desk, files, keep } = place;
  const { brandId, groupId, ticketFormId } = desk.settings;
  const wasKept = place.ticket.kept.requester !== undefined && !isUserDoubted;
  const user = await endUser(place, api, !isUserDoubted);
  if (user.kind !== "found") return user;
  const composed = await compose(saying, saying.from === "customer" ? user.id : undefined, { files, api });
  if (composed.kind !== "composed") return composed;
  const source = previous === undefined ? undefined : await closedTicket(previous, api);
  if (source && source.kind !== "source") return source;
  const ticket = {
    subject: conversation.title.slice(0, LONGEST_SUBJECT).toWellFormed(),
    comment: composed.comment,
    requester_id: user.id,
    // The first comment is the submitter's.
    ...(saying.from === "customer" && { submitter_id: user.id }),
    external_id: externalId(conversation.id, number),
    tags: [OUR_TAG, `${OUR_TAG}_${conversation.channel}`],
    metadata: { [SAYING_MARK]: saying.id },
    ...(brandId !== undefined && { brand_id: brandId }),
    ...(groupId !== undefined && { group_id: groupId }),
    ...(ticketFormId !== undefined && { ticket_form_id: ticketFormId }),
    ...(source?.id !== undefined && { via_followup_source_id: source.id }),
  };
  const headers = { "idempotency-key": idempotencyKey };
  const answer = await api({ method: "POST", path: "/tickets", headers, json: { ticket } });
  if (!answer.isOk && isMismatch(answer)) return { kind: "mismatch" };
  if (!answer.isOk && answer.status === 422 && wasKept)
    return create(saying, { ...creation, idempotencyKey: `${idempotencyKey}:again`, isUserDoubted: true });
  if (!answer.isOk) return answer.outcome;
  const { data } = OneTicket.safeParse(answer.json);
  if (!data) return { kind: "uncertain", detail: "no ticket in the answer" };
  await keep({ id: data.ticket.id, kept: { number: String(number) } });
  return { kind: "told", ids: data.audit ? commentsIn(data.audit) : [] };
}

/** A follow-up is only of a ticket that is closed; of a solved one, or one that is gone, a new ticket is a new ticket. */
async function closedTicket(id: string, api: Api): Promise<{ kind: "source"; id?: number } | Refusal> {
  const answer = await api({ method: "GET", path: `/tickets/${encodeURIComponent(id)}` });
  if (!answer.isOk) return answer.status === 404 ? { kind: "source" } : answer.outcome;
  const { data } = OneTicket.safeParse(answer.json);
  return { kind: "source", ...(data?.ticket.status === "closed" && { id: Number(data.ticket.id) }) };
}

/** The same key with another body. */
function isMismatch({ status, json }: { status?: number; json?: unknown }): boolean {
  return status === 400 && Refused.safeParse(json).data?.error === "IdempotentRequestError";
}
