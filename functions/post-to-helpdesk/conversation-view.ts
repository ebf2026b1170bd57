/** A conversation as its ticket shows it, and what agents should know of one whose ticket is new. */
import { CHANNEL_NAMES, wordsOf } from "../../shared/domain/content-words.ts";
import type { Entry } from "../../shared/domain/conversation-log.ts";
import type { DeskState } from "../../shared/domain/desk-state.ts";
import { foldMessages, type MessageView, messageIn } from "../../shared/domain/message-status.ts";
import { replyUntil } from "../../shared/domain/plan.ts";
import type { DeskConversation } from "../../shared/domain/telling.ts";
import type { Ports } from "./ports.ts";

/** How much of what came before is shown. */
const CONTEXT_MESSAGES = 10;
const CONTEXT_ENTRIES = 60;
const LONGEST_LINE = 300;
const LONGEST_FIELD = 200;

/** By the state behind `entry`. */
export async function conversationOf({
  log,
  entry,
  ports,
}: {
  log: string;
  entry: Entry;
  ports: Pick<Ports, "table" | "account">;
}): Promise<DeskConversation> {
  const { table } = ports;
  const [first = entry] = entry.sequence === 1 ? [entry] : await table.entries(log, 0, 1);
  const { account, channel, address = "" } = first;
  const name = await nameOf(log, entry, table);
  const phone = numberIn(address, channel);
  const known = ports.account(account);
  const until = known && replyUntil(known.capabilities, entry.after.inbound);
  const message = messageIn(entry);
  const order = message?.content.type === "order" ? wordsOf(message.content) : undefined;
  return {
    id: log,
    channel,
    account,
    customer: {
      id: entry.after.contact ?? log,
      ...(name !== undefined && { name }),
      ...(phone !== undefined && { phone }),
      address,
    },
    title: `${CHANNEL_NAMES[channel]}: ${name ?? phone ?? "customer"}`,
    ...(until !== undefined && { replyUntil: until }),
    fields: {
      recado_conversation: log,
      recado_channel: CHANNEL_NAMES[channel],
      recado_account: account,
      ...(until !== undefined && { recado_reply_until: new Date(until).toISOString() }),
      ...(message?.referral && { recado_ad: cut(adText(message.referral)) }),
      ...(order !== undefined && { recado_order: cut(order) }),
    },
  };
}

/** The name stands in the entry that brought the last profile. */
async function nameOf(log: string, { after, profile }: Entry, table: Ports["table"]): Promise<string | undefined> {
  if (profile?.name !== undefined) return profile.name;
  const [, sequence] = after.known?.split(".") ?? [];
  if (sequence === undefined) return undefined;
  return (await table.entry(log, Number(sequence)))?.profile?.name;
}

/** Only where the channel's addresses are numbers: WhatsApp writes them without the plus. */
function numberIn(address: string, channel: Entry["channel"]): string | undefined {
  if (channel !== "whatsapp" && channel !== "sms") return undefined;
  const [, digits] = /^\+?([1-9]\d{6,14})$/.exec(address) ?? [];
  return digits === undefined ? undefined : `+${digits}`;
}

/** The provider's fields, as far as they are words. */
function adText(referral: Readonly<Record<string, unknown>>): string {
  const words = Object.entries(referral).flatMap(([name, value]) =>
    typeof value === "string" && value !== "" ? [`${name}: ${value}`] : [],
  );
  return words.join("; ");
}

function cut(text: string): string {
  return text.length > LONGEST_FIELD ? `${text.slice(0, LONGEST_FIELD - 1)}…`.toWellFormed() : text;
}

/** Empty where there is nothing that the ticket does not show itself. */
export async function openingText({
  log,
  entry,
  state,
  ports,
}: {
  log: string;
  entry: Entry;
  state: DeskState;
  ports: Pick<Ports, "table" | "account" | "capabilities">;
}): Promise<string> {
  const { table, capabilities } = ports;
  const facts: string[] = [];
  if (!capabilities.fields) {
    const { title, customer, fields, replyUntil: until } = await conversationOf({ log, entry, ports });
    facts.push(
      `💬 ${title}${customer.phone === undefined ? "" : ` (${customer.phone})`}, account ${fields.recado_account}`,
    );
    if (until !== undefined && capabilities.window !== "native")
      facts.push(`⏳ Free replies until ${new Date(until).toISOString()}`);
    for (const [name, field] of [
      ["Ad", fields.recado_ad],
      ["Order", fields.recado_order],
    ] as const)
      if (field !== undefined) facts.push(`${name}: ${field}`);
  }
  const from = Math.max(entry.sequence - 1 - CONTEXT_ENTRIES, 0);
  const before = entry.sequence === 1 ? [] : await table.entries(log, from, entry.sequence - 1 - from);
  const earlier = foldMessages(log, before).slice(-CONTEXT_MESSAGES);
  const follows = state.previous ? [`🔁 The ticket before was ${state.previous.id}.`] : [];
  const history = earlier.length === 0 ? [] : ["Earlier in this conversation:", ...earlier.map(lineOf)];
  return [...facts, ...follows, ...history].join("\n");
}

function lineOf({ author, content, sentAt, status, direction }: MessageView): string {
  const who = direction === "inbound" ? (author.name ?? "Customer") : (author.name ?? "We");
  const words = wordsOf(content) || `[${content.type}]`;
  const end = status === "failed" || status === "uncertain" ? ` (${status})` : "";
  const time = new Date(sentAt).toISOString().slice(0, 16).replace("T", " ");
  const line = `${time} ${who}: ${words}${end}`;
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE - 1)}…`.toWellFormed() : line;
}
