/** An HTTP API of API Gateway: routes, throttles, and its own answers to what no function answers. */
import type { IncomingMessage } from "node:http";
import type { Lambda } from "../lambda/lambda.ts";
import type { HttpApi } from "../template/stack.ts";
import { readBody } from "./body.ts";
import { eventOf, type HttpResponse, jsonResponse, responseOf, splitTarget } from "./payload.ts";
import { matchRoute } from "./routes.ts";
import { createThrottle } from "./throttle.ts";

export interface HttpApiOptions {
  region: string;
  accountId: string;
  publicUrl: URL;
  lambda: Lambda;
  /** Ms since 1970. */
  now: () => number;
}

/** API Gateway quotas for HTTP APIs: payload size 10 MB. */
const LARGEST_BODY_BYTES = 10 * 1024 * 1024;

export function serveHttpApi(
  api: HttpApi,
  { region, accountId, publicUrl, lambda, now }: HttpApiOptions,
): (request: IncomingMessage) => Promise<HttpResponse> {
  const [stage] = api.stages;
  const admitAny = stage?.throttle && createThrottle(stage.throttle, now);
  const admits = new Map(
    api.routes.map(({ key }) => {
      const own = stage?.routeThrottles[key];
      return [key, own ? createThrottle(own, now) : admitAny] as const;
    }),
  );
  return async (request) => {
    const { path } = splitTarget(request.url ?? "/");
    const method = request.method ?? "GET";
    const match = stage && matchRoute(api.routes, method, path);
    const integration = api.integrations.find(({ id }) => id === match?.route.integration);
    if (!match || !integration) return jsonResponse(404, { message: "Not Found" });
    const { key } = match.route;
    if (admits.get(key)?.() === "refused") return jsonResponse(429, { message: "Too Many Requests" });

    const body = await readBody(request, LARGEST_BODY_BYTES);
    if (body === "too large") return jsonResponse(413, { message: "Request Entity Too Large" });
    const pathParameters = Object.keys(match.pathParameters).length > 0 ? match.pathParameters : undefined;
    const door = { accountId, apiId: api.id, publicUrl, routeKey: key, ...(pathParameters && { pathParameters }) };
    const routePath = key === "$default" ? "$default" : `${method}${key.slice(key.indexOf(" ") + 1)}`;
    const sourceArn = `arn:aws:execute-api:${region}:${accountId}:${api.id}/${stage.name}/${routePath}`;
    const caller = { service: "apigateway.amazonaws.com", sourceArn };
    const result = await lambda.invoke(integration.functionArn, eventOf(request, body, door, now()), caller);
    if (result === "too large") return jsonResponse(413, { message: "Request Entity Too Large" });
    const response = result !== "forbidden" && result.ok ? responseOf(result.payload) : undefined;
    return response ?? jsonResponse(500, { message: "Internal Server Error" });
  };
}
