/** What a connector parsed → an item of the mailbox: the provider's ids become ours here, and nowhere else. */
import { createHash } from "node:crypto";
import type { Content } from "../domain/content.ts";
import { contactOf, conversationOf } from "../domain/customer-ids.ts";
import type { Channel } from "../domain/event.ts";
import { type Correlation, decodeCorrelation, eventKey, type IdSecret, messageId, newToken } from "../domain/ids.ts";
import type { MailboxItem } from "../domain/mailbox.ts";
import { accountLane, accountLog, asciiJson } from "../domain/mailbox-rules.ts";
import type { Clock, Objects, Random } from "../ports.ts";
import type { Parsed, ParsedHappening, ParsedMessage } from "./connector.ts";

type Owned = Parsed & { account: string };

/** Everything that making an item takes. */
export interface Making {
  connector: string;
  channel: Channel;
  idSecret: IdSecret;
  /** Whoever has the same number on several accounts and channels is one contact. */
  joinByNumber: boolean;
  clock: Clock;
  random: Random;
  /** Where elements lie that are too large for the log. */
  objects: Pick<Objects, "put">;
}

export async function toItem(parsed: Owned, keys: Making): Promise<MailboxItem> {
  const { account, subject, time, address, aliases, name, happening } = parsed;
  const { idSecret, channel, clock, random } = keys;
  const ours =
    happening.type === "account.alert" || "message" in happening ? undefined : decodeCorrelation(parsed.correlation);
  return {
    log: logOf(parsed, ours, keys),
    key: eventKey(idSecret, account, subject),
    token: newToken(random),
    type: happening.type,
    account,
    channel,
    // A receipt that names our message needs no address, and its spelling of it may be another than the conversation's.
    ...(address !== undefined && !ours && { address }),
    ...(aliases &&
      !ours && {
        aliases: aliases.map((alias) => ({ address: alias, conversation: conversationOf(account, alias, keys) })),
      }),
    ...(address !== undefined &&
      ("message" in happening || happening.type === "contact.updated") && {
        contact: { ...contactOf({ ...parsed, address }, keys), ...(name !== undefined && { name }) },
      }),
    at: { received: clock.now(), ...(time !== undefined && { provider: time }) },
    data: await dataOf(happening, ours, account, keys),
  };
}

function logOf({ account, address, subject, happening }: Owned, ours: Correlation | undefined, keys: Making): string {
  if (happening.type === "account.alert") return accountLog(account);
  if (ours) return ours.conversation;
  if (address !== undefined) return conversationOf(account, address, keys);
  const id =
    "receipt" in happening ? happening.receipt.providerMessageId : "of" in happening ? happening.of : undefined;
  return accountLane(account, eventKey(keys.idSecret, account, id ?? subject));
}

async function dataOf(
  happening: ParsedHappening,
  ours: Correlation | undefined,
  account: string,
  keys: Making,
): Promise<unknown> {
  if (happening.type === "account.alert") {
    const { code, reason } = happening;
    return { code, reason, ...(await light(happening.raw, keys)) };
  }
  if (happening.type === "contact.updated") {
    const { change, text } = happening;
    return { change, text, ...(await light(happening.raw, keys)) };
  }
  if ("message" in happening) return { message: await messageOf(happening, account, keys) };
  if (!("receipt" in happening)) {
    const { type: _, ...told } = happening;
    if (!("of" in told)) return told;
    const { of: providerMessageId, ...rest } = told;
    const content = "content" in told && { content: await contentOf(told.content, keys) };
    return { message: { providerMessageId }, ...rest, ...content };
  }
  const { providerMessageId, ...rest } = happening.receipt;
  return {
    message: {
      ...(ours && { id: ours.message, part: ours.part }),
      ...(providerMessageId !== undefined && { providerMessageId }),
    },
    ...rest,
    ...("failure" in happening && { failure: happening.failure }),
  };
}

async function messageOf({ type, message }: { type: string; message: ParsedMessage }, account: string, keys: Making) {
  const { position, content, ...rest } = message;
  return {
    ...rest,
    id: messageId(keys.idSecret, account, message.providerMessageId, position),
    direction: type === "message.received" ? "inbound" : "outbound",
    content: await contentOf(content, keys),
  };
}

async function contentOf(content: Content, keys: Making): Promise<Content> {
  if (content.type !== "unsupported") return content;
  const kept = await light(content.raw, keys);
  return { ...content, raw: "raw" in kept ? kept.raw : kept };
}

/** An element of this size lies beside the log, in bytes. */
const LARGEST_RAW = 20_000;

async function light(raw: unknown, { objects, connector }: Making): Promise<{ raw: unknown } | { reference: string }> {
  const text = asciiJson(raw ?? null);
  if (text.length <= LARGEST_RAW) return { raw };
  const reference = `quarantine/${connector}/${createHash("sha256").update(text).digest("hex")}`;
  await objects.put(reference, text, "application/json");
  return { reference };
}
