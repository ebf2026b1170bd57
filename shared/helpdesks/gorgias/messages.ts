/** The messages of a ticket: reading the newest, writing one, and knowing again what an earlier try has written. */
import type { Saying } from "../../domain/telling.ts";
import type { Failed } from "../ask.ts";
import { forAccount } from "../by-account.ts";
import type { Place } from "../helpdesk.ts";
import { htmlBlock } from "../html-text.ts";
import { askGorgias, type Reach } from "./api.ts";
import type { Attachment } from "./files.ts";
import { messageMark } from "./marks.ts";
import { Message, Page } from "./payload.ts";
import { channelOf } from "./reply.ts";
import type { Secrets, Settings } from "./settings.ts";

type Here = Place<Settings, Secrets>;

const PER_PAGE = 100;
/** How far the two clocks may be apart, in ms. */
const SKEW_MS = 300_000;

/** @param wanted `from`: ms since 1970; `most`: how many at most @returns the newest first */
export async function newestMessages(
  ticket: string,
  { from, most }: { from: number; most: number },
  reach: Reach,
): Promise<{ isOk: true; messages: Message[] } | Failed> {
  const messages: Message[] = [];
  let cursor: string | undefined;
  for (let read = 0; read < most; read += PER_PAGE) {
    const limit = String(Math.min(PER_PAGE, most));
    const query = new URLSearchParams({ ticket_id: ticket, order_by: "created_datetime:desc", limit });
    if (cursor !== undefined) query.set("cursor", cursor);
    const asked = await askGorgias(reach, { method: "GET", path: `/messages?${query}` });
    if (!asked.isOk) return asked;
    const { data } = Page.safeParse(asked.json);
    if (!data) return { isOk: false, outcome: { kind: "unavailable", detail: "no messages in the answer" } };
    const page = data.data.flatMap((one) => Message.safeParse(one).data ?? []);
    // Should the list know nothing of tickets, those of others are in it, too.
    const own = page.filter(({ ticket_id: id }) => id === undefined || id === ticket);
    const recent = own.filter(({ created_datetime: time }) => !(Date.parse(time ?? "") < from));
    messages.push(...recent);
    cursor = data.meta?.next_cursor;
    if (recent.length < own.length || cursor === undefined) break;
  }
  return { isOk: true, messages };
}

/** The message that an earlier try has become. */
export async function findSaid(
  saying: Saying,
  ticket: string,
  place: Here,
): Promise<{ isOk: true; message?: Message } | Failed> {
  const listed = await newestMessages(ticket, { from: 0, most: PER_PAGE }, place);
  if (!listed.isOk) return listed;
  const message = listed.messages.find((one) => isIt(saying, one));
  return { isOk: true, ...(message && { message }) };
}

/**
 * By its mark. Should Gorgias not have kept that, then the same words of the same side since they were said; an agent's
 * reply never counts by its words, or it would not go out.
 */
export function isIt(saying: Saying, message: Message): boolean {
  if (message.external_id !== undefined) return message.external_id === messageMark(saying.id);
  const isSameSide =
    saying.from === "customer"
      ? message.from_agent === false
      : message.via === "api" && isNote(message) === (saying.from === "recado" || saying.isPrivate);
  const isSince = Date.parse(message.created_datetime ?? "") >= saying.at - SKEW_MS;
  return isSameSide && isSince && plain(message.body_text ?? "") === plain(wordsOf(saying));
}

/** What a message of ours is made of beside its words; `customer` is Gorgias's id of them. */
export interface Sides {
  customer: string;
  account: string;
  /** How the channel names them. */
  address: string;
}

/**
 * A message as the API takes it. What the business said elsewhere has been sent already: a message that has a time of
 * sending, Gorgias sends to nobody (https://developers.gorgias.com/reference/create-ticket-message).
 * @param sides undefined for a note, which is from our user to nobody
 */
export function messageJson(
  saying: Saying,
  {
    sides,
    attachments,
    losses,
    settings,
  }: {
    sides: Sides | undefined;
    attachments: readonly Attachment[];
    losses: readonly string[];
    settings: Settings;
  },
) {
  const words = [wordsOf(saying), ...losses].filter((line) => line !== "").join("\n");
  const content = {
    via: "api",
    body_text: words,
    body_html: htmlBlock(words, "div"),
    external_id: messageMark(saying.id),
    ...(attachments.length > 0 && { attachments }),
  };
  if (!sides)
    return { ...content, channel: "internal-note", from_agent: true, public: false, sender: userOf(settings) };
  const channel = channelOf(settings);
  const customer = { id: Number(sides.customer) };
  const address = forAccount(settings.addresses, sides.account);
  const source = (from: string, to: string) => ({ type: channel, from: { address: from }, to: [{ address: to }] });
  if (saying.from === "customer")
    return {
      ...content,
      ...{ channel, from_agent: false, public: true, sender: customer },
      ...(address !== undefined && { source: source(sides.address, address) }),
    };
  return {
    ...content,
    ...{ channel, from_agent: true, public: true, sender: userOf(settings), receiver: customer },
    ...(address !== undefined && { source: source(address, sides.address) }),
    sent_datetime: new Date(saying.at).toISOString(),
  };
}

/** A message has words in any case: of files without any, their names. A note begins with who else said it. */
function wordsOf({ from, isPrivate, author, text, files }: Saying): string {
  const words = text.trim() === "" ? files.map(({ fileName }) => fileName).join("\n") : text;
  if (!isPrivate || from === "recado") return words;
  return `${from === "customer" ? "The customer" : (author ?? "The business")}: ${words}`;
}

function isNote({ channel, public: isPublic }: Message): boolean {
  return channel === "internal-note" || isPublic === false;
}

function userOf({ integrationUserId, email }: Settings) {
  return integrationUserId === undefined ? { email } : { id: integrationUserId };
}

function plain(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
