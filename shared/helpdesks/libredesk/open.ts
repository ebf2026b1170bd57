/** Opening a conversation: only the customer can, through the live chat. */
import * as z from "zod/mini";
import type { Saying } from "../../domain/telling.ts";
import { notNow } from "../ask.ts";
import type { Place, TellOutcome } from "../helpdesk.ts";
import { askAsCustomer, dataOf } from "./api.ts";
import { cut } from "./byte-limit.ts";
import { exchange, type Session } from "./contact.ts";
import { setFields } from "./fields.ts";
import { listed, sameWords, write } from "./messages.ts";
import { ListedConversation, type Message } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";

type Here = Place<Settings, Secrets>;

const LONGEST_FIRST_BYTES = 10_000;
/** How far the two clocks may be apart, in ms. */
const SKEW_MS = 300_000;
/** So many conversations are looked into for one that an earlier try may have opened. */
const MOST_LOOKED_INTO = 5;
/** Of the limit for one contact: fifty conversations a day. The one for all is a `GeneralException`. */
const TOO_MANY_OF_ONE = "RateLimitException";
const LONG_WAIT_SECONDS = 900;

const Complaint = z.looseObject({ error_type: z.string() });
const Opened = z.looseObject({
  conversation: z.looseObject({ uuid: z.string().check(z.minLength(1)) }),
  messages: z.optional(z.nullable(z.array(z.looseObject({ uuid: z.string() })))),
});

/** Opens one with a customer's first words, and says in it what these could not carry. */
export async function open(saying: Saying, place: Here): Promise<TellOutcome> {
  const entered = await exchange(place.conversation, place);
  if (!entered.isOk) return entered.outcome;
  const { session } = entered;
  const { first } = parted(saying);
  const before = place.isRepeated ? await openedBefore(first, saying, session, place) : undefined;
  if (before && "kind" in before) return before;
  const opened = before ?? (await begin(first, session, place));
  if ("kind" in opened) return opened;
  const { ticket, message } = opened;
  await place.keep({ id: ticket, kept: { opened: saying.id, ...(message !== undefined && { first: message }) } });
  return finish(saying, { ticket, ...(message !== undefined && { first: message }) }, place);
}

/**
 * What comes behind the first words: the fields, the rest of a long text, and the files, which the live chat's first
 * message cannot have. @param opened `first`: the id of the first message
 */
export async function finish(
  saying: Saying,
  { ticket, first }: { ticket: string; first?: string },
  place: Here,
): Promise<TellOutcome> {
  const set = await setFields(ticket, place);
  // A desk that will not have fields shows the conversation all the same.
  if (set.kind !== "told" && set.kind !== "refused") return set;
  const ids = first === undefined ? [] : [first];
  const { rest } = parted(saying);
  if (rest === "" && saying.files.length === 0) return { kind: "told", ids };
  const written = await write({ ...saying, text: rest }, ticket, {
    ...place,
    ticket: { id: ticket, kept: { ...place.ticket.kept, ...(first !== undefined && { first }) } },
  });
  return written.kind === "told" ? { kind: "told", ids: [...ids, ...written.ids] } : written;
}

interface Begun {
  ticket: string;
  message?: string;
}

async function begin(message: string, session: Session, place: Here): Promise<Begun | TellOutcome> {
  const { inbox, token } = session;
  const asked = await askAsCustomer(place, {
    ...{ method: "POST", path: "/conversations/init", inbox, session: token },
    json: { message, form_data: {} },
  });
  if (!asked.isOk) {
    if (asked.status === 429 && Complaint.safeParse(asked.json).data?.error_type === TOO_MANY_OF_ONE)
      return { kind: "throttled", scope: "ticket", retryAfterSeconds: LONG_WAIT_SECONDS, detail: "too many for a day" };
    // The message is of a length that is taken, so that an inbox that is off, or opens nothing for customers, is at fault.
    return asked.status === 400 || asked.status === 404 ? notNow(asked.outcome) : asked.outcome;
  }
  const opened = dataOf(asked.json, Opened);
  if (!opened) return { kind: "uncertain", detail: "a conversation was opened without an id" };
  const [first] = opened.messages ?? [];
  return { ticket: opened.conversation.uuid, ...(first && { message: first.uuid }) };
}

/** One that began with these words since they were said. */
async function openedBefore(
  words: string,
  saying: Saying,
  { inbox, token }: Session,
  place: Here,
): Promise<Begun | TellOutcome | undefined> {
  const asked = await askAsCustomer(place, { method: "GET", path: "/conversations", inbox, session: token });
  if (!asked.isOk) return notNow(asked.outcome);
  const candidates = (dataOf(asked.json, z.nullable(z.array(ListedConversation))) ?? [])
    .filter(({ uuid, created_at: at }) => uuid !== place.follows?.id && Date.parse(at ?? "") >= saying.at - SKEW_MS)
    .slice(0, MOST_LOOKED_INTO);
  for (const { uuid } of candidates) {
    const list = await listed(uuid, { page: 1, query: { type: "incoming" } }, place);
    if (!list.isOk) return notNow(list.outcome);
    const first: Message | undefined = list.messages.at(-1);
    if (first && sameWords(words, first.text_content ?? first.content ?? ""))
      return { ticket: uuid, message: first.uuid };
  }
  return undefined;
}

/** The live chat's first message is text, of so many bytes; for files alone it names them. */
function parted({ text, files }: Saying): { first: string; rest: string } {
  if (text === "") return { first: files.map(({ fileName }) => `📎 ${fileName}`).join("\n") || "…", rest: "" };
  return cut(text, LONGEST_FIRST_BYTES);
}
