/**
 * HTTP request → the event that a function gets, and its result → HTTP response: payload format 2.0, which HTTP APIs and
 * function URLs share (API Gateway developer guide, "Working with AWS Lambda proxy integrations for HTTP APIs").
 */
import { randomBytes, randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import * as z from "zod";

export interface Door {
  accountId: string;
  apiId: string;
  /** Where the world sees the local run. */
  publicUrl: URL;
  /** Key of the route, `$default` on function URLs. */
  routeKey: string;
  pathParameters?: Record<string, string>;
}

/** @param at ms since 1970 */
export function eventOf(request: IncomingMessage, body: Buffer, door: Door, at: number): APIGatewayProxyEventV2 {
  const { path, query } = splitTarget(request.url ?? "/");
  const { cookie, ...headers } = headersOf(request, door.publicUrl);
  const isText = bodyIsText(headers);
  const queryStringParameters = parametersOf(query);
  return {
    version: "2.0",
    routeKey: door.routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookie && { cookies: cookie.split(/; */) }),
    headers,
    ...(query && { queryStringParameters }),
    ...(door.pathParameters && { pathParameters: door.pathParameters }),
    requestContext: {
      accountId: door.accountId,
      apiId: door.apiId,
      domainName: door.publicUrl.host,
      domainPrefix: door.publicUrl.hostname.split(".")[0] ?? "",
      http: {
        method: request.method ?? "GET",
        path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? "127.0.0.1",
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: randomUUID(),
      routeKey: door.routeKey,
      stage: "$default",
      time: accessLogTime(new Date(at)),
      timeEpoch: at,
    },
    ...(body.length > 0 && { body: body.toString(isText ? "utf8" : "base64") }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

/** Path and raw query of a request target. */
export function splitTarget(target: string): { path: string; query: string } {
  const at = target.indexOf("?");
  return at < 0 ? { path: target, query: "" } : { path: target.slice(0, at), query: target.slice(at + 1) };
}

const BETWEEN_HOPS = new Set(["connection", "keep-alive", "transfer-encoding", "upgrade", "expect", "te", "trailer"]);

/** Names in lower case, repeated ones joined by commas, and what AWS's own front adds. */
function headersOf(request: IncomingMessage, publicUrl: URL): Record<string, string> {
  const given = Object.entries(request.headersDistinct).flatMap(([name, values]) =>
    BETWEEN_HOPS.has(name) || !values ? [] : [[name, values.join(name === "cookie" ? "; " : ",")] as const],
  );
  return {
    ...Object.fromEntries(given),
    "x-amzn-trace-id": `Root=1-${randomBytes(4).toString("hex")}-${randomBytes(12).toString("hex")}`,
    "x-forwarded-for": request.socket.remoteAddress ?? "127.0.0.1",
    "x-forwarded-port": publicUrl.port || (publicUrl.protocol === "https:" ? "443" : "80"),
    "x-forwarded-proto": publicUrl.protocol.slice(0, -1),
  };
}

/** Everything but plain text, JSON, XML and JavaScript reaches the function in base64; a form does, too. */
function bodyIsText(headers: Readonly<Record<string, string>>): boolean {
  if (headers["content-encoding"]) return false;
  return /^\s*(text\/|application\/(json|xml|javascript)\b|[^;]*\+(json|xml)\b)/i.test(headers["content-type"] ?? "");
}

/** Decoded; the values of a repeated name joined by commas. */
function parametersOf(query: string): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    parameters[name] = name in parameters ? `${parameters[name]},${value}` : value;
  }
  return parameters;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `12/Mar/2020:19:03:58 +0000` */
function accessLogTime(at: Date): string {
  const [date = "", time = ""] = at.toISOString().split("T");
  const [year, , day] = date.split("-");
  return `${day}/${MONTHS[at.getUTCMonth()]}/${year}:${time.slice(0, 8)} +0000`;
}

const Scalar = z.union([z.string(), z.number(), z.boolean()]);
const StructuredResult = z.object({
  statusCode: z.number().int().min(100).max(599),
  headers: z.record(z.string(), Scalar).optional(),
  cookies: z.array(z.string()).optional(),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().optional(),
});

export interface HttpResponse {
  status: number;
  headers: Record<string, string | string[]>;
  body: Buffer;
}

/**
 * A result without a status code is the body of a 200.
 *
 * @returns undefined for a result that is no valid response
 */
export function responseOf(payload: string): HttpResponse | undefined {
  const result: unknown = JSON.parse(payload);
  if (typeof result !== "object" || result === null || !("statusCode" in result)) {
    const body = typeof result === "string" ? result : payload;
    return { status: 200, headers: { "content-type": "application/json" }, body: Buffer.from(body) };
  }
  const checked = StructuredResult.safeParse(result);
  if (!checked.success) return undefined;
  const { statusCode, headers = {}, cookies, body = "", isBase64Encoded } = checked.data;
  const given = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return {
    status: statusCode,
    headers: {
      ...(body && { "content-type": "application/json" }),
      ...Object.fromEntries(given),
      ...(cookies && { "set-cookie": cookies }),
    },
    body: Buffer.from(body, isBase64Encoded ? "base64" : "utf8"),
  };
}

export function jsonResponse(status: number, body: unknown): HttpResponse {
  return { status, headers: { "content-type": "application/json" }, body: Buffer.from(JSON.stringify(body)) };
}
