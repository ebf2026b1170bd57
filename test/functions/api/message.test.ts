/** A message by its id: shown, and cancelled as long as it has not gone out. */
import { beforeEach, describe, expect, test, vi } from "vitest";
import { SentMessage } from "../../../shared/domain/api-shapes.ts";
import { conversationId } from "../../../shared/domain/ids.ts";
import type { Claim } from "../../../shared/ports.ts";
import { inboundText, receipt, SECRET } from "../../fakes/arrivals.ts";
import { apiWorld, problemIn, say } from "./api-world.ts";

const conversation = conversationId(SECRET, "whatsapp", "5511987650000");

let here: ReturnType<typeof apiWorld>;
beforeEach(async () => {
  here = apiWorld();
  await here.arrive(inboundText("wamid.1", { time: here.clock.time }));
});

async function sent(more: object = {}): Promise<string> {
  const body = { ...say("Olá"), ...more };
  const { message } = (await here.ask("POST", `/v1/conversations/${conversation}/messages`, { body })).json;
  await here.record();
  return message.id;
}
const later = () => ({ sendAt: new Date(here.clock.time + 3_600_000).toISOString() });
const show = (id: string, key = "local-api-key") => here.ask("GET", `/v1/messages/${id}`, { key });
const cancel = (id: string, key = "local-api-key") => here.ask("DELETE", `/v1/messages/${id}`, { key });
const types = () => here.table.logs.get(conversation)?.map(({ type }) => type);

describe("GET", () => {
  test("shows it with what became of it", async () => {
    const id = await sent();
    expect(SentMessage.parse((await show(id)).json).message).toMatchObject({ id, conversation, status: "queued" });
    await here.arrive(receipt("message.delivered", id));
    expect((await show(id)).json.message).toMatchObject({ id, status: "delivered" });
  });

  test("finds it where its conversation has moved on since", async () => {
    const id = await sent();
    await here.arrive(inboundText("wamid.2", { address: "BR.44", aliases: ["5511987650000"] }));
    expect((await show(id)).json.message).toMatchObject({ id, status: "queued" });
  });

  test("finds it where its address turned out to be another's before it was recorded", async () => {
    const to = { account: "sms", address: "+351910000001" };
    const { message } = (await here.ask("POST", "/v1/messages", { body: { to, ...say("Olá") } })).json;
    const held = here.mailbox.waiting.splice(0);
    await here.arrive(inboundText("SM1", { account: "sms", address: "PT.7", aliases: [to.address] }));
    await here.arrive(...held);
    const known = conversationId(SECRET, "sms", "PT.7");
    expect((await show(message.id)).json.message).toMatchObject({ conversation: known, status: "queued" });
    expect((await cancel(message.id)).status).toBe(200);
  });

  test("says when to ask again as long as it is not recorded", async () => {
    const { message } = (await here.ask("POST", `/v1/conversations/${conversation}/messages`, { body: say("x") })).json;
    const answer = await show(message.id);
    expect(problemIn(answer)).toMatchObject({ status: 409, code: "not_recorded_yet" });
    expect(answer.headers["retry-after"]).toBe("1");
  });

  test("never takes one for unknown that is recorded in the very moment", async () => {
    const { message } = (await here.ask("POST", `/v1/conversations/${conversation}/messages`, { body: say("x") })).json;
    for (const read of ["newest", "find"] as const) {
      const reading = vi.spyOn(here.table, read).mockImplementationOnce(async (...about: [string, string]) => {
        reading.mockRestore();
        const found = await here.table[read](...about);
        await here.record();
        return found;
      });
      expect([200, 409]).toContain((await show(message.id)).status);
    }
  });

  test("says of any other where messages are found", async () => {
    for (const id of [`msg_${"0".repeat(26)}`, "msg_x", "x"]) {
      const problem = problemIn(await show(id));
      expect(problem).toMatchObject({ status: 404, code: "not_found" });
      expect(problem.detail).toContain("/v1/conversations/{conversation}/messages");
    }
  });
});

describe("DELETE", () => {
  test("cancels what is to go out later: no sender can claim it any more", async () => {
    const id = await sent(later());
    const answer = await cancel(id);
    expect(answer.status).toBe(200);
    const { message } = SentMessage.parse(answer.json);
    expect(message).toMatchObject({ status: "failed", failure: { class: "cancelled", code: "cancelled" } });
    expect(await here.table.takeClaim(id, 0, here.clock.time)).toMatchObject({ state: "done", outcome: "rejected" });
    await here.record();
    expect((await show(id)).json.message).toEqual(message);
    expect(types()).toEqual(["message.received", "message.queued", "message.failed"]);
  });

  test("twice is answered the same, and told once", async () => {
    const id = await sent(later());
    const first = await cancel(id);
    here.clock.time += 5_000;
    expect((await cancel(id)).json.message.status).toBe("failed");
    await here.record();
    expect((await cancel(id)).json).toEqual(first.json);
    await here.record();
    expect(types()?.filter((type) => type === "message.failed")).toHaveLength(1);
  });

  test("takes what waits to be tried again, too", async () => {
    const id = await sent();
    await here.table.releaseClaim(id, 0, here.clock.time);
    expect((await cancel(id)).status).toBe(200);
  });

  const onItsWay: Claim[] = [
    { state: "claimed", at: 1 },
    { state: "done", at: 1, outcome: "sent", providerMessageId: "wamid.9" },
    { state: "done", at: 1, outcome: "rejected", failure: { class: "unreachable", reason: "x" } },
  ];
  test.each(onItsWay)("leaves to its sender what is $state", async (claim) => {
    const id = await sent();
    here.table.claims.set(`${id} 0`, claim);
    expect(problemIn(await cancel(id))).toMatchObject({ status: 409, code: "not_cancellable" });
    expect(here.mailbox.waiting).toEqual([]);
    expect(here.table.claims.get(`${id} 0`)).toEqual(claim);
  });

  test.each(["sent", "delivered", "failed"] as const)("refuses what is %s", async (what) => {
    const id = await sent();
    await here.arrive(receipt(`message.${what}`, id));
    const problem = problemIn(await cancel(id));
    expect(problem).toMatchObject({ status: 409, code: "not_cancellable" });
    expect(problem.detail).toContain(what);
  });
});

test("a key limited to accounts sees and cancels the messages of those alone", async () => {
  here.addKey("limited", "key_limited", ["read", "send"], { accounts: ["whatsapp"] });
  here.addKey("other", "key_other", ["read", "send"], { accounts: ["sms"] });
  const id = await sent(later());
  expect((await show(id, "limited")).json.message.id).toBe(id);
  for (const ask of [show, cancel]) expect(problemIn(await ask(id, "other")).code).toBe("not_found");
  expect((await cancel(id, "limited")).status).toBe(200);
});
