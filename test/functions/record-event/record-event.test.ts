import { describe, expect, test } from "vitest";
import { type Ports as TakePorts, takeItem } from "../../../functions/record-event/take-item.ts";
import { conversationId } from "../../../shared/domain/ids.ts";
import type { MailboxItem } from "../../../shared/domain/mailbox.ts";
import { foldMessages } from "../../../shared/domain/message-status.ts";
import { WorldFault } from "../../../shared/ports.ts";
import { inboundText, newToken, queued, receipt, SECRET } from "../../fakes/arrivals.ts";
import { pump } from "../../fakes/pump.ts";
import { world } from "../../fakes/world.ts";

const PHONE = "5511987650000";
const byPhone = conversationId(SECRET, "whatsapp", PHONE);
const byUser = conversationId(SECRET, "whatsapp", "BR.1");

async function played(...items: MailboxItem[]) {
  const here = world();
  for (const item of items) {
    here.mailbox.waiting.push(item);
    await pump(here.mailbox, () => here.ports);
  }
  return here;
}

describe("one customer, several spellings of the address", () => {
  test("a customer known by phone who shows a user id goes on in the same conversation", async () => {
    const { table } = await played(
      inboundText("one", { address: PHONE }),
      inboundText("two", { address: "BR.1", aliases: [PHONE] }),
      inboundText("three", { address: "BR.1" }),
      inboundText("four", { address: PHONE }),
    );
    expect([...table.logs.keys()]).toEqual([byPhone]);
    expect(table.logs.get(byPhone)).toHaveLength(4);
  });

  test("a customer known by user id is found by the phone number alone", async () => {
    const { table } = await played(
      inboundText("one", { address: "BR.1", aliases: [PHONE] }),
      inboundText("two", { address: PHONE }),
    );
    expect(table.logs.get(byUser)).toHaveLength(2);
    expect(table.logs.has(byPhone)).toBe(false);
  });

  test("two conversations that turn out to be one: the older says where it went on, and sends on what still comes", async () => {
    const { table } = await played(
      inboundText("one", { address: "BR.1" }),
      inboundText("two", { address: PHONE }),
      inboundText("three", { address: "BR.1", aliases: [PHONE] }),
      inboundText("four", { address: PHONE }),
    );
    expect(table.logs.get(byPhone)?.map(({ type }) => type)).toEqual(["message.received", "contact.merged"]);
    expect(table.logs.get(byUser)).toHaveLength(3);
    expect(table.aliases.get(`whatsapp ${PHONE}`)).toEqual({ conversation: byUser, was: byPhone });
  });

  test("a receipt stays with its message where that was queued, though the conversation went on elsewhere", async () => {
    const { table } = await played(
      inboundText("one", { address: "BR.1" }),
      queued("msg_0000000000000000000001", { address: PHONE }),
      inboundText("three", { address: "BR.1", aliases: [PHONE] }),
      receipt("message.delivered", "msg_0000000000000000000001", { address: PHONE }),
    );
    const [message] = foldMessages(byPhone, table.logs.get(byPhone) ?? []);
    expect(message?.status).toBe("delivered");
  });
});

describe("open and closed", () => {
  const closing = (id: string): MailboxItem => ({
    ...inboundText(id),
    type: "conversation.closed",
    data: { by: "agent" },
  });

  test("a customer who writes reopens, and that is told as an event", async () => {
    const { table } = await played(inboundText("one"), closing("two"), inboundText("three"));
    const types = table.logs.get(byPhone)?.map(({ type }) => type);
    expect(types).toEqual(["message.received", "conversation.closed", "message.received", "conversation.opened"]);
    expect(table.summaries.get(byPhone)?.status).toBe("open");
  });

  test("closed again before the reopening was announced, it stays closed", async () => {
    const here = await played(inboundText("one"), closing("two"));
    here.mailbox.waiting.push(inboundText("three"), closing("four"));
    await pump(here.mailbox, () => here.ports);
    expect(here.table.logs.get(byPhone)?.map(({ type }) => type)).toEqual([
      "message.received",
      "conversation.closed",
      "message.received",
      "conversation.closed",
      "conversation.opened",
    ]);
    expect(here.table.summaries.get(byPhone)?.status).toBe("closed");
  });
});

describe("receipts that name nothing of ours", () => {
  const lane = (received: number): MailboxItem => {
    const { address: _, ...item } = receipt("message.delivered", "msg_x", { received });
    return { ...item, log: "acct_whatsapp_3", data: { message: { providerMessageId: "wamid.unknown" } } };
  };

  test("find their message by the provider's id", async () => {
    const here = await played(inboundText("one"), queued("msg_0000000000000000000001"));
    await here.table.remember("whatsapp", "wamid.unknown", {
      conversation: byPhone,
      message: "msg_0000000000000000000001",
      part: 0,
    });
    here.mailbox.waiting.push(lane(here.clock.now()));
    await pump(here.mailbox, () => here.ports);
    expect(foldMessages(byPhone, here.table.logs.get(byPhone) ?? []).at(-1)?.status).toBe("delivered");
  });

  test("wait a minute for the send that they overtook, then are kept in the account's log", async () => {
    const here = world();
    here.mailbox.waiting.push(lane(here.clock.now()));
    await expect(pump(here.mailbox, () => here.ports)).rejects.toThrow("does not run empty");
    expect(here.table.logs.size).toBe(0);
    here.clock.time += 61_000;
    await pump(here.mailbox, () => here.ports);
    expect([...here.table.logs.keys()]).toEqual(["account:whatsapp"]);
  });

  test("for a customer who never wrote are kept and shown to nobody until there is a message", async () => {
    const here = await played(receipt("message.read", "msg_elsewhere"));
    expect(here.table.logs.get(byPhone)).toHaveLength(1);
    expect(here.table.summaries.size).toBe(0);
    here.mailbox.waiting.push(inboundText("one"));
    await pump(here.mailbox, () => here.ports);
    expect(here.table.summaries.get(byPhone)?.sequence).toBe(2);
  });
});

test("a message for an account that was taken out of the configuration is told as failed", async () => {
  const here = world();
  here.bells.isServed = false;
  here.mailbox.waiting.push(queued("msg_0000000000000000000001"));
  await pump(here.mailbox, () => here.ports);
  expect(foldMessages(byPhone, here.table.logs.get(byPhone) ?? [])[0]).toMatchObject({
    status: "failed",
    failure: { code: "no_connector" },
  });
});

test("an entry is in no log whose activity is not told already: who walks through the list by time finds it", async () => {
  const here = world();
  const put = here.table.put.bind(here.table);
  const told: (number | undefined)[] = [];
  here.table.put = async (log, entry) => {
    told.push(here.table.summaries.get(log)?.lastActivityAt);
    return put(log, entry);
  };
  here.mailbox.waiting.push(inboundText("one"));
  await pump(here.mailbox, () => here.ports);
  const began = here.clock.time;
  here.clock.time += 11 * 60_000;
  here.mailbox.waiting.push(inboundText("two"));
  await pump(here.mailbox, () => here.ports);
  expect(told).toEqual([began, here.clock.time]);
});

describe("poison", () => {
  function taking(here = world()) {
    const parked: { parked: string; error: string }[] = [];
    const ports: TakePorts = {
      ...here.ports,
      objects: { put: async () => {}, get: async () => undefined },
      deadLetters: { park: async ({ body }) => void parked.push(body) },
    };
    return { here, parked, ports };
  }
  const place = { group: byPhone, deduplicationId: "d" };

  test("is parked with its error, the account is alerted, the conversation goes on; redriven, it is marked late", async () => {
    const { here, parked, ports } = taking();
    const poisonous = inboundText("one");
    const ring = here.bells.ring.bind(here.bells);
    here.bells.ring = async (bell) => {
      if (bell.log === byPhone && bell.sequence === 1) throw new TypeError("a bug of ours");
      return ring(bell);
    };
    expect(await takeItem(JSON.stringify(poisonous), place, ports)).toEqual({ kind: "parked" });
    expect(parked).toHaveLength(1);
    await pump(here.mailbox, () => here.ports);
    const [alert] = here.table.logs.get("account:whatsapp") ?? [];
    expect(alert).toMatchObject({ type: "account.alert", data: { code: "event_parked" } });

    await takeItem(JSON.stringify(inboundText("two")), place, ports);
    here.bells.ring = ring;
    expect(await takeItem(JSON.stringify(parked[0]), place, ports)).toMatchObject({ kind: "resumed" });
    expect(here.table.logs.get(byPhone)).toHaveLength(2);
  });

  test("a redriven message that never got in is appended at the end and marked late", async () => {
    const { here, ports } = taking();
    await takeItem(JSON.stringify(inboundText("two")), place, ports);
    await takeItem(JSON.stringify({ parked: JSON.stringify(inboundText("one")), error: "x" }), place, ports);
    expect(here.table.logs.get(byPhone)?.map(({ late }) => late)).toEqual([undefined, true]);
  });

  test("redriven too soon it is parked anew: its queue forgets for minutes nothing that it was sent", async () => {
    const { ports } = taking();
    const ids: string[] = [];
    const deadLetters = { park: async (letter: { deduplicationId: string }) => void ids.push(letter.deduplicationId) };
    const redriven = JSON.stringify({ parked: "{", error: "x" });
    for (const body of ["{", redriven, redriven]) await takeItem(body, place, { ...ports, deadLetters });
    expect(ids[1]).not.toBe(ids[0]);
    expect(ids[2]).toBe(ids[1]);
  });

  test("what cannot be read at all is parked; the world's faults are not poison", async () => {
    const { parked, ports } = taking();
    expect(await takeItem("{", place, ports)).toEqual({ kind: "parked" });
    expect(parked).toHaveLength(1);
    const failing = { ...ports, doorbells: { ring: () => Promise.reject(new WorldFault("throttled")) } };
    await expect(takeItem(JSON.stringify(inboundText("one")), place, failing)).rejects.toThrow(WorldFault);
    expect(parked).toHaveLength(1);
  });

  test("a large body is fetched from the bucket", async () => {
    const { here, ports } = taking();
    const body = JSON.stringify({ ...inboundText("one"), token: newToken() });
    const objects = { put: async () => {}, get: async (key: string) => (key === "mailbox/x" ? body : undefined) };
    await takeItem(JSON.stringify({ reference: "mailbox/x" }), place, { ...ports, objects });
    expect(here.table.logs.get(byPhone)).toHaveLength(1);
  });
});
