/**
 * Checks AWS Signature Version 4, in the Authorization header or (S3) in the query of a presigned link.
 * Source: "AWS Signature Version 4 for API requests" in the IAM user guide.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { SignatureFault } from "./errors.ts";
import type { AwsRequest } from "./service.ts";

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

export type Verdict<Signer> =
  | { kind: "signed"; signer: Signer }
  | { kind: "refused"; fault: SignatureFault; message: string };

/** How far the caller's clock may be off, in ms. */
const TOLERANCE_MS = 15 * 60 * 1000;

/** The longest that a presigned link may live. */
const LONGEST_LIFE_SECONDS = 604_800;
const LINK_PARAMETERS =
  "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.";

/** Service of the credential scope, checked or not: it says whose request this claims to be. */
export function claimedService(request: AwsRequest): string | undefined {
  return claim(request)?.service;
}

/** `now` in ms since 1970. */
export function verifySignature<Signer extends Credentials>(
  request: AwsRequest,
  expected: { region: string; signerOf: (accessKeyId: string) => Signer | undefined; now: number },
): Verdict<Signer> {
  const claimed = claim(request);
  if (!claimed) {
    if (request.headers.authorization === undefined && request.query.includes("X-Amz-Algorithm"))
      return refused("link-incomplete", LINK_PARAMETERS);
    return request.headers.authorization !== undefined
      ? refused("incomplete", "The signature needs Credential, SignedHeaders, Signature and a date.")
      : refused("missing", "Request is missing Authentication Token");
  }
  const signer = expected.signerOf(claimed.accessKeyId);
  if (!signer || (claimed.token ?? "") !== (signer.sessionToken ?? "")) {
    return refused("unknown-key", "The security token included in the request is invalid.");
  }
  if (claimed.region !== expected.region) {
    return refused("mismatch", `Credential should be scoped to a valid region, ${expected.region}.`);
  }
  const signedAt = Date.parse(claimed.date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  const { expiresSeconds } = claimed;
  if (expiresSeconds !== undefined) {
    const isLife = Number.isInteger(expiresSeconds) && expiresSeconds >= 1 && expiresSeconds <= LONGEST_LIFE_SECONDS;
    if (!isLife) return refused("link-incomplete", "X-Amz-Expires must be between 1 and 604800 seconds");
    if (!(expected.now - signedAt <= expiresSeconds * 1000)) return refused("link-refused", "Request has expired");
    if (signedAt - expected.now > TOLERANCE_MS) return refused("link-refused", "Request is not valid yet");
  } else if (!(Math.abs(expected.now - signedAt) <= TOLERANCE_MS)) {
    return refused("expired", `Signature expired: ${claimed.date} is too far from now.`);
  }
  const unsigned = unsignedHeader(request, claimed);
  if (unsigned && expiresSeconds !== undefined)
    return refused("link-refused", "There were headers present in the request which were not signed");
  if (unsigned) return refused("mismatch", `The header ${unsigned} must be signed.`);
  const bodyHash = hashOfBody(request, claimed);
  if (bodyHash === undefined) return refused("mismatch", "x-amz-content-sha256 is not the hash of the body.");
  const signature = signatureOf(request, claimed, { secretAccessKey: signer.secretAccessKey, bodyHash });
  if (!isEqual(signature, claimed.signature)) {
    return refused(
      "mismatch",
      "The request signature we calculated does not match the signature you provided. Check the secret access key and the signing method.",
    );
  }
  return { kind: "signed", signer };
}

interface Claim {
  accessKeyId: string;
  day: string;
  region: string;
  service: string;
  signedHeaders: readonly string[];
  signature: string;
  /** `20261122T120000Z` */
  date: string;
  token: string | undefined;
  /** How long a presigned link holds; unset for a signed header. */
  expiresSeconds?: number;
}

function claim(request: AwsRequest): Claim | undefined {
  const { authorization, "x-amz-date": headerDate, "x-amz-security-token": headerToken } = request.headers;
  if (authorization !== undefined) {
    const [, credential, signedHeaders, signature] =
      /^AWS4-HMAC-SHA256 +Credential=([^, ]+), *SignedHeaders=([^, ]+), *Signature=([0-9a-f]{64})$/.exec(
        authorization,
      ) ?? [];
    return assembled(credential, signedHeaders, signature, {
      date: typeof headerDate === "string" ? headerDate : undefined,
      token: typeof headerToken === "string" ? headerToken : undefined,
    });
  }
  if (!request.query.includes("X-Amz-Algorithm=AWS4-HMAC-SHA256")) return undefined;
  const query = new URLSearchParams(request.query);
  const text = (name: string) => query.get(name) ?? undefined;
  return assembled(text("X-Amz-Credential"), text("X-Amz-SignedHeaders"), text("X-Amz-Signature"), {
    date: text("X-Amz-Date"),
    token: text("X-Amz-Security-Token"),
    expiresSeconds: Number(text("X-Amz-Expires") ?? "NaN"),
  });
}

function assembled(
  credential: string | undefined,
  signedHeaders: string | undefined,
  signature: string | undefined,
  { date, token, expiresSeconds }: { date: string | undefined; token: string | undefined; expiresSeconds?: number },
): Claim | undefined {
  const [accessKeyId, day, region, service, end] = credential?.split("/") ?? [];
  if (!accessKeyId || !day || !region || !service || end !== "aws4_request") return undefined;
  if (!signedHeaders || !signature || !date?.startsWith(day)) return undefined;
  const names = signedHeaders.split(";");
  const common = { accessKeyId, day, region, service, signedHeaders: names, signature, date, token };
  return expiresSeconds === undefined ? common : { ...common, expiresSeconds };
}

/** A header that changes what is asked for, and that the signature leaves out. */
function unsignedHeader(request: AwsRequest, { signedHeaders }: Claim): string | undefined {
  const mustBeSigned = (name: string) => name === "host" || name.startsWith("x-amz-");
  return Object.keys(request.headers).find((name) => mustBeSigned(name) && !signedHeaders.includes(name));
}

/** The hash that goes into the signature, or `undefined` when the one sent is not that of the body. */
function hashOfBody(request: AwsRequest, { expiresSeconds }: Claim): string | undefined {
  const sent = request.headers["x-amz-content-sha256"];
  if (expiresSeconds !== undefined && sent === undefined) return "UNSIGNED-PAYLOAD";
  if (typeof sent === "string" && /^(UNSIGNED-PAYLOAD$|STREAMING-)/.test(sent)) return sent;
  const actual = createHash("sha256").update(request.body).digest("hex");
  return sent === undefined || sent === actual ? actual : undefined;
}

function signatureOf(
  request: AwsRequest,
  claimed: Claim,
  { secretAccessKey, bodyHash }: { secretAccessKey: string; bodyHash: string },
): string {
  const { signedHeaders, date, day, region, service } = claimed;
  const canonical = [
    request.method,
    canonicalPath(request.path, service),
    canonicalQuery(request.query),
    ...signedHeaders.map((name) => `${name}:${headerText(request.headers[name])}`),
    "",
    signedHeaders.join(";"),
    bodyHash,
  ].join("\n");
  const hash = createHash("sha256").update(canonical).digest("hex");
  const toSign = `AWS4-HMAC-SHA256\n${date}\n${day}/${region}/${service}/aws4_request\n${hash}`;
  return createHmac("sha256", signingKey(secretAccessKey, day, region, service))
    .update(toSign)
    .digest("hex");
}

/** S3 signs the path as it is sent, every other service encodes it once more. */
function canonicalPath(path: string, service: string): string {
  const encode = service === "s3" ? (segment: string) => encoded(decoded(segment)) : encoded;
  return path.split("/").map(encode).join("/");
}

function canonicalQuery(query: string): string {
  if (query === "") return "";
  return query
    .split("&")
    .map((pair) => {
      const [name = "", ...rest] = pair.split("=");
      return [encoded(decoded(name)), encoded(decoded(rest.join("=")))] as const;
    })
    .filter(([name]) => name !== "X-Amz-Signature")
    .sort(([a, x], [b, y]) => (a < b || (a === b && x < y) ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function headerText(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value.join(",") : (value ?? "")).trim().replace(/\s+/g, " ");
}

const signingKeys = new Map<string, Buffer>();

/** Four rounds of HMAC that stay the same all day for one principal and service. */
function signingKey(secretAccessKey: string, day: string, region: string, service: string): Buffer {
  const name = [secretAccessKey, day, region, service].join("\n");
  const known = signingKeys.get(name);
  if (known) return known;
  const key = [day, region, service, "aws4_request"].reduce<Buffer>(
    (previous, part) => createHmac("sha256", previous).update(part).digest(),
    Buffer.from(`AWS4${secretAccessKey}`),
  );
  signingKeys.set(name, key);
  return key;
}

function isEqual(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
}

function refused(fault: SignatureFault, message: string): { kind: "refused"; fault: SignatureFault; message: string } {
  return { kind: "refused", fault, message };
}
