/** An entry of a thread as a reply to the customer: told by a webhook or found in a list, it is the same. */
import type { DeskFile, DeskHappening } from "../../domain/desk-happening.ts";
import { API, filesPath } from "./api.ts";
import { type Message, msOf } from "./payload.ts";
import type { Settings } from "./settings.ts";

type Reply = Extract<DeskHappening, { type: "reply" }>;

/** @returns undefined for all that is no word to the customer, or was written by this app */
export function replyIn(message: Message, settings: Settings): Reply | undefined {
  const type = authorTypeOf(message, settings);
  if (!type) return undefined;
  const files = filesIn(message);
  const words = wordsIn(message);
  if (!words && files.length === 0) return undefined;
  const { id, conversationsThreadId: ticket, inReplyToId: replyTo } = message;
  const name = message.senders?.[0]?.name;
  const at = msOf(message.createdAt);
  return {
    ...{ type: "reply", id, author: { type, ...(name && { name }) }, files },
    ...words,
    ...(ticket && { ticket }),
    ...(at !== undefined && { at }),
    ...(replyTo && { replyTo }),
  };
}

/**
 * Actors are named by a letter and an id: `A-` agents, `B-` bots, `L-` language models, `I-` integrations, `S-` HubSpot
 * itself, `V-` and `E-` customers. An integration may write in an agent's name: it counts as a bot all the same.
 */
function authorTypeOf(
  { type, direction, channelId, client, senders, createdBy }: Message,
  settings: Settings,
): Reply["author"]["type"] | undefined {
  if ((type ?? "MESSAGE") !== "MESSAGE" || direction !== "OUTGOING") return undefined;
  if (channelId && channelId !== settings.channelId) return undefined;
  const actor = (senders?.[0]?.actorId ?? createdBy ?? "A-").slice(0, 2);
  if (client?.clientType === "INTEGRATION") {
    // One that does not say which it is may be this app, and what it wrote must not go out again.
    const isOther = client.integrationAppId && client.integrationAppId !== settings.appId;
    return isOther ? "bot" : undefined;
  }
  if (actor === "B-" || actor === "L-" || actor === "I-") return "bot";
  if (actor === "A-" && client?.clientType !== "SYSTEM") return "agent";
  return undefined;
}

/** Pictures that stand in the text are no attachments of the message's; each is a tag of its formatted text. */
const IMAGE = /<img\b[^<>]*>/gi;
const SOURCE = /\bsrc\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)')/i;

/** Formatted where it is formatted. */
function wordsIn({ text, richText }: Message): Pick<Reply, "text" | "format"> | undefined {
  const html = (richText ?? "").replace(IMAGE, "");
  const hasWords =
    html
      .replace(/<[^<>]*>/g, "")
      .replaceAll("&nbsp;", " ")
      .trim() !== "";
  if (hasWords) return { text: html, format: "html" };
  return text?.trim() ? { text, format: "plain" } : undefined;
}

function filesIn({ attachments, richText }: Message): DeskFile[] {
  const attached = (attachments ?? []).flatMap(({ type, fileId, name, url }) => {
    if ((type ?? "FILE") !== "FILE" || !(fileId || url)) return [];
    const address = url || `${API}${filesPath(fileId ?? "")}`;
    return [{ url: address, ...(fileId && { id: fileId }), ...(name && { fileName: name }) }];
  });
  const known = new Set(attached.map(({ url }) => url));
  const inline = (richText?.match(IMAGE) ?? []).flatMap((tag) => {
    const [, double, single] = SOURCE.exec(tag) ?? [];
    const url = URL.parse((double ?? single ?? "").replaceAll("&amp;", "&"));
    return url?.protocol === "https:" || url?.protocol === "http:" ? [url.href] : [];
  });
  const pictures = [...new Set(inline)].filter((url) => !known.has(url)).map((url) => ({ url }));
  return [...attached, ...pictures];
}
