import { createHash } from "node:crypto";
import { once } from "node:events";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createFetchFile } from "../../shared/http/download.ts";
import type { Fetched } from "../../shared/ports.ts";

const API = "https://api.vendor.example";
const CDN = "https://cdn.vendor.example";
const LARGEST = 100_000;
const CREDENTIALS = { origins: [API], headers: { authorization: "Bearer secret" } };

let server: http.Server | undefined;
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
});

/** A vendor whose two origins are one server here; what it was asked is kept. */
async function vendor(answer: (request: http.IncomingMessage, response: http.ServerResponse) => void) {
  const seen: { url: string | undefined; headers: http.IncomingHttpHeaders }[] = [];
  server = http.createServer((request, response) => {
    seen.push({ url: request.url, headers: request.headers });
    answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = (server.address() as AddressInfo).port;
  const by = `http://127.0.0.1:${port}`;
  const fetchFile = createFetchFile({
    standIns: [{ origins: [API, CDN], by }],
    timeoutsMs: { connect: 2_000, idle: 300, total: 1_000 },
  });
  return { seen, by, port, get: (url: string, more = {}) => fetchFile({ url, largestBytes: LARGEST, ...more }) };
}

async function contentOf(fetched: Fetched): Promise<Buffer> {
  if (fetched.kind !== "fetched") throw new Error(`nothing was fetched: ${JSON.stringify(fetched)}`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of fetched.file.read()) chunks.push(chunk);
  await fetched.file.close();
  return Buffer.concat(chunks);
}

describe("a file", () => {
  it("comes whole, with its size, checksum, first bytes and type, and can be read twice", async () => {
    const bytes = Buffer.alloc(90_000, "picture ");
    const { get, seen } = await vendor((_, response) => {
      response.writeHead(200, { "content-type": "image/jpeg" }).end(bytes);
    });
    const fetched = await get(`${API}/file?x=1`);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    expect(fetched).toMatchObject({ kind: "fetched", file: { size: 90_000, sha256, contentType: "image/jpeg" } });
    if (fetched.kind === "fetched") {
      expect(Buffer.from(fetched.file.head).equals(bytes.subarray(0, 1024))).toBe(true);
      for await (const piece of fetched.file.read()) expect(piece.length).toBeGreaterThan(0);
    }
    expect((await contentOf(fetched)).equals(bytes)).toBe(true);
    expect(seen[0]).toMatchObject({ url: "/file?x=1", headers: { "user-agent": expect.stringMatching(/./) } });
  });

  it.each([
    [LARGEST, "fetched"],
    [LARGEST + 1, "too_large"],
  ])("of %i bytes is %s, announced or not", async (size, kind) => {
    const { get } = await vendor((request, response) => {
      const headers = request.url === "/announced" ? { "content-length": size } : {};
      response.writeHead(200, headers);
      response.write(Buffer.alloc(size - 1));
      response.end("!");
    });
    for (const path of ["announced", "silent"]) {
      const fetched = await get(`${API}/${path}`);
      if (fetched.kind === "fetched") await fetched.file.close();
      expect(fetched.kind, path).toBe(kind);
    }
  });

  it("that is announced too large is not waited for, nor one that never ends", async () => {
    const { get } = await vendor((request, response) => {
      response.writeHead(200, request.url === "/announced" ? { "content-length": 5_000_000_000 } : {});
      const timer = setInterval(() => response.write(Buffer.alloc(50_000)), 1);
      response.on("close", () => clearInterval(timer));
    });
    expect(await get(`${API}/announced`)).toEqual({ kind: "too_large" });
    expect(await get(`${API}/endless`)).toEqual({ kind: "too_large" });
  });
});

describe("an answer without a file", () => {
  it.each([
    [401, {}, { kind: "dead", status: 401 }],
    [403, {}, { kind: "dead", status: 403 }],
    [404, {}, { kind: "dead", status: 404 }],
    [410, {}, { kind: "dead", status: 410 }],
    [429, { "retry-after": "17" }, { kind: "unavailable", detail: "HTTP 429", retryAfterSeconds: 17 }],
    [503, {}, { kind: "unavailable", detail: "HTTP 503" }],
    [204, {}, { kind: "unusable", detail: "HTTP 204" }],
    [304, {}, { kind: "unusable", detail: "HTTP 304" }],
    [200, { "content-encoding": "gzip" }, { kind: "unusable", detail: "encoded content" }],
    [200, {}, { kind: "unavailable", detail: "an empty file" }],
  ])("%i %o", async (status, headers, expected) => {
    const { get } = await vendor((_, response) => response.writeHead(status, headers).end());
    expect(await get(`${API}/file`)).toEqual(expected);
  });

  it.each([
    [
      "that is cut short",
      (response: http.ServerResponse) => {
        response.writeHead(200, { "content-length": 10 }).write("half");
        setTimeout(() => response.destroy(), 20);
      },
    ],
    ["that never comes", () => {}],
    ["that stops half-way", (response: http.ServerResponse) => void response.writeHead(200).write("half")],
  ])("%s may come later", async (_, answer) => {
    const { get } = await vendor((_, response) => answer(response));
    expect(await get(`${API}/file`)).toMatchObject({ kind: "unavailable" });
  });
});

describe("an address", () => {
  it.each([
    "https://127.0.0.1:PORT/",
    "https://localhost:PORT/",
    "https://[::1]:PORT/",
    "https://2130706433:PORT/",
    "https://[::ffff:127.0.0.1]:PORT/",
    "https://0.0.0.0:PORT/",
    "https://169.254.169.254/latest/meta-data/",
    "https://[fd00:ec2::254]/latest/",
    "https://[64:ff9b::a9fe:a9fe]/latest/",
    "https://[::a9fe:a9fe]/latest/",
    "https://[4000::1]/latest/",
    "https://10.0.0.1/",
    "https://100.64.0.1/",
    "http://127.0.0.1:1/",
    "http://example.com/file",
    "ftp://example.com/file",
    `https://name:word@cdn.vendor.example/`,
  ])("%s is not asked, neither at first nor after a redirect", async (address) => {
    const { get, port, seen } = await vendor((_, response) => {
      response.writeHead(302, { location: address.replace("PORT", String(port)) }).end();
    });
    expect(await get(address.replace("PORT", String(port)))).toMatchObject({ kind: "forbidden_address" });
    expect(seen).toEqual([]);
    expect(await get(`${API}/file`)).toMatchObject({ kind: "forbidden_address" });
    expect(seen).toHaveLength(1);
  });

  it("of the stand-in is forbidden as soon as nothing stands in", async () => {
    const { by, seen } = await vendor((_, response) => response.end("file"));
    expect(await createFetchFile()({ url: `${by}/file`, largestBytes: LARGEST })).toMatchObject({
      kind: "forbidden_address",
    });
    expect(seen).toEqual([]);
  });

  it("that is none is no file", async () => {
    const { get } = await vendor((_, response) => response.end("file"));
    expect(await get("not a URL")).toEqual({ kind: "unusable", detail: "not a URL" });
  });
});

describe("a redirect", () => {
  it("is followed, and named in relation to where it comes from", async () => {
    const { get, seen } = await vendor((request, response) => {
      const next = { "/a/1": "2", "/a/2": `${CDN}/b` }[request.url ?? ""];
      if (next === undefined) response.end("file");
      else response.writeHead(307, { location: next }).end();
    });
    expect(String(await contentOf(await get(`${API}/a/1`)))).toBe("file");
    expect(seen.map(({ url }) => url)).toEqual(["/a/1", "/a/2", "/b"]);
  });

  it("is not followed for ever", async () => {
    const { get, seen } = await vendor((_, response) => response.writeHead(302, { location: "/again" }).end());
    expect(await get(`${API}/file`)).toEqual({ kind: "unusable", detail: "too many redirects" });
    expect(seen).toHaveLength(6);
  });
});

describe("credentials", () => {
  const asked = async (url: string, locations: Record<string, string> = {}) => {
    const { get, seen, by } = await vendor((request, response) => {
      const location = locations[request.url ?? ""];
      if (location === undefined) response.end("file");
      else response.writeHead(302, { location }).end();
    });
    await contentOf(await get(url.replace("STAND-IN", by), { credentials: CREDENTIALS }));
    return seen.map(({ headers }) => headers.authorization);
  };

  it("go to the origins that they are for, and to a stand-in of one", async () => {
    expect(await asked(`${API}/file`)).toEqual(["Bearer secret"]);
    expect(await asked("STAND-IN/file")).toEqual(["Bearer secret"]);
  });

  it("go to no other origin", async () => {
    expect(await asked(`${CDN}/file`)).toEqual([undefined]);
  });

  it("stay when the origin sends on to itself, and never come back once they were left", async () => {
    expect(await asked(`${API}/1`, { "/1": "/2" })).toEqual(["Bearer secret", "Bearer secret"]);
    expect(await asked(`${API}/1`, { "/1": `${CDN}/2`, "/2": `${API}/3` })).toEqual([
      "Bearer secret",
      undefined,
      undefined,
    ]);
  });
});
