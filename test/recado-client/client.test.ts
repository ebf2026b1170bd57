/** The client over a fetch that is played, and the file that it is delivered as. */
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { clientModule } from "../../cli/build-client.ts";
import { routes } from "../../functions/api/routes.ts";
import { createRecado, type Recado, RecadoError, verifyWebhook } from "../../shared/client/client.ts";
import type { Envelope } from "../../shared/domain/envelope.ts";

interface Asked {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: Headers;
  body: unknown;
}

let asked: Asked[];
let answers: (asked: Asked) => Response | Promise<Response>;
let recado: Recado;
beforeEach(() => {
  asked = [];
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  recado = createRecado({
    url: "https://recado.example/stage/",
    key: "rk_1",
    fetch: async (input, init = {}) => {
      const url = new URL(String(input));
      const { method = "GET", body } = init;
      const one = {
        ...{ method, path: url.pathname.replace("/stage", ""), query: Object.fromEntries(url.searchParams) },
        ...{ headers: new Headers(init.headers), body: typeof body === "string" ? JSON.parse(body) : body },
      };
      asked.push(one);
      return answers(one);
    },
  });
});
afterEach(() => vi.useRealTimers());

const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers });
const problem = (status: number, code: string, headers: Record<string, string> = {}) =>
  json(
    { type: "about:blank", title: "T", status, code, detail: "Why.", field: "f", requestId: "r-1" },
    status,
    headers,
  );
const sent = () => json({ message: { id: "msg_1", status: "queued" } }, 202);

/** Waits for what waits. */
async function withTime<Result>(work: Promise<Result>): Promise<Result> {
  const settled = work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  await vi.runAllTimersAsync();
  const end = await settled;
  if ("error" in end) throw end.error;
  return end.value;
}

it("reaches every route", async () => {
  answers = ({ path }) =>
    json(
      path.endsWith("/messages")
        ? { message: {}, plan: {}, data: [], nextCursor: null }
        : { data: [], nextCursor: null, media: {}, upload: {}, subscription: {}, attempt: {}, replay: {}, batch: {} },
    );
  const drain = async (rows: AsyncGenerator<unknown>) => void (await rows.next());
  const signal = AbortSignal.abort();
  const text = { type: "text" as const, text: "x" };
  const batch = { message: { content: text, topic: "orders" }, recipients: [{ to: { contact: "c" } }] };
  await Promise.all([
    drain(recado.conversations()),
    recado.conversation("c"),
    drain(recado.messages("c")),
    recado.send("c", "x"),
    recado.close("c"),
    recado.open("c"),
    recado.markRead("c"),
    recado.showTyping("c"),
    recado.noteConsent("c", { topic: "all", state: "opted_out" }),
    recado.sendTo({ to: { contact: "c" }, content: text }),
    recado.message("m"),
    recado.cancel("m"),
    drain(recado.contacts.list()),
    recado.contacts.get("c"),
    recado.contacts.change("c", { name: "Ana" }),
    recado.contacts.merge("c", "d"),
    recado.contacts.split("c", "d"),
    recado.contacts.noteConsent("c", { channel: "sms", topic: "all", state: "opted_out" }),
    drain(recado.contacts.events("c")),
    drain(recado.contacts.export("c")),
    recado.contacts.erase("c"),
    recado.contacts.erasure("e"),
    recado.batches.create(batch),
    drain(recado.batches.list()),
    recado.batches.get("b"),
    drain(recado.batches.recipients("b")),
    recado.batches.cancel("b"),
    recado.media("m"),
    recado.offerUpload({ contentType: "image/png", size: 1 }),
    drain(recado.subscriptions.list()),
    recado.subscriptions.create({ url: "https://x.example" }),
    recado.subscriptions.get("s"),
    recado.subscriptions.change("s", { state: "disabled" }),
    recado.subscriptions.delete("s"),
    recado.subscriptions.test("s"),
    recado.subscriptions.replay("s", { failed: true }),
    drain(recado.subscriptions.replays("s")),
    recado.subscriptions.cancelReplays("s"),
    drain(recado.subscriptions.attempts("s")),
    recado.subscriptions.addSecret("s"),
    drain(recado.events({ conversation: "c", signal })),
  ]);
  void recado.events({ conversation: "c" }).next();
  void recado.events({ account: "a" }).next();
  void recado.events({ since: new Date(0) }).next();
  await vi.advanceTimersByTimeAsync(1);
  const reached = new Set(asked.map(({ method, path }) => `${method} ${path}`));
  const known = routes.map(({ method, path }) => `${method} ${path.replace(/\{(\w)\w*\}/, "$1")}`);
  expect([...reached].sort()).toEqual(known.sort());
});

describe("a call", () => {
  it("carries the key, and what a message is", async () => {
    answers = sent;
    expect(await recado.send("conv_1", "Olá")).toMatchObject({ id: "msg_1" });
    await recado.send(
      "conv_1",
      { content: { type: "text", text: "Olá" }, author: { type: "bot" } },
      { idempotencyKey: "k" },
    );
    expect(asked[0]).toMatchObject({
      ...{ method: "POST", path: "/v1/conversations/conv_1/messages", query: {} },
      body: { content: { type: "text", text: "Olá" } },
    });
    expect(asked.map(({ headers }) => headers.get("authorization"))).toEqual(["Bearer rk_1", "Bearer rk_1"]);
    expect(asked[0]?.headers.get("idempotency-key")).toMatch(/^[0-9a-f-]{36}$/);
    expect(asked[1]?.headers.get("idempotency-key")).toBe("k");
  });

  it("takes an id as one segment of the path, whatever it is", async () => {
    answers = () => json({});
    await recado.conversation("../x?y");
    expect(asked[0]).toMatchObject({ path: "/v1/conversations/..%2Fx%3Fy", query: {} });
  });

  it("is repeated when refused for now, after the time that was asked for, under one Idempotency-Key", async () => {
    const refusals = [problem(429, "rate_limited", { "retry-after": "2" }), problem(503, "unavailable"), undefined];
    answers = () => refusals.shift() ?? sent();
    const before = Date.now();
    const sending = recado.send("c", "x");
    await vi.advanceTimersByTimeAsync(1_900);
    expect(asked).toHaveLength(1);
    await withTime(sending);
    expect(asked).toHaveLength(3);
    expect(new Set(asked.map(({ headers }) => headers.get("idempotency-key"))).size).toBe(1);
    expect(Date.now()).toBeGreaterThanOrEqual(before);
  });

  it("is repeated when nobody answered, and gives up with the last reason", async () => {
    answers = () => Promise.reject(new TypeError("fetch failed"));
    await expect(withTime(recado.conversation("c"))).rejects.toMatchObject({ code: "unreachable", status: 0 });
    expect(asked).toHaveLength(5);
  });

  it("is not repeated where that is no use, or would show something twice", async () => {
    answers = () => problem(422, "window_closed");
    await expect(withTime(recado.send("c", "x"))).rejects.toMatchObject({ code: "window_closed" });
    answers = () => problem(503, "unavailable");
    await expect(withTime(recado.showTyping("c"))).rejects.toMatchObject({ code: "unavailable" });
    answers = () => problem(429, "rate_limited", { "retry-after": "3600" });
    await expect(withTime(recado.conversation("c"))).rejects.toMatchObject({ code: "rate_limited" });
    expect(asked).toHaveLength(3);
  });

  it("fails with what the API says, or what stands before it", async () => {
    answers = () => problem(404, "not_found");
    const error = await recado.conversation("c").catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(RecadoError);
    expect(error).toMatchObject({ message: "Why.", code: "not_found", status: 404, requestId: "r-1", field: "f" });
    answers = () => json({ message: "Forbidden" }, 403, { "apigw-requestid": "g-1" });
    await expect(recado.conversation("c")).rejects.toMatchObject({ code: "http_403", requestId: "g-1" });
    answers = () => new Response("<html>", { status: 200 });
    await expect(recado.conversation("c")).rejects.toMatchObject({ code: "not_understood", status: 200 });
  });
});

it("walks through all pages of a list, as far as one goes", async () => {
  answers = ({ query }) =>
    json({
      data: [{ id: `c${query.cursor ?? 0}` }],
      nextCursor: query.cursor === "2" ? null : String(Number(query.cursor ?? 0) + 1),
    });
  const ids: string[] = [];
  for await (const { id } of recado.conversations({ limit: 1 })) ids.push(id);
  expect(ids).toEqual(["c0", "c1", "c2"]);
  expect(asked.every(({ query }) => query.limit === "1")).toBe(true);
  asked = [];
  for await (const { id } of recado.conversations({ status: "open", account: "sms" })) if (id === "c1") break;
  expect(asked.map(({ query }) => query)).toEqual([
    { status: "open", account: "sms" },
    { status: "open", account: "sms", cursor: "1" },
  ]);
  asked = [];
  for await (const { id } of recado.conversations()) if (id === "c0") break;
  expect(asked).toHaveLength(1);
});

it("says in the body who and what is meant, and gives what the answer holds", async () => {
  const batch = { message: { content: { type: "text" as const, text: "x" }, topic: "orders" }, recipients: [] };
  answers = ({ path }) =>
    json(path.endsWith("/batches") ? { batch: { id: "b" }, plan: { total: 1 } } : { erasure: { status: "running" } });
  await recado.contacts.merge("con_1", "con_2");
  await recado.contacts.split("con_1", "con_2");
  await recado.contacts.change("con_1", { name: null });
  expect(await recado.contacts.erase("con_1")).toEqual({ status: "running" });
  expect(await recado.batches.create(batch, { idempotencyKey: "k" })).toEqual({ id: "b" });
  expect(await recado.batches.plan(batch)).toEqual({ total: 1 });
  expect(asked.map(({ method, path, body }) => [method, path, body])).toEqual([
    ["POST", "/v1/contacts/con_1/merge", { with: "con_2" }],
    ["POST", "/v1/contacts/con_1/split", { from: "con_2" }],
    ["PATCH", "/v1/contacts/con_1", { name: null }],
    ["DELETE", "/v1/contacts/con_1", undefined],
    ["POST", "/v1/batches", batch],
    ["POST", "/v1/batches", batch],
  ]);
  expect(asked.slice(-2).map(({ query, headers }) => [query, headers.get("idempotency-key")])).toEqual([
    [{}, "k"],
    [{ dryRun: "true" }, null],
  ]);
});

it("uploads a file and gives its id", async () => {
  const upload = { method: "PUT", url: "https://bucket.example/stage/x", headers: { "content-type": "image/png" } };
  answers = ({ path }) => (path === "/v1/media" ? json({ media: { id: "med_1" }, upload }, 201) : new Response(""));
  const bytes = new Uint8Array([1, 2, 3]);
  expect(await recado.upload(bytes, { contentType: "image/png", fileName: "a.png" })).toEqual({ id: "med_1" });
  expect(asked[0]?.body).toEqual({ contentType: "image/png", fileName: "a.png", size: 3 });
  expect(asked[1]).toMatchObject({ method: "PUT", body: bytes });
  expect(asked[1]?.headers.get("authorization")).toBeNull();
});

describe("events", () => {
  const START = Date.parse("2026-11-22T10:00:00.000Z");
  const time = (second: number) => new Date(START + second * 1000).toISOString();
  let logs: Map<string, Envelope[]>;
  const happen = (conversation: string, second: number) => {
    const log = logs.get(conversation) ?? [];
    logs.set(conversation, log);
    const sequence = String(log.length + 1).padStart(12, "0");
    log.push({
      id: `${conversation}#${log.length + 1}`,
      sequence,
      data: { times: { recorded: time(second) } },
    } as Envelope);
  };
  beforeEach(() => {
    logs = new Map();
    answers = ({ path, query }) => {
      if (path === "/v1/conversations") {
        const rows = [...logs].map(([id, log]) => ({ id, lastActivityAt: log.at(-1)?.data.times.recorded ?? "" }));
        rows.sort((a, b) => (a.lastActivityAt < b.lastActivityAt ? 1 : -1));
        const from = Number(query.cursor ?? 0);
        return json({ data: rows.slice(from, from + 2), nextCursor: from + 2 < rows.length ? String(from + 2) : null });
      }
      const log = logs.get(path.split("/")[3] ?? "") ?? [];
      const [after, limit] = [Number(query.after), Number(query.limit)];
      const data = log.slice(after, after + limit);
      return json({ data, nextCursor: after + limit < log.length ? "more" : null });
    };
  });
  /** Takes what comes while `during` goes on. */
  async function heard(options: Parameters<Recado["events"]>[0], during: (() => void)[]): Promise<string[]> {
    const stop = new AbortController();
    const ids: string[] = [];
    const following = (async () => {
      for await (const { id } of recado.events({ ...options, signal: stop.signal })) ids.push(id);
    })();
    for (const step of during) {
      await vi.advanceTimersByTimeAsync(1_000);
      step();
    }
    await vi.advanceTimersByTimeAsync(5_000);
    stop.abort();
    await following;
    return ids;
  }

  it("of one conversation come from its beginning, or behind a number, and go on", async () => {
    for (let number = 0; number < 250; number++) happen("conv_1", number);
    const ids = await heard({ conversation: "conv_1" }, [() => happen("conv_1", 300)]);
    expect(ids).toEqual(Array.from({ length: 251 }, (_, at) => `conv_1#${at + 1}`));
    expect(await heard({ conversation: "conv_1", after: 250 }, [])).toEqual(["conv_1#251"]);
  });

  it("of all conversations come from now on, each once, however long the past is", async () => {
    for (let number = 0; number < 5_000; number++) happen("conv_long", number);
    happen("conv_quiet", 5_001);
    const ids = await heard({}, [
      () => happen("conv_long", 5_002),
      () => {
        happen("conv_new", 5_003);
        // In the same millisecond, and written when the first was seen already.
        setTimeout(() => happen("conv_new", 5_003), 1_300);
      },
      () => happen("conv_quiet", 5_004),
    ]);
    expect(ids.sort()).toEqual(["conv_long#5001", "conv_new#1", "conv_new#2", "conv_quiet#2"]);
    expect(asked.filter(({ path }) => path.includes("conv_long")).length).toBeLessThan(40);
  });

  it("of more conversations than a page holds are not missed", async () => {
    const names = Array.from({ length: 7 }, (_, at) => `conv_${at}`);
    for (const name of names) happen(name, 1);
    const ids = await heard({}, [() => names.forEach((name) => void happen(name, 2))]);
    expect(ids.sort()).toEqual(names.map((name) => `${name}#2`));
  });

  it.each<[kind: string, options: Parameters<Recado["events"]>[0]]>([
    ["one conversation", { conversation: "conv_1" }],
    ["all conversations", {}],
  ])("of %s go on after an outage however long, each once", async (_, options) => {
    happen("conv_1", 1);
    const there = answers;
    const outage = [
      () => Promise.reject(new TypeError("fetch failed")),
      () => json({ message: "Service Unavailable" }, 503),
      () => new Response("Bad Gateway", { status: 502 }),
      () => problem(429, "rate_limited"),
    ];
    const MINUTE = 60_000;
    const stop = new AbortController();
    const ids: string[] = [];
    const following = (async () => {
      for await (const { id } of recado.events({ ...options, signal: stop.signal })) ids.push(id);
    })();
    await vi.advanceTimersByTimeAsync(2_000);
    happen("conv_1", 2);
    happen("conv_2", 2);
    // It goes away between two questions of one look.
    answers = (one) => (one.path.endsWith("/conv_1/events") ? there(one) : Promise.reject(new TypeError()));
    await vi.advanceTimersByTimeAsync(1_000);
    answers = () => outage[asked.length % outage.length]?.() ?? expect.fail();
    asked = [];
    await vi.advanceTimersByTimeAsync(10 * MINUTE);
    expect(asked.length).toBeGreaterThan(10 * 6 - 6);
    expect(asked.length).toBeLessThan(10 * 8 + 6);
    answers = there;
    await vi.advanceTimersByTimeAsync(MINUTE);
    happen("conv_1", 3);
    await vi.advanceTimersByTimeAsync(5_000);
    stop.abort();
    await following;
    expect(ids.sort()).toEqual(
      options?.conversation ? ["conv_1#1", "conv_1#2", "conv_1#3"] : ["conv_1#2", "conv_1#3", "conv_2#1"],
    );
  });

  it("wait as long as they are told to, and end at once when nobody wants them any more", async () => {
    answers = () => problem(429, "rate_limited", { "retry-after": "3600" });
    const stop = new AbortController();
    const next = recado.events({ signal: stop.signal }).next();
    await vi.advanceTimersByTimeAsync(3_599_000);
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_000_000);
    expect(asked).toHaveLength(2);
    stop.abort();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  it.each(["localhost:3000", "recado.example", "http//recado"])("end where there can be no Recado: %s", async (url) => {
    await expect(createRecado({ url, key: "k" }).events().next()).rejects.toMatchObject({ code: "unreachable" });
  });

  it.each([401, 403, 404, 422])("end at a refusal that stays: %i", async (status) => {
    answers = () => problem(status, "no");
    await expect(recado.events().next()).rejects.toMatchObject({ code: "no", status });
    expect(asked).toHaveLength(1);
  });
});

describe("a webhook", () => {
  const secret = "whsec_c2VjcmV0IG9mIHRoZSByZWNlaXZlcg==";
  const body = JSON.stringify({ id: "evt_1", type: "message.received", data: { text: "Olá ✓" } });
  const headers = (at = new Date(), by = secret) => ({
    "webhook-id": "evt_1",
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": new Webhook(by).sign("evt_1", at, body),
  });

  const good = headers();

  it.each([
    ["headers of node:http and bytes", good, new TextEncoder().encode(body)],
    ["Headers and a text", new Headers(good), body],
    [
      "a Request and a buffer",
      new Request("https://x.example", { headers: good }),
      new TextEncoder().encode(body).buffer,
    ],
    [
      "names in capitals",
      {
        "Webhook-Id": "evt_1",
        "Webhook-Timestamp": good["webhook-timestamp"],
        "Webhook-Signature": good["webhook-signature"],
      },
      body,
    ],
    ["several signatures", { ...good, "webhook-signature": `v1,AAAA v2,x ${good["webhook-signature"]}` }, body],
  ])("is taken with %s", async (_, signed, bytes) => {
    expect(await verifyWebhook(signed, bytes, secret)).toEqual(JSON.parse(body));
  });

  it("is taken with either secret while one is changed, and with one that is no base64", async () => {
    expect(await verifyWebhook(good, body, ["whsec_YW5vdGhlcg==", secret])).toMatchObject({ id: "evt_1" });
    const signedAt = new Date(Number(good["webhook-timestamp"]) * 1000);
    const plain = new Webhook("plain", { format: "raw" }).sign("evt_1", signedAt, body);
    expect(await verifyWebhook({ ...good, "webhook-signature": plain }, body, "plain")).toMatchObject({
      id: "evt_1",
    });
  });

  it.each([
    ["another secret", good, body, "whsec_YW5vdGhlcg=="],
    ["other bytes", good, `${body} `, secret],
    ["an old time", headers(new Date(Date.now() - 301_000)), body, secret],
    ["a time to come", headers(new Date(Date.now() + 302_000)), body, secret],
    ["no headers", {}, body, secret],
    ["a header twice", { ...good, "webhook-id": ["evt_1", "evt_1"] }, body, secret],
    ["no secret", good, body, ""],
    ["no secrets", good, body, []],
    ["an empty secret", good, body, "whsec_"],
    ["a signature that is no base64", { ...good, "webhook-signature": "v1,%%%" }, body, secret],
    [
      "another version alone",
      { ...good, "webhook-signature": good["webhook-signature"].replace("v1", "v1a") },
      body,
      secret,
    ],
  ])("is refused with %s", async (_, signed, bytes, by) => {
    await expect(verifyWebhook(signed, bytes, by)).rejects.toMatchObject({ code: "webhook_refused" });
  });
});

it("is delivered as one small file that needs nothing else", async () => {
  const text = await clientModule();
  expect(text).not.toMatch(/\bimport\b|\brequire\(|node:|process\.|Buffer/);
  expect(Buffer.byteLength(text)).toBeLessThan(10_000);
  const { createRecado: create } = await import(`data:text/javascript,${encodeURIComponent(text)}`);
  expect(create({ url: "x", key: "y" })).toHaveProperty("send");
});
