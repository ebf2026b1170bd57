/** Keys that are limited: to accounts, and to so many requests. */
import { beforeEach, describe, expect, test } from "vitest";
import { narrowed } from "../../../functions/api/narrow.ts";
import { Quotas } from "../../../functions/api/quotas.ts";
import { routes } from "../../../functions/api/routes.ts";
import { newApiKey } from "../../../shared/domain/api-key.ts";
import { contactId, conversationId } from "../../../shared/domain/ids.ts";
import { WorldFault } from "../../../shared/ports.ts";
import { inboundText, SECRET } from "../../fakes/arrivals.ts";
import { MemoryKeys } from "../../fakes/memory-keys.ts";
import { PlayedClock } from "../../fakes/world.ts";
import { apiWorld, problemIn, say } from "./api-world.ts";

const HOUR_MS = 3_600_000;
const ana = "5511987650000";
const own = conversationId(SECRET, "whatsapp", ana);
const foreign = conversationId(SECRET, "sms", ana);
const nowhere = conversationId(SECRET, "sms", "nobody");

let here: ReturnType<typeof apiWorld>;
beforeEach(async () => {
  here = apiWorld();
  await here.arrive(inboundText("wamid.1"), inboundText("SM1", { account: "sms" }));
  here.addKey("limited", "key_limited", ["read", "send", "admin"], { accounts: ["whatsapp"] });
});
const limited = { key: "limited" };

describe("a key limited to accounts", () => {
  test("sees and sends in the conversations of its accounts", async () => {
    expect((await here.ask("GET", `/v1/conversations/${own}`, limited)).json).toMatchObject({ id: own });
    expect((await here.ask("GET", `/v1/conversations/${own}/events`, limited)).json.data).toHaveLength(1);
    const sent = await here.ask("POST", `/v1/conversations/${own}/messages`, { ...limited, body: say("Olá") });
    expect(sent.status).toBe(202);
    expect((await here.ask("GET", "/v1/accounts/whatsapp/events", limited)).status).toBe(200);
  });

  const inPath = routes.filter(({ path }) => path.includes("{conversation}"));
  test.each(inPath)("$method $path answers for a foreign conversation as for one that never was", async (route) => {
    const asked =
      route.path.endsWith("/messages") && route.method === "POST" ? { ...limited, body: say("x") } : limited;
    const consent = { ...limited, body: { topic: "all", state: "opted_out" } };
    const given = route.path.endsWith("/consents") ? consent : asked;
    const before = here.traces();
    const [there, none] = await Promise.all(
      [foreign, nowhere].map((id) => here.ask(route.method, route.path.replace("{conversation}", id), given)),
    );
    expect(problemIn(there ?? expect.fail())).toEqual(problemIn(none ?? expect.fail()));
    expect(there?.status).toBe(404);
    expect(here.traces()).toEqual(before);
  });

  test("finds no other account, nor who wrote to others alone", async () => {
    for (const path of ["/v1/accounts/sms/events", `/v1/contacts/${contactId(SECRET, "sms", ana)}`]) {
      expect((await here.ask("GET", path)).status).toBe(200);
      expect(problemIn(await here.ask("GET", path, limited))).toMatchObject({ status: 404, code: "not_found" });
    }
  });

  test("sees of a contact who writes to several accounts only where they write to its own", async () => {
    const id = contactId(SECRET, "whatsapp", ana);
    await here.table.putContact({
      id,
      name: "Ana",
      conversation: foreign,
      account: "sms",
      channel: "sms",
      address: ana,
    });
    await here.table.putConsent(id, { channel: "sms", topic: "all", state: "opted_out", source: "keyword", at: 1 });
    expect((await here.ask("GET", `/v1/contacts/${id}`)).json.conversations).toHaveLength(2);
    const { json, body } = await here.ask("GET", `/v1/contacts/${id}`, limited);
    expect(json).toMatchObject({ name: "Ana", conversations: [{ id: own, account: "whatsapp" }] });
    expect(body).not.toContain("sms");
  });

  test("lists its own conversations in full pages, and no cursor names another's", async () => {
    for (let number = 0; number < 12; number++) {
      const account = number % 3 === 0 ? "whatsapp" : "sms";
      await here.arrive(
        inboundText(`m${number}`, { account, address: `551198765${number}`, received: here.clock.now() }),
      );
      here.clock.time += 1_000;
    }
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const query: string = cursor ? `&cursor=${cursor}` : "";
      const { json } = await here.ask("GET", `/v1/conversations?limit=2${query}`, limited);
      seen.push(...json.data.map(({ id, account }: { id: string; account: string }) => `${account} ${id}`));
      cursor = json.nextCursor;
      expect(Buffer.from(cursor ?? "", "base64url").toString("latin1")).not.toContain("conv_");
    }
    expect(seen).toHaveLength(5);
    expect(new Set(seen).size).toBe(5);
    expect(seen.every((row) => row.startsWith("whatsapp "))).toBe(true);
  });

  test("is shown nothing of another account by any way into the table", async () => {
    const { table } = narrowed(here.ports, { id: "key_whatsapp", accounts: ["whatsapp"] });
    const [entry] = await here.table.entries(foreign, 0, 1);
    const asked = [table.summary(foreign), table.newest(foreign), table.entry(foreign, 1)];
    const more = [table.find(foreign, entry?.key ?? ""), table.contact(contactId(SECRET, "sms", ana))];
    expect(await Promise.all([...asked, ...more])).toEqual(Array.from({ length: 5 }));
    expect(await table.entries(foreign, 0, 10)).toEqual([]);
    expect(await table.entries(own, 0, 10)).toHaveLength(1);
  });

  test("is refused whatever is not known to be narrowed", async () => {
    const open = /^\/v1\/(conversations|batches|messages|accounts\/|media|events)/;
    const shown = /^\/v1\/contacts(\/\{contact\})?$/;
    const others = routes.filter(({ method, path }) => !open.test(path) && !(method === "GET" && shown.test(path)));
    for (const { method, path } of others) {
      const answer = await here.ask(method, path.replace(/\{\w+\}/, "any"), limited);
      expect(problemIn(answer), path).toMatchObject({ status: 403, code: "account_limited" });
    }
  });
});

describe("the last use of a key", () => {
  test("is noted once an hour", async () => {
    for (const wait of [0, 60_000, HOUR_MS - 60_001, 1, 5]) {
      here.clock.time += wait;
      await here.ask("GET", "/v1/conversations");
    }
    expect(here.keys.used.map(({ key }) => key)).toEqual(["key_all", "key_all"]);
  });

  test("keeps no request waiting, and is noted by the next one when it failed", async () => {
    let attempts = 0;
    here.keys.noteUse = async () => {
      attempts += 1;
      if (attempts === 1) throw new WorldFault("ThrottlingException");
      return new Promise(() => {});
    };
    for (let request = 0; request < 3; request++) {
      expect((await here.ask("GET", "/v1/conversations")).status).toBe(200);
    }
    expect(attempts).toBe(2);
  });
});

test("a key that was copied wrong is refused without a look", async () => {
  const key = newApiKey("prod", new Uint8Array(24).fill(7));
  const before = here.keys.looked.length;
  const cut = await here.ask("GET", "/v1/conversations", { key: key.slice(0, -1) });
  expect(problemIn(cut)).toMatchObject({ status: 401, code: "unauthorized" });
  expect(here.keys.looked).toHaveLength(before);
  expect((await here.ask("GET", "/v1/conversations", { key })).status).toBe(401);
  expect(here.keys.looked).toHaveLength(before + 1);
});

describe("a key with a limit", () => {
  const limit = { requests: 100, seconds: 2 };
  const caller = { id: "key_1", scopes: ["read"] as const, limit };

  /** Instances of the function over one table, at the beginning of a span. */
  function instances(count: number) {
    const keys = new MemoryKeys();
    const clock = new PlayedClock(1_795_000_000_000);
    return { keys, clock, quotas: Array.from({ length: count }, () => new Quotas({ keys, clock })) };
  }
  async function admitted(quotas: readonly Quotas[], requests: number): Promise<number> {
    let count = 0;
    for (let request = 0; request < requests; request++) {
      const { refusedFor } = (await quotas[request % quotas.length]?.admit(caller)) ?? {};
      if (refusedFor === undefined) count += 1;
    }
    return count;
  }

  test("is told what is left, and refused beyond with the time to wait", async () => {
    here.addKey("slow", "key_slow", ["read"], { limit: { requests: 3, seconds: 2 } });
    here.clock.time += 500;
    const answers = [];
    for (let request = 0; request < 4; request++) {
      answers.push(await here.ask("GET", "/v1/conversations", { key: "slow" }));
    }
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    expect(answers.map(({ headers }) => headers.ratelimit)).toEqual([2, 1, 0, 0].map((left) => `"key";r=${left};t=2`));
    expect(answers[0]?.headers["ratelimit-policy"]).toBe('"key";q=3;w=2');
    const refused = answers[3] ?? expect.fail();
    expect(problemIn(refused)).toMatchObject({ status: 429, code: "rate_limited", title: "Too Many Requests" });
    expect(refused.headers).toMatchObject({ "retry-after": "2", "ratelimit-policy": '"key";q=3;w=2' });
    here.clock.time += 1_500;
    expect((await here.ask("GET", "/v1/conversations", { key: "slow" })).status).toBe(200);
  });

  test("is told so on refusals of another kind, and a key without a limit is told nothing", async () => {
    here.addKey("slow", "key_slow", ["read"], { limit: { requests: 3, seconds: 2 } });
    const missing = await here.ask("POST", `/v1/conversations/${own}/close`, { key: "slow" });
    expect(missing).toMatchObject({ status: 403, headers: { ratelimit: expect.stringMatching(/^"key";r=2/) } });
    const { headers } = await here.ask("GET", "/v1/conversations");
    expect(Object.keys(headers).filter((name) => name.startsWith("ratelimit"))).toEqual([]);
  });

  test.each([1, 3, 10, 100])("over %i instances holds exactly in a span from cold", async (count) => {
    const { quotas } = instances(count);
    expect(await admitted(quotas, 400)).toBe(100);
  });

  test("holds on average over spans, and one span exceeds it by a lot for each instance at most", async () => {
    const { quotas, clock } = instances(5);
    let total = 0;
    for (let span = 0; span < 50; span++) {
      const now = await admitted(quotas, 37 + ((span * 61) % 300));
      expect(now).toBeLessThanOrEqual(100 + 5 * 10);
      total += now;
      clock.time += 2_000;
    }
    expect(total).toBeLessThanOrEqual(50 * 100);
    expect(total).toBeGreaterThan(50 * 80);
  });

  test("writes for one request in eight at full use, and for one in ten of a slow caller", async () => {
    const busy = instances(1);
    await admitted(busy.quotas, 100);
    expect(busy.keys.counted.length).toBe(13);
    const slow = instances(1);
    for (let request = 0; request < 100; request++) {
      await admitted(slow.quotas, 1);
      slow.clock.time += 3_000;
    }
    expect(slow.keys.counted.length).toBe(13);
  });

  test("writes nothing for what it refuses", async () => {
    const { quotas, keys } = instances(1);
    await admitted(quotas, 100);
    const before = keys.counted.length;
    expect(await admitted(quotas, 1_000)).toBe(0);
    expect(keys.counted.length).toBe(before);
  });

  test("is let in while nothing can be counted", async () => {
    const { quotas, keys } = instances(1);
    keys.countRequests = async () => {
      throw new WorldFault("ThrottlingException");
    };
    expect(await admitted(quotas, 5)).toBe(5);
  });
});
