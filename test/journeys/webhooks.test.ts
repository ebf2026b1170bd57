/** Developers' endpoints: what they get of what customers write, however badly they behave. */
import { Webhook } from "standardwebhooks";
import { afterAll, describe, expect, it, vi } from "vitest";
import { HOLDS_AFTER_MS } from "../../shared/domain/subscription.ts";
import {
  AddedSecret,
  AttemptPage,
  CreatedSubscription,
  TestedSubscription,
} from "../../shared/domain/subscription-shapes.ts";
import { type Behaviour, type Got, startEndpoint } from "./endpoint.ts";
import { call, SMS_NUMBER, SOON, startStack } from "./stack.ts";

const stack = await startStack();
afterAll(() => stack.stop());

const closers: (() => void)[] = [];
afterAll(() => {
  for (const close of closers) close();
});

async function endpoint(behave?: (got: Got) => Behaviour | undefined) {
  const started = await startEndpoint(behave);
  closers.push(started.close);
  return started;
}

async function subscribe(url: string, filter: object = {}) {
  const answer = await stack.post("/v1/subscriptions", { url, filter });
  expect(answer.status, answer.text).toBe(201);
  const { subscription } = CreatedSubscription.parse(answer.json);
  // Everybody knows of it from then on.
  await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(Date.parse(subscription.since)), SOON);
  return subscription;
}

let customers = 0;
const customer = () => `+1555800${String(1000 + ++customers)}`;
const write = (from: string, text: string) => stack.twilio.write({ to: SMS_NUMBER, from, text });
const textOf = ({ event }: Got) => (event.data as { message?: { content?: { text?: string } } }).message?.content?.text;
const attemptsOf = async (id: string) =>
  AttemptPage.parse((await stack.get(`/v1/subscriptions/${id}/attempts`)).json).data;

/** Has what waits in the table looked after now. */
async function tend(): Promise<void> {
  const { status, text } = await call(`${stack.url}/_schedules/recado-local-tend-webhooks`, { method: "POST" });
  expect(status, text).toBe(200);
}

/** Only what this customer writes matters to the endpoint of a test. */
const ofCustomers = { types: ["message.received"] };
const of = (got: readonly Got[], conversation: string) => got.filter(({ event }) => event.subject === conversation);

/** A customer's conversation. */
async function opened(): Promise<{ from: string; conversation: string }> {
  const from = customer();
  return { from, conversation: await stack.conversationOf(await write(from, "0")) };
}

/** What deliver-webhook asked of AWS meanwhile. */
async function askedWhile(act: () => Promise<unknown>) {
  await stack.settled();
  const mark = stack.calls.length;
  await act();
  await stack.settled();
  const own = stack.calls.slice(mark).filter(({ principal }) => principal === "recado-local-deliver-webhook");
  const sum = (units: "readUnits" | "writeUnits") => own.reduce((total, call) => total + call[units], 0);
  const count = (action: string) => own.filter((call) => call.action === action).length;
  return { read: sum("readUnits"), write: sum("writeUnits"), sent: count("sqs:SendMessage") };
}

describe("what AWS is asked", () => {
  it("is one small read at most for an event that nobody subscribes to, and nothing is written or sent", async () => {
    const from = customer();
    const asked = await askedWhile(async () => {
      for (let count = 0; count < 10; count++) await write(from, String(count));
    });
    expect(asked).toMatchObject({ write: 0, sent: 0 });
    expect(asked.read).toBeLessThanOrEqual(10);
  });

  it("is one message more, two writes and a few reads for one that is delivered", async () => {
    const from = customer();
    const { url, got } = await endpoint();
    const { id } = await subscribe(url, { match: "custo" });
    const deliver = (text: string) =>
      askedWhile(async () => {
        const before = got.length;
        await write(from, `custo ${text}`);
        await vi.waitFor(() => expect(got.length).toBe(before + 1), SOON);
      });
    await deliver("1");
    const second = await deliver("2");
    expect(second).toMatchObject({ sent: 1, write: 2 });
    expect(second.read).toBeLessThanOrEqual(5);
    await stack.delete(`/v1/subscriptions/${id}`);
  });
});

describe.concurrent("a subscriber", () => {
  it("gets what a customer writes, signed, once and in order", async () => {
    const from = customer();
    const { url, got } = await endpoint();
    const { secret, id } = await subscribe(url, { types: ["message.received"], match: "bolo" });
    for (const text of ["um bolo", "nada", "dois Bolos", "outro BOLO!"]) await write(from, text);
    await vi.waitFor(() => expect(got.map(textOf)).toEqual(["um bolo", "outro BOLO!"]), SOON);
    for (const { body, headers, event } of got) {
      expect(new Webhook(secret).verify(body, headers)).toEqual(event);
      expect(headers["webhook-id"]).toBe(event.id);
    }
    const log = await stack.events(got[0]?.event.subject ?? "");
    expect(got.map(({ event }) => event)).toEqual([log[0], log[3]]);
    expect(await attemptsOf(id)).toMatchObject([
      { event: got[1]?.event.id, outcome: "delivered", status: 204 },
      { event: got[0]?.event.id, outcome: "delivered", status: 204 },
    ]);
  });

  it.each<[string, object, Behaviour]>([
    ["fails", { status: 500, error: "status" }, (answer) => answer.writeHead(500).end("no")],
    ["hangs", { error: "timeout" }, () => {}],
    ["answers garbage", { error: "invalid_answer" }, (answer) => answer.socket?.end("what?\r\n\r\n")],
    ["closes without a word", { error: "connection_reset" }, (answer) => answer.socket?.destroy()],
    [
      "redirects",
      { status: 302, error: "redirect" },
      (answer, { headers }) => answer.writeHead(302, { location: `http://${headers.host}/elsewhere` }).end(),
    ],
    [
      "dies in the middle of its answer",
      { status: 200, error: "cut_short" },
      (answer) => {
        answer.writeHead(200, { "content-length": "1000" });
        answer.write("half", () => answer.socket?.destroy());
      },
    ],
  ])("that %s once gets it again, in order, and holds up nobody", async (_, expected, misbehave) => {
    const { from, conversation } = await opened();
    const other = await opened();
    const isBad = (one: Got) => one.event.subject === conversation && textOf(one) === "2";
    let bad = 0;
    const { url, got } = await endpoint((one) => (isBad(one) && ++bad === 1 ? misbehave : undefined));
    const neighbour = await endpoint();
    const { id } = await subscribe(url, ofCustomers);
    await subscribe(neighbour.url, ofCustomers);
    for (const text of ["1", "2"]) await write(from, text);
    await vi.waitFor(() => expect(bad).toBe(1), SOON);
    for (const text of ["3", "4"]) await write(from, text);
    await write(other.from, "1");
    // While the endpoint may still be at it.
    await vi.waitFor(() => expect(of(neighbour.got, conversation).map(textOf)).toEqual(["1", "2", "3", "4"]), SOON);
    await vi.waitFor(() => expect(of(got, other.conversation).map(textOf)).toEqual(["1"]), SOON);
    await vi.waitFor(() => expect(of(got, conversation).map(textOf)).toEqual(["1", "2", "2", "3", "4"]), SOON);
    await vi.waitFor(async () => {
      const own = (await attemptsOf(id)).filter(({ subject }) => subject === conversation).toReversed();
      expect(own.map(({ outcome }) => outcome)).toEqual(["delivered", "failed", ...Array(3).fill("delivered")]);
      expect(own[1]).toMatchObject(expected);
      expect(new Set(own.map(({ event }) => event)).size).toBe(4);
    }, SOON);
  });

  it("that is down gets all of it when it is back, and others theirs meanwhile", async () => {
    const { from, conversation } = await opened();
    let isDown = true;
    const { url, got } = await endpoint(() => (isDown ? (answer) => answer.writeHead(503).end() : undefined));
    const { id } = await subscribe(url, ofCustomers);
    for (const text of ["1", "2", "3"]) await write(from, text);
    await vi.waitFor(() => expect(of(got, conversation).length).toBeGreaterThanOrEqual(2), SOON);
    isDown = false;
    expect((await stack.post(`/v1/subscriptions/${id}/replay`, { failed: true })).status).toBe(202);
    await vi.waitFor(
      async () => {
        await tend();
        expect(of(got, conversation).map(textOf)).toEqual(["1", "1", "1", "2", "3"]);
      },
      { ...SOON, interval: 2_000 },
    );
  });

  it("that is slow gets everything too", async () => {
    const { from, conversation } = await opened();
    const { url, got } = await endpoint(
      () => (answer) => void setTimeout(() => answer.writeHead(200).end("ok"), 3_500),
    );
    await subscribe(url, { ...ofCustomers, match: "devagar" });
    for (const text of ["devagar 1", "devagar 2", "devagar 3"]) await write(from, text);
    await vi.waitFor(
      () => expect(of(got, conversation).map(textOf)).toEqual(["devagar 1", "devagar 2", "devagar 3"]),
      SOON,
    );
  });

  it("that says it is gone is switched off, told of, and goes on where it stopped when it is switched on", async () => {
    const { from, conversation } = await opened();
    let isGone = true;
    const { url, got } = await endpoint(() => (isGone ? (answer) => answer.writeHead(410).end() : undefined));
    const { id } = await subscribe(url, { ...ofCustomers, match: "410" });
    const state = async () => (await stack.get(`/v1/subscriptions/${id}`)).json;
    await write(from, "410 a");
    await vi.waitFor(async () => {
      expect(await state()).toMatchObject({ subscription: { state: "disabled", disabled: { reason: "gone" } } });
    }, SOON);
    await vi.waitFor(async () => {
      const alerts = (await stack.accountEvents("sms")).map(({ data }) => data);
      expect(alerts).toContainEqual(
        expect.objectContaining({ code: "webhook_disabled", reason: expect.stringContaining(id) }),
      );
    }, SOON);
    await write(from, "410 b");
    isGone = false;
    expect((await stack.patch(`/v1/subscriptions/${id}`, { state: "enabled" })).json).toMatchObject({
      subscription: { state: "enabled" },
    });
    await vi.waitFor(
      async () => {
        await tend();
        expect(of(got, conversation).map(textOf)).toEqual(["410 a", "410 a", "410 b"]);
      },
      { ...SOON, interval: 2_000 },
    );
  });
});

describe.concurrent("a developer", () => {
  it("tries an endpoint and is told what came of it", async () => {
    let isDown = false;
    const { url, got } = await endpoint(() => (isDown ? (answer) => answer.writeHead(500).end() : undefined));
    const { id, secret } = await subscribe(url, { match: "never" });
    const test = async () =>
      TestedSubscription.parse((await stack.post(`/v1/subscriptions/${id}/test`, {})).json).attempt;
    expect(await test()).toMatchObject({ outcome: "delivered", status: 204, reason: "test" });
    const [{ body, headers, event } = { body: "", headers: {}, event: undefined }] = got;
    expect(new Webhook(secret).verify(body, headers)).toEqual(event);
    isDown = true;
    expect(await test()).toMatchObject({ outcome: "failed", status: 500, error: "status" });
    expect(await attemptsOf(id)).toHaveLength(2);
  });

  it("changes the secret, and both sign for a while", async () => {
    const from = customer();
    const { url, got } = await endpoint();
    const { id, secret: old } = await subscribe(url, { match: "segredo" });
    const added = await stack.post(`/v1/subscriptions/${id}/secrets`, {});
    const { secret, secrets } = AddedSecret.parse(added.json);
    // Everybody signs with it from then on.
    const signsFrom = Date.parse(secrets.at(-1)?.createdAt ?? "") + HOLDS_AFTER_MS;
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(signsFrom), SOON);
    await write(from, "um segredo");
    await vi.waitFor(() => expect(got).toHaveLength(1), SOON);
    const [{ body, headers } = { body: "", headers: {} }] = got;
    for (const key of [old, secret]) expect(() => new Webhook(key).verify(body, headers)).not.toThrow();
    expect(() => new Webhook(`whsec_${Buffer.alloc(32).toString("base64")}`).verify(body, headers)).toThrow();
  });

  it("has a conversation delivered again from a number on", async () => {
    const { from, conversation } = await opened();
    const { url, got } = await endpoint();
    const { id } = await subscribe(url, { ...ofCustomers, match: "vez" });
    for (const text of ["vez 1", "vez 2"]) await write(from, text);
    await vi.waitFor(() => expect(of(got, conversation)).toHaveLength(2), SOON);
    const answer = await stack.post(`/v1/subscriptions/${id}/replay`, { conversation, from: 3 });
    expect(answer.status, answer.text).toBe(202);
    await vi.waitFor(() => expect(of(got, conversation).map(textOf)).toEqual(["vez 1", "vez 2", "vez 2"]), SOON);
    expect(got[2]?.headers["recado-replay"]).toMatch(/^rpl_/);
    const since = got[0]?.event.time;
    expect((await stack.post(`/v1/subscriptions/${id}/replay`, { since })).status).toBe(202);
    await vi.waitFor(
      async () => {
        await tend();
        expect(of(got, conversation).map(textOf).slice(3)).toEqual(["vez 1", "vez 2"]);
      },
      { ...SOON, interval: 2_000 },
    );
  });

  it("removes a subscription, which gets nothing more", async () => {
    const from = customer();
    const { url, got } = await endpoint();
    const other = await endpoint();
    const { id } = await subscribe(url, { match: "adeus" });
    expect((await stack.delete(`/v1/subscriptions/${id}`)).status).toBe(204);
    expect((await stack.get(`/v1/subscriptions/${id}`)).status).toBe(404);
    await subscribe(other.url, { match: "adeus" });
    await write(from, "adeus");
    await vi.waitFor(() => expect(other.got).toHaveLength(1), SOON);
    expect(got).toEqual([]);
  });

  it.each([
    ["http://example.com/hook", "url_forbidden"],
    ["https://10.0.0.1/hook", "url_forbidden"],
    ["https://169.254.169.254/latest/meta-data", "url_forbidden"],
    ["https://[::ffff:192.168.0.1]/", "url_forbidden"],
    ["https://0x0a000001/", "url_forbidden"],
    ["https://user:word@example.com/", "url_forbidden"],
    ["ftp://example.com/", "url_forbidden"],
    ["no address", "url_forbidden"],
    ["https://name.invalid/", "url_not_found"],
  ])("cannot have events sent to %s", async (url, code) => {
    expect(await stack.post("/v1/subscriptions", { url })).toMatchObject({ status: 422, json: { code, field: "url" } });
  });
});
