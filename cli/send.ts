/** `recado send`: a message into a conversation, over the HTTP API. */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { text as readAll } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { NewMessage, Recado } from "../shared/client/client.ts";
import { followAll } from "../shared/client/follow.ts";
import type { PlanAnswer } from "../shared/domain/api-shapes.ts";
import type { Content } from "../shared/domain/content.ts";
import { type Access, clientAccess, withRecado } from "./api.ts";
import { eventLine, printable } from "./event-line.ts";
import { Failure } from "./failure.ts";

export interface SendOptions extends Access {
  /** Path of a file to send; the text is its caption. */
  file?: string;
  /** Of the file. */
  contentType?: string;
  /** JSON of a content, for what is no text. */
  content?: string;
  replyTo?: string;
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
 * @param text `-` reads it from the standard input
 * @throws Failure with a sentence that says what to do
 */
export async function send(conversation: string, text: string, options: SendOptions): Promise<void> {
  const { dryRun, idempotencyKey, wait, replyTo, url, key } = options;
  const access = { url, key };
  const words = text === "-" ? (await readAll(process.stdin)).trimEnd() : text;
  await withRecado(access, async (recado) => {
    const content = await contentFrom(words, options, recado);
    const message: NewMessage = { content, ...(replyTo !== undefined && { replyTo }) };
    if (dryRun) return showPlan(await recado.plan(conversation, message));
    const follower = followAll(clientAccess(access), { from: "now", isWanted: ({ id }) => id === conversation });
    if (wait > 0) await follower.next();
    const { id } = await recado.send(conversation, message, {
      ...(idempotencyKey !== undefined && { idempotencyKey }),
    });
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

async function contentFrom(
  text: string,
  { content, file, contentType }: SendOptions,
  recado: Recado,
): Promise<Content> {
  if (content !== undefined) {
    if (text !== "" || file !== undefined) throw new Failure("--content says it all: leave out the text and --file.");
    return parsed(content);
  }
  if (file === undefined) {
    if (text === "") throw new Failure("Say what to send: a text, - for the standard input, --file or --content.");
    return { type: "text", text };
  }
  if (contentType === undefined) throw new Failure("A file needs --content-type, such as image/jpeg.");
  const bytes = await readFile(file).catch((error: Error) => {
    throw new Failure(`The file cannot be read. ${error.message}`);
  });
  const fileName = basename(file);
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

function showPlan({ allowed, reasons, changes, parts, segments, priceClass }: PlanAnswer["plan"]): void {
  if (!process.stdout.isTTY) {
    console.log(JSON.stringify({ allowed, reasons, changes, parts, segments, priceClass }));
  } else {
    const price = segments === undefined ? "" : `, ${segments} ${priceClass ?? ""} segments`;
    console.log(
      `${allowed ? "It would go out" : "It would not go out"}: ${parts.length} ${parts.length === 1 ? "message" : "messages"}${price}.`,
    );
    for (const { text } of [...reasons, ...changes]) console.log(`  ${printable(text)}`);
  }
  if (!allowed) process.exitCode = 1;
}
