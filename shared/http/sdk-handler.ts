/**
 * A client of AWS's SDK over our own Http port. The SDK writes, signs and reads; what goes over the wire, and how sure we
 * are of what came of it, is the port's as with every other vendor. The SDK's own handler would tell a connection that
 * never stood and one that broke after the request in the same words.
 */
import type { SendOutcome } from "../domain/outcome.ts";
import type { ErrorTable } from "../domain/provider-error.ts";
import type { Http, HttpAnswer } from "../ports.ts";
import { outcomeOf } from "./send-outcome.ts";

/** What the SDK hands to whoever brings a request out. */
interface SdkRequest {
  method: string;
  protocol: string;
  hostname: string;
  port?: number;
  path: string;
  query?: Record<string, string | string[] | null>;
  headers: Record<string, string>;
  body?: unknown;
}

/** The options of one call: how it goes out, and what came back. The SDK hands them on as they are. */
interface Call {
  http: Http;
  answer?: HttpAnswer;
}

/** For the client's `requestHandler`; the port comes with each call. One client serves a whole process. */
export const callersHttp = {
  async handle(request: SdkRequest, options: object = {}) {
    const call = options as Call;
    // From here on something may have gone out, whatever befalls us.
    call.answer = { kind: "interrupted", detail: "broken off" };
    const answer = await call.http({
      method: methodOf(request),
      url: urlOf(request),
      headers: request.headers,
      ...(isBody(request.body) && { body: request.body }),
    });
    call.answer = answer;
    if (answer.kind !== "answer") throw new Error(answer.detail);
    return { response: { statusCode: answer.status, headers: answer.headers, body: Buffer.from(answer.body) } };
  },
  updateHttpClientConfig() {},
  httpHandlerConfigs: () => ({}),
};

export interface Called<Output> {
  /** Undefined: nothing went out, for want of credentials or a region. */
  answer: HttpAnswer | undefined;
  output?: Output;
  /** Of the service, or the SDK's own. */
  error?: unknown;
}

/** @param call hands its options to the client: `(options) => client.send(command, options)`; the client tries once */
export async function callOnce<Output>(
  http: Http,
  call: (options: object) => Promise<Output>,
): Promise<Called<Output>> {
  const options: Call = { http };
  try {
    const output = await call(options);
    return { answer: options.answer, output };
  } catch (error) {
    return { answer: options.answer, error };
  }
}

interface Reading<Output> {
  idIn(output: Output): unknown;
  /** Codes of an error that the service named, most exact first. @param words the service's own */
  codesIn(error: ServiceError, words: string): string[];
  errors: ErrorTable;
}

/** An error as the SDK read it: `name` is the service's word for it. */
export type ServiceError = Error & { $metadata: unknown; $fault: unknown };

/** By the same rule as every other provider's answers. */
export function outcomeOfCall<Output>(
  { answer, output, error }: Called<Output>,
  { idIn, codesIn, errors }: Reading<Output>,
): SendOutcome {
  if (!answer) return { kind: "unavailable", detail: error instanceof Error ? error.name : "not sent" };
  return outcomeOf(answer, {
    idIn: () => (output === undefined ? undefined : idIn(output)),
    errorIn: () => {
      if (!isNamed(error)) return undefined;
      const words = wordsOf(error);
      return { codes: codesIn(error, words), ...(words !== "" && { words }) };
    },
    errors,
  });
}

/** What stands behind an answer that names no error is called so by the SDK. */
export function isNamed(error: unknown): error is ServiceError {
  return error instanceof Error && "$fault" in error && !["Error", "UnknownError", "Unknown"].includes(error.name);
}

/** Some services write `Message` with a capital, beside which the SDK puts its own. */
function wordsOf(error: ServiceError): string {
  const words = "Message" in error && typeof error.Message === "string" ? error.Message : error.message;
  return words === "UnknownError" ? "" : words;
}

function methodOf({ method }: SdkRequest): "GET" | "POST" | "DELETE" {
  if (method === "GET" || method === "POST" || method === "DELETE") return method;
  throw new Error(`no request of ours is a ${method}`);
}

function urlOf({ protocol, hostname, port, path, query = {} }: SdkRequest): string {
  const url = new URL(`${protocol}//${hostname}${port === undefined ? "" : `:${port}`}${path}`);
  for (const [name, value] of Object.entries(query))
    for (const one of [value].flat()) url.searchParams.append(name, one ?? "");
  return url.href;
}

function isBody(body: unknown): body is string | Uint8Array {
  return typeof body === "string" || body instanceof Uint8Array;
}
