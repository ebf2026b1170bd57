/** The messages of a conversation, as the API lists them: twenty before an id, or a hundred after one. */
import * as z from "zod/mini";
import type { Failed } from "../ask.ts";
import { askAccount, type Reach } from "./api.ts";
import { Message } from "./payload.ts";

const Listed = z.object({ payload: z.array(z.unknown()) });
const BACKWARDS = 20;
const FORWARDS = 100;
/** So many are looked through, from the newest on. */
const MOST = 100;

/** `isWhole`: there are no others in this direction. In the order of their ids. */
type Listing = { kind: "listed"; messages: Message[]; isWhole: boolean } | { kind: "refused"; asked: Failed };

/**
 * From the newest message back, page by page.
 * @param isEnough whether what was found so far (the oldest first) is all that is wanted
 */
export async function newest(
  reach: Reach,
  conversation: string,
  isEnough: (messages: readonly Message[]) => boolean,
): Promise<Listing> {
  let messages: Message[] = [];
  for (;;) {
    const [oldest] = messages;
    const page = await list(reach, conversation, oldest ? `?before=${oldest.id}` : "");
    if (page.kind === "refused") return page;
    messages = [...page.messages, ...messages];
    const isWhole = page.count < BACKWARDS;
    if (isWhole || messages.length >= MOST || isEnough(messages)) return { kind: "listed", messages, isWhole };
  }
}

/** The next hundred behind a message. */
export async function behind(reach: Reach, conversation: string, message: number): Promise<Listing> {
  const page = await list(reach, conversation, `?after=${message}`);
  if (page.kind === "refused") return page;
  return { kind: "listed", messages: page.messages, isWhole: page.count < FORWARDS };
}

/**
 * One message. There is no request for that; this asks for what lies between its neighbours, however the bounds are
 * meant, and leaves aside whatever else comes.
 */
export async function single(
  reach: Reach,
  conversation: string,
  id: string,
): Promise<{ kind: "listed"; message: Message | undefined } | Extract<Listing, { kind: "refused" }>> {
  const place = Number(id);
  const page = await list(reach, conversation, `?after=${place - 1}&before=${place + 1}`);
  return page.kind === "refused" ? page : { kind: "listed", message: page.messages.find((one) => one.id === id) };
}

async function list(reach: Reach, conversation: string, query: string) {
  const path = `/conversations/${encodeURIComponent(conversation)}/messages${query}`;
  const asked = await askAccount(reach, { method: "GET", path });
  if (!asked.isOk) return { kind: "refused" as const, asked };
  const listed = Listed.safeParse(asked.json);
  const outcome = { kind: "unavailable" as const, detail: "no list of messages" };
  if (!listed.success) return { kind: "refused" as const, asked: { isOk: false as const, outcome } };
  const { payload } = listed.data;
  const messages = payload
    .flatMap((one) => Message.safeParse(one).data ?? [])
    .toSorted((one, other) => Number(one.id) - Number(other.id));
  return { kind: "listed" as const, messages, count: payload.length };
}
