import { beforeEach, describe, expect, test } from "vitest";
import { EventPage } from "../../../shared/domain/api-shapes.ts";
import { toEnvelope } from "../../../shared/domain/envelope.ts";
import { contactId, conversationId } from "../../../shared/domain/ids.ts";
import { accountLog } from "../../../shared/domain/mailbox.ts";
import { inboundText, newToken, queued, receipt, SECRET } from "../../fakes/arrivals.ts";
import { apiWorld } from "./api-world.ts";

const conversation = conversationId(SECRET, "whatsapp", "5511987650000");
const events = `/v1/conversations/${conversation}/events`;
const ours = "msg_0123456789abcdefghjkmnpqrs";

let here: ReturnType<typeof apiWorld>;
beforeEach(async () => {
  here = apiWorld();
  await here.arrive(inboundText("wamid.1"), queued(ours), receipt("message.sent", ours), receipt("message.read", ours));
});

const read = async (url: string) => EventPage.parse((await here.ask("GET", url)).json);

describe("the events of a conversation", () => {
  test("are its whole log as envelopes, in order", async () => {
    const { data, nextCursor } = await read(events);
    expect(nextCursor).toBeNull();
    expect(data.map(({ type }) => type)).toEqual([
      "message.received",
      "message.queued",
      "message.sent",
      "message.read",
    ]);
    expect(data.map(({ sequence }) => Number(sequence))).toEqual([1, 2, 3, 4]);
    expect(data).toEqual(here.table.logs.get(conversation)?.map((entry) => toEnvelope(conversation, 3, entry)));
  });

  test("stay countable once the customer was erased, of the conversation and of the contact", async () => {
    const contact = contactId(SECRET, "whatsapp", "5511987650000");
    await here.ask("PATCH", `/v1/contacts/${contact}`, { body: { name: "Ana" } });
    await here.record();
    for (const log of [conversation, contact]) {
      const erased = { type: "contact.erased" as const, data: { erasure: "era_1", contact } };
      await here.arrive({ ...inboundText("erased"), log, key: `erased ${log}`, ...erased });
    }
    here.table.summaries.delete(conversation);
    here.table.profiles.delete(contact);
    expect((await here.ask("GET", `/v1/conversations/${conversation}`)).status).toBe(404);
    expect((await read(`${events}?after=3`)).data.map(({ sequence }) => Number(sequence))).toEqual([4, 5]);
    expect((await read(`/v1/contacts/${contact}/events`)).data.map(({ type }) => type)).toEqual([
      "contact.updated",
      "contact.erased",
    ]);
  });

  test("go on behind the number that the caller has, to nothing at the end", async () => {
    expect((await read(`${events}?after=2`)).data.map(({ type }) => type)).toEqual(["message.sent", "message.read"]);
    expect(await read(`${events}?after=4`)).toEqual({ data: [], nextCursor: null });
    expect(await read(`${events}?after=999999999999`)).toEqual({ data: [], nextCursor: null });
  });

  test.each(["cursor", "after"])("page through with nextCursor as %s", async (parameter) => {
    const first = await read(`${events}?limit=3`);
    expect(first.data).toHaveLength(3);
    const second = await read(`${events}?limit=3&${parameter}=${first.nextCursor}`);
    expect([...first.data, ...second.data]).toEqual((await read(events)).data);
    expect(second.nextCursor).toBeNull();
    expect((await read(`${events}?limit=4`)).nextCursor).toBeNull();
  });
});

describe("the events of an account", () => {
  test("are its alerts", async () => {
    await here.arrive({
      log: accountLog("whatsapp"),
      key: "alert-1",
      token: newToken(),
      type: "account.alert",
      account: "whatsapp",
      channel: "whatsapp",
      at: { received: here.clock.time },
      data: { code: "webhook_unreadable", reason: "A webhook could not be read.", reference: "quarantine/1" },
    });
    const { data } = await read("/v1/accounts/whatsapp/events?after=0");
    expect(data).toMatchObject([
      { type: "account.alert", subject: "account:whatsapp", data: { code: "webhook_unreadable", account: "whatsapp" } },
    ]);
    expect(data[0]?.data).not.toHaveProperty("conversation");
  });

  test("are none while nothing happened", async () => {
    expect(await read("/v1/accounts/sms/events")).toEqual({ data: [], nextCursor: null });
  });
});
