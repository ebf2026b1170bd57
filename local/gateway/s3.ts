/** S3 behind the gateway, path style: permissions by method and sub-resource. */
import type { OutgoingHttpHeaders } from "node:http";
import { isLarge, overridesIn, refusalOfWrite, writeInParts } from "./s3-objects.ts";
import {
  type Answer,
  type Ask,
  type AwsRequest,
  isRefusal,
  type MayAlso,
  type Operation,
  type Refusal,
  type Service,
} from "./service.ts";
import type { Upstream } from "./upstream.ts";

const MAX_KEY_BYTES = 1024;

/** Headers that belong to one connection or to the caller's signature. */
const NOT_FORWARDED =
  /^(authorization|connection|content-length|expect|host|keep-alive|transfer-encoding|x-amz-date|x-amz-security-token)$/;

export function s3Service(upstream: Upstream): Service {
  return {
    name: "s3",
    protocol: "rest-xml",
    async prepare(request: AwsRequest): Promise<Operation | Refusal> {
      const [, bucket = "", ...segments] = request.path.split("/");
      const key = decoded(segments.join("/"));
      if (key === undefined) return { code: "InvalidURI", message: "Couldn't parse the specified URI." };
      const query = new URLSearchParams(request.query);
      const asks = asksOf(request, { bucket, key, query });
      if (isRefusal(asks)) return asks;
      return {
        asks,
        async perform(refusalOf) {
          if (Buffer.byteLength(key) > MAX_KEY_BYTES)
            return { code: "KeyTooLongError", message: "Your key is too long" };
          if (isWrite(request, key, query)) {
            const refusal = await refusalOfWrite(upstream, request);
            if (refusal) return refusal;
            if (isLarge(request)) return writeInParts(upstream, request, forwarded(request));
          }
          const answer = await forward(upstream, request, query);
          if (key !== "" && (answer.status === 200 || answer.status === 206) && /^(GET|HEAD)$/.test(request.method))
            return { ...answer, headers: { ...answer.headers, ...overridesIn(query) } };
          const isMissing = key !== "" && answer.status === 404 && /^(GET|HEAD)$/.test(request.method);
          return (isMissing && hiddenFrom(refusalOf, bucket)) || answer;
        },
      };
    },
  };
}

interface Target {
  bucket: string;
  key: string;
  query: URLSearchParams;
}

function asksOf(request: AwsRequest, target: Target): Ask[] | Refusal {
  const { bucket, key, query } = target;
  const action = actionOf(request.method, target);
  if (action === undefined)
    return { code: "MethodNotAllowed", message: "The gateway does not know this request.", status: 405 };
  if (bucket === "") return [{ action, resource: "*", conditionKeys: {} }];
  if (query.has("delete")) {
    const keys = [...request.body.toString("utf8").matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, one = ""]) =>
      unescaped(one),
    );
    return keys.map((one) => ({ action, resource: `arn:aws:s3:::${bucket}/${one}`, conditionKeys: {} }));
  }
  const prefix = key === "" ? query.get("prefix") : null;
  const own: Ask = {
    action,
    resource: key === "" ? `arn:aws:s3:::${bucket}` : `arn:aws:s3:::${bucket}/${key}`,
    conditionKeys: prefix === null ? {} : { "s3:prefix": [prefix] },
  };
  const source = request.headers["x-amz-copy-source"];
  if (typeof source !== "string") return [own];
  const copied = decodeURIComponent(source).replace(/^\//, "").replace(/\?.*$/, "");
  return [own, { action: "s3:GetObject", resource: `arn:aws:s3:::${copied}`, conditionKeys: {} }];
}

/** The permission that a request needs; multipart uploads are writes of their object. */
function actionOf(method: string, { bucket, key, query }: Target): string | undefined {
  if (bucket === "") return method === "GET" ? "s3:ListAllMyBuckets" : undefined;
  const table = key === "" ? BUCKET_ACTIONS : OBJECT_ACTIONS;
  const sub = Object.keys(table).find((name) => name !== "" && query.has(name)) ?? "";
  return table[sub]?.[method];
}

type Actions = Readonly<Record<string, Readonly<Record<string, string>>>>;

const BUCKET_ACTIONS: Actions = {
  "": { GET: "s3:ListBucket", HEAD: "s3:ListBucket", PUT: "s3:CreateBucket", DELETE: "s3:DeleteBucket" },
  delete: { POST: "s3:DeleteObject" },
  lifecycle: {
    GET: "s3:GetLifecycleConfiguration",
    PUT: "s3:PutLifecycleConfiguration",
    DELETE: "s3:PutLifecycleConfiguration",
  },
};

const OBJECT_ACTIONS: Actions = {
  "": { GET: "s3:GetObject", HEAD: "s3:GetObject", PUT: "s3:PutObject", DELETE: "s3:DeleteObject" },
  attributes: { GET: "s3:GetObjectAttributes" },
  uploads: { POST: "s3:PutObject" },
  uploadId: { PUT: "s3:PutObject", POST: "s3:PutObject", DELETE: "s3:AbortMultipartUpload" },
};

async function forward(upstream: Upstream, request: AwsRequest, query: URLSearchParams): Promise<Answer> {
  for (const name of [...query.keys()])
    if (/^X-Amz-(Algorithm|Content-Sha256|Credential|Date|Expires|SignedHeaders|Signature|Security-Token)$/.test(name))
      query.delete(name);
  const search = query.size > 0 ? `?${query}` : "";
  const received = await upstream.send({
    method: request.method,
    path: `${request.path}${search}`,
    headers: forwarded(request),
    body: request.body,
  });
  const { connection, "keep-alive": keepAlive, "transfer-encoding": encoding, ...kept } = received.headers;
  return { status: received.status, headers: kept, body: received.body };
}

function forwarded({ headers }: AwsRequest): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !NOT_FORWARDED.test(name)));
}

/** Of a whole object from the request's own body. */
function isWrite({ method, headers }: AwsRequest, key: string, query: URLSearchParams): boolean {
  return method === "PUT" && key !== "" && !query.has("uploadId") && headers["x-amz-copy-source"] === undefined;
}

/** Without permission to list the bucket, S3 says of an object that is not there that access is denied. */
function hiddenFrom(refusalOf: MayAlso, bucket: string): Refusal | undefined {
  const message = refusalOf({ action: "s3:ListBucket", resource: `arn:aws:s3:::${bucket}`, conditionKeys: {} });
  return message === undefined ? undefined : { code: "AccessDenied", message, status: 403 };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function unescaped(text: string): string {
  const named: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => named[name] ?? "");
}
