/** A key limited to accounts, where another account stood in: a conversation is its account's as a whole. */
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { PAUSE_MS, SETTLING_MS } from "../../../functions/api/feed.ts";
import { FeedPage } from "../../../shared/domain/api-shapes.ts";
import { conversationId, personId } from "../../../shared/domain/ids.ts";
import type { MailboxItem } from "../../../shared/domain/mailbox.ts";
import { inboundText, receipt, SECRET } from "../../fakes/arrivals.ts";
import { apiWorld, problemIn, say } from "./api-world.ts";

const RUNS = Number(process.env.RECADO_TEST_RUNS ?? 40);
const ACCOUNTS = ["whatsapp", "sms"] as const;
const KEYS = { whatsapp: "of-whatsapp", sms: "of-sms" };
const ana = "5511987650000";

function world() {
  const here = apiWorld();
  for (const account of ACCOUNTS)
    here.addKey(KEYS[account], `key_${account}`, ["read", "send"], { accounts: [account] });
  return here;
}

let here: ReturnType<typeof world>;
beforeEach(() => {
  here = world();
});

const logOf = (account: string, address = ana) => conversationId(SECRET, account, address);

/** What became of a message of ours in this log, as the account says that carried it. */
function told(log: string, by: string, message: string): MailboxItem {
  const { address: _, ...item } = receipt("message.sent", message, { received: here.clock.time });
  return { ...item, log, account: by };
}

/** Every event that the key gets from the feed, as `log#number`. */
async function fed(since: number, key?: string): Promise<string[]> {
  const places: string[] = [];
  for (let query = `since=${new Date(since).toISOString()}&limit=3`; ; ) {
    const answer = await here.ask("GET", `/v1/events?${query}`, key === undefined ? {} : { key });
    const { data, nextCursor } = FeedPage.parse(answer.json);
    if (data.length === 0) return places;
    places.push(...data.map(({ subject, sequence }) => `${subject}#${Number(sequence)}`));
    query = `limit=3&cursor=${nextCursor}`;
  }
}

const happenings = fc.record({
  where: fc.constantFrom(
    ...ACCOUNTS.flatMap((account) => [ana, "351910000001"].map((address) => ({ account, address }))),
  ),
  what: fc.constantFrom("received" as const, "told" as const, "told by the other" as const),
  gapMs: fc.constantFrom(1_000, 30_000, 700_000),
});

test("a limited key sees the logs of its accounts, whole, and nothing of any other", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happenings, { minLength: 1, maxLength: 12 }), fc.nat(11), async (script, from) => {
      here = world();
      let since = 0;
      for (const [index, { where, what, gapMs }] of script.entries()) {
        here.clock.time += gapMs;
        if (index === from % script.length) since = here.clock.time - 1;
        const { account, address } = where;
        const log = logOf(account, address);
        const other = account === "sms" ? "whatsapp" : "sms";
        // Nobody stands in before there is a message.
        const by = what === "told by the other" && here.table.logs.has(log) ? other : account;
        const inbound = inboundText(`in.${index}`, { account, address, received: here.clock.time });
        await here.arrive(what === "received" ? inbound : told(log, by, `msg_${index}`));
      }
      here.clock.time += SETTLING_MS + PAUSE_MS;

      const all = (await fed(since)).sort();
      for (const account of ACCOUNTS) {
        const key = KEYS[account];
        const own = new Set([logOf(account), logOf(account, "351910000001")]);
        const ofOwn = all.filter((place) => own.has(place.split("#")[0] ?? ""));
        expect((await fed(since, key)).sort()).toEqual(ofOwn);
        for (const log of here.table.summaries.keys()) {
          const answer = await here.ask("GET", `/v1/conversations/${log}/events`, { key });
          const whole = await here.ask("GET", `/v1/conversations/${log}/events`);
          if (own.has(log)) expect(answer.json).toEqual(whole.json);
          else expect(problemIn(answer)).toMatchObject({ status: 404, code: "not_found" });
        }
      }
    }),
    { numRuns: RUNS },
  );
});

describe("where another account stood in last", () => {
  const conversation = logOf("whatsapp");

  async function sent(): Promise<string> {
    await here.arrive(inboundText("wamid.1", { time: here.clock.time }));
    const asked = { key: KEYS.whatsapp, body: say("Olá") };
    const { message } = (await here.ask("POST", `/v1/conversations/${conversation}/messages`, asked)).json;
    await here.record();
    return message.id;
  }

  test("a key of the conversation's account finds the conversation and the message; one of the other's does not", async () => {
    const id = await sent();
    await here.arrive(told(conversation, "sms", id));
    for (const path of [`/v1/conversations/${conversation}`, `/v1/messages/${id}`]) {
      expect((await here.ask("GET", path, { key: KEYS.whatsapp })).status, path).toBe(200);
      expect(problemIn(await here.ask("GET", path, { key: KEYS.sms })).code, path).toBe("not_found");
    }
    const listed = await here.ask("GET", "/v1/conversations", { key: KEYS.whatsapp });
    expect(listed.json.data).toMatchObject([{ id: conversation }]);
    const message = await here.ask("GET", `/v1/messages/${id}`, { key: KEYS.whatsapp });
    expect(message.json.message).toMatchObject({ status: "sent", via: "sms" });
  });

  test("whose log it is is read once for a request", async () => {
    await here.arrive(told(conversation, "sms", await sent()));
    const summary = here.table.summary.bind(here.table);
    let reads = 0;
    here.table.summary = (log) => {
      reads += 1;
      return summary(log);
    };
    await here.ask("GET", `/v1/conversations/${conversation}/messages`, { key: KEYS.whatsapp });
    expect(reads).toBe(1);
    await here.ask("GET", "/v1/conversations", { key: KEYS.whatsapp });
    expect(reads).toBe(1);
  });
});

describe("somebody whom the key's accounts have not met, and who wants to hear nothing", () => {
  const number = "+351910000001";
  const person = personId(SECRET, number);
  const to = { account: "sms", address: number };
  const send = (body: object) => here.ask("POST", "/v1/messages", { key: KEYS.sms, body });

  beforeEach(async () => {
    await here.arrive({ ...inboundText("wamid.1", { address: "351910000001", name: "Bia" }), contact: { id: person } });
    const said = { topic: "all", state: "opted_out", source: "keyword", at: 1 } as const;
    await here.table.putConsent(person, { channel: "sms", ...said });
  });

  test("gets nothing, and is told of no more than before", async () => {
    expect(problemIn(await send({ to, ...say("Olá") }))).toMatchObject({ status: 422, code: "opted_out" });
    expect(here.mailbox.waiting).toEqual([]);
    for (const path of [`/v1/contacts/${person}`, `/v1/conversations/${logOf("whatsapp", "351910000001")}`])
      expect(problemIn(await here.ask("GET", path, { key: KEYS.sms })).code, path).toBe("not_found");
    const byNumber = `/v1/contacts?number=${encodeURIComponent(number)}`;
    expect((await here.ask("GET", byNumber, { key: KEYS.sms })).json.data).toEqual([]);
  });

  test("is passed over for the next of the list", async () => {
    const next = { account: "sms", address: "+351910000002" };
    const { message } = (await send({ to: [to, next], ...say("Olá") })).json;
    expect(message.conversation).toBe(logOf("sms", next.address));
  });
});

test("what was said in a conversation that nobody sees yet counts for a limited key as well", async () => {
  const [number, account] = ["+351910000003", "sms"];
  const wish = { topic: "all", state: "opted_out", source: "merged" };
  const { contact: _, ...item } = inboundText("SM1", { account, address: number });
  await here.arrive({ ...item, type: "consent.changed", data: wish });
  expect(here.table.summaries.size).toBe(0);
  const body = { to: { account, address: number }, ...say("Olá") };
  expect(problemIn(await here.ask("POST", "/v1/messages", { key: KEYS.sms, body })).code).toBe("opted_out");
});
