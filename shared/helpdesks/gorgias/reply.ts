/** Which messages are a reply to the customer, and what such a one says. */
import type { DeskFile, DeskHappening } from "../../domain/desk-happening.ts";
import { originOf } from "./api.ts";
import { isOurs } from "./marks.ts";
import type { Message } from "./payload.ts";
import type { Settings } from "./settings.ts";

/** Where Gorgias keeps what is attached; both hand it out by the account's API. */
const KEPT_AT = ["https://uploads.gorgias.io", "https://attachments.gorgias.help"];
/** How what no person wrote came about: rules, flows, and other programs with a key. */
const MACHINES = new Set(["rule", "self_service", "api"]);
/** Gorgias's own bots are users with an address without a domain's dot. */
const BOT_ADDRESS = /^bot@[^.]*$/;
/** Images of one text that are taken along. */
const MOST_IMAGES = 10;

export function channelOf({ channel }: Settings): string {
  return channel ?? "api";
}

/**
 * The reply that a message is: nothing for what the customer wrote, notes, our own writing, and what an agent sent by a
 * channel that Gorgias serves itself: a mail, or a ticket that was forwarded to somebody else. Its id is the message's.
 */
export function replyOf(message: Message, ticket: string, settings: Settings): DeskHappening | undefined {
  const { id, sender, created_datetime: created } = message;
  if (message.from_agent !== true || message.public === false || message.deleted_datetime !== undefined)
    return undefined;
  if (isWrittenByUs(message, settings) || !isForTheCustomer(message, settings)) return undefined;
  const html = nonBlank(message.channel === "email" ? (message.stripped_html ?? message.body_html) : message.body_html);
  const plain = message.channel === "email" ? (message.stripped_text ?? message.body_text) : message.body_text;
  const files = filesOf(message, html ?? message.body_html, settings);
  const text = html ?? (plain?.trim() ? plain : undefined);
  if (text === undefined && files.length === 0) return undefined;
  const at = Date.parse(created ?? "");
  return {
    type: "reply",
    id,
    ticket,
    ...(!Number.isNaN(at) && { at }),
    author: { type: isMachine(message) ? "bot" : "agent", ...(sender?.name !== undefined && { name: sender.name }) },
    ...(text !== undefined && { text, format: html === undefined ? "plain" : "html" }),
    files,
  };
}

/** By its mark; should Gorgias not keep it, by the user and the way it came. */
function isWrittenByUs({ external_id: mark, via, sender }: Message, { email, integrationUserId }: Settings): boolean {
  if (isOurs(mark)) return true;
  if (via !== "api") return false;
  const isUser = integrationUserId !== undefined && sender?.id === String(integrationUserId);
  return isUser || sender?.email?.toLowerCase() === email.toLowerCase();
}

/** Where somebody other than the customer may get it, it is theirs and not the customer's. */
function isForTheCustomer({ channel, source }: Message, settings: Settings): boolean {
  if (channel === "internal-note" || source?.type === "internal-note" || source?.type === "system-message")
    return false;
  if (source?.type === "email-forward" || source?.extra?.forward === true) return false;
  if (channel === undefined || channel === channelOf(settings)) return true;
  const receivers = [source?.to, source?.cc, source?.bcc].flatMap((list) => list ?? []);
  const addresses = receivers.flatMap((one) => one?.address?.toLowerCase() ?? []);
  const { replyDomain } = settings;
  if (addresses.length === 0) return channel === "email";
  return replyDomain !== undefined && addresses.every((address) => address.endsWith(`@${replyDomain}`));
}

function isMachine({ via, rule_id: rule, sender }: Message): boolean {
  return rule !== undefined || MACHINES.has(via ?? "") || BOT_ADDRESS.test(sender?.email ?? "");
}

/** What is attached, and the images that stand in the text. Those of anybody else's are none of ours to fetch. */
function filesOf({ attachments }: Message, html: string | undefined, settings: Settings): DeskFile[] {
  const attached = (attachments ?? []).flatMap((one): DeskFile[] => {
    if (!one || !URL.canParse(one.url)) return [];
    const { url, name, content_type: contentType } = one;
    return [{ url, ...(contentType !== undefined && { contentType }), ...(name !== undefined && { fileName: name }) }];
  });
  const known = new Set(attached.map(({ url }) => url));
  const origins = [...KEPT_AT, originOf(settings)];
  const shown = [...(html ?? "").matchAll(/<img\b[^>]*?\ssrc="([^"]+)"/gi)]
    .map(([, url = ""]) => url.replaceAll("&amp;", "&"))
    .filter((url) => !known.has(url) && origins.includes(URL.parse(url)?.origin ?? ""));
  return [...attached, ...[...new Set(shown)].slice(0, MOST_IMAGES).map((url) => ({ url }))];
}

/** An editor that holds nothing but a picture still writes its paragraph. */
function nonBlank(html: string | undefined): string | undefined {
  const words = html
    ?.replace(/<[^>]*>/g, "")
    .replaceAll("&nbsp;", " ")
    .trim();
  return words ? html : undefined;
}
