/** The way from the gateway to what is behind it, an emulator or a server: bodies complete. */
import { Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, type RequestListener, request } from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import aws4 from "aws4";
import inject from "light-my-request";

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

/** For the Authorization header that the emulators read the region from; they check no signature. */
interface Scope {
  service: string;
  region: string;
}

/** An emulator in this process. Without a socket between, nothing else reaches it and a call costs a third less. */
export function embedded(serve: RequestListener, scope: Scope): Upstream {
  const headers = unsigned("localhost", scope);
  const send = async ({ method, path, headers: own, body }: Sent): Promise<Received> => {
    const length = { "content-length": Buffer.byteLength(body) };
    const options = { method, url: path, headers: { ...own, ...headers, ...length }, payload: body };
    const answer = await inject(serve, options);
    return { status: answer.statusCode, headers: answer.headers as IncomingHttpHeaders, body: answer.rawPayload };
  };
  return upstream({ isForeign: false, send, close: () => {} });
}

/** A server on this machine that stands for a service; `isForeign`: one that the gateway did not start. */
export function connect(url: string, scope: Scope, isForeign: boolean): Upstream {
  const { hostname, port, host, protocol } = new URL(url);
  const isTls = protocol === "https:";
  const agent = isTls ? new TlsAgent({ keepAlive: true }) : new Agent({ keepAlive: true });

  const send = ({ method, path, headers, body }: Sent): Promise<Received> =>
    new Promise((resolve, reject) => {
      const signed = isForeign
        ? (aws4.sign({ ...scope, host, method, path, body, headers: { ...headers, host } }, foreignCredentials())
            .headers ?? {})
        : { ...headers, ...unsigned(host, scope) };
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
  return upstream({ isForeign, send, close: () => agent.destroy() });
}

function unsigned(host: string, { service, region }: Scope): OutgoingHttpHeaders {
  const credential = `gateway/20000101/${region}/${service}/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=0`;
  return { host, authorization, "x-amz-date": "20000101T000000Z" };
}

function upstream({ isForeign, send, close }: Pick<Upstream, "isForeign" | "send" | "close">): Upstream {
  const underWay = new Set<Promise<Received>>();
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
    close,
  };
}
