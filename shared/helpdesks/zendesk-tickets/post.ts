import type { Saying } from "../../domain/telling.ts";
import { type Failed, ofTicket, type Refusal } from "../ask.ts";
import type { NotTold, Place, TellOutcome, TicketWay } from "../helpdesk.ts";
import { OneTicket, Refused, type ZendeskTicket } from "./answers.ts";
import { type Api, createApi, ofOneTicket } from "./api.ts";
import { commentsIn, compose, findSaid } from "./comment.ts";
import { endUser, rename } from "./contact.ts";
import { SAYING_MARK } from "./marks.ts";
import { openTicket } from "./open.ts";
import type { Secrets, Settings } from "./settings.ts";

type ZendeskPlace = Place<Settings, Secrets>;

const NOTHING_TO_DO: TellOutcome = { kind: "told", ids: [] };

export const way: TicketWay<Settings, Secrets> = {
  async say(saying, place) {
    const api = createApi(place.desk, place.http);
    if (place.ticket.id !== undefined)
      return write(saying, { place, api, ticket: place.ticket.id, isSaidMaybe: place.isRepeated });
    const opened = await openTicket(saying, place, api);
    return opened.kind === "there" ? write(saying, { place, api, ticket: opened.id, isSaidMaybe: true }) : opened;
  },

  async state(state, { ticket: { id }, desk, http }) {
    if (id === undefined) return NOTHING_TO_DO;
    const api = createApi(desk, http);
    if (state === "open") return updated(await update(id, { status: "open" }, api), id, api);
    let answer = await update(id, { status: "solved" }, api);
    // Nobody has it, and a ticket is solved by somebody.
    if (!answer.isOk && answer.status === 422 && mentionsAssignee(answer))
      answer = await update(id, { status: "solved", assignee_id: desk.settings.integrationUserId }, api);
    const outcome = await updated(answer, id, api);
    return outcome.kind === "closed" ? NOTHING_TO_DO : outcome;
  },

  async tag(tags, { ticket: { id }, desk, http }) {
    if (id === undefined) return NOTHING_TO_DO;
    const api = createApi(desk, http);
    const added = tags.map(asTag).filter((tag) => tag !== "");
    if (added.length === 0) return NOTHING_TO_DO;
    const path = `/tickets/${encodeURIComponent(id)}/tags`;
    return updated(await api({ method: "PUT", path, json: { tags: added } }), id, api);
  },

  async customer({ name }, { ticket: { kept }, desk, http }) {
    const { requester } = kept;
    if (requester === undefined || name === undefined) return NOTHING_TO_DO;
    const answer = await rename(requester, name, createApi(desk, http));
    return answer.isOk ? NOTHING_TO_DO : answer.outcome;
  },
};

interface Writing {
  place: ZendeskPlace;
  api: Api;
  ticket: string;
  isSaidMaybe: boolean;
}

/** Says it in a ticket that is open, or solved: then it is opened by it, if it is the customer's. */
async function write(saying: Saying, { place, api, ticket, isSaidMaybe }: Writing): Promise<TellOutcome> {
  let author: number | undefined;
  if (saying.from === "customer") {
    const user = await endUser(place, api);
    if (user.kind !== "found") return user;
    author = user.id;
  }
  if (isSaidMaybe) {
    const from = String(author ?? place.desk.settings.integrationUserId);
    const said = await findSaid(ticket, { saying, author: from }, api);
    if (said.kind === "found") return { kind: "told", ids: said.ids };
    if (said.kind !== "none") return said;
  }
  const answer = await addComment(saying, author, { place, api, ticket });
  if (!("isOk" in answer) || answer.isOk || answer.status !== 422) return outcomeOf(answer);
  const now = await ticketAsItIs(ticket, api);
  if (now.kind !== "ticket") return now;
  if (now.ticket.status === "closed") return { kind: "closed", detail: "the ticket is closed" };
  // Agents merge customers: the user who was kept is another one now, and the ticket knows.
  const { requester_id } = now.ticket;
  if (author === undefined || requester_id === undefined || requester_id === String(author)) return answer.outcome;
  await place.keep({ kept: { requester: requester_id } });
  return outcomeOf(await addComment(saying, Number(requester_id), { place, api, ticket }));
}

type Commented = Awaited<ReturnType<Api>> | Refusal;

async function addComment(
  saying: Saying,
  author: number | undefined,
  { place, api, ticket }: Omit<Writing, "isSaidMaybe">,
): Promise<Commented> {
  const composed = await compose(saying, author, { files: place.files, api });
  if (composed.kind !== "composed") return composed;
  const change = {
    comment: composed.comment,
    metadata: { [SAYING_MARK]: saying.id },
    // Written by the API, so that Zendesk itself does not take it for the customer's answer.
    ...(saying.from === "customer" && { status: "open" }),
  };
  return update(ticket, change, api);
}

function outcomeOf(answer: Commented): TellOutcome {
  if (!("isOk" in answer)) return answer;
  if (!answer.isOk) return ofTicket(answer);
  const { data } = OneTicket.safeParse(answer.json);
  return { kind: "told", ids: data?.audit ? commentsIn(data.audit) : [] };
}

async function update(ticket: string, change: object, api: Api): ReturnType<Api> {
  const path = `/tickets/${encodeURIComponent(ticket)}`;
  return ofOneTicket(await api({ method: "PUT", path, json: { ticket: change } }));
}

/** A closed ticket refuses everything, in the words of the user's language: so it is asked what it is. */
async function updated(answer: { isOk: true } | Failed, ticket: string, api: Api): Promise<TellOutcome> {
  if (answer.isOk) return NOTHING_TO_DO;
  if (answer.status !== 422) return ofTicket(answer);
  const now = await ticketAsItIs(ticket, api);
  if (now.kind !== "ticket") return now;
  return now.ticket.status === "closed" ? { kind: "closed", detail: "the ticket is closed" } : answer.outcome;
}

async function ticketAsItIs(ticket: string, api: Api): Promise<{ kind: "ticket"; ticket: ZendeskTicket } | NotTold> {
  const answer = await api({ method: "GET", path: `/tickets/${encodeURIComponent(ticket)}` });
  if (!answer.isOk) return ofTicket(answer);
  const { data } = OneTicket.safeParse(answer.json);
  return data ? { kind: "ticket", ticket: data.ticket } : { kind: "unavailable", detail: "no ticket in the answer" };
}

function mentionsAssignee({ json }: Failed): boolean {
  return JSON.stringify(Refused.safeParse(json).data?.details ?? "").includes("assignee");
}

/** Zendesk's tags are in small letters and without blanks, at which it would cut them in two. */
function asTag(tag: string): string {
  return tag
    .toLowerCase()
    .trim()
    .replace(/\s+/g, "_")
    .replace(/[^\p{L}\p{N}_/:-]/gu, "");
}
