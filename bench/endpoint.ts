/** A developer's server on this machine, which takes everything and only counts. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Endpoint {
  url: string;
  /** Requests so far. */
  arrived(): number;
  close(): void;
}

export async function startEndpoint(): Promise<Endpoint> {
  let count = 0;
  const server = createServer((incoming, answer) => {
    incoming.on("end", () => {
      count += 1;
      answer.writeHead(204).end();
    });
    incoming.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    arrived: () => count,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
