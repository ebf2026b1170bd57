/** Between the HTTP API's payload (format 2.0) and our own request and answer. */
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import type { Answer, ApiRequest } from "./route.ts";

type Event = Pick<APIGatewayProxyEventV2, "rawPath" | "rawQueryString" | "headers" | "body" | "isBase64Encoded"> & {
  requestContext: { domainName: string; http: { method: string } };
};

export function fromGateway(event: Event, requestId: string): ApiRequest {
  return {
    id: requestId,
    // The gateway's own word, which no caller can change; deployed it is always https.
    origin: `${event.headers["x-forwarded-proto"] === "http" ? "http" : "https"}://${event.requestContext.domainName}`,
    method: event.requestContext.http.method,
    path: event.rawPath,
    query: event.rawQueryString,
    headers: event.headers,
    body: Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8"),
  };
}

export function toGateway({ status, headers, body }: Answer): APIGatewayProxyStructuredResultV2 {
  return { statusCode: status, headers, body };
}
