/** What an agent wrote for the customer becomes messages of ours; what failed and is wanted again, new ones. */
import type { Content } from "../../shared/domain/content.ts";
import type { DeskHappening } from "../../shared/domain/desk-happening.ts";
import type { Failure, Message } from "../../shared/domain/event.ts";
import { eventKey, messageId } from "../../shared/domain/ids.ts";
import type { MailboxItem } from "../../shared/domain/mailbox.ts";
import { foldMessages } from "../../shared/domain/message-status.ts";
import { plan } from "../../shared/domain/plan.ts";
import { queuedItem } from "../../shared/domain/queued-message.ts";
import { log } from "../../shared/log.ts";
import type { Next } from "../../shared/ports.ts";
import { announced, bringFiles } from "./bring-files.ts";
import { placeOf, tokenOf } from "./mailbox-item.ts";
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
  const key = (position: number) => keyOf(id, position, desk, ports);
  // One mailbox body holds all of its messages, so that the first stands for all.
  for (const name of located.logs) if (await ports.table.find(name, key(0))) return DONE;
  const echo = await isEcho(happening, given, ports);
  if (echo === "yes") return DONE;
  if (echo === "perhaps") return { kind: "retry", afterSeconds: LOOK_AGAIN_SECONDS };

  const brought = await bringFiles(happening, desk, ports);
  if (brought.kind === "later" && mayWait) {
    log("warn", "reply_file_later", { desk, conversation, detail: brought.detail, received });
    return { kind: "retry", afterSeconds: Math.min(5 * 2 ** Math.max(received - 1, 0), LONGEST_WAIT_SECONDS) };
  }
  const { summary } = located;
  const contents = contentsOf(
    happening,
    brought.kind === "brought" ? brought.files : happening.files.map(announced),
    { channel: summary.channel, templates: ports.account(summary.account)?.templates ?? [], isNamed: rules.agentNames },
  );
  const unsendable = brought.kind === "brought" ? undefined : brought.failure;
  const quoted = happening.replyTo === undefined ? undefined : await messageBehind(happening.replyTo, given, ports);
  const messages = contents.map((content, position): Message => ({
    id: messageId(ports.idSecret, desk, id, position),
    direction: "outbound",
    author,
    content,
    ...(quoted && position === 0 && { replyTo: { id: quoted.message } }),
    helpdesk: { name: desk, id },
  }));
  if (messages.length === 0) return DONE;
  await ports.mailbox.deliver(
    messages.map((message, position) => itemOf(message, { key: key(position), located, receivedAt, unsendable, ports })),
  );
  return DONE;
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
  const first = await table.find(located.summary.conversation, keyOf(of, 0, desk, ports));
  if (!first) return DONE;
  const entries = await table.entries(located.summary.conversation, first.sequence - 1, LOOKED_AT);
  const views = foldMessages(located.summary.conversation, entries);
  const latest = views.filter(({ helpdesk }) => helpdesk?.name === desk && helpdesk.id === of);
  const attempt = Math.max(0, ...latest.map(({ helpdesk }) => helpdesk?.attempt ?? 0));
  const failed = latest.filter((view) => (view.helpdesk?.attempt ?? 0) === attempt && view.status === "failed");
  const items = failed.map(({ author, content, replyTo }, position): MailboxItem => {
    const message: Message = {
      id: messageId(idSecret, desk, id, position),
      direction: "outbound",
      author,
      content,
      ...(replyTo && { replyTo }),
      helpdesk: { name: desk, id: of, attempt: attempt + 1 },
    };
    const key = keyOf(id, position, desk, ports);
    return itemOf(message, { key, located, receivedAt, unsendable: undefined, ports });
  });
  if (items.length > 0) await ports.mailbox.deliver(items);
  return DONE;
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
  ports: Ports;
}

function itemOf(message: Message, { key, located, receivedAt, unsendable, ports }: Made): MailboxItem {
  const { summary, newest } = located;
  const content: Content = message.content;
  const capabilities = ports.account(summary.account)?.capabilities;
  const planned =
    capabilities &&
    plan({
      ...{ content, author: message.author, capabilities },
      address: summary.address,
      lastInboundAt: newest.after.inbound,
      now: ports.clock.now(),
    });
  const { expiresAfterSeconds } = ports;
  return queuedItem(message, placeOf(located), {
    ...{ key, token: tokenOf(ports), receivedAt, expiresAfterSeconds, planned, unsendable },
  });
}
