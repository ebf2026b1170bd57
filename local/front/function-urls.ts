/** Function URLs: one per connector, each below its own path on the one local address. */
import type { IncomingMessage } from "node:http";
import type { Lambda } from "../lambda/lambda.ts";
import type { FunctionUrl } from "../template/stack.ts";
import { readBody } from "./body.ts";
import { eventOf, type HttpResponse, jsonResponse, responseOf } from "./payload.ts";
import { createThrottle } from "./throttle.ts";

export interface FunctionUrlRoute extends FunctionUrl {
  /** Serves this path and everything below it; without a slash at either end. */
  path: string;
}

export interface FunctionUrlOptions {
  accountId: string;
  publicUrl: URL;
  lambda: Lambda;
  /** Ms since 1970. */
  now: () => number;
}

/** A function URL takes what an invocation takes (Lambda quotas: 6 MB). */
const LARGEST_BODY_BYTES = 6 * 1024 * 1024;

/** Lambda's own: ten times the reserved concurrency; as fifty would have, where none is reserved. */
const DEFAULT_REQUESTS_PER_SECOND = 500;

export function serveFunctionUrl(
  { functionArn, logicalId }: FunctionUrlRoute,
  { publicUrl, lambda, now }: FunctionUrlOptions,
): (request: IncomingMessage) => Promise<HttpResponse> {
  const { reservedConcurrency } = lambda.function(functionArn).definition;
  const ratePerSecond = reservedConcurrency ? reservedConcurrency * 10 : DEFAULT_REQUESTS_PER_SECOND;
  const admit = createThrottle({ ratePerSecond, burst: ratePerSecond }, now);
  const door = { accountId: "anonymous", apiId: logicalId.toLowerCase(), publicUrl, routeKey: "$default" };
  return async (request) => {
    if (admit() === "refused") return jsonResponse(429, { Message: "Rate Exceeded." });
    const body = await readBody(request, LARGEST_BODY_BYTES);
    if (body === "too large") return tooLarge;
    const result = await lambda.invoke(functionArn, eventOf(request, body, door, now()), { service: "function-url" });
    if (result === "forbidden") return jsonResponse(403, { Message: "Forbidden" });
    if (result === "too large") return tooLarge;
    return (
      (result.ok ? responseOf(result.payload) : undefined) ?? jsonResponse(502, { Message: "Internal Server Error" })
    );
  };
}

const tooLarge = jsonResponse(413, {
  Message: `Request must be smaller than ${LARGEST_BODY_BYTES} bytes for the InvokeFunction operation`,
});
