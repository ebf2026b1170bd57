/**
 * A few lines of AWS on the loopback: answers what a test tells it to, and lets nothing through whose signature the
 * judge of the local run does not accept.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { verifySignature } from "../../local/gateway/signature.ts";

export interface AwsCall {
  service: string;
  method: string;
  path: string;
  target: string;
  body: string;
}

/** `drop` breaks the connection after the request was read. */
export type AwsAnswer = { status: number; body: string } | "drop";

const CREDENTIALS = { accessKeyId: "AKIDTEST", secretAccessKey: "a secret key", sessionToken: "a session" };
const REGION = "eu-west-1";

export async function awsServer(answer: (call: AwsCall) => AwsAnswer) {
  const calls: AwsCall[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const [path = "", query = ""] = (request.url ?? "").split("?");
    const signed = { method: request.method ?? "", path, query, headers: request.headers, body: Buffer.concat(chunks) };
    const signerOf = (id: string) => (id === CREDENTIALS.accessKeyId ? CREDENTIALS : undefined);
    const verdict = verifySignature(
      { ...signed, isAbandoned: () => false },
      { region: REGION, signerOf, now: Date.now() },
    );
    const [, service = ""] = /\/([a-z0-9]+)\/aws4_request/.exec(request.headers.authorization ?? "") ?? [];
    const target = String(request.headers["x-amz-target"] ?? "");
    const call = { service, method: signed.method, path, target, body: signed.body.toString("utf8") };
    calls.push(call);
    const given: AwsAnswer =
      verdict.kind === "signed" ? answer(call) : { status: 403, body: `{"__type":"#${verdict.message}"}` };
    if (given === "drop") request.socket.destroy();
    else response.writeHead(given.status, { "content-type": "application/json" }).end(given.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env = {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_SESSION_TOKEN: CREDENTIALS.sessionToken,
    AWS_ENDPOINT_URL_SQS: url,
    AWS_ENDPOINT_URL_S3: url,
    AWS_ENDPOINT_URL_SSM: url,
  };
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { calls, env, close };
}

/** SQS's answer to a batch, with some of its entries refused. */
export function batchAnswer(
  body: string,
  isRefused: (entry: { Id: string; MessageBody: string }) => boolean = () => false,
) {
  const { Entries } = JSON.parse(body) as { Entries: { Id: string; MessageBody: string }[] };
  const refused = new Set(Entries.filter(isRefused));
  const Failed = [...refused].map(({ Id }) => ({ Id, Code: "InternalError", SenderFault: false }));
  const Successful = Entries.filter((entry) => !refused.has(entry)).map(({ Id }) => ({ Id, MessageId: `m-${Id}` }));
  return { status: 200, body: JSON.stringify({ Successful, ...(Failed.length && { Failed }) }) };
}
