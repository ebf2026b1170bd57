/** The way from the gateway to a server behind it: one keep-alive pool per server, bodies complete. */
import { Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import aws4 from "aws4";

interface Sent {
  method: string;
  /** Path and query, encoded. */
  path: string;
  headers: OutgoingHttpHeaders;
  body: string | Buffer;
}

export interface Received {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface Upstream {
  /** Whether the server runs outside of the gateway. */
  isForeign: boolean;
  /** @throws Error when there is no answer. */
  send(sent: Sent): Promise<Received>;
  /** Resolves once every request under way has its answer. */
  settled(): Promise<void>;
  close(): void;
}

/**
 * Credentials for servers outside of the gateway: those of the caller end at the gateway, and DynamoDB Local keeps a
 * database apart for every access key that it sees.
 */
function foreignCredentials() {
  const { AWS_ACCESS_KEY_ID: accessKeyId = "recado", AWS_SECRET_ACCESS_KEY: secretAccessKey = "recado" } = process.env;
  return { accessKeyId, secretAccessKey };
}

/** `scope` fills the Authorization header that the emulators read the region from; they check no signature. */
export function connect(url: string, scope: { service: string; region: string }, isForeign: boolean): Upstream {
  const { hostname, port, host, protocol } = new URL(url);
  const isTls = protocol === "https:";
  const agent = isTls ? new TlsAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
  const underWay = new Set<Promise<Received>>();
  const authorization = `AWS4-HMAC-SHA256 Credential=gateway/20000101/${scope.region}/${scope.service}/aws4_request, SignedHeaders=host, Signature=0`;

  const send = ({ method, path, headers, body }: Sent): Promise<Received> =>
    new Promise((resolve, reject) => {
      const signed = isForeign
        ? (aws4.sign({ ...scope, host, method, path, body, headers: { ...headers, host } }, foreignCredentials())
            .headers ?? {})
        : { ...headers, host, authorization, "x-amz-date": "20000101T000000Z" };
      const call = isTls ? tlsRequest : request;
      const outgoing = call(
        { hostname, port, method, path, agent, headers: { ...signed, "content-length": Buffer.byteLength(body) } },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () => {
            const [first = Buffer.alloc(0)] = chunks;
            const complete = chunks.length > 1 ? Buffer.concat(chunks) : first;
            resolve({ status: response.statusCode ?? 502, headers: response.headers, body: complete });
          });
        },
      );
      outgoing.on("error", reject);
      outgoing.end(body);
    });

  return {
    isForeign,
    send(sent) {
      const answer = send(sent);
      underWay.add(answer);
      const done = () => underWay.delete(answer);
      answer.then(done, done);
      return answer;
    },
    async settled() {
      await Promise.allSettled(underWay);
    },
    close: () => agent.destroy(),
  };
}
