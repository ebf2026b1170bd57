/** One HTTP exchange: read the request, check who signed it, ask for its permissions, perform it, record, answer. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Authority, Caller } from "./authority.ts";
import { deniedRefusal, errorAnswer, signatureRefusal } from "./errors.ts";
import { type Answer, type AwsRequest, Interrupted, isRefusal, type Refusal, type Service } from "./service.ts";
import { claimedService, verifySignature } from "./signature.ts";

export interface Exchange {
  region: string;
  services: readonly Service[];
  authority: Authority;
  /** Whether the servers behind are being stopped, so that their silence is nothing to report. */
  isClosing: boolean;
}

/** Never rejects: what goes wrong inside is logged and answered with 503. */
export async function exchange(incoming: IncomingMessage, response: ServerResponse, parties: Exchange): Promise<void> {
  try {
    const request = await readRequest(incoming, response);
    reply(request, response, await answerTo(request, parties));
  } catch {
    // The caller hung up in the middle of its request, or the service in the middle of its answer.
    response.destroy();
  }
}

async function answerTo(request: AwsRequest, parties: Exchange): Promise<Answer> {
  const { region, services, authority } = parties;
  const claimed = claimedService(request);
  const service = services.find(({ name }) => name === claimed);
  const protocol = service?.protocol ?? guessedProtocol(request);
  const verdict = verifySignature(request, { region, signerOf: authority.signerOf, now: Date.now() });
  if (verdict.kind === "refused") {
    return errorAnswer(protocol, signatureRefusal(protocol, verdict.fault, verdict.message));
  }
  if (!service) {
    const message = `The local run has no service ${claimed}.`;
    return errorAnswer(protocol, { code: "UnknownOperationException", message });
  }
  try {
    const outcome = await performAs(verdict.signer.caller, request, { service, authority });
    return isRefusal(outcome) ? errorAnswer(protocol, outcome) : outcome;
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    if (!parties.isClosing) logFault(service.name, error);
    return errorAnswer(protocol, {
      code: "ServiceUnavailable",
      message: "The local service gave no answer.",
      status: 503,
    });
  }
}

async function performAs(
  caller: Caller,
  request: AwsRequest,
  { service, authority }: { service: Service; authority: Authority },
): Promise<Answer | Refusal> {
  const operation = await service.prepare(request);
  if (isRefusal(operation)) return operation;
  for (const { conditionKeys } of operation.asks) Object.assign(conditionKeys, onBehalf(caller, request));
  const judged = operation.asks.map((ask) => authority.judge(ask, caller));
  try {
    const denied = judged.find(({ refusal }) => refusal !== undefined)?.refusal;
    if (denied !== undefined) return deniedRefusal(service.protocol, denied);
    return await operation.perform((ask) => {
      const { refusal, record } = authority.judge(ask, caller);
      record();
      return refusal;
    });
  } finally {
    for (const { record } of judged) record();
  }
}

/** A service of AWS that calls another says for which resource of whom, against confused deputies. */
function onBehalf({ arn }: Caller, { headers }: AwsRequest): Record<string, string[]> {
  if (arn.startsWith("arn:")) return {};
  const { "x-amz-source-arn": source, "x-amz-source-account": account } = headers;
  return {
    ...(source !== undefined && { "aws:SourceArn": [source].flat() }),
    ...(account !== undefined && { "aws:SourceAccount": [account].flat() }),
  };
}

function logFault(service: string, error: unknown): void {
  console.error(JSON.stringify({ level: "error", code: "gateway_fault", service, error: String(error) }));
}

/** For errors about a request that names no service of ours. */
function guessedProtocol({ headers }: AwsRequest): Service["protocol"] {
  const target = headers["x-amz-target"];
  if (target !== undefined) return String(target).startsWith("AmazonSQS.") ? "query-json" : "json";
  return String(headers["content-type"]).startsWith("application/x-www-form-urlencoded") ? "query-xml" : "rest-xml";
}

async function readRequest(incoming: IncomingMessage, response: ServerResponse): Promise<AwsRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const { method = "GET", url = "/", headers } = incoming;
  const mark = url.indexOf("?");
  return {
    method,
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? "" : url.slice(mark + 1),
    headers,
    body: Buffer.concat(chunks),
    isAbandoned: () => response.destroyed,
  };
}

function reply({ method }: AwsRequest, response: ServerResponse, { status, headers, body }: Answer): void {
  // The answer to HEAD tells the length of a body that it does not have.
  const length = method === "HEAD" ? {} : { "content-length": Buffer.byteLength(body) };
  response.writeHead(status, { ...headers, ...length });
  response.end(body);
}
