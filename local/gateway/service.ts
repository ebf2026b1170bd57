/** What the gateway and the AWS services behind it say to each other. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";

export type ServiceName = "dynamodb" | "sqs" | "s3" | "ssm" | "events" | "sns" | "social-messaging" | "sms-voice";

/** A request as it came in, body complete. `path` and `query` are raw (still encoded), `query` without its `?`. */
export interface AwsRequest {
  method: string;
  path: string;
  query: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Whether the caller has hung up meanwhile. */
  isAbandoned(): boolean;
}

export interface Answer {
  status: number;
  headers: OutgoingHttpHeaders;
  body: string | Buffer;
}

/** A refusal by one of AWS's own error codes. `status` is 400 when unset. */
export interface Refusal {
  code: string;
  message: string;
  status?: number;
}

/** One permission that a call needs, as IAM is asked for it. */
export interface Ask {
  /** `dynamodb:PutItem` */
  action: string;
  /** ARN */
  resource: string;
  conditionKeys: Record<string, string[]>;
  /** Capacity that this part of the call consumed; set while it is performed. DynamoDB alone has any. */
  readUnits?: number;
  writeUnits?: number;
}

/** Whether the caller also has a permission that the call did not ask for by itself. Recorded like any other. */
export type MayAlso = (ask: Ask) => string | undefined;

/** A call that was understood. `perform` runs once every ask is granted, and checks AWS's limits first. */
export interface Operation {
  asks: readonly Ask[];
  perform(refusalOf: MayAlso): Promise<Answer | Refusal>;
}

export interface Service {
  name: ServiceName;
  /** Decides the form of errors. */
  protocol: "json" | "rest-json" | "query-json" | "query-xml" | "rest-xml";
  prepare(request: AwsRequest): Promise<Operation | Refusal>;
}

/** Thrown where a service breaks the connection instead of answering: the caller's is broken too. */
export class Interrupted extends Error {}

export function isRefusal(outcome: object): outcome is Refusal {
  return "code" in outcome;
}

/** An answer of the JSON protocols. `version` is the minor version of `application/x-amz-json`. */
export function jsonAnswer(body: unknown, version: "1.0" | "1.1"): Answer {
  return { status: 200, headers: { "content-type": `application/x-amz-json-${version}` }, body: JSON.stringify(body) };
}

/** Operation of a JSON-protocol request: `X-Amz-Target: <prefix>.<operation>`. */
export function operationOf(request: AwsRequest, prefix: string): string | Refusal {
  const target = request.headers["x-amz-target"];
  if (typeof target === "string" && target.startsWith(`${prefix}.`)) return target.slice(prefix.length + 1);
  return { code: "UnknownOperationException", message: `X-Amz-Target must name an operation of ${prefix}.` };
}

/** The JSON body, or the refusal that AWS gives for one that is none. */
export function bodyOf<Body>(request: AwsRequest, schema: { safeParse(value: unknown): Parsed<Body> }): Body | Refusal {
  let json: unknown;
  try {
    json = JSON.parse(request.body.toString("utf8"));
  } catch {
    return { code: "SerializationException", message: "The body is not JSON." };
  }
  const parsed = schema.safeParse(json);
  return parsed.success ? parsed.data : { code: "SerializationException", message: parsed.error.message };
}

type Parsed<Body> = { success: true; data: Body } | { success: false; error: { message: string } };
