/** `recado send`: a message into a conversation, or to somebody first, over the HTTP API. */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { text as readAll } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { NewMessage, Recado } from "../shared/client/client.ts";
import { followAll } from "../shared/client/follow.ts";
import type { PlanAnswer } from "../shared/domain/api-shapes.ts";
import type { Content } from "../shared/domain/content.ts";
import { type Access, clientAccess, withRecado } from "./api.ts";
import { contentTypeByName } from "./content-type.ts";
import { eventLine, printable } from "./event-line.ts";
import { Failure } from "./failure.ts";
import { counted } from "./progress.ts";

export interface SendOptions extends Access {
  /** Path of a file to send; the text is its caption. */
  file?: string;
  /** Of the file; what its name says unless given. */
  contentType?: string;
  /** JSON of a content, for what is no text. */
  content?: string;
  replyTo?: string;
  /** In place of a conversation: a contact, or an address on `account`. */
  to?: string;
  account?: string;
  dryRun?: true;
  idempotencyKey?: string;
  /** Seconds to follow the message for. */
  wait: number;
}

const POLL_MS = 500;
/** A message's last words, on most channels. */
const ENDS: ReadonlySet<string> = new Set(["message.delivered", "message.read", "message.failed"]);
const KINDS = ["image", "video", "audio"] as const;

/**
 * Prints the id of the message, with `wait` what becomes of it, with `dryRun` what would.
 * @param given the conversation, unless `to` says where, and the text; `-` reads it from the standard input
 * @throws Failure with a sentence that says what to do
 */
export async function send(given: readonly string[], options: SendOptions): Promise<void> {
  const { dryRun, idempotencyKey, wait, url, key } = options;
  const access = { url, key };
  const { conversation, text } = parted(given, options);
  const words = text === "-" ? (await readAll(process.stdin)).trimEnd() : text;
  await withRecado(access, async (recado) => {
    const content = await contentFrom(words, options, recado);
    const way =
      conversation === undefined ? beginning(content, options, recado) : within(conversation, content, options, recado);
    if (dryRun) return showPlan(await way.plan());
    const isWanted = ({ id }: { id: string }) => conversation === undefined || id === conversation;
    const follower = followAll(clientAccess(access), { from: "now", isWanted });
    if (wait > 0) await follower.next();
    const { id } = await way.send({ ...(idempotencyKey !== undefined && { idempotencyKey }) });
    console.log(id);
    const until = Date.now() + wait * 1000;
    while (Date.now() < until) {
      for (const event of await follower.next()) {
        if ((event.data.message as { id?: string } | undefined)?.id !== id) continue;
        console.log(process.stdout.isTTY ? eventLine(event) : JSON.stringify(event));
        if (event.type === "message.failed") throw new Failure("The message was not sent.");
        if (ENDS.has(event.type)) return;
      }
      await sleep(POLL_MS);
    }
  });
}

function parted([first, second = "", ...others]: readonly string[], { to, account, replyTo }: SendOptions) {
  if (to === undefined) {
    if (account !== undefined) throw new Failure("--account says where --to is: a conversation has its own.");
    if (first === undefined) throw new Failure("Say into which conversation, conv_…, or to whom with --to.");
    if (others.length > 0) throw new Failure("The text is one argument: put it in quotation marks.");
    return { conversation: first, text: second };
  }
  if (second !== "") throw new Failure("With --to there is no conversation, and the text is one argument.");
  if (replyTo !== undefined) throw new Failure("--reply-to is for a conversation: leave out --to.");
  return { conversation: undefined, text: first ?? "" };
}

/** What can be done with a message, whichever way it goes. */
interface Way {
  plan(): Promise<PlanAnswer>;
  send(options: { idempotencyKey?: string }): Promise<{ id: string }>;
}

function within(conversation: string, content: Content, { replyTo }: SendOptions, recado: Recado): Way {
  const message: NewMessage = { content, ...(replyTo !== undefined && { replyTo }) };
  return {
    plan: async () => ({ plan: await recado.plan(conversation, message) }),
    send: (options) => recado.send(conversation, message, options),
  };
}

/** A person sends it, although nobody asked. @throws Failure where an address lacks its account */
function beginning(content: Content, { to = "", account }: SendOptions, recado: Recado): Way {
  const isContact = to.startsWith("con_");
  if (!isContact && account === undefined)
    throw new Failure("Name the account that sends to this address with --account. A contact, con_…, needs none.");
  const at = account !== undefined && { account };
  const message = {
    to: isContact ? { contact: to, ...at } : { account: account ?? "", address: to },
    content,
    author: { type: "agent" as const },
  };
  return { plan: () => recado.planTo(message), send: (options) => recado.sendTo(message, options) };
}

async function contentFrom(text: string, { content, file, ...given }: SendOptions, recado: Recado): Promise<Content> {
  if (content !== undefined) {
    if (text !== "" || file !== undefined) throw new Failure("--content says it all: leave out the text and --file.");
    return parsed(content);
  }
  if (file === undefined) {
    if (text === "") throw new Failure("Say what to send: a text, - for the standard input, --file or --content.");
    return { type: "text", text };
  }
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === "ENOENT" ? "does not exist" : `cannot be read: ${error.message}`;
    throw new Failure(`The file ${printable(file)} ${why}.`);
  });
  const fileName = basename(file);
  const { contentType = contentTypeByName(fileName) } = given;
  if (contentType === undefined)
    throw new Failure(
      `The name ${printable(fileName)} does not say what it is: add --content-type, such as image/jpeg.`,
    );
  const { id } = await recado.upload(new Uint8Array(bytes), { contentType, fileName });
  const type = KINDS.find((kind) => contentType.startsWith(`${kind}/`)) ?? "document";
  return { type, media: { id, contentType }, ...(text !== "" && { caption: text }) };
}

function parsed(content: string): Content {
  try {
    // The API judges it.
    return JSON.parse(content) as Content;
  } catch {
    throw new Failure(`--content is no JSON. It looks like '{"type":"text","text":"Olá!"}'.`);
  }
}

function showPlan({ plan, to, passedOver = [] }: PlanAnswer): void {
  const { allowed, reasons, changes, parts, segments, priceClass } = plan;
  if (!process.stdout.isTTY) {
    console.log(JSON.stringify({ allowed, reasons, changes, parts, segments, priceClass, to }));
  } else {
    const price = segments === undefined ? "" : `, ${counted(segments, `${priceClass ?? ""} segment`.trim())}`;
    const way = `${allowed ? "It would go out" : "It would not go out"}${to ? ` on ${to.account}` : ""}`;
    console.log(`${way}: ${counted(parts.length, "message")}${price}.`);
    const others = passedOver.flatMap((one) => one.reasons);
    for (const text of new Set([...reasons, ...changes, ...others].map((one) => one.text)))
      console.log(`  ${printable(text)}`);
  }
  if (!allowed) process.exitCode = 1;
}
