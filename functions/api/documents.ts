/** The contract, for anyone who asks: the documents of docs/contract, with the address that they were asked at. */
import { createHash } from "node:crypto";
import type { Answer, ApiRequest, Ports } from "./route.ts";

/** Who asks again within it need not be told anew. */
const FRESH_SECONDS = 300;

export function showDocument(
  name: "openapi" | "asyncapi",
): (asked: { request: ApiRequest; ports: Ports }) => Promise<Answer> {
  return async ({ request, ports }) => {
    const document = JSON.parse(ports.document(name)) as Record<string, unknown>;
    const body = JSON.stringify(name === "openapi" ? { ...document, servers: [{ url: request.origin }] } : document);
    const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
    const headers = { etag, "cache-control": `public, max-age=${FRESH_SECONDS}`, "access-control-allow-origin": "*" };
    if (isNamed(request.headers["if-none-match"], etag)) return { status: 304, headers, body: "" };
    return { status: 200, headers: { ...headers, "content-type": "application/json" }, body };
  };
}

/** Compared weakly, as RFC 9110 (13.1.2) wants it: what stands in between may have compressed the document. */
function isNamed(header: string | undefined, etag: string): boolean {
  const named = (header ?? "").split(",").map((one) => one.trim().replace(/^W\//, ""));
  return named.includes("*") || named.includes(etag);
}
