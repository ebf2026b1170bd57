import { beforeEach, describe, expect, test } from "vitest";
import { ApiConversation, PlanAnswer } from "../../../shared/domain/api-shapes.ts";
import type { Content } from "../../../shared/domain/content.ts";
import { contactId, conversationId } from "../../../shared/domain/ids.ts";
import { inboundText, SECRET } from "../../fakes/arrivals.ts";
import { apiWorld, DAY_MS, problemIn, say } from "./api-world.ts";

const CUSTOMER = "5511987650000";
const conversation = conversationId(SECRET, "whatsapp", CUSTOMER);
const at = `/v1/conversations/${conversation}`;
const template: Content = { type: "template", name: "pedido", language: "pt_BR", parameters: ["{text}"] };

let here: ReturnType<typeof apiWorld>;
beforeEach(async () => {
  here = apiWorld();
  await here.arrive(inboundText("wamid.1", { time: here.clock.time }));
});

const note = (topic: string, state: string) => here.ask("POST", `${at}/consents`, { body: { topic, state } });
const optedOut = async () => ApiConversation.parse((await here.ask("GET", at)).json).optedOut;
const send = (body: object) => here.ask("POST", `${at}/messages`, { body });
const planned = async (body: object) =>
  PlanAnswer.parse((await here.ask("POST", `${at}/messages?dryRun=true`, { body })).json).plan;

describe("what an agent notes of a customer's consent", () => {
  test("is accepted, recorded as one event, and shown", async () => {
    const first = await note("marketing", "opted_out");
    const again = await note("marketing", "opted_out");
    expect([first.status, again.status]).toEqual([202, 202]);
    expect(ApiConversation.parse(first.json).optedOut).toEqual(["marketing"]);
    await here.record();
    expect(await optedOut()).toEqual(["marketing"]);
    expect((await note("marketing", "opted_out")).status).toBe(200);
    await here.record();
    const changes = here.table.logs.get(conversation)?.filter(({ type }) => type === "consent.changed");
    expect(changes?.map(({ data }) => data)).toEqual([{ topic: "marketing", state: "opted_out", source: "agent" }]);
  });

  test("holds against what is on its way and was said before, by the customer too", async () => {
    await note("all", "opted_out");
    await here.record();
    const data = { topic: "all", state: "opted_in", source: "keyword" };
    here.mailbox.waiting.push({ ...inboundText("start"), type: "consent.changed", data });
    expect((await note("all", "opted_out")).status).toBe(200);
    await here.record();
    expect(await optedOut()).toEqual(["all"]);
    for (const state of ["opted_in", "opted_out", "opted_in"]) await note("all", state);
    await here.record();
    expect(await optedOut()).toEqual([]);
  });

  test("can be taken back", async () => {
    await note("all", "opted_out");
    await here.record();
    expect(ApiConversation.parse((await note("all", "opted_in")).json).optedOut).toEqual([]);
    await here.record();
    expect(await optedOut()).toEqual([]);
    expect((await send(say("Olá"))).status).toBe(202);
  });

  test.each<[object, number, string]>([
    [{ topic: "Marketing!", state: "opted_out" }, 422, "topic"],
    [{ topic: "conversation", state: "opted_out" }, 422, "topic"],
    [{ topic: "marketing", state: "maybe" }, 422, "state"],
    [{ topic: "marketing", state: "opted_out", source: "keyword" }, 422, "source"],
  ])("is refused as %j", async (body, status, field) => {
    const answer = await here.ask("POST", `${at}/consents`, { body });
    expect(problemIn(answer)).toMatchObject({ status, field });
    expect(here.mailbox.waiting).toEqual([]);
  });

  test("ends so many topics and no more, for each stands in every entry of the log; all of them at any time", async () => {
    for (let topic = 0; topic < 20; topic++) {
      expect((await note(`campaign-${topic}`, "opted_out")).status).toBe(202);
      await here.record();
    }
    expect(problemIn(await note("one-more", "opted_out"))).toMatchObject({ status: 422, field: "topic" });
    expect((await note("campaign-1", "opted_in")).status).toBe(202);
    for (const topic of ["proactive", "all"]) {
      expect((await note(topic, "opted_out")).status).toBe(202);
      await here.record();
    }
  });

  test("takes the scope to send, and a conversation", async () => {
    here.addKey("reader", "key_read", ["read"]);
    const body = { topic: "all", state: "opted_out" };
    expect((await here.ask("POST", `${at}/consents`, { body, key: "reader" })).status).toBe(403);
    expect((await here.ask("POST", "/v1/conversations/conv_x/consents", { body })).status).toBe(404);
  });
});

describe("a message to a customer who wants none", () => {
  test("is refused with what they said, and leaves no trace", async () => {
    await note("all", "opted_out");
    await here.record();
    const before = here.traces();
    expect(problemIn(await send(say("Olá")))).toMatchObject({ status: 422, code: "opted_out" });
    expect(here.traces()).toEqual(before);
    expect(await planned(say("Olá"))).toMatchObject({ allowed: false, reasons: [{ code: "opted_out" }] });
  });

  test("is refused too where they said so to another account of the channel", async () => {
    const said = { channel: "whatsapp", topic: "all", state: "opted_out", source: "keyword", at: 1 } as const;
    await here.table.putConsent(contactId(SECRET, "whatsapp", CUSTOMER), said);
    expect(problemIn(await send(say("Olá"))).code).toBe("opted_out");
    expect(await optedOut()).toEqual(["all"]);
  });

  test("goes where it is about something else, and keeps what it is about", async () => {
    await note("marketing", "opted_out");
    await here.record();
    expect(problemIn(await send({ ...say("50% off"), topic: "marketing" })).code).toBe("opted_out");
    expect((await send({ ...say("On its way"), topic: "orders" })).json.message).toMatchObject({ topic: "orders" });
    await here.record();
    expect((await here.ask("GET", `${at}/messages`)).json.data.at(-1)).toMatchObject({ topic: "orders" });
  });
});

test("quiet hours refuse what we begin ourselves, and say from when it is possible", async () => {
  const hour = (shift: number) => new Date(here.clock.time + shift * 3_600_000).toISOString().slice(11, 13);
  here.ports.quietHours = { from: `${hour(-1)}:00`, to: `${hour(2)}:00`, timeZone: "UTC" };
  const from = `${new Date(here.clock.time + 2 * 3_600_000).toISOString().slice(0, 13)}:00:00.000Z`;
  const refused = problemIn(await send({ ...say("Olá"), topic: "orders" }));
  expect(refused).toMatchObject({ status: 422, code: "quiet_hours", detail: expect.stringContaining(from) });
  expect(await planned({ ...say("Olá"), topic: "orders" })).toMatchObject({ notBefore: from });
  expect((await send(say("Olá"))).status).toBe(202);
});

describe("a template in place of a message for which the window is closed", () => {
  beforeEach(() => {
    const whatsapp = here.ports.accounts.get("whatsapp");
    if (!whatsapp) throw new Error("the account is gone");
    const carries = { ...whatsapp.carries, template: {} };
    here.ports.accounts = new Map([["whatsapp", { ...whatsapp, carries }]]);
    here.clock.time += 2 * DAY_MS;
  });
  const queued = () => here.mailbox.waiting.at(-1)?.data;
  const filled = { ...template, parameters: ["Olá"] };

  test("is shown by a dry run and goes out as what the log says", async () => {
    const wanted = { ...say("Olá"), fallback: template };
    expect(await planned(wanted)).toMatchObject({
      parts: [{ content: filled }],
      changes: [{ code: "template_fallback" }],
    });
    expect((await send(wanted)).json.message.content).toEqual({ type: "text", text: "Olá" });
    expect(queued()).toMatchObject({ parts: [filled], fallback: template });
  });

  test("is the account's own where the message brings none", async () => {
    expect(problemIn(await send(say("Olá"))).code).toBe("window_closed");
    here.ports.fallbackTemplates = new Map([["whatsapp", template]]);
    expect((await send(say("Olá"))).status).toBe(202);
    expect(queued()).toMatchObject({ parts: [filled] });
  });
});
