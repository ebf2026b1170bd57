import { once } from "node:events";
import * as http from "node:http";
import * as https from "node:https";
import * as net from "node:net";
import * as tls from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { createHttp } from "../../shared/http/request.ts";
import { selfSigned } from "./self-signed.ts";

const post = { method: "POST", headers: { "content-type": "application/json" }, body: '{"text":"hi"}' } as const;

const open: { close(): void }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

/** A server on a free port; its sockets go with it. */
async function listening(server: net.Server): Promise<number> {
  const sockets = new Set<net.Socket>();
  server.on("connection", (socket: net.Socket) => sockets.add(socket.on("error", () => {})));
  open.push({
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as net.AddressInfo).port;
}

async function unusedPort(): Promise<number> {
  const server = net.createServer();
  const port = await listening(server);
  server.close();
  await once(server, "close");
  return port;
}

describe("an answer", () => {
  it("has its status, lower-case header names and body; the request arrives as given", async () => {
    let seen = "";
    const port = await listening(
      http.createServer(async (request, response) => {
        for await (const chunk of request) seen += chunk;
        response.writeHead(429, { "Retry-After": "7", "Set-Cookie": ["a=1", "b=2"] }).end("später 🕐");
      }),
    );
    const answer = await createHttp({ timeoutMs: 5000 })({ ...post, url: `http://127.0.0.1:${port}/v1?x=1` });
    expect(seen).toBe(post.body);
    expect(answer).toMatchObject({ kind: "answer", status: 429, body: "später 🕐" });
    expect(answer).toMatchObject({ headers: { "retry-after": "7", "set-cookie": "a=1, b=2" } });
  });

  it("that redirects is not followed", async () => {
    const seen: string[] = [];
    const port = await listening(
      http.createServer((request, response) => {
        seen.push(request.url ?? "");
        response.writeHead(302, { location: "/elsewhere" }).end();
      }),
    );
    const answer = await createHttp({ timeoutMs: 5000 })({ ...post, url: `http://127.0.0.1:${port}/here` });
    expect(answer).toMatchObject({ kind: "answer", status: 302 });
    expect(seen).toEqual(["/here"]);
  });

  it.each([
    [1_048_576, "answer"],
    [1_048_577, "interrupted"],
  ])("of %i bytes is %s", async (bytes, kind) => {
    const port = await listening(http.createServer((_, response) => response.end("x".repeat(bytes))));
    expect(await createHttp({ timeoutMs: 5000 })({ ...post, url: `http://127.0.0.1:${port}/` })).toMatchObject({
      kind,
    });
  });

  it("comes over TLS too, from a server that is trusted", async () => {
    const before = tls.getCACertificates("default");
    tls.setDefaultCACertificates([...before, selfSigned.cert]);
    const port = await listening(https.createServer(selfSigned, (_, response) => response.end("ok")));
    const answer = await createHttp({ timeoutMs: 5000 })({ ...post, url: `https://127.0.0.1:${port}/` });
    tls.setDefaultCACertificates(before);
    expect(answer).toMatchObject({ kind: "answer", status: 200, body: "ok" });
  });
});

describe("certainly not sent", () => {
  const send = createHttp({ timeoutMs: 5000 });

  it("when the connection is refused", async () => {
    expect(await send({ ...post, url: `http://127.0.0.1:${await unusedPort()}/` })).toEqual({
      kind: "not_sent",
      detail: "ECONNREFUSED",
    });
  });

  it("when the name is not known", async () => {
    expect(await send({ ...post, url: "https://no-such-host.invalid/" })).toMatchObject({ kind: "not_sent" });
  });

  it("when the other side does not speak TLS", async () => {
    const port = await listening(net.createServer((socket) => socket.end("220 hello\r\n")));
    expect(await send({ ...post, url: `https://127.0.0.1:${port}/` })).toMatchObject({ kind: "not_sent" });
  });

  it("when the certificate is not trusted, and the server has seen nothing of the request", async () => {
    let seen = "";
    const server = tls.createServer(selfSigned, (socket) =>
      socket.on("error", () => {}).on("data", (chunk) => (seen += chunk)),
    );
    server.on("tlsClientError", () => {});
    const port = await listening(server);
    const answer = await send({ ...post, url: `https://127.0.0.1:${port}/` });
    expect(answer).toEqual({ kind: "not_sent", detail: "DEPTH_ZERO_SELF_SIGNED_CERT" });
    server.close();
    await once(server, "close");
    expect(seen).toBe("");
  });

  it("when the TLS handshake does not end in time", async () => {
    const port = await listening(net.createServer(() => {}));
    const answer = await createHttp({ timeoutMs: 200 })({ ...post, url: `https://127.0.0.1:${port}/` });
    expect(answer).toMatchObject({ kind: "not_sent" });
  });

  it("when HTTP cannot carry a header, without quoting it", async () => {
    const answer = await send({ ...post, headers: { authorization: "Bearer \nsecret" }, url: "http://127.0.0.1:9/" });
    expect(answer).toEqual({ kind: "not_sent", detail: "ERR_INVALID_CHAR" });
  });

  it("when the address is none", async () => {
    expect(await send({ ...post, url: "graph" })).toEqual({ kind: "not_sent", detail: "not a URL" });
  });
});

describe("interrupted", () => {
  const send = createHttp({ timeoutMs: 5000 });

  it("when the server accepts and never answers", async () => {
    const port = await listening(net.createServer((socket) => socket.resume()));
    const answer = await createHttp({ timeoutMs: 200 })({ ...post, url: `http://127.0.0.1:${port}/` });
    expect(answer).toEqual({ kind: "interrupted", detail: "no answer in time" });
  });

  it.each<[string, (socket: net.Socket) => void]>([
    ["resets after reading", (socket) => socket.resetAndDestroy()],
    ["closes after reading", (socket) => socket.end()],
    ["answers something that is not HTTP", (socket) => socket.end("hello\r\n\r\n")],
    [
      "switches protocols",
      (socket) => socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"),
    ],
    ["cuts its answer short", (socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")],
    [
      "cuts a chunked answer short",
      (socket) => socket.end("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
    ],
    [
      "resets in the middle of its answer",
      (socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", () => socket.resetAndDestroy()),
    ],
  ])("when the server %s", async (_, misbehave) => {
    const port = await listening(net.createServer((socket) => socket.once("data", () => misbehave(socket))));
    expect(await send({ ...post, url: `http://127.0.0.1:${port}/` })).toMatchObject({ kind: "interrupted" });
  });

  it("when a trusted TLS server resets after reading", async () => {
    const before = tls.getCACertificates("default");
    tls.setDefaultCACertificates([...before, selfSigned.cert]);
    const port = await listening(tls.createServer(selfSigned, (socket) => socket.once("data", () => socket.destroy())));
    const answer = await send({ ...post, url: `https://127.0.0.1:${port}/` });
    tls.setDefaultCACertificates(before);
    expect(answer).toMatchObject({ kind: "interrupted" });
  });
});

describe("a kept-alive connection", () => {
  /** Answers the first request of each connection; what it does with the second is the test's. */
  function answersOnce(second: (socket: net.Socket) => void) {
    let connections = 0;
    const server = net.createServer((socket) => {
      connections += 1;
      socket.once("data", () => {
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok");
        socket.once("data", () => second(socket));
      });
    });
    return { server, connections: () => connections };
  }

  it("is used again", async () => {
    const { server, connections } = answersOnce((socket) =>
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    );
    const url = `http://127.0.0.1:${await listening(server)}/`;
    const send = createHttp({ timeoutMs: 5000 });
    await send({ ...post, url });
    expect(await send({ ...post, url })).toMatchObject({ kind: "answer", body: "ok" });
    expect(connections()).toBe(1);
  });

  it("that dies under the second request leaves that one uncertain: it is not repeated", async () => {
    let reads = 0;
    const { server, connections } = answersOnce((socket) => {
      reads += 1;
      socket.resetAndDestroy();
    });
    const url = `http://127.0.0.1:${await listening(server)}/`;
    const send = createHttp({ timeoutMs: 5000 });
    await send({ ...post, url });
    expect(await send({ ...post, url })).toMatchObject({ kind: "interrupted" });
    expect([reads, connections()]).toEqual([1, 1]);
  });

  it("that the server has closed meanwhile is replaced by a new one", async () => {
    const sockets: net.Socket[] = [];
    const server = net.createServer((socket) => {
      sockets.push(socket);
      socket.on("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    });
    const url = `http://127.0.0.1:${await listening(server)}/`;
    const send = createHttp({ timeoutMs: 5000 });
    await send({ ...post, url });
    const [first] = sockets;
    first?.end();
    await once(first ?? server, "close");
    expect(await send({ ...post, url })).toMatchObject({ kind: "answer" });
    expect(sockets).toHaveLength(2);
  });
});

describe("in the local run", () => {
  it("scheme, host and port of the vendor are replaced; path and query stay", async () => {
    const seen: string[] = [];
    const port = await listening(
      http.createServer((request, response) => {
        seen.push(`${request.headers.host} ${request.url}`);
        response.end();
      }),
    );
    const send = createHttp({
      timeoutMs: 5000,
      replaces: { origins: ["https://graph.facebook.com"], by: `http://127.0.0.1:${port}` },
    });
    expect(await send({ ...post, url: "https://graph.facebook.com/v23.0/1/messages?a=b" })).toMatchObject({
      kind: "answer",
    });
    expect(seen).toEqual([`127.0.0.1:${port} /v23.0/1/messages?a=b`]);
  });

  it("an address that only begins like the vendor's is left alone", async () => {
    const send = createHttp({
      timeoutMs: 5000,
      replaces: { origins: ["https://graph.facebook.com"], by: "http://127.0.0.1:9" },
    });
    const answer = await send({ ...post, url: "https://graph.facebook.com.invalid/" });
    expect(answer).toMatchObject({ kind: "not_sent" });
    expect(answer).not.toMatchObject({ detail: "ECONNREFUSED" });
  });
});
