/**
 * What the Conversations API of the Messenger Platform knows (https://developers.facebook.com/docs/graph-api/reference/page/conversations/),
 * read as if each message had come as a webhook, and whether webhooks are still sent at all: after one hour of failures
 * Meta takes the subscription away without a word that a program would hear.
 */
import type { Account, Parsed } from "../channels/connector.ts";
import { isRecord } from "../domain/raw-element.ts";
import { everyKey } from "../domain/rotating-secret.ts";
import { type Asked, ask, dailyAlert, denial, type Provider } from "../http/ask.ts";
import { graphErrorIn } from "../http/graph.ts";
import type { Http } from "../ports.ts";
import { errors } from "./errors.ts";
import { ofElement, type Product } from "./read-webhook.ts";
import type { Secrets } from "./secrets.ts";

/** The two calls a second that Meta allows for a Page. */
export const PAUSE_MS = 500;

/** What is asked, and of whom. */
export interface Inbox {
  product: Product;
  platform: "messenger" | "instagram";
  /** `https://<host>/<version>` */
  api: string;
  /** Whose conversations: `me` is who the token is of. */
  node: string;
  /** The id that the business has as a sender. */
  business: string;
  /** Without these fields something would not be told. */
  subscription: readonly string[];
}

/** With the addresses of their files, pages stay below the largest answer that is read. */
const CONVERSATIONS = 10;
const MESSAGES = 20;
/** Of an invocation of some minutes, at Meta's pace. */
const MOST_REQUESTS = 150;

const FIELDS = `id,created_time,from,to,message,attachments,sticker,shares,reply_to`;

interface Asking {
  inbox: Inbox;
  account: string;
  since: number;
  ask: (path: string, method?: "POST") => Promise<Asked>;
  /** How many requests are left. */
  left: number;
}

/** As `Reconciler.missed`, for either product. */
export async function missedIn(
  inbox: Inbox,
  { account, since, until }: { account: Account<unknown, Secrets>; since: number; until: number },
  http: Http,
): Promise<{ parsed: Parsed[]; isComplete: boolean }> {
  const [token] = everyKey(account.secrets.accessToken);
  const { product, api, node } = inbox;
  const denied = (detail: string) => ({
    parsed: [denial(account.name, product.name, detail, until)],
    isComplete: false,
  });
  if (!token) return denied("no access token is set");
  const provider: Provider = { http, headers: { authorization: `Bearer ${token}` }, errorIn: graphErrorIn, errors };
  const asking: Asking = {
    inbox,
    account: account.name,
    since,
    ask: (path, method) => ask(provider, `${api}/${path}`, method),
    left: MOST_REQUESTS,
  };
  const lost = await subscriptionOf(asking, until);
  const parsed = [...lost];
  let after: string | undefined;
  for (;;) {
    const fields = `updated_time,messages.limit(${MESSAGES}){${FIELDS}}`;
    const query = { platform: inbox.platform, fields, limit: String(CONVERSATIONS), ...(after && { after }) };
    const answer = await next(asking, `${node}/conversations?${new URLSearchParams(query)}`);
    if (answer.kind === "denied")
      return { ...denied(answer.detail), parsed: [...denied(answer.detail).parsed, ...lost] };
    if (answer.kind !== "told") return { parsed, isComplete: false };
    for (const conversation of listIn(answer.body)) {
      if (timeOf(conversation.updated_time) < since) return { parsed, isComplete: true };
      const { messages, isComplete } = await messagesOf(conversation, asking);
      // Its times are whole seconds; what stands further down the list was said before.
      parsed.push(...messages.toReversed().flatMap((message) => happened(message, asking)));
      if (!isComplete) return { parsed, isComplete: false };
    }
    after = cursorIn(answer.body);
    if (after === undefined) return { parsed, isComplete: true };
  }
}

async function next(asking: Asking, path: string): Promise<Asked> {
  if (asking.left-- <= 0) return { kind: "unavailable", detail: "too many pages" };
  return asking.ask(path);
}

/** Those since then, newest first as Meta lists them. */
async function messagesOf(
  conversation: Record<string, unknown>,
  asking: Asking,
): Promise<{ messages: Record<string, unknown>[]; isComplete: boolean }> {
  const messages: Record<string, unknown>[] = [];
  let page = isRecord(conversation.messages) ? conversation.messages : {};
  for (;;) {
    const listed = listIn(page);
    messages.push(...listed.filter(({ created_time: at }) => timeOf(at) >= asking.since));
    const after = cursorIn(page);
    const oldest = listed.at(-1);
    if (after === undefined || !oldest || timeOf(oldest.created_time) < asking.since)
      return { messages, isComplete: true };
    const query = new URLSearchParams({ fields: FIELDS, limit: String(MESSAGES), after });
    const answer = await next(asking, `${String(conversation.id)}/messages?${query}`);
    // Of Instagram's messages Meta shows the newest alone, and says of older ones that they are gone.
    if (answer.kind === "unknown") return { messages, isComplete: true };
    if (answer.kind !== "told") return { messages, isComplete: false };
    page = answer.body;
  }
}

/** A listed message as the webhook would have told it. */
function happened(message: Record<string, unknown>, { inbox, account }: Asking): Parsed[] {
  const { product, business } = inbox;
  const { id: mid, from, to, message: text, reply_to: answered, created_time: at } = message;
  const sender = isRecord(from) ? from.id : undefined;
  const recipient = isRecord(to) ? listIn(to)[0]?.id : undefined;
  if (typeof mid !== "string" || typeof sender !== "string") return [];
  const attachments = attachmentsOf(message);
  const element = {
    sender: { id: sender },
    recipient: { id: recipient },
    timestamp: timeOf(at),
    message: {
      mid,
      ...(typeof text === "string" && text !== "" && { text }),
      ...(attachments.length > 0 && { attachments }),
      ...(sender === business && { is_echo: true }),
      ...(isRecord(answered) && { reply_to: { mid: answered.mid ?? answered.id } }),
    },
  };
  // What cannot be read is in the list again the next time, and is no news of the account.
  return ofElement(element, { product, account, business }).filter(
    ({ happening }) => happening.type !== "account.alert",
  );
}

/** The list has files under other names than the webhook. */
function attachmentsOf({ attachments, sticker, shares }: Record<string, unknown>): object[] {
  const files = isRecord(attachments) ? listIn(attachments).map(attachmentOf) : [];
  const links = isRecord(shares) ? listIn(shares) : [];
  return [
    ...files,
    ...(typeof sticker === "string" && files.length === 0 ? [{ type: "sticker", payload: { url: sticker } }] : []),
    ...links.map(({ link, name }) => ({ type: "fallback", payload: { url: link, title: name } })),
  ];
}

function attachmentOf(file: Record<string, unknown>): object {
  const { image_data: image, video_data: film, mime_type: type, file_url: url, name } = file;
  if (isRecord(image)) return { type: "image", payload: { url: image.url } };
  if (isRecord(film)) return { type: "video", payload: { url: film.url } };
  if (typeof type === "string" && type.startsWith("audio/")) return { type: "audio", payload: { url } };
  return typeof url === "string"
    ? { type: "file", payload: { url, title: name } }
    : { type: "template", payload: file };
}

/**
 * An alert when Meta tells this account's news to nobody any more, or not all of them. The subscription is made anew
 * where the token may do so (`pages_manage_metadata`); fields that are there already are kept, since Meta replaces all.
 */
async function subscriptionOf(asking: Asking, until: number): Promise<Parsed[]> {
  const { inbox, account } = asking;
  const { product, node, subscription } = inbox;
  const answer = await next(asking, `${node}/subscribed_apps`);
  if (answer.kind !== "told" || !Array.isArray(answer.body.data)) return [];
  const apps = listIn(answer.body).map(({ subscribed_fields: fields }) => (Array.isArray(fields) ? fields : []));
  const missing = (fields: readonly unknown[]) => subscription.filter((field) => !fields.includes(field));
  if (apps.some((fields) => missing(fields).length === 0)) return [];
  const [best = []] = apps.toSorted((one, other) => missing(one).length - missing(other).length);
  const fields = [...new Set([...best, ...subscription])].join();
  asking.left -= 1;
  const again = await asking.ask(
    `${node}/subscribed_apps?${new URLSearchParams({ subscribed_fields: fields })}`,
    "POST",
  );
  const isBack = again.kind === "told" && again.body.success === true;
  const what = `${product.name} had stopped to send webhooks of this ${product.accountWord} (${missing(best).join(", ")} not subscribed), as it does after an hour of failures.`;
  const then = isBack
    ? "Recado has subscribed the app again; what was written meanwhile is fetched now. Look why webhooks failed."
    : `Recado could not subscribe the app again (${again.kind === "told" ? "Meta did not say that it did" : again.detail}): subscribe it by hand, as the connector's README says, or give the token pages_manage_metadata.`;
  return [dailyAlert(account, "subscription_lost", `${what} ${then}`, until)];
}

function listIn({ data }: Record<string, unknown>): Record<string, unknown>[] {
  return Array.isArray(data) ? data.filter(isRecord) : [];
}

/** Where the next page begins. Its own address carries the token, and is not followed. */
function cursorIn({ paging }: Record<string, unknown>): string | undefined {
  if (!isRecord(paging) || typeof paging.next !== "string" || !isRecord(paging.cursors)) return undefined;
  const { after } = paging.cursors;
  return typeof after === "string" && after !== "" ? after : undefined;
}

/** `2026-11-22T07:40:00+0000`; 0 for what is none. */
function timeOf(at: unknown): number {
  const time = typeof at === "string" ? Date.parse(at.replace(/([+-]\d\d)(\d\d)$/, "$1:$2")) : Number.NaN;
  return Number.isNaN(time) ? 0 : time;
}
