import fc from "fast-check";
import { beforeEach, describe, expect, it, test } from "vitest";
import { type FeedPosition, PAUSE_MS, readFeed, SETTLING_MS } from "../../../functions/api/feed.ts";
import { activityKey } from "../../../shared/domain/activity.ts";
import { FeedPage } from "../../../shared/domain/api-shapes.ts";
import { advance, type Entry, summaryDue } from "../../../shared/domain/conversation-log.ts";
import { conversationId } from "../../../shared/domain/ids.ts";
import { accountLog } from "../../../shared/domain/mailbox.ts";
import { inboundText, newToken, receipt, SECRET } from "../../fakes/arrivals.ts";
import { apiWorld, problemIn } from "./api-world.ts";

const RUNS = Number(process.env.RECADO_TEST_RUNS ?? 60);
const BEGINNING = 1_795_000_000_000;
const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];

/** A conversation over all of its time: when each entry is in its log, and where in the index it is seen from when to when. */
interface Life {
  log: string;
  entries: { entry: Entry; landed: number }[];
  rows: { key: string; from: number; to: number }[];
}

interface Step {
  /** Ms since what went before was done with. */
  gap: number;
  isReceipt: boolean;
  /** Ms from the time of an entry until the index is told, from there until it is in the log, and until the index shows it. */
  write: number;
  lag: number;
  delay: number;
  /** The function dies between the two, and begins anew after so long. */
  again: number | undefined;
}

const upTo = (max: number) => fc.integer({ min: 0, max });
const steps = fc.array(
  fc.record({
    gap: fc.oneof(upTo(5 * SECOND), upTo(15 * MINUTE), upTo(5 * HOUR)),
    isReceipt: fc.boolean(),
    write: upTo(15 * SECOND),
    lag: upTo(14 * SECOND),
    delay: upTo(4 * SECOND),
    again: fc.option(fc.integer({ min: MINUTE, max: 2 * HOUR }), { freq: 6, nil: undefined }),
  }),
  { minLength: 1, maxLength: 12 },
);

/** @param vanishing of the moves in the index that one at which the row is at neither place for a moment */
function lifeOf(log: string, script: readonly Step[], vanishing: number): Life {
  const life: Life = { log, entries: [], rows: [] };
  let done = BEGINNING;
  const move = (at: number, written: number, delay: number) => {
    const before = life.rows.at(-1);
    if (before) before.to = written + (life.rows.length === vanishing ? 0 : delay);
    life.rows.push({ key: activityKey({ log, at }), from: written + delay, to: Number.POSITIVE_INFINITY });
  };
  for (const { gap, isReceipt, lag, write, delay, again } of script) {
    const content = isReceipt ? {} : { content: { type: "text", text: "Olá" } };
    const arrival = {
      ...({ key: `${log}.${life.entries.length}`, token: "t", account: "sms", channel: "sms" } as const),
      type: isReceipt ? ("message.delivered" as const) : ("message.received" as const),
      ...{ contact: "con_1", data: { message: content } },
    };
    const before = life.entries.at(-1)?.entry.after;
    const entryAt = (recorded: number) => advance(before, { ...arrival, at: { received: recorded, recorded } });
    const first = done + gap;
    if (again !== undefined && summaryDue(entryAt(first))) move(first, first + write, delay);
    const entry = entryAt(first + (again ?? 0));
    if (summaryDue(entry)) move(entry.at.recorded, entry.at.recorded + write, delay);
    done = entry.at.recorded + write + lag;
    life.entries.push({ entry, landed: done });
  }
  return life;
}

/** The table as it is at the time of the clock, which goes on while it is read. */
function tableOver(lives: readonly Life[], clock: { time: number }, costs: readonly number[]) {
  let reads = 0;
  const read = () => {
    clock.time += costs[reads++ % costs.length] ?? 0;
  };
  const entriesOf = (log: string) =>
    lives
      .filter((life) => life.log === log)
      .flatMap(({ entries }) => entries.filter(({ landed }) => landed <= clock.time).map(({ entry }) => entry));
  return {
    activityShards: 2,
    async activity(shard: number, { after, limit }: { after: string; limit: number }) {
      read();
      const here = lives.filter((_, number) => number % 2 === shard).flatMap(({ rows }) => rows);
      const seen = here.filter(({ from, to }) => from <= clock.time && clock.time < to).map(({ key }) => key);
      const keys = seen
        .filter((key) => key > after)
        .sort()
        .slice(0, limit);
      const last = keys[limit - 1];
      return { keys, ...(last !== undefined && { upTo: last }) };
    },
    async newest(log: string) {
      read();
      return entriesOf(log).at(-1);
    },
    async entries(log: string, after: number, limit: number) {
      read();
      return entriesOf(log).slice(after, after + limit);
    },
  };
}

test("whatever happens while it is read: every event of the span is told, of each log in order, and no number is left out", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ steps, vanishing: fc.integer({ min: 1, max: 6 }) }), { minLength: 1, maxLength: 5 }),
      fc.record({
        since: upTo(6 * HOUR),
        limit: fc.integer({ min: 1, max: 5 }),
        costs: fc.array(upTo(3 * SECOND), { minLength: 1, maxLength: 7 }),
        pauses: fc.array(fc.oneof(upTo(10 * SECOND), upTo(30 * MINUTE), upTo(10 * HOUR)), { minLength: 1 }),
      }),
      async (scripts, { since, limit, costs, pauses }) => {
        const lives = scripts.map((script, number) => lifeOf(`conv_${number}`, script.steps, script.vanishing));
        const done = Math.max(...lives.flatMap(({ entries }) => entries.map(({ landed }) => landed)));
        const begun = BEGINNING + since;
        const clock = { time: begun, now: () => clock.time };
        const ports = { table: tableOver(lives, clock, costs), clock, accounts: new Map() };
        const told = new Map<string, number[]>(lives.map(({ log }) => [log, []]));
        let position: FeedPosition = { since: begun };
        // Until all is over, and then two walks more.
        for (let page = 0; position.since < done + 4 * HOUR; page++) {
          const answer = await readFeed(position, limit, ports);
          for (const { log, entry } of answer.told) told.get(log)?.push(entry.sequence);
          expect(answer.told.length).toBeLessThanOrEqual(limit);
          position = JSON.parse(JSON.stringify(answer.position));
          clock.time += answer.told.length > 0 ? SECOND : Math.max(pauses[page % pauses.length] ?? 0, SECOND);
        }
        for (const { log, entries, rows } of lives) {
          const inSpan = entries.filter(({ entry }) => entry.at.recorded > begun).map(({ entry }) => entry.sequence);
          const firsts = [...new Set(told.get(log))];
          expect(firsts).toEqual(firsts.toSorted((a, b) => a - b));
          const missing = rows.length > 0 ? inSpan.filter((sequence) => !firsts.includes(sequence)) : [];
          expect(missing).toEqual([]);
          const isGapless = firsts.every((sequence, index) => index === 0 || sequence === (firsts[index - 1] ?? 0) + 1);
          expect(isGapless, `${log} ${firsts}`).toBe(true);
        }
      },
    ),
    { numRuns: RUNS },
  );
});

it("tells with the next walk what was between two places of the index while it came by", async () => {
  const step = { isReceipt: false, write: 0, lag: 0, again: undefined };
  const script = [
    { ...step, gap: 0, delay: 0 },
    { ...step, gap: 20 * MINUTE, delay: 4 * SECOND },
  ];
  const clock = { time: BEGINNING + 20 * MINUTE + SECOND, now: () => clock.time };
  const ports = { table: tableOver([lifeOf("conv_0", script, 1)], clock, [0]), clock, accounts: new Map() };
  const first = await readFeed({ since: BEGINNING - 1 }, 10, ports);
  expect(first.told).toEqual([]);
  clock.time += MINUTE;
  const second = await readFeed(first.position, 10, ports);
  expect(second.told.map(({ entry }) => entry.sequence)).toEqual([1, 2]);
  clock.time += MINUTE;
  expect((await readFeed(second.position, 10, ports)).told).toEqual([]);
});

let here: ReturnType<typeof apiWorld>;
beforeEach(() => {
  here = apiWorld();
});

const time = (ms: number) => new Date(ms).toISOString();

async function page(query: string, key?: string): Promise<FeedPage> {
  const answer = await here.ask("GET", `/v1/events?${query}`, key === undefined ? {} : { key });
  expect(answer.status, answer.body).toBe(200);
  return FeedPage.parse(answer.json);
}

/** All that a walk tells, and the cursor behind it. */
async function walk(query: string, key?: string) {
  const told: FeedPage["data"] = [];
  let next = query;
  for (;;) {
    const { data, nextCursor } = await page(next, key);
    told.push(...data);
    if (data.length === 0) return { told, next: nextCursor };
    next = `limit=2&cursor=${nextCursor}`;
  }
}

/** As much later as an event needs to be told. */
function settle(): void {
  here.clock.time += SETTLING_MS + PAUSE_MS;
}

const alert = (account: string) => ({
  ...{ log: accountLog(account), key: `alert-${account}`, token: newToken(), type: "account.alert" as const },
  ...{ account, channel: "sms" as const, at: { received: here.clock.time } },
  data: { code: "token_expired", reason: "Log in again." },
});
const places = (told: FeedPage["data"]) => told.map(({ subject, sequence }) => `${subject}#${Number(sequence)}`);

describe("the feed", () => {
  const [one, other] = ["whatsapp", "sms"].map((account) => conversationId(SECRET, account, "5511987650000")) as [
    string,
    string,
  ];

  it("tells conversations and accounts from a time on, then what is new, and never ends", async () => {
    const began = here.clock.time;
    await here.arrive(inboundText("1"), inboundText("2"), inboundText("1", { account: "sms" }), alert("sms"));
    settle();
    const first = await walk(`since=${time(began - 1)}&limit=2`);
    expect(places(first.told).sort()).toEqual([`account:sms#1`, `${one}#1`, `${one}#2`, `${other}#1`].sort());
    expect((await walk(`cursor=${first.next}`)).told).toEqual([]);
    here.clock.time += 30 * 24 * HOUR;
    await here.arrive(inboundText("3"), alert("whatsapp"));
    settle();
    const second = await walk(`cursor=${first.next}`);
    expect(places(second.told).sort()).toEqual(["account:whatsapp#1", `${one}#3`].sort());
    expect(await here.table.entries(one, 2, 1)).toMatchObject([{ at: { recorded: expect.any(Number) } }]);
  });

  it("leaves out what was recorded before, and tells nothing that may still be followed by something earlier", async () => {
    await here.arrive(inboundText("1"));
    here.clock.time += SECOND;
    const since = here.clock.time;
    await here.arrive(inboundText("2"));
    here.clock.time += SETTLING_MS - 1;
    expect((await page(`since=${time(since - 1)}`)).data).toEqual([]);
    settle();
    expect(places((await walk(`since=${time(since - 1)}`)).told)).toEqual([`${one}#2`]);
  });

  it("begins a conversation that nobody saw before with what had come first", async () => {
    await here.arrive({ ...receipt("message.delivered", "msg_0123456789abcdefghjkmnpqrs"), log: one });
    const since = here.clock.time;
    here.clock.time += MINUTE;
    await here.arrive(inboundText("1"));
    settle();
    expect(places((await walk(`since=${time(since)}`)).told)).toEqual([`${one}#1`, `${one}#2`]);
  });

  it("tells a key that is limited to some accounts of these alone", async () => {
    here.addKey("limited", "key_limited", ["read"], { accounts: ["whatsapp"] });
    const since = `since=${time(here.clock.time - 1)}`;
    await here.arrive(inboundText("1"), inboundText("1", { account: "sms" }), alert("sms"), alert("whatsapp"));
    settle();
    expect(places((await walk(since, "limited")).told).sort()).toEqual(["account:whatsapp#1", `${one}#1`].sort());
    expect((await walk(since)).told).toHaveLength(4);
  });

  it("tells of contacts whose own logs say something", async () => {
    const since = `since=${time(here.clock.time - 1)}`;
    await here.arrive(inboundText("1"));
    const { contact = "" } = (await here.table.newest(one))?.after ?? {};
    const change = { log: contact, key: "change", token: newToken(), type: "contact.updated" as const };
    const whose = { account: "whatsapp", channel: "whatsapp" as const, at: { received: here.clock.time } };
    await here.arrive({ ...change, ...whose, data: { attributes: { city: "Porto" } } });
    settle();
    expect(places((await walk(since)).told).sort()).toEqual([`${contact}#1`, `${one}#1`].sort());
  });

  it("looks at so many logs for one page and no more, and goes on behind them", async () => {
    const since = here.clock.time;
    const others = Array.from({ length: 230 }, (_, number) => String(5511000000000 + number));
    await here.arrive(...others.map((address) => inboundText(address, { address })));
    here.clock.time += 11 * MINUTE;
    await here.arrive(inboundText("1", { account: "sms" }));
    settle();
    // All of them are in the index where something may be, and nothing is in the span but the last.
    const { data, nextCursor } = await page(`since=${time(since + MINUTE)}`);
    expect(data).toEqual([]);
    expect(places((await page(`cursor=${nextCursor}`)).data)).toEqual([`${other}#1`]);
  });

  it.each(["+01:00", "%2B01:00"])("begins at a time of another zone, its offset written as %s", async (offset) => {
    const since = here.clock.time;
    here.clock.time += SECOND;
    await here.arrive(inboundText("1"));
    settle();
    const local = (at: number) => time(at + HOUR).replace("Z", offset);
    expect(places((await walk(`since=${local(since)}`)).told)).toEqual([`${one}#1`]);
    expect(places((await walk(`since=${local(here.clock.time)}`)).told)).toEqual([]);
  });

  it.each([
    ["", "since"],
    ["since=yesterday", "since"],
    ["since=2026-11-20T10:00:00Z&cursor=x", "since"],
    ["cursor=x", "cursor"],
    ["cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "cursor"],
  ])("refuses %s", async (query, field) => {
    expect(problemIn(await here.ask("GET", `/v1/events?${query}`))).toMatchObject({ code: "bad_parameter", field });
  });
});
