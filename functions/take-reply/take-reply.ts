/**
 * take-reply: what an agent did at a helpdesk becomes what the API would have made of it. A reply is put into the mailbox
 * as one or several messages whose ids and keys are made of the desk's id alone, so that it goes out once, however often
 * and in however many webhooks it is told. Whether it may go out is asked when it is sent: a reply that may not fails
 * there, with the reason, which the desk hears like everything that becomes of a message.
 */
import type { Capabilities } from "../../shared/domain/capabilities.ts";
import type { Content } from "../../shared/domain/content.ts";
import type { DeskHappening, DeskItem } from "../../shared/domain/desk-happening.ts";
import type { Failure, Message } from "../../shared/domain/event.ts";
import { eventKey, type IdSecret, messageId } from "../../shared/domain/ids.ts";
import type { MailboxItem } from "../../shared/domain/mailbox.ts";
import { mediaContent } from "../../shared/domain/media-kind.ts";
import { plan } from "../../shared/domain/plan.ts";
import { queuedItem } from "../../shared/domain/queued-message.ts";
import { log } from "../../shared/log.ts";
import type { Clock, Conversations, Head, LogReader, Mailbox, Next, Random, Summary } from "../../shared/ports.ts";
import { announced, bringFiles, type FilePorts, type ReplyFile } from "./bring-files.ts";

/** What is decided about a desk beside its own settings. */
interface DeskRules {
  /** Undefined: those of all accounts. */
  accounts?: readonly string[] | undefined;
  botReplies: boolean;
}

export interface Ports extends FilePorts {
  table: Pick<LogReader, "newest" | "find"> & Pick<Conversations, "summary">;
  /** Takes all the messages of a reply, or none. */
  mailbox: Mailbox;
  desk(name: string): DeskRules | undefined;
  /** Undefined for an account that is not configured any more. */
  capabilities(account: string): Capabilities | undefined;
  clock: Clock;
  random: Random;
  idSecret: IdSecret;
  expiresAfterSeconds: number;
}

const DONE: Next = { kind: "done" };
/** So long an agent waits to hear that a file cannot be had, and as long their next replies wait behind it. */
const GIVEN_UP_AFTER_MS = 10 * 60_000;
/** So often it is asked for in any case, however late the first time was. */
const FEWEST_TRIES = 3;
const LONGEST_WAIT_SECONDS = 60;
/** Two aliases deep is the most that a person can make. */
const MOST_MOVES = 4;

type Reply = Extract<DeskHappening, { type: "reply" }>;

/** The conversation as it is now. */
interface Located {
  summary: Summary;
  newest: Head;
  /** The logs that lead to it, its own the last: what was recorded before it moved stands in an earlier one. */
  logs: string[];
}

/**
 * @param received how often the queue has handed the item out
 * @throws WorldFault: the same item again later
 */
export async function takeReply(
  { desk, happening, receivedAt }: DeskItem,
  received: number,
  ports: Ports,
): Promise<Next> {
  const { type, id } = happening;
  const drop = (code: string, more = {}) => {
    log("warn", code, { desk, type, conversation: happening.conversation, ...more });
    return DONE;
  };
  const rules = ports.desk(desk);
  if (!rules) return drop("desk_unknown");
  if (type === "reply" && happening.author.type === "bot" && !rules.botReplies) return drop("bot_reply_dropped");
  const located = await locate(happening.conversation ?? "", ports);
  if (!located) return drop("desk_conversation_unknown");
  const { account } = located.summary;
  // A desk has no say over conversations that it is never told of.
  if (rules.accounts && !rules.accounts.includes(account)) return drop("desk_not_served", { account });

  if (type === "state") {
    await ports.mailbox.deliver([statusItem(happening, desk, { located, receivedAt, ports })]);
    return DONE;
  }
  const key = (position: number) => eventKey(ports.idSecret, desk, `${id}#${position}#queued`);
  // One mailbox body holds all of its messages, so that the first stands for all.
  for (const name of located.logs) if (await ports.table.find(name, key(0))) return DONE;

  const brought = await bringFiles(happening, desk, ports);
  if (brought.kind === "later" && isWorthWaiting(receivedAt, received, ports)) {
    log("warn", "reply_file_later", {
      desk,
      conversation: located.summary.conversation,
      detail: brought.detail,
      received,
    });
    return { kind: "retry", afterSeconds: Math.min(5 * 2 ** Math.max(received - 1, 0), LONGEST_WAIT_SECONDS) };
  }
  const contents = contentsOf(happening, brought.kind === "brought" ? brought.files : happening.files.map(announced));
  const unsendable = brought.kind === "brought" ? undefined : brought.failure;
  const made = { desk, located, receivedAt, unsendable, ports };
  await ports.mailbox.deliver(
    contents.map((content, position) => messageItem({ content, key: key(position), position }, happening, made)),
  );
  return DONE;
}

/** Follows where it went when its address turned out to be an alias; undefined where nothing of it is known. */
async function locate(conversation: string, { table }: Ports): Promise<Located | undefined> {
  const logs: string[] = [];
  for (let name: string | undefined = conversation; name?.startsWith("conv_") && logs.length < MOST_MOVES; ) {
    logs.push(name);
    const newest: Head | undefined = await table.newest(name);
    if (newest && newest.after.moved === undefined) {
      const summary = await table.summary(name);
      return summary && { summary, newest, logs };
    }
    name = newest?.after.moved;
  }
  return undefined;
}

function isWorthWaiting(receivedAt: number, received: number, { clock }: Ports): boolean {
  return clock.now() - receivedAt < GIVEN_UP_AFTER_MS || received < FEWEST_TRIES;
}

/** One file takes the text with it; several follow it, each a message of its own. */
function contentsOf({ text }: Reply, files: readonly ReplyFile[]): Content[] {
  const [first, ...others] = files;
  if (first && others.length === 0) return [mediaContent(first, text)];
  return [...(text ? [{ type: "text" as const, text }] : []), ...files.map((file) => mediaContent(file))];
}

interface Made {
  desk: string;
  located: Located;
  receivedAt: number;
  unsendable: Failure | undefined;
  ports: Ports;
}

function messageItem(
  { content, key, position }: { content: Content; key: string; position: number },
  { id, author }: Reply,
  { desk, located: { summary, newest }, receivedAt, unsendable, ports }: Made,
): MailboxItem {
  const message: Message = {
    id: messageId(ports.idSecret, desk, id, position),
    direction: "outbound",
    author,
    content,
    helpdesk: { name: desk, id },
  };
  const capabilities = ports.capabilities(summary.account);
  const planned =
    capabilities &&
    plan({
      ...{ content, author, capabilities },
      address: summary.address,
      lastInboundAt: newest.after.inbound,
      now: ports.clock.now(),
    });
  const { expiresAfterSeconds } = ports;
  return queuedItem(message, placeOf({ summary, newest }), {
    ...{ key, token: tokenOf(ports), receivedAt, expiresAfterSeconds, planned, unsendable },
  });
}

function statusItem(
  { id, state }: Extract<DeskHappening, { type: "state" }>,
  desk: string,
  { located, receivedAt, ports }: Pick<Made, "located" | "receivedAt" | "ports">,
): MailboxItem {
  const { conversation, contact, ...place } = placeOf(located);
  const what = state === "open" ? "opened" : "closed";
  return {
    log: conversation,
    key: eventKey(ports.idSecret, desk, `${id}#${what}`),
    token: tokenOf(ports),
    type: `conversation.${what}`,
    ...place,
    contact: { id: contact },
    at: { received: receivedAt },
    data: { by: "agent" },
  };
}

function placeOf({ summary, newest }: Pick<Located, "summary" | "newest">) {
  const { conversation, account, channel, address, contact } = summary;
  return { conversation, account, channel, address, contact: newest.after.contact ?? contact };
}

function tokenOf({ random }: Ports): string {
  return Buffer.from(random(12)).toString("base64url");
}
