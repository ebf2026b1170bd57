/** What S3 does with objects and the emulator behind the gateway does not. */
import { createHash } from "node:crypto";
import type { OutgoingHttpHeaders } from "node:http";
import type { Answer, AwsRequest, Refusal } from "./service.ts";
import type { Received, Upstream } from "./upstream.ts";

/** The emulator takes no larger request. */
const LARGEST_AT_ONCE = 10 * 1024 * 1024;

/** What a reader of an object may have answered instead of what was stored; all S3 knows. */
const OVERRIDES = [
  "content-type",
  "content-language",
  "expires",
  "cache-control",
  "content-disposition",
  "content-encoding",
] as const;

/** The `response-…` parameters of a read, as headers of its answer. */
export function overridesIn(query: URLSearchParams): OutgoingHttpHeaders {
  return Object.fromEntries(
    OVERRIDES.flatMap((name) => {
      const value = query.get(`response-${name}`);
      return value === null ? [] : [[name, value]];
    }),
  );
}

/** Why an object is not written: its checksum is another one, or there is one already and the writer wants none. */
export async function refusalOfWrite(upstream: Upstream, request: AwsRequest): Promise<Refusal | undefined> {
  const { "x-amz-checksum-sha256": checksum, "if-none-match": unless } = request.headers;
  if (checksum !== undefined) {
    const actual = createHash("sha256").update(bytesOf(request)).digest("base64");
    const message = "The SHA256 you specified did not match the calculated checksum.";
    if (checksum !== actual) return { code: "BadDigest", message };
  }
  if (unless === undefined) return undefined;
  if (unless !== "*")
    return { code: "NotImplemented", message: "If-None-Match of a write takes * alone.", status: 501 };
  const { status } = await upstream.send({ method: "HEAD", path: request.path, headers: {}, body: "" });
  const message = "At least one of the pre-conditions you specified did not hold";
  return status === 200 ? { code: "PreconditionFailed", message, status: 412 } : undefined;
}

/** Whether the object must be handed on in parts. */
export function isLarge({ body }: AwsRequest): boolean {
  return body.byteLength > LARGEST_AT_ONCE;
}

/** One write, as a multipart upload of its own. */
export async function writeInParts(
  upstream: Upstream,
  request: AwsRequest,
  headers: OutgoingHttpHeaders,
): Promise<Answer> {
  const { path } = request;
  const bytes = bytesOf(request);
  const { "content-encoding": _, ...described } = headers;
  const started = await upstream.send({ method: "POST", path: `${path}?uploads`, headers: described, body: "" });
  const [, upload] = /<UploadId>([^<]+)</.exec(started.body.toString("utf8")) ?? [];
  if (upload === undefined) return started;
  const tags: string[] = [];
  for (let at = 0; at < bytes.byteLength; at += LARGEST_AT_ONCE) {
    const body = bytes.subarray(at, at + LARGEST_AT_ONCE);
    const query = new URLSearchParams({ partNumber: String(tags.length + 1), uploadId: upload });
    const part: Received = await upstream.send({ method: "PUT", path: `${path}?${query}`, headers: {}, body });
    if (part.status !== 200) return part;
    tags.push(String(part.headers.etag));
  }
  const list = tags.map((tag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${tag}</ETag></Part>`);
  const whole = `<CompleteMultipartUpload>${list.join("")}</CompleteMultipartUpload>`;
  const query = new URLSearchParams({ uploadId: upload });
  const done = await upstream.send({ method: "POST", path: `${path}?${query}`, headers: {}, body: whole });
  const [, etag] = /<ETag>([^<]+)</.exec(done.body.toString("utf8")) ?? [];
  return etag === undefined ? done : { status: 200, headers: { etag: etag.replaceAll("&quot;", '"') }, body: "" };
}

/** The body, out of the chunks in which the SDK sends a stream. */
function bytesOf({ body, headers }: AwsRequest): Buffer {
  if (!String(headers["content-encoding"]).includes("aws-chunked")) return body;
  const chunks: Buffer[] = [];
  for (let at = 0; at < body.byteLength; ) {
    const end = body.indexOf("\r\n", at);
    const size = Number.parseInt(body.toString("latin1", at, end), 16);
    if (end < 0 || !(size > 0)) break;
    chunks.push(body.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
  return Buffer.concat(chunks);
}
