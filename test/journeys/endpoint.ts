/** A developer's server: it keeps what it gets, and answers as a test says. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Envelope } from "../../shared/domain/envelope.ts";

export interface Got {
  event: Envelope;
  headers: Record<string, string>;
  body: string;
}

export type Behaviour = (answer: ServerResponse, request: IncomingMessage) => void;

/** @param behave what becomes of each request; 204 where it says nothing */
export async function startEndpoint(behave: (got: Got) => Behaviour | undefined = () => undefined) {
  const got: Got[] = [];
  const server = createServer((request, answer) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const one = { event: Envelope.parse(JSON.parse(body)), headers, body };
      got.push(one);
      const act = behave(one) ?? ((ok) => ok.writeHead(204).end());
      act(answer, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    got,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
