/**
 * store-media: brings the file of one message from the provider into the bucket, and tells the message's log what came
 * of it: once stored, or failed for a reason. Every step may be repeated; the file has the same name each time.
 */

import type { Account, MediaPlace, MediaSource } from "../../shared/channels/connector.ts";
import { doublingSeconds } from "../../shared/domain/back-off.ts";
import { sha256In } from "../../shared/domain/checksum.ts";
import type { Entry } from "../../shared/domain/conversation-log.ts";
import { fileToFetch } from "../../shared/domain/customer-file.ts";
import type { FileContent } from "../../shared/domain/file-content.ts";
import { judgeType } from "../../shared/domain/file-type.ts";
import { eventKey, type IdSecret, mediaId, newToken } from "../../shared/domain/ids.ts";
import type { MediaRequest } from "../../shared/domain/mailbox.ts";
import { log } from "../../shared/log.ts";
import {
  type Clock,
  type FetchedFile,
  type FetchFile,
  type Http,
  type LogReader,
  type Mailbox,
  type MediaFiles,
  type Next,
  type Random,
  WorldFault,
} from "../../shared/ports.ts";
import { endOf, type MediaEnd, tooLarge } from "./ends.ts";

/** An account as this deployment knows it, with the way to its files. */
export type MediaAccount =
  | { kind: "ready"; account: Account; source: MediaSource; http: Http }
  | { kind: "no_secrets" | "not_configured" };

export interface Ports {
  table: Pick<LogReader, "entry" | "find">;
  mailbox: Mailbox;
  files: MediaFiles;
  fetchFile: FetchFile;
  account(name: string): Promise<MediaAccount>;
  clock: Clock;
  random: Random;
  idSecret: IdSecret;
  bucket: string;
  largestBytes: number;
}

const DONE: Next = { kind: "done" };
/** From when the message was recorded. Providers keep files for days, but nobody reads a message for so long without. */
const GIVEN_UP_AFTER_MS = 6 * 3600_000;
const LONGEST_WAIT_SECONDS = 900;

/** What one try came to. `later`: something that may pass; `failure`: what it is called when it does not. */
type Tried = { kind: "end"; end: MediaEnd } | { kind: "later"; detail: string; seconds?: number; failure?: "refused" };

/** One file on its way. */
interface Errand {
  id: string;
  content: FileContent;
  entry: Entry;
}

/**
 * @param received how often the queue has handed the request out
 * @throws WorldFault: the same request again later
 */
export async function storeMedia(request: MediaRequest, received: number, ports: Ports): Promise<Next> {
  const { log: name, sequence, account } = request;
  const entry = await ports.table.entry(name, sequence);
  const wanted = entry && fileToFetch(entry);
  if (!entry || !wanted) {
    // What was erased meanwhile is not fetched any more.
    if (!entry?.erased) log("error", "media_without_entry", { log: name, sequence });
    return DONE;
  }
  const { message, content } = wanted;
  const key = eventKey(ports.idSecret, account, `${message.id}#media`);
  if (await ports.table.find(name, key)) return DONE;

  const errand = { id: mediaId(ports.idSecret, account, message.id), content, entry };
  const tried = await tryOnce(errand, account, ports);
  const leftMs = entry.at.recorded + GIVEN_UP_AFTER_MS - ports.clock.now();
  if (tried.kind === "later" && leftMs > 0) {
    log("warn", "media_later", { log: name, sequence, account, detail: tried.detail, received });
    const seconds = Math.max(tried.seconds ?? 0, doublingSeconds(received, LONGEST_WAIT_SECONDS));
    // Never beyond the end of the trying, so that it is told in time.
    return { kind: "retry", afterSeconds: Math.min(seconds, Math.max(leftMs / 1000, 1)) };
  }
  const end = tried.kind === "end" ? tried.end : endOf(tried.failure ?? "unavailable");
  const { now, token } = { now: ports.clock.now(), token: newToken(ports.random) };
  await ports.mailbox.deliver([
    {
      log: name,
      key,
      token,
      type: end.type,
      account,
      channel: entry.channel,
      at: { received: now },
      data: { message: { id: message.id }, ...end.data },
    },
  ]);
  return DONE;
}

/** A fault of our own ends like one of the provider's: the message never waits for ever for its file. */
async function tryOnce(errand: Errand, name: string, ports: Ports): Promise<Tried> {
  const state = await ports.account(name);
  if (state.kind !== "ready") {
    if (state.kind === "not_configured") return { kind: "end", end: endOf("not_configured") };
    return { kind: "later", detail: "no secrets" };
  }
  try {
    return await bring(errand, state, ports);
  } catch (cause) {
    if (cause instanceof WorldFault) throw cause;
    const reason = cause instanceof Error ? cause.name : typeof cause;
    log("error", "media_fault", { account: name, sequence: errand.entry.sequence, reason });
    return { kind: "later", detail: "a fault of ours" };
  }
}

type Ready = Extract<MediaAccount, { kind: "ready" }>;

async function bring(errand: Errand, ready: Ready, ports: Ports): Promise<Tried> {
  const place = await locate(errand, ready, ports);
  const first = await fetchFrom(place, errand, ports);
  // Addresses live for minutes only: a new one may be had where the provider knows the file by an id.
  if (first.kind !== "dead") return first;
  const again = await locate(errand, ready, ports);
  const isSame = again.kind === "found" && place.kind === "found" && again.url === place.url;
  const second = isSame ? first : await fetchFrom(again, errand, ports);
  if (second.kind !== "dead") return second;
  // A token can be renewed, by its owner.
  if (second.status === 401) return { kind: "later", detail: "HTTP 401", failure: "refused" };
  return { kind: "end", end: endOf("expired") };
}

function locate({ id, content }: Errand, { source, account, http }: Ready, { bucket }: Ports): Promise<MediaPlace> {
  return source.locate(content.media, account, { http, destination: { bucket, key: incoming(id) } });
}

async function fetchFrom(
  place: MediaPlace,
  errand: Errand,
  { fetchFile, files, largestBytes }: Ports,
): Promise<Tried | { kind: "dead"; status: number }> {
  if (place.kind === "gone") return { kind: "end", end: endOf("expired") };
  if (place.kind === "unavailable") {
    const { detail, retryAfterSeconds: seconds } = place;
    return { kind: "later", detail, ...(seconds !== undefined && { seconds }) };
  }
  const announced = place.kind === "found" ? (place.size ?? errand.content.media.size) : undefined;
  if (announced !== undefined && announced > largestBytes) return { kind: "end", end: tooLarge(largestBytes) };
  const { kind: _, ...found } = place.kind === "found" ? place : { ...place, url: "" };
  const fetched =
    place.kind === "found"
      ? await fetchFile({ ...found, largestBytes })
      : await files.fetchBack(incoming(errand.id), largestBytes);
  switch (fetched.kind) {
    case "fetched":
      try {
        return { kind: "end", end: await keep(fetched.file, place, errand, files) };
      } finally {
        await fetched.file.close();
      }
    case "dead":
      return fetched;
    case "too_large":
      return { kind: "end", end: tooLarge(largestBytes) };
    case "forbidden_address":
    case "unusable":
      return { kind: "end", end: endOf(fetched.kind) };
    case "unavailable": {
      const { detail, retryAfterSeconds: seconds } = fetched;
      return { kind: "later", detail, ...(seconds !== undefined && { seconds }) };
    }
  }
}

/** What was fetched is kept only if it is what the provider said it would be. */
async function keep(
  file: FetchedFile,
  place: Extract<MediaPlace, { kind: "found" | "delivered" }>,
  { id, content }: Errand,
  files: MediaFiles,
): Promise<MediaEnd> {
  const { media } = content;
  const judged = judgeType(content, { head: file.head, announced: [place.contentType, file.contentType] });
  if ("fault" in judged) return endOf("wrong_type", judged.fault);
  const promised = [media.sha256, place.sha256].flatMap((one) => sha256In(one) ?? []);
  if (promised.some((one) => one !== file.sha256)) return endOf("wrong_checksum");
  const { contentType } = judged;
  const named = media.fileName !== undefined ? { fileName: media.fileName } : {};
  await files.keep(`media/${id}`, file, { contentType, ...named });
  const { size, sha256 } = file;
  return { type: "media.stored", data: { media: { id, contentType, size, sha256, ...named } } };
}

/** Where a provider may put a file itself; it lies there until it was looked at, and a few days at most. */
function incoming(id: string): string {
  return `incoming/${id}`;
}
