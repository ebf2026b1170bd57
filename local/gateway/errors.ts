/** AWS's error forms: each protocol writes a refusal in its own way, and the SDKs read the code from there. */
import { randomUUID } from "node:crypto";
import type { Answer, Refusal, Service } from "./service.ts";

type Protocol = Service["protocol"];

export function errorAnswer(protocol: Protocol, { code, message, status = 400 }: Refusal): Answer {
  switch (protocol) {
    case "json":
      return json(code, message, status);
    case "rest-json": {
      const headers = { "content-type": "application/json", "x-amzn-errortype": code };
      return { status, headers, body: JSON.stringify({ message }) };
    }
    case "query-json": {
      const answer = json(code, message, status);
      // Clients that grew up with the older protocol look the code up here, batch errors under their older names.
      const name = /Batch/.test(code) ? `AWS.SimpleQueueService.${code}` : code.replace(/Exception$/, "");
      answer.headers["x-amzn-query-error"] = `${name};Sender`;
      return answer;
    }
    case "query-xml":
      return xml(
        status,
        `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${escaped(message)}</Message></Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
      );
    case "rest-xml":
      return xml(
        status,
        `<Error><Code>${code}</Code><Message>${escaped(message)}</Message><RequestId>${randomUUID()}</RequestId></Error>`,
      );
  }
}

/** What was wrong with the caller's credentials, by what each protocol calls it. */
export type SignatureFault =
  | "missing"
  | "incomplete"
  | "unknown-key"
  | "mismatch"
  | "expired"
  | "link-incomplete"
  | "link-refused";

export function signatureRefusal(protocol: Protocol, fault: SignatureFault, message: string): Refusal {
  const isJson = protocol === "json" || protocol === "rest-json";
  return {
    code: SIGNATURE_CODES[fault][isJson ? 0 : protocol === "rest-xml" ? 2 : 1],
    message,
    status: protocol === "json" || fault === "link-incomplete" ? 400 : 403,
  };
}

/** Columns: JSON protocols, query protocols, S3. */
const SIGNATURE_CODES: Record<SignatureFault, readonly [string, string, string]> = {
  missing: ["MissingAuthenticationTokenException", "MissingAuthenticationToken", "AccessDenied"],
  incomplete: ["IncompleteSignatureException", "IncompleteSignature", "AuthorizationHeaderMalformed"],
  "unknown-key": ["UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId"],
  mismatch: ["InvalidSignatureException", "SignatureDoesNotMatch", "SignatureDoesNotMatch"],
  expired: ["InvalidSignatureException", "SignatureDoesNotMatch", "RequestTimeTooSkewed"],
  // Presigned links are S3's alone.
  "link-incomplete": ["IncompleteSignatureException", "IncompleteSignature", "AuthorizationQueryParametersError"],
  "link-refused": ["AccessDeniedException", "AccessDenied", "AccessDenied"],
};

/** A denied permission. */
export function deniedRefusal(protocol: Protocol, message: string): Refusal {
  switch (protocol) {
    case "json":
      return { code: "AccessDeniedException", message };
    case "rest-json":
    case "query-json":
      return { code: "AccessDeniedException", message, status: 403 };
    case "query-xml":
      return { code: "AuthorizationError", message, status: 403 };
    case "rest-xml":
      return { code: "AccessDenied", message, status: 403 };
  }
}

function json(code: string, message: string, status: number): Answer {
  return {
    status,
    headers: { "content-type": "application/x-amz-json-1.0" },
    body: JSON.stringify({ __type: `com.amazon.coral.service#${code}`, message }),
  };
}

function xml(status: number, body: string): Answer {
  return {
    status,
    headers: { "content-type": "application/xml" },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
  };
}

function escaped(text: string): string {
  return text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
