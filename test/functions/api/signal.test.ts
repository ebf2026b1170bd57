import { beforeEach, describe, expect, test } from "vitest";
import { conversationId } from "../../../shared/domain/ids.ts";
import { inboundText, queued, SECRET } from "../../fakes/arrivals.ts";
import { apiWorld, problemIn, say } from "./api-world.ts";

const conversation = conversationId(SECRET, "whatsapp", "5511987650000");
const group = conversationId(SECRET, "whatsapp", "group:abc");

let here: ReturnType<typeof apiWorld>;
beforeEach(async () => {
  const carries = { text: {} };
  here = apiWorld({
    accounts: new Map([
      [
        "whatsapp",
        {
          carries,
          receipts: [],
          correlates: true,
          signals: ["read", "typing"],
          groups: { addressPrefix: "group:", kinds: ["text"] },
        },
      ],
      ["messenger", { carries, receipts: [], correlates: true, signals: ["typing"] }],
      ["sms", { carries, receipts: [], correlates: true }],
    ]),
  });
  await here.arrive(inboundText("wamid.1"), inboundText("wamid.2"));
});

const signal = (what: string, id = conversation, body?: unknown) =>
  here.ask("POST", `/v1/conversations/${id}/${what}`, { body });

describe.each(["read", "typing"])("the signal %s", (what) => {
  test("goes to the sender, about the customer's newest message, and leaves no trace", async () => {
    const before = here.traces();
    const answer = await signal(what);
    expect([answer.status, answer.json]).toEqual([202, {}]);
    expect(here.signalled).toEqual([
      {
        signal: what,
        log: conversation,
        account: "whatsapp",
        address: "5511987650000",
        providerMessageId: "wamid.2",
        expiresAt: here.clock.time + 20_000,
      },
    ]);
    expect(here.traces()).toEqual(before);
  });

  test("finds that message however much the business has written since", async () => {
    const ours = Array.from({ length: 250 }, (_, number) => queued(`msg_${String(number).padStart(26, "0")}`));
    await here.arrive(...ours);
    expect((await signal(what)).status).toBe(202);
    expect(here.signalled).toMatchObject([{ providerMessageId: "wamid.2" }]);
  });

  test("may come with an empty body and takes no fields", async () => {
    expect((await signal(what, conversation, {})).status).toBe(202);
    expect(problemIn(await signal(what, conversation, { until: "now" }))).toMatchObject({ code: "invalid_body" });
  });

  test("needs the right to send", async () => {
    here.addKey("reader", "key_read", ["read"]);
    const answer = await here.ask("POST", `/v1/conversations/${conversation}/${what}`, { key: "reader" });
    expect(problemIn(answer)).toMatchObject({ status: 403, code: "scope_missing" });
  });

  test("is refused where nothing could be shown: in a group, in a conversation that nobody knows", async () => {
    await here.arrive(inboundText("wamid.3", { address: "group:abc" }));
    expect(problemIn(await signal(what, group))).toMatchObject({ status: 422, code: "not_carried" });
    expect(problemIn(await signal(what, "conv_0000000000000000000000")).status).toBe(404);
    expect(here.signalled).toEqual([]);
  });
});

test("a signal is not what was written: what we sent, and a receipt, are nothing to mark", async () => {
  await here.ask("POST", `/v1/conversations/${conversation}/messages`, { body: say("Olá") });
  await here.record();
  await signal("read");
  expect(here.signalled).toMatchObject([{ providerMessageId: "wamid.2" }]);
});

test("a channel without the signal refuses it", async () => {
  const sms = { ...inboundText("SM1"), account: "sms", log: conversationId(SECRET, "sms", "5511987650000") };
  await here.arrive(sms);
  expect(problemIn(await signal("typing", sms.log))).toMatchObject({ status: 422, code: "not_carried" });
});
