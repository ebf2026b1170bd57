/**
 * Files of messages: where one lies, where one is to be put, and what a customer's link opens. The bytes never pass
 * through here: they go between the caller and the bucket, by links that S3 itself checks.
 */
import { createHash } from "node:crypto";
import { type ApiMedia, MediaToUpload, NoQuery, type UploadOffer } from "../../shared/domain/api-shapes.ts";
import { iso } from "../../shared/domain/envelope.ts";
import { dispositionOf } from "../../shared/domain/file-name.ts";
import { isMediaId, newMediaId } from "../../shared/domain/ids.ts";
import { fileBehind } from "../../shared/domain/media-link.ts";
import { PublicError } from "./problem.ts";
import { readBody, readIdempotencyKey, readQuery } from "./request.ts";
import { type Answer, type Call, type Caller, json, type Ports } from "./route.ts";

const LINK_SECONDS = 900;
/** A customer's link makes a new one each time it is opened. */
const OPENED_SECONDS = 300;

export async function showMedia({ request, name, ports }: Call): Promise<Answer> {
  readQuery(request, NoQuery);
  const media = await findFile(name, ports);
  if (!media) throw new PublicError("not_found", "There is no file with this id.");
  const answer: ApiMedia = { media };
  return json(200, answer);
}

/** The file with a link that opens it; undefined where there is none with this id. */
export async function findFile(id: string, { files, clock }: Ports): Promise<ApiMedia["media"] | undefined> {
  const file = isMediaId(id) ? await files.find(id) : undefined;
  if (!file) return undefined;
  const expiresAt = iso(clock.now() + LINK_SECONDS * 1000);
  const url = await files.linkToRead(id, { seconds: LINK_SECONDS, disposition: dispositionOf(file) });
  return { id, ...file, url, expiresAt };
}

/** Under one Idempotency-Key it is always the same file; only its link is made anew. */
export async function offerUpload({ request, caller, ports }: Call): Promise<Answer> {
  readQuery(request, NoQuery);
  const idempotencyKey = readIdempotencyKey(request);
  const file = readBody(request, MediaToUpload);
  if (file.size > ports.largestMediaBytes) {
    const sentence = `The field must be at most ${ports.largestMediaBytes}, the largest file that is kept here.`;
    throw new PublicError("invalid_body", sentence, { field: "size" });
  }
  const now = ports.clock.now();
  const fresh = newMediaId(now, ports.random(10));
  const id = idempotencyKey === undefined ? fresh : await idOnce(fresh, { file, caller, idempotencyKey }, ports);
  const link = await ports.files.linkToWrite(id, file, { seconds: LINK_SECONDS });
  const expiresAt = iso(now + LINK_SECONDS * 1000);
  const answer: UploadOffer = { media: { id }, upload: { method: "PUT", ...link, expiresAt } };
  return json(201, answer);
}

async function idOnce(
  fresh: string,
  { file, caller, idempotencyKey }: { file: MediaToUpload; caller: Caller; idempotencyKey: string },
  { table }: Ports,
): Promise<string> {
  const bodyHash = hash(file);
  const first = await table.answerOnce(hash(["media", caller.id, idempotencyKey]), { bodyHash, answer: fresh });
  if (first === "new") return fresh;
  if (first.bodyHash === bodyHash) return first.answer;
  const detail = "This Idempotency-Key came with another file before. Use a new key for each file.";
  throw new PublicError("idempotency_key_reused", detail, { field: "Idempotency-Key" });
}

/** What a customer's link leads to. Asks for no API key: the code is what lets in. */
export async function followLink(code: string, ports: Ports): Promise<Answer> {
  const { idSecret } = await ports.deployment();
  const id = fileBehind(idSecret, code, ports.clock.now());
  const file = id === undefined ? undefined : await ports.files.find(id);
  if (id === undefined || !file) throw new PublicError("not_found", "This link leads nowhere, or no longer.");
  const location = await ports.files.linkToRead(id, { seconds: OPENED_SECONDS, disposition: dispositionOf(file) });
  return { status: 302, headers: { location }, body: "" };
}

function hash(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
