/** What is said, as a comment: its words, its files, and whether it stands there already. */
import type { Saying, SayingFile } from "../../domain/telling.ts";
import { harmless, ofTicket, type Refusal } from "../ask.ts";
import type { NotTold, Place } from "../helpdesk.ts";
import { type Audit, Audits, Upload } from "./answers.ts";
import type { Api } from "./api.ts";
import { SAYING_MARK } from "./marks.ts";
import type { Secrets, Settings } from "./settings.ts";

export interface Comment {
  body: string;
  public: boolean;
  /** The user whom it is from; ours where there is none. */
  author_id?: number;
  uploads?: string[];
}

/** How far Zendesk's clock and the channel's may be apart. */
const CLOCKS_APART_MS = 60_000;
/** Updates that are looked through for one of ours: far more than a ticket has between two tries. */
const NEWEST = 30;

/**
 * Uploads the files; what was uploaded and is used in no comment, Zendesk throws away. Only what the customer says is
 * public: on any other public comment Zendesk might write to the customer by itself.
 */
export async function compose(
  saying: Saying,
  author: number | undefined,
  { files, api }: { files: Place<Settings, Secrets>["files"]; api: Api },
): Promise<{ kind: "composed"; comment: Comment } | Refusal> {
  const uploads: string[] = [];
  const missing: string[] = [];
  for (const file of saying.files) {
    const uploaded = await upload(file, files, api);
    if (uploaded.kind === "uploaded") uploads.push(uploaded.token);
    else if (uploaded.kind === "missing") missing.push(uploaded.line);
    else return uploaded;
  }
  return {
    kind: "composed",
    comment: {
      body: [bodyOf(saying), ...missing].join("\n"),
      public: isPublic(saying),
      ...(author !== undefined && { author_id: author }),
      ...(uploads.length > 0 && { uploads }),
    },
  };
}

/**
 * Zendesk's id of the comment that an earlier try became. Each update of ours has the saying's id in the metadata of its
 * audit; an audit that shows no metadata of ours is judged by author, words and time.
 * @param author who the comment would be from
 */
export async function findSaid(
  ticket: string,
  { saying, author }: { saying: Saying; author: string },
  api: Api,
): Promise<{ kind: "found"; ids: string[] } | { kind: "none" } | NotTold> {
  const page = new URLSearchParams({ sort: "-created_at", "page[size]": String(NEWEST) });
  const answer = await api({ method: "GET", path: `/tickets/${encodeURIComponent(ticket)}/audits?${page}` });
  if (!answer.isOk) return ofTicket(answer);
  const { data } = Audits.safeParse(answer.json);
  if (!data) return { kind: "unavailable", detail: "no audits in the answer" };
  const audits = data.audits.flatMap((audit) => audit ?? []);
  const marked = audits.find(({ metadata }) => metadata?.custom?.[SAYING_MARK] === saying.id);
  if (marked) return { kind: "found", ids: commentsIn(marked) };
  const alike = audits
    .filter(
      ({ metadata, created_at }) => metadata?.custom?.[SAYING_MARK] === undefined && isSince(created_at, saying.at),
    )
    .flatMap(({ events }) => events)
    .find((event) => event.type === "Comment" && event.author_id === author && isAlike(event, saying));
  return alike ? { kind: "found", ids: alike.id === undefined ? [] : [alike.id] } : { kind: "none" };
}

/** The ids of the comments of one update. */
export function commentsIn({ events }: Audit): string[] {
  return events.flatMap(({ type, id }) => (type === "Comment" && id !== undefined ? [id] : []));
}

/** A comment has words in any case: of a file without any, its name. */
function bodyOf({ from, author, text, files }: Saying): string {
  const words = text.trim() === "" ? files.map(({ fileName }) => fileName).join("\n") : text;
  return from === "business" ? `${author ?? "The business"} wrote to the customer:\n${words}` : words;
}

function isPublic({ from, isPrivate }: Saying): boolean {
  return from === "customer" && !isPrivate;
}

async function upload({ id, fileName, contentType }: SayingFile, files: Place["files"], api: Api) {
  const bytes = await files.read(id);
  if (!bytes) return { kind: "missing" as const, line: `${fileName}: this file is not there any more.` };
  const answer = await api({
    method: "POST",
    path: `/uploads?${new URLSearchParams({ filename: fileName })}`,
    headers: { "content-type": contentType },
    body: bytes,
  });
  if (!answer.isOk) return harmless(answer.outcome);
  const { data } = Upload.safeParse(answer.json);
  if (!data) return { kind: "unavailable" as const, detail: "no token in the answer" };
  return { kind: "uploaded" as const, token: data.upload.token };
}

function isSince(createdAt: string | undefined, at: number): boolean {
  return Date.parse(createdAt ?? "") >= at - CLOCKS_APART_MS;
}

function isAlike(event: Audit["events"][number], saying: Saying): boolean {
  const plain = (text: string) => text.replace(/\s+/g, " ").trim();
  return event.public === isPublic(saying) && plain(event.body ?? "") === plain(bodyOf(saying));
}
