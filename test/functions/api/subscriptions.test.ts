import { beforeEach, describe, expect, test } from "vitest";
import {
  AddedSecret,
  AttemptPage,
  CancelledReplays,
  CreatedSubscription,
  ReplayPage,
  ShownSubscription,
  SubscriptionPage,
  TestedSubscription,
} from "../../../shared/domain/subscription-shapes.ts";
import { inboundText } from "../../fakes/arrivals.ts";
import { apiWorld, DAY_MS, problemIn } from "./api-world.ts";

let here: ReturnType<typeof apiWorld>;
beforeEach(() => {
  here = apiWorld();
});

const NOW = 1_795_000_000_000;
const iso = (time: number) => new Date(time).toISOString();
const URL = "https://hooks.example.com/recado";
const create = async (body: object = { url: URL }) => {
  const answer = await here.ask("POST", "/v1/subscriptions", { body });
  expect(answer.status, answer.body).toBe(201);
  return CreatedSubscription.parse(answer.json).subscription;
};
const show = async (id: string) =>
  ShownSubscription.parse((await here.ask("GET", `/v1/subscriptions/${id}`)).json).subscription;

describe("a subscription", () => {
  test("shows its secret once, and nothing that is kept holds it", async () => {
    const { secret, ...created } = await create({ url: URL, filter: { types: ["message.*"] }, description: "Orders" });
    expect(Buffer.from(secret.slice("whsec_".length), "base64")).toHaveLength(32);
    expect(created).toMatchObject({
      url: URL,
      state: "enabled",
      filter: { types: ["message.*"] },
      description: "Orders",
    });
    expect(Date.parse(created.since) - Date.parse(created.createdAt)).toBe(2_000);
    expect(await show(created.id)).toEqual(created);
    expect(JSON.stringify([...here.subscriptions.kept])).not.toContain(secret.slice("whsec_".length));
  });

  test("is listed, page by page", async () => {
    const made = [];
    for (let count = 0; count < 3; count++) {
      here.clock.time += 1;
      made.push((await create()).id);
    }
    const first = SubscriptionPage.parse((await here.ask("GET", "/v1/subscriptions?limit=2")).json);
    const second = SubscriptionPage.parse(
      (await here.ask("GET", `/v1/subscriptions?limit=2&cursor=${first.nextCursor}`)).json,
    );
    expect([...first.data, ...second.data].map(({ id }) => id)).toEqual(made);
    expect(second.nextCursor).toBeNull();
  });

  test("changes in what is given alone; another filter holds from a moment later on", async () => {
    const { id, secret: _, ...before } = await create();
    here.clock.time += DAY_MS;
    const body = { filter: { match: "order" } };
    const changed = ShownSubscription.parse((await here.ask("PATCH", `/v1/subscriptions/${id}`, { body })).json);
    expect(changed.subscription).toEqual({ id, ...before, filter: { match: "order" } });
    const filters = here.subscriptions.kept.get(id)?.filters.map(({ from }) => from);
    expect(filters).toEqual([Date.parse(before.since), here.clock.time + 2_000]);
  });

  test("that is switched off and on again has everything since then looked for", async () => {
    const { id } = await create();
    const path = `/v1/subscriptions/${id}`;
    await here.ask("PATCH", path, { body: { state: "disabled" } });
    const stopped = here.clock.time;
    expect(await show(id)).toMatchObject({ state: "disabled", disabled: { reason: "asked" } });
    here.clock.time += DAY_MS;
    await here.ask("PATCH", path, { body: { state: "enabled" } });
    expect((await show(id)).disabled).toBeUndefined();
    expect(here.subscriptions.jobs.get(`${id} resume`)).toMatchObject({
      since: stopped,
      notBefore: here.clock.time + 5_000,
      steps: ["waiting", "active", "again", "accounts"],
    });
  });

  test("that is removed is not there any more", async () => {
    const { id } = await create();
    expect(await here.answer("DELETE", `/v1/subscriptions/${id}`)).toMatchObject({ status: 204, body: "" });
    expect(problemIn(await here.ask("GET", `/v1/subscriptions/${id}`)).code).toBe("not_found");
    expect((await here.ask("GET", "/v1/subscriptions")).json).toEqual({ data: [], nextCursor: null });
  });

  test.each([
    ["an unknown type", { url: URL, filter: { types: ["message.sung"] } }, "invalid_body", "filter.types.0"],
    ["a family that is none", { url: URL, filter: { types: ["mess.*"] } }, "invalid_body", "filter.types.0"],
    ["an account that is not there", { url: URL, filter: { accounts: ["fax"] } }, "account_unknown", "filter.accounts"],
    ["no address", {}, "invalid_body", "url"],
    ["a field too many", { url: URL, secret: "mine" }, "invalid_body", "secret"],
  ])("with %s is refused", async (_, body, code, field) => {
    expect(problemIn(await here.ask("POST", "/v1/subscriptions", { body }))).toMatchObject({
      status: 422,
      code,
      field,
    });
    expect(here.subscriptions.kept.size).toBe(0);
  });

  test.each([
    ["not_https", "url_forbidden"],
    ["credentials", "url_forbidden"],
    ["forbidden", "url_forbidden"],
    ["not_found", "url_not_found"],
  ] as const)("whose address is %s is refused, also when it is changed", async (judged, code) => {
    const { id } = await create();
    here.ports.judgeUrl = async () => judged;
    const body = { url: "https://inside.example.com/" };
    for (const [method, path] of [
      ["POST", "/v1/subscriptions"],
      ["PATCH", `/v1/subscriptions/${id}`],
    ] as const) {
      const refusal = problemIn(await here.ask(method, path, { body }));
      expect(refusal).toMatchObject({ status: 422, code, field: "url" });
      expect(refusal.detail).not.toContain("inside");
    }
    expect((await show(id)).url).toBe(URL);
  });

  test("is nobody's without the scope admin", async () => {
    const { id } = await create();
    here.addKey("reader", "key_read", ["read", "send"]);
    for (const [method, path] of [
      ["GET", "/v1/subscriptions"],
      ["POST", "/v1/subscriptions"],
      ["GET", `/v1/subscriptions/${id}`],
      ["PATCH", `/v1/subscriptions/${id}`],
      ["DELETE", `/v1/subscriptions/${id}`],
      ["POST", `/v1/subscriptions/${id}/test`],
      ["POST", `/v1/subscriptions/${id}/replay`],
      ["POST", `/v1/subscriptions/${id}/secrets`],
      ["GET", `/v1/subscriptions/${id}/attempts`],
      ["GET", `/v1/subscriptions/${id}/replays`],
      ["DELETE", `/v1/subscriptions/${id}/replays`],
    ] as const) {
      expect(problemIn(await here.ask(method, path, { key: "reader" })).code, `${method} ${path}`).toBe(
        "scope_missing",
      );
    }
  });

  test("is one of a hundred at most", async () => {
    for (let count = 0; count < 100; count++) {
      here.clock.time += 1;
      await create();
    }
    expect(problemIn(await here.ask("POST", "/v1/subscriptions", { body: { url: URL } })).code).toBe(
      "too_many_subscriptions",
    );
  });

  test("that two change at once is changed by one of them", async () => {
    const { id } = await create();
    const put = here.subscriptions.putSubscription.bind(here.subscriptions);
    here.subscriptions.putSubscription = async (next) => {
      here.subscriptions.putSubscription = put;
      await put({ ...next, description: "theirs" });
      return put(next);
    };
    const body = { description: "mine" };
    const refusal = problemIn(await here.ask("PATCH", `/v1/subscriptions/${id}`, { body }));
    expect(refusal).toMatchObject({ status: 409, code: "changed_meanwhile" });
    expect((await show(id)).description).toBe("theirs");
  });
});

describe("another secret", () => {
  test("signs beside the one before it, for a day unless told otherwise", async () => {
    const { id, secret: first } = await create();
    const path = `/v1/subscriptions/${id}/secrets`;
    const second = AddedSecret.parse((await here.ask("POST", path)).json);
    expect(second.secret).not.toBe(first);
    expect(second.secrets.map(({ expiresAt }) => expiresAt && Date.parse(expiresAt) - here.clock.time)).toEqual([
      DAY_MS,
      null,
    ]);
    const third = AddedSecret.parse((await here.ask("POST", path, { body: { expireOldAfterSeconds: 60 } })).json);
    expect(third.secrets.map(({ expiresAt }) => expiresAt && Date.parse(expiresAt) - here.clock.time)).toEqual([
      60_000,
      60_000,
      null,
    ]);
    here.clock.time += 60_000;
    expect((await show(id)).secrets).toHaveLength(1);
    const refusal = problemIn(await here.ask("POST", path, { body: { expireOldAfterSeconds: -1 } }));
    expect(refusal).toMatchObject({ code: "invalid_body", field: "expireOldAfterSeconds" });
  });
});

describe("attempts", () => {
  test("are listed newest first, and a test is one", async () => {
    const { id } = await create();
    const attempts = `/v1/subscriptions/${id}/attempts`;
    const tested = TestedSubscription.parse((await here.ask("POST", `/v1/subscriptions/${id}/test`)).json);
    expect(tested.attempt).toMatchObject({ outcome: "delivered", status: 204, durationMs: 7, reason: "test" });
    here.ports.post = async () => ({ error: "timeout", durationMs: 15_000 });
    await here.ask("POST", `/v1/subscriptions/${id}/test`);
    const first = AttemptPage.parse((await here.ask("GET", `${attempts}?limit=1`)).json);
    const second = AttemptPage.parse((await here.ask("GET", `${attempts}?limit=1&cursor=${first.nextCursor}`)).json);
    expect([...first.data, ...second.data].map(({ outcome, error }) => [outcome, error])).toEqual([
      ["failed", "timeout"],
      ["delivered", undefined],
    ]);
    const other = (await create()).id;
    expect((await here.ask("GET", `/v1/subscriptions/${other}/attempts?cursor=${first.nextCursor}`)).status).toBe(400);
  });
});

describe("a replay", () => {
  test("of a conversation is rung for at once", async () => {
    const { id } = await create();
    await here.arrive(inboundText("wamid.1"));
    const [conversation] = here.table.logs.keys();
    const body = { conversation, from: 1 };
    const answer = await here.ask("POST", `/v1/subscriptions/${id}/replay`, { body });
    expect(answer.status).toBe(202);
    expect(here.rung).toEqual([
      { subscription: id, log: conversation, replay: { id: answer.json.replay.id, from: 1 } },
    ]);
  });

  test("of a span, or of what failed, is a walk, one at a time", async () => {
    const { id } = await create();
    const path = `/v1/subscriptions/${id}/replay`;
    const since = new Date(here.clock.time - DAY_MS).toISOString();
    expect((await here.ask("POST", path, { body: { since } })).status).toBe(202);
    expect((await here.ask("POST", path, { body: { failed: true } })).status).toBe(202);
    expect(here.subscriptions.jobs.get(`${id} span`)).toMatchObject({
      since: Date.parse(since),
      until: here.clock.time,
    });
    expect(problemIn(await here.ask("POST", path, { body: { since } }))).toMatchObject({
      status: 409,
      code: "replay_under_way",
    });
  });

  test("is listed while it is under way and when it is done, newest first", async () => {
    const { id } = await create();
    const span = { since: iso(here.clock.time - DAY_MS), until: iso(here.clock.time) };
    await here.ask("POST", `/v1/subscriptions/${id}/replay`, { body: span });
    const started = here.subscriptions.jobs.get(`${id} span`);
    if (started) await here.subscriptions.moveJob(id, { ...started, steps: [], reached: 12, endedAt: NOW + 1 });
    here.clock.time += 1_000;
    await here.ask("POST", `/v1/subscriptions/${id}/replay`, { body: { failed: true } });
    const replays = `/v1/subscriptions/${id}/replays?limit=1`;
    const first = ReplayPage.parse((await here.ask("GET", replays)).json);
    const second = ReplayPage.parse((await here.ask("GET", `${replays}&cursor=${first.nextCursor}`)).json);
    expect(first.data).toMatchObject([{ kind: "failed", state: "under_way", startedAt: iso(NOW + 1_000), reached: 0 }]);
    expect(second).toMatchObject({
      data: [{ kind: "span", state: "done", startedAt: iso(NOW), endedAt: iso(NOW + 1), ...span, reached: 12 }],
      nextCursor: null,
    });
  });

  test("is cancelled, after which another may begin; what brings a subscription up to date is not", async () => {
    const { id } = await create();
    const path = `/v1/subscriptions/${id}`;
    await here.ask("PATCH", path, { body: { state: "disabled" } });
    await here.ask("PATCH", path, { body: { state: "enabled" } });
    const started = await here.ask("POST", `${path}/replay`, { body: { failed: true } });
    const cancel = async () => CancelledReplays.parse((await here.ask("DELETE", `${path}/replays`)).json).cancelled;
    expect(await cancel()).toMatchObject([{ id: started.json.replay.id, kind: "failed", state: "cancelled" }]);
    expect(await cancel()).toEqual([]);
    expect(here.subscriptions.jobs.get(`${id} resume`)?.steps).not.toEqual([]);
    expect((await here.ask("POST", `${path}/replay`, { body: { failed: true } })).status).toBe(202);
  });

  test("is remembered when it was cancelled, over those that come after it", async () => {
    const { id } = await create();
    const path = `/v1/subscriptions/${id}`;
    const start = async () => (await here.ask("POST", `${path}/replay`, { body: { failed: true } })).json.replay.id;
    const ids: string[] = [];
    for (let round = 0; round < 22; round++) {
      ids.push(await start());
      await here.ask("DELETE", `${path}/replays`);
    }
    await start();
    const job = () => here.subscriptions.jobs.get(`${id} failed`);
    expect(job()?.cancelled).toEqual(ids.slice(-20));
    const done = job();
    if (done) await here.subscriptions.moveJob(id, { ...done, steps: [] });
    await start();
    expect(job()?.cancelled).toEqual(ids.slice(-20));
  });

  test.each([
    ["an end before its beginning", { from: 2, to: 1 }, "to"],
    ["what nobody has said yet", { from: 2 }, "from"],
  ])("of %s is refused, and nothing rings", async (_, numbers, field) => {
    const { id } = await create();
    await here.arrive(inboundText("wamid.1"));
    const [conversation] = here.table.logs.keys();
    const body = { conversation, ...numbers };
    const refusal = problemIn(await here.ask("POST", `/v1/subscriptions/${id}/replay`, { body }));
    expect(refusal).toMatchObject({ status: 422, code: "invalid_body", field });
    expect(here.rung).toEqual([]);
  });

  test.each([
    ["that ends when it begins", { since: NOW - DAY_MS, until: NOW - DAY_MS }, "until"],
    ["that ends before it begins", { since: NOW - DAY_MS, until: NOW - 2 * DAY_MS }, "until"],
    ["to come", { since: NOW + 1 }, "since"],
  ])("of a span %s is refused, and keeps none from beginning", async (_, span, field) => {
    const { id } = await create();
    const path = `/v1/subscriptions/${id}/replay`;
    const body = Object.fromEntries(Object.entries(span).map(([name, time]) => [name, iso(time)]));
    expect(problemIn(await here.ask("POST", path, { body }))).toMatchObject({
      status: 422,
      code: "invalid_body",
      field,
    });
    expect((await here.ask("POST", path, { body: { since: iso(NOW - DAY_MS) } })).status).toBe(202);
  });

  test("of a span takes times of any zone, and shows them in UTC", async () => {
    const { id } = await create();
    const body = { since: "2026-01-01T00:00:00+01:00", until: "2026-01-01T00:00:00-03:30" };
    expect((await here.ask("POST", `/v1/subscriptions/${id}/replay`, { body })).status).toBe(202);
    const { data } = ReplayPage.parse((await here.ask("GET", `/v1/subscriptions/${id}/replays`)).json);
    expect(data).toMatchObject([{ since: "2025-12-31T23:00:00.000Z", until: "2026-01-01T03:30:00.000Z" }]);
  });

  test.each<[string, object]>([
    ["nothing", {}],
    ["two things", { since: "2026-01-01T00:00:00Z", failed: true }],
    ["a number without its conversation", { failed: true, from: 3 }],
    ["an end without a beginning", { failed: true, until: "2026-01-01T00:00:00Z" }],
    ["a time without its zone", { since: "2026-01-01T00:00:00" }],
  ])("of %s is refused", async (_, body) => {
    const { id } = await create();
    expect(problemIn(await here.ask("POST", `/v1/subscriptions/${id}/replay`, { body })).code).toBe("invalid_body");
  });

  test("to one that is switched off is refused", async () => {
    const { id } = await create();
    await here.ask("PATCH", `/v1/subscriptions/${id}`, { body: { state: "disabled" } });
    const refusal = problemIn(await here.ask("POST", `/v1/subscriptions/${id}/replay`, { body: { failed: true } }));
    expect(refusal).toMatchObject({ status: 409, code: "subscription_disabled" });
  });
});
