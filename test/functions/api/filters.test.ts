/** Lists of which only some rows are wanted: every such row once, and in bounded steps. */
import { beforeEach, describe, expect, test } from "vitest";
import { ConversationPage, EventPage, MessagePage } from "../../../shared/domain/api-shapes.ts";
import { advance } from "../../../shared/domain/conversation-log.ts";
import { conversationId } from "../../../shared/domain/ids.ts";
import { inboundText, queued, receipt, SECRET } from "../../fakes/arrivals.ts";
import { apiWorld, problemIn } from "./api-world.ts";

let here: ReturnType<typeof apiWorld>;
beforeEach(() => {
  here = apiWorld();
});

const conversation = conversationId(SECRET, "whatsapp", "5511987650000");
const at = `/v1/conversations/${conversation}`;

/** All rows, and how many pages it took. */
async function walk<Row>(url: string, shape: { parse(json: unknown): { data: Row[]; nextCursor: string | null } }) {
  const rows: Row[] = [];
  for (let pages = 1, next = ""; ; pages++) {
    const page = shape.parse((await here.ask("GET", `${url}${next}`)).json);
    rows.push(...page.data);
    if (page.nextCursor === null) return { rows, pages };
    next = `&cursor=${encodeURIComponent(page.nextCursor)}`;
  }
}

/** So many texts more of the customer, written past the mailbox, which would take its time. */
function prolong(count: number): void {
  const entries = here.table.logs.get(conversation) ?? [];
  for (let number = 0; number < count; number++) {
    const { key, token, type, account, channel, data } = inboundText(`more ${number}`);
    const at = { received: here.clock.time, recorded: here.clock.time };
    entries.push(advance(entries.at(-1)?.after, { key, token, type, account, channel, data, at }));
  }
}

describe("conversations", () => {
  const addresses = async (filter: string) =>
    (await walk(`/v1/conversations?limit=2&${filter}`, ConversationPage)).rows.map(({ address }) => address);

  beforeEach(async () => {
    for (let number = 0; number < 6; number++) {
      here.clock.time += 1_000;
      const account = number % 3 === 0 ? "sms" : "whatsapp";
      const item = inboundText(`m${number}`, { account, address: `a${number}`, received: here.clock.time });
      await here.arrive(account === "sms" ? { ...item, channel: "sms" } : item);
    }
  });

  test("of one account or channel", async () => {
    expect(await addresses("account=sms")).toEqual(["a3", "a0"]);
    expect(await addresses("channel=whatsapp")).toEqual(["a5", "a4", "a2", "a1"]);
    expect(await addresses("channel=whatsapp&account=sms")).toEqual([]);
  });

  test("that are closed, or open, as they are now", async () => {
    await here.ask("POST", `/v1/conversations/${conversationId(SECRET, "whatsapp", "a4")}/close`);
    await here.record();
    expect(await addresses("status=closed")).toEqual(["a4"]);
    // The log knows first.
    const lagging = here.table.summaries.get(conversationId(SECRET, "whatsapp", "a4"));
    if (lagging) await here.table.putSummary({ ...lagging, status: "open" });
    expect(await addresses("status=open")).toEqual(["a5", "a3", "a2", "a1", "a0"]);
  });

  test("that are few among many are found over several short pages", async () => {
    for (let number = 0; number < 40; number++) {
      here.clock.time += 1_000;
      await here.arrive(inboundText(`n${number}`, { address: `n${number}`, received: here.clock.time }));
    }
    let reads = 0;
    const list = here.table.conversations.bind(here.table);
    here.table.conversations = async (page) => {
      reads += 1;
      return list(page);
    };
    const { rows, pages } = await walk("/v1/conversations?limit=2&account=sms", ConversationPage);
    expect(rows.map(({ address }) => address)).toEqual(["a3", "a0"]);
    expect(pages).toBeGreaterThan(1);
    expect(reads / pages).toBeLessThanOrEqual(10);
  });

  test("of an account that a key is not limited to are answered like those of none", async () => {
    here.addKey("narrow", "key_narrow", ["read"], { accounts: ["whatsapp"] });
    const [others, nobodys] = await Promise.all(
      ["sms", "fax"].map((account) => here.ask("GET", `/v1/conversations?account=${account}`, { key: "narrow" })),
    );
    expect(problemIn(others ?? expect.fail())).toMatchObject({ status: 400, field: "account" });
    expect(others?.body).toBe(nobodys?.body);
  });
});

describe("messages", () => {
  const OURS = ["0", "1", "2"].map((digit) => `msg_${digit.repeat(22)}`) as [string, string, string];
  const ids = async (filter: string) =>
    (await walk(`${at}/messages?limit=1&${filter}`, MessagePage)).rows.map(({ providerMessageId, id }) =>
      OURS.includes(id) ? OURS.indexOf(id) : providerMessageId,
    );

  beforeEach(async () => {
    const photo = inboundText("photo");
    const content = { type: "image", media: { contentType: "image/jpeg", id: "med_1" } };
    const { message } = photo.data as { message: object };
    await here.arrive(inboundText("text"), queued(OURS[0]), queued(OURS[1]), {
      ...photo,
      data: { message: { ...message, content } },
    });
    await here.arrive(queued(OURS[2]), receipt("message.sent", OURS[0]), receipt("message.failed", OURS[1]));
  });

  test("of one direction, kind or status, each once", async () => {
    expect(await ids("direction=inbound")).toEqual(["text", "photo"]);
    expect(await ids("direction=outbound")).toEqual([0, 1, 2]);
    expect(await ids("type=image")).toEqual(["photo"]);
    expect(await ids("type=text&direction=inbound")).toEqual(["text"]);
    expect(await ids("status=failed")).toEqual([1]);
    expect(await ids("status=queued")).toEqual([2]);
    expect(await ids("status=sent&direction=inbound")).toEqual([]);
  });

  test("have the status that a receipt far behind them gives", async () => {
    prolong(1_700);
    await here.arrive(receipt("message.delivered", OURS[0]));
    expect(await ids("status=delivered")).toEqual([0]);
    expect(await ids("status=sent")).toEqual([]);
  });
});

describe("events", () => {
  const types = async (filter: string) =>
    (await walk(`${at}/events?limit=2&${filter}`, EventPage)).rows.map(({ type }) => type);

  test("of some types or families, in order", async () => {
    const id = "msg_0000000000000000000000";
    await here.arrive(inboundText("1"), queued(id), receipt("message.sent", id), inboundText("2"));
    await here.ask("POST", `${at}/close`);
    await here.record();
    expect(await types("types=message.received")).toEqual(["message.received", "message.received"]);
    expect(await types("types=conversation.*,message.sent")).toEqual(["message.sent", "conversation.closed"]);
    const { json } = await here.ask("GET", `${at}/events?types=message.*&after=2&limit=1`);
    expect(EventPage.parse(json).data.map(({ type }) => type)).toEqual(["message.sent"]);
    expect(await types("types=media.*")).toEqual([]);
  });

  test("that are rare in a long log come after pages that may be empty", async () => {
    await here.arrive(inboundText("1"));
    prolong(4_499);
    await here.ask("POST", `${at}/close`);
    await here.record();
    const { rows, pages } = await walk(`${at}/events?types=conversation.*`, EventPage);
    expect(rows.map(({ sequence }) => Number(sequence))).toEqual([4_501]);
    expect(pages).toBe(3);
  });
});

test.each([
  ["/v1/conversations?status=asleep", "status"],
  ["/v1/conversations?channel=fax", "channel"],
  ["/v1/conversations?account=fax", "account"],
  [`${at}/messages?direction=up`, "direction"],
  [`${at}/messages?status=lost`, "status"],
  [`${at}/messages?type=smell`, "type"],
  [`${at}/events?types=message.sung`, "types.0"],
  [`${at}/events?types=message.sent,`, "types.1"],
  [`${at}/events?types=`, "types.0"],
])("%s is refused", async (url, field) => {
  await here.arrive(inboundText("1"));
  expect(problemIn(await here.ask("GET", url))).toMatchObject({ status: 400, code: "bad_parameter", field });
});
