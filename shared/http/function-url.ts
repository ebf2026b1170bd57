/** A webhook between Lambda's event (payload version 2.0: function URLs and HTTP APIs) and what a door takes and gives. */
import type { WebhookReply, WebhookRequest } from "../channels/connector.ts";

interface HttpEvent {
  rawPath: string;
  rawQueryString: string;
  headers: Readonly<Record<string, string | undefined>>;
  body?: string;
  isBase64Encoded: boolean;
  requestContext: { domainName: string; http: { method: string } };
}

/** The host is part of the event and never taken from a header, which anybody can write. */
export function toRequest(event: HttpEvent): WebhookRequest {
  const origin = process.env.RECADO_PUBLIC_URL ?? `https://${event.requestContext.domainName}`;
  const query = [...new URLSearchParams(event.rawQueryString)];
  return {
    method: event.requestContext.http.method,
    url: origin + event.rawPath + (event.rawQueryString ? `?${event.rawQueryString}` : ""),
    query: Object.fromEntries(query.reverse()),
    headers: Object.fromEntries(
      Object.entries(event.headers).map(([name, value]) => [name.toLowerCase(), value ?? ""]),
    ),
    body: Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8"),
    receivedAt: Date.now(),
  };
}

export function toResponse({ status, contentType, body }: WebhookReply): {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
} {
  return { statusCode: status, headers: { "content-type": contentType, "x-content-type-options": "nosniff" }, body };
}
