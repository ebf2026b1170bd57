/** What an agent wrote for the customer becomes messages of ours; what failed and is wanted again, new ones. */
import { doublingSeconds } from "../../shared/domain/back-off.ts";
import type { Content } from "../../shared/domain/content.ts";
import type { Entry } from "../../shared/domain/conversation-log.ts";
import type { DeskHappening } from "../../shared/domain/desk-happening.ts";
import type { Failure, Message } from "../../shared/domain/event.ts";
import { eventKey, messageId, newToken } from "../../shared/domain/ids.ts";
import { asciiJson, type MailboxItem } from "../../shared/domain/mailbox.ts";
import { foldMessages, type MessageView } from "../../shared/domain/message-status.ts";
import { plan } from "../../shared/domain/plan.ts";
import { queuedItem } from "../../shared/domain/queued-message.ts";
import { log } from "../../shared/log.ts";
import type { Next } from "../../shared/ports.ts";
import { announced, bringFiles, FILE_UNAVAILABLE } from "./bring-files.ts";
import { placeOf } from "./mailbox-item.ts";
import type { Ports } from "./ports.ts";
import { contentsOf } from "./reply-content.ts";
import type { Given } from "./take-reply.ts";

const DONE: Next = { kind: "done" };
const LONGEST_WAIT_SECONDS = 60;
/** A request of ours that is under way may be what this is the echo of. */
const ECHO_WAITED_FOR_MS = 20_000;
const LOOK_AGAIN_SECONDS = 2;
/** Of what came after a reply that is wanted again, no more is looked at. */
const LOOKED_AT = 300;

/** As at the door, which what a desk lists does not pass. */
const LARGEST_REPLY = 60_000;
const SHOWN_OF_LONG = 1_000;
const TOO_LONG: Failure = {
  class: "payload",
  code: "too_long",
  reason: "This reply is longer than any channel carries, so nothing of it was sent.",
};

type Reply = Extract<DeskHappening, { type: "reply" }>;

/** @throws WorldFault */
export async function takeWriting(
  happening: Extract<DeskHappening, { type: "reply" | "again" }>,
  given: Given,
  ports: Ports,
): Promise<Next> {
  return happening.type === "reply" ? takeReplyItself(happening, given, ports) : takeAgain(happening, given, ports);
}

async function takeReplyItself(happening: Reply, given: Given, ports: Ports): Promise<Next> {
  const { desk, rules, located, receivedAt, mayWait, received } = given;
  const { id, author } = happening;
  const { conversation } = located.summary;
  if (author.type === "bot" && !rules.botReplies) {
    log("warn", "bot_reply_dropped", { desk, conversation });
    return DONE;
  }
  // Found long after it was written, as when bots were not let out until now: nobody waits for it any more.
  if (author.type === "bot" && leftSeconds(happening, given, ports) <= 0) {
    log("warn", "bot_reply_stale", { desk, conversation });
    return DONE;
  }
  const key = (position: number) => keyOf(id, position, desk, ports);
  // One mailbox body holds all of its messages, so that the first stands for all.
  for (const name of located.logs) if (await ports.table.find(name, key(0))) return DONE;
  const echo = await isEcho(happening, given, ports);
  if (echo === "yes") return DONE;
  if (echo === "perhaps") return { kind: "retry", afterSeconds: LOOK_AGAIN_SECONDS };

  const reply = fitting(happening);
  const brought = await bringFiles(reply, desk, ports);
  if (brought.kind === "later" && mayWait) {
    log("warn", "reply_file_later", { desk, conversation, detail: brought.detail, received });
    return { kind: "retry", afterSeconds: doublingSeconds(received, LONGEST_WAIT_SECONDS) };
  }
  const { summary } = located;
  const contents = contentsOf(reply, brought.kind === "brought" ? brought.files : reply.files.map(announced), {
    channel: summary.channel,
    templates: ports.account(summary.account)?.templates ?? [],
    isNamed: rules.agentNames,
  });
  const unsendable = reply === happening ? (brought.kind === "brought" ? undefined : brought.failure) : TOO_LONG;
  const expiresAfterSeconds = leftSeconds(happening, given, ports);
  const quoted = happening.replyTo === undefined ? undefined : await messageBehind(happening.replyTo, given, ports);
  const messages = contents.map(
    (content, position): Message => ({
      id: messageId(ports.idSecret, desk, id, position),
      direction: "outbound",
      author,
      content,
      ...(quoted && position === 0 && { replyTo: { id: quoted.message } }),
      helpdesk: { name: desk, id },
    }),
  );
  if (messages.length === 0) return DONE;
  await ports.mailbox.deliver(
    messages.map((message, position) =>
      itemOf(message, { key: key(position), located, receivedAt, unsendable, expiresAfterSeconds, ports }),
    ),
  );
  return DONE;
}

/** As much of it as the mailbox takes: the agent sees the beginning of what failed. */
function fitting(reply: Reply): Reply {
  if (asciiJson(reply).length <= LARGEST_REPLY) return reply;
  return {
    ...reply,
    text: `${(reply.text ?? "").slice(0, SHOWN_OF_LONG)}…`.toWellFormed(),
    format: "plain",
    files: [],
  };
}

/** A reply may be found long after it was written; how long it may wait counts from then. */
function leftSeconds({ at }: Reply, { receivedAt }: Given, { expiresAfterSeconds }: Ports): number {
  return expiresAfterSeconds - Math.max(receivedAt - (at ?? receivedAt), 0) / 1000;
}

/** Whether we wrote it at the desk ourselves: its webhook may be here before the desk has told us its id. */
async function isEcho({ id }: Reply, given: Given, ports: Ports): Promise<"yes" | "no" | "perhaps"> {
  const { desk, located, receivedAt } = given;
  if ((await messageBehind(id, given, ports))?.isOurs) return "yes";
  const state = await ports.tickets.deskState(desk, located.summary.conversation);
  return state?.trying && ports.clock.now() - receivedAt < ECHO_WAITED_FOR_MS ? "perhaps" : "no";
}

/** Under whatever name the conversation had when it was written. */
async function messageBehind(deskMessage: string, { desk, located }: Given, { tickets }: Ports) {
  for (const name of located.logs.toReversed()) {
    const known = await tickets.messageBehind(desk, name, deskMessage);
    if (known) return known;
  }
  return undefined;
}

/** Only what has failed goes out again, as messages of its own. */
async function takeAgain(
  { id, of }: Extract<DeskHappening, { type: "again" }>,
  { desk, located, receivedAt }: Given,
  ports: Ports,
): Promise<Next> {
  const { table, idSecret } = ports;
  for (const name of located.logs) if (await table.find(name, keyOf(id, 0, desk, ports))) return DONE;
  const tries = await triesOf(of, { desk, located }, ports);
  const attempt = Math.max(0, ...tries.map(({ helpdesk }) => helpdesk?.attempt ?? 0));
  const failed = tries.filter((view) => (view.helpdesk?.attempt ?? 0) === attempt && view.status === "failed");
  // What could not be sent for want of a file has it no more than before, and half of a reply is none.
  const unsendable = failed.find(({ failure }) => failure?.code === FILE_UNAVAILABLE)?.failure;
  const items = failed.map(({ author, content, replyTo }, position): MailboxItem => {
    const message: Message = {
      // Of the try: who asks twice before the first is recorded gets one message, of which one request goes out.
      id: messageId(idSecret, desk, `${of}#again#${attempt + 1}`, position),
      direction: "outbound",
      author,
      content,
      ...(replyTo && { replyTo }),
      helpdesk: { name: desk, id: of, attempt: attempt + 1 },
    };
    const key = keyOf(id, position, desk, ports);
    const { expiresAfterSeconds } = ports;
    return itemOf(message, { key, located, receivedAt, unsendable, expiresAfterSeconds, ports });
  });
  if (items.length > 0) await ports.mailbox.deliver(items);
  return DONE;
}

/** The messages that a reply became, each once, those that were sent again too, with what became of them. */
async function triesOf(
  of: string,
  { desk, located }: Pick<Given, "desk" | "located">,
  ports: Ports,
): Promise<MessageView[]> {
  const tries = new Map<string, MessageView>();
  let isBehind = false;
  for (const name of located.logs) {
    const first: Entry | undefined = isBehind ? undefined : await ports.table.find(name, keyOf(of, 0, desk, ports));
    if (!first && !isBehind) continue;
    // Where the conversation has moved to since, only what was sent again can stand: among the last entries.
    const start = first?.sequence ?? Math.max(((await ports.table.newest(name))?.sequence ?? 0) - LOOKED_AT + 1, 1);
    const views = foldMessages(name, await ports.table.entries(name, start - 1, LOOKED_AT));
    for (const view of views) if (view.helpdesk?.name === desk && view.helpdesk.id === of) tries.set(view.id, view);
    isBehind = true;
  }
  return [...tries.values()];
}

/** Made of the desk's id alone. */
export function keyOf(id: string, position: number, desk: string, { idSecret }: Pick<Ports, "idSecret">): string {
  return eventKey(idSecret, desk, `${id}#${position}#queued`);
}

interface Made {
  key: string;
  located: Given["located"];
  receivedAt: number;
  unsendable: Failure | undefined;
  expiresAfterSeconds: number;
  ports: Ports;
}

function itemOf(
  message: Message,
  { key, located, receivedAt, unsendable, expiresAfterSeconds, ports }: Made,
): MailboxItem {
  const { summary, newest } = located;
  const content: Content = message.content;
  const { capabilities, fallbackTemplate: fallback } = ports.account(summary.account) ?? {};
  const planned =
    capabilities &&
    plan({
      ...{ content, author: message.author, capabilities, fallback },
      address: summary.address,
      lastInboundAt: newest.after.inbound,
      now: ports.clock.now(),
    });
  return queuedItem(message, placeOf(located), {
    ...{ key, token: newToken(ports.random), receivedAt, expiresAfterSeconds, planned, unsendable },
  });
}
