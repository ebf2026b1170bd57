/** What a request to a developer's endpoint comes to, and where none goes. */
import dns from "node:dns";
import { createServer, type RequestListener } from "node:http";
import { syncBuiltinESMExports } from "node:module";
import { type AddressInfo, createServer as createTcp, isIP, type Server } from "node:net";
import { Webhook } from "standardwebhooks";
import { afterAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { createJudgeUrl, createPostWebhook } from "../../shared/http/post-webhook.ts";

const post = createPostWebhook({ reachesThisMachine: true, timeoutMs: 400, slowMs: 100 });
const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const open: Server[] = [];
afterAll(() => open.forEach((server) => void server.close()));

async function listening(server: Server): Promise<string> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function send(url: string, more: { onSlow?: () => void } = {}) {
  const { durationMs, ...answer } = await post({
    url,
    id: "evt_1",
    body: '{"é":1}',
    keys: [SECRET],
    now: Date.now(),
    ...more,
  });
  expect(durationMs).toBeGreaterThanOrEqual(0);
  return answer;
}

/** What an endpoint says on the wire. */
const raw = (text: string, end = true) =>
  listening(
    createTcp((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => (end ? socket.end(text) : socket.write(text)));
    }),
  );
const http = (listener: RequestListener) => listening(createServer(listener));

describe("an endpoint", () => {
  it("gets the body with a signature that the standard's own library takes", async () => {
    let got: [string, Record<string, string>] = ["", {}];
    const url = await http((request, answer) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        got = [Buffer.concat(chunks).toString(), request.headers as Record<string, string>];
        answer.writeHead(202).end("thanks");
      });
    });
    expect(await send(url)).toEqual({ status: 202 });
    expect(new Webhook(SECRET).verify(...got)).toEqual({ é: 1 });
    expect(got[1]).toMatchObject({
      "webhook-id": "evt_1",
      "content-type": "application/cloudevents+json",
    });
  });

  it.each<[string, string, object]>([
    ["an error", "HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n", { status: 500, error: "status" }],
    ["a redirect", "HTTP/1.1 307 Go\r\nlocation: /\r\ncontent-length: 0\r\n\r\n", { status: 307, error: "redirect" }],
    [
      "a wait in seconds",
      "HTTP/1.1 429 Wait\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n",
      { status: 429, error: "status", retryAfterMs: 7_000 },
    ],
    [
      "a wait without end",
      "HTTP/1.1 503 Wait\r\nretry-after: 999999999999\r\ncontent-length: 0\r\n\r\n",
      { status: 503, error: "status", retryAfterMs: 999_999_999_999_000 },
    ],
    ["garbage", "what is HTTP?\r\n\r\n", { error: "invalid_answer" }],
    ["nothing", "", { error: "connection_reset" }],
    ["half an answer", "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nhalf", { status: 200, error: "cut_short" }],
    [
      "more than anybody reads",
      `HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n${"x".repeat(99_999)}`,
      { status: 200 },
    ],
  ])("that answers %s", async (_, text, expected) => {
    expect(await send(await raw(text))).toEqual(expected);
  });

  it("that names a date is waited for until then", async () => {
    const date = new Date(Date.now() + 60_000).toUTCString();
    const answer = await send(await raw(`HTTP/1.1 503 Wait\r\nretry-after: ${date}\r\ncontent-length: 0\r\n\r\n`));
    expect(answer).toMatchObject({ status: 503, error: "status" });
    expect(answer.retryAfterMs).toBeGreaterThan(50_000);
    expect(answer.retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  it.each([
    ["never answers", "", {}],
    ["never ends its answer", "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\ndrip", { status: 200 }],
  ])("that %s is slow, then over", async (_, text, more) => {
    const onSlow = vi.fn();
    expect(await send(await raw(text, false), { onSlow })).toEqual({ ...more, error: "timeout" });
    expect(onSlow).toHaveBeenCalledOnce();
  });

  it("that is not there", async () => {
    const server = createTcp();
    const url = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    open.splice(open.indexOf(server), 1);
    expect(await send(url)).toEqual({ error: "connection_refused" });
    expect(await send("https://name.invalid/")).toEqual({ error: "name_not_found" });
  });
});

/** On AWS. */
const guarded = createPostWebhook({ reachesThisMachine: false });
const judge = createJudgeUrl({ reachesThisMachine: false });

describe("an address inside", () => {
  const inside = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f.1",
    "0177.0.0.1",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "169.254.170.2",
    "100.64.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:a9fe:a9fe]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[64:ff9b::a9fe:a9fe]",
    "[2002:a9fe:a9fe::1]",
    "[::a9fe:a9fe]",
    "[::10.0.0.1]",
    "[::2]",
    "[1fff::1]",
    "[4000::1]",
    "localhost",
    "①②⑦.⓪.⓪.①",
  ];

  it.each(inside)("%s is refused when it is named, and when something is delivered", async (host) => {
    const url = `https://${host}/`;
    expect(await judge(url)).toBe("forbidden");
    const answer = await guarded({ url, id: "evt_1", body: "{}", keys: [SECRET], now: 0 });
    expect(answer).toMatchObject({ error: "forbidden_address" });
  });

  it("is refused without TLS and with a password too", async () => {
    expect(await judge("http://127.0.0.1/")).toBe("not_https");
    expect(await judge("https://me:pass@example.com/")).toBe("credentials");
    for (const url of ["http://127.0.0.1/", "https://me:pass@127.0.0.1/", "nothing"]) {
      expect(await guarded({ url, id: "evt_1", body: "{}", keys: [SECRET], now: 0 })).toMatchObject({
        error: "forbidden_address",
      });
    }
  });

  it("is reached in the local run, when it is this machine", async () => {
    const here = createJudgeUrl({ reachesThisMachine: true });
    expect(await here("http://127.0.0.1:9/")).toBe("allowed");
    expect(await here("http://localhost:9/")).toBe("allowed");
    expect(await here("http://[::1]:9/")).toBe("allowed");
    expect(await here("https://10.0.0.1/")).toBe("forbidden");
    expect(await here("http://example.com/")).toBe("not_https");
  });

  it("that a name leads to today is refused, although it was allowed yesterday", async () => {
    const lookUp = vi.spyOn(dns, "lookup");
    onTestFinished(() => {
      lookUp.mockRestore();
      syncBuiltinESMExports();
    });
    const leadTo = (...addresses: string[]) => {
      const all = addresses.map((address) => ({ address, family: isIP(address) }));
      lookUp.mockImplementation(((_name: string, options: { all?: boolean }, found: (...given: unknown[]) => void) =>
        setImmediate(() => (options.all ? found(null, all) : found(null, all[0]?.address, all[0]?.family)))) as never);
      syncBuiltinESMExports();
    };
    for (const outside of [["93.184.216.34"], ["2606:2800:220:1::1"], ["93.184.216.34", "2606:2800:220:1::1"]]) {
      leadTo(...outside);
      expect(await judge("https://hooks.example.com/"), outside.join()).toBe("allowed");
    }
    for (const inside of [["10.0.0.7"], ["::a00:7"], ["4000::1"], ["93.184.216.34", "::a9fe:a9fe"]]) {
      leadTo(...inside);
      const request = { url: "https://hooks.example.com/", id: "evt_1", body: "{}", keys: [SECRET], now: 0 };
      expect(await guarded(request), inside.join()).toMatchObject({ error: "forbidden_address" });
      expect(await judge("https://hooks.example.com/"), inside.join()).toBe("forbidden");
    }
  });
});
