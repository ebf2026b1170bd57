import { beforeEach, describe, expect, test } from "vitest";
import { BatchPlanAnswer, ShownBatch } from "../../../shared/domain/batch-shapes.ts";
import { personId } from "../../../shared/domain/ids.ts";
import { inboundText, SECRET } from "../../fakes/arrivals.ts";
import { FAULTS, Faults } from "../../fakes/faults.ts";
import { batchWorld, bySms, message, number, toMany } from "../send-batch/batch-world.ts";
import { apiWorld, problemIn } from "./api-world.ts";

let here: ReturnType<typeof apiWorld>;
beforeEach(() => {
  here = apiWorld();
});
const start = (body: unknown, headers: Record<string, string> = {}) =>
  here.ask("POST", "/v1/batches", { body, headers });
/** What is left of a batch that was not taken: nothing. */
const nothing = () => ({
  kept: here.batches.kept.size,
  waiting: here.batchQueue.waiting,
  files: here.objects.kept.size,
});
const NOTHING = { kept: 0, waiting: [], files: 0 };
const ANA = "con_0000000000000000000000";

test("is answered with what is to be done, and neither address nor name stands in what is kept for long", async () => {
  const values = { name: "Ana Ribeiro" };
  const greeting = { ...message, content: { type: "text", text: "Olá, {{name}}!" } };
  const answer = await start({ message: greeting, recipients: [{ to: bySms(1), values }] });
  expect(answer.status).toBe(202);
  const { batch } = ShownBatch.parse(answer.json);
  expect(batch).toMatchObject({ status: "running", total: 1, accepted: 0, refused: 0, waiting: 1 });
  expect(here.batchQueue.waiting).toEqual([batch.id]);
  expect(JSON.stringify([...here.batches.kept.values()])).not.toMatch(/351912|Ana/);
  expect((await here.ask("GET", `/v1/batches/${batch.id}`)).json).toEqual(answer.json);
});

describe("as it is written", () => {
  const text = (written: string) => ({ ...message, content: { type: "text", text: written } });
  const link = { type: "link", text: "Pedido", title: "Ver", url: "{{page}}" };
  const named = { to: bySms(0), values: { name: "Ana" } };
  const cases: [string, unknown, string, string][] = [
    [
      "an answer to nobody",
      { message: { ...message, topic: "conversation" }, recipients: toMany(1) },
      "invalid_body",
      "message.topic",
    ],
    [
      "without a topic",
      { message: { content: message.content }, recipients: toMany(1) },
      "invalid_body",
      "message.topic",
    ],
    [
      "by a person",
      { message: { ...message, author: { type: "agent" } }, recipients: toMany(1) },
      "invalid_body",
      "message.author.type",
    ],
    ["too much for one", { message: text("x".repeat(130_000)), recipients: toMany(1) }, "too_long", "message"],
    ["too many places", { message: text("{{a}}".repeat(51)), recipients: [named] }, "invalid_body", "message"],
    ["without words", { message: { topic: "marketing" }, recipients: toMany(1) }, "invalid_body", "message"],
    ["to nobody", { message, recipients: [] }, "invalid_body", "recipients"],
    ["to too many", { message, recipients: toMany(1_001) }, "invalid_body", "recipients"],
    ["no recipient", { message, recipients: [...toMany(17), { to: {} }] }, "invalid_body", "recipients.17.to"],
    [
      "no address",
      { message, recipients: [...toMany(2), { to: { account: "sms", address: "Ana" } }] },
      "address_invalid",
      "recipients.2.to.address",
    ],
    [
      "no address in a list",
      { message, recipients: [{ to: [bySms(0), { account: "sms", address: "1" }] }] },
      "address_invalid",
      "recipients.0.to.1.address",
    ],
    [
      "no account",
      { message, recipients: [...toMany(1), { to: { account: "fax", address: "1" } }] },
      "account_unknown",
      "recipients.1.to.account",
    ],
    ["twice the same", { message, recipients: [...toMany(3), { to: bySms(1) }] }, "invalid_body", "recipients.3"],
    [
      "twice the same, in two spellings",
      { message, recipients: [...toMany(3), { to: { account: "sms", address: "+351 912 100 001" } }] },
      "invalid_body",
      "recipients.3",
    ],
    [
      "twice the same, by a number that has two forms",
      {
        message,
        recipients: ["+5511998765432", "+551198765432"].map((address) => ({ to: { account: "whatsapp", address } })),
      },
      "invalid_body",
      "recipients.1",
    ],
    [
      "twice the same, by the second of their addresses",
      { message, recipients: [...toMany(2), { to: [{ account: "whatsapp", address: number(7) }, bySms(1)] }] },
      "invalid_body",
      "recipients.2",
    ],
    [
      "twice the same, with values that nobody asks for",
      {
        message,
        recipients: [
          { to: bySms(0), values: { row: "1" } },
          { to: bySms(0), values: { row: "2" } },
        ],
      },
      "invalid_body",
      "recipients.1",
    ],
    [
      "twice the same contact, once on any of their channels",
      { message, recipients: [{ to: { contact: ANA, channel: "sms" } }, { to: { contact: ANA } }] },
      "invalid_body",
      "recipients.1",
    ],
    [
      "twice the same contact, by the channel and by an account of it",
      { message, recipients: [{ to: { contact: ANA, account: "sms" } }, { to: { contact: ANA, channel: "sms" } }] },
      "invalid_body",
      "recipients.1",
    ],
    ["no placeholder", { message: text("Olá, {{ name }}"), recipients: [named] }, "invalid_body", "message"],
    [
      "a value that is missing",
      { message: text("Olá, {{name}}"), recipients: [named, { to: bySms(1) }] },
      "invalid_body",
      "recipients.1.values.name",
    ],
    [
      "an empty value",
      { message: text("Olá, {{name}}"), recipients: [{ to: bySms(0), values: { name: "" } }] },
      "invalid_body",
      "recipients.0.values.name",
    ],
    [
      "a value that spoils it",
      { message: { ...message, content: link }, recipients: [{ to: bySms(0), values: { page: "no page" } }] },
      "invalid_body",
      "message.content.url",
    ],
    [
      "a time that is over",
      { message: { ...message, sendAt: "2020-01-01T00:00:00Z" }, recipients: toMany(1) },
      "invalid_body",
      "message.sendAt",
    ],
    [
      "no file",
      {
        message: { ...message, content: { type: "image", media: { id: `med_${"0".repeat(22)}` } } },
        recipients: toMany(1),
      },
      "media_unknown",
      "message.content.media.id",
    ],
  ];
  test.each(cases)("%s: nothing of it is done", async (_, body, code, field) => {
    const before = here.traces();
    for (const query of ["", "?dryRun=true"]) {
      const answer = await here.ask("POST", `/v1/batches${query}`, { body });
      expect(problemIn(answer)).toMatchObject({ status: 422, code, field });
    }
    expect(nothing()).toEqual(NOTHING);
    expect(here.traces()).toEqual(before);
  });

  test("a contact may be told on each of two channels", async () => {
    const recipients = ["sms", "whatsapp"].map((channel) => ({ to: { contact: ANA, channel } }));
    expect((await start({ message, recipients })).status).toBe(202);
  });

  test("somebody may get two messages that differ", async () => {
    const recipients = ["4711", "4712"].map((order) => ({ to: bySms(0), values: { order } }));
    expect((await start({ message: text("Pedido {{order}}"), recipients })).status).toBe(202);
  });

  test("a value may make the address of a page", async () => {
    const content = { ...link, url: "https://loja.example/{{page}}" };
    const recipients = [{ to: bySms(0), values: { page: "4711" } }];
    expect((await start({ message: { ...message, content }, recipients })).status).toBe(202);
    const spoilt = [{ to: bySms(0), values: { page: "two words" } }];
    const host = { ...link, url: "https://{{page}}/" };
    expect((await start({ message: { ...message, content: host }, recipients: spoilt })).status).toBe(422);
  });
});

describe("at night", () => {
  test("is refused at once, and is taken for the morning", async () => {
    here = apiWorld({ quietHours: { from: "21:00", to: "08:00", timeZone: "UTC" } });
    here.clock.time = Date.parse("2026-11-20T22:00:00Z");
    expect(problemIn(await start({ message, recipients: toMany(1) }))).toMatchObject({
      code: "quiet_hours",
      detail: expect.stringContaining("2026-11-21T08:00:00.000Z"),
    });
    expect(nothing()).toEqual(NOTHING);
    const sendAt = "2026-11-21T09:00:00+01:00";
    const taken = await start({ message: { ...message, sendAt }, recipients: toMany(1) });
    expect(taken.json.batch).toMatchObject({ sendAt: "2026-11-21T08:00:00.000Z" });
  });
});

test("a dry run tells of the first ones, and leaves no trace", async () => {
  await here.arrive(inboundText("SM1", { account: "whatsapp", address: "351912100002" }));
  const optedOut = { channel: "sms", topic: "marketing", state: "opted_out", source: "agent", at: 1 } as const;
  await here.table.putConsent(personId(SECRET, number(1)), optedOut);
  const before = here.traces();
  const recipients = [
    ...toMany(110),
    { to: { account: "whatsapp", address: number(2) } },
    { to: { account: "whatsapp", address: number(3) } },
  ].reverse();
  const answer = await here.ask("POST", "/v1/batches?dryRun=true", { body: { message, recipients } });
  expect(answer.status).toBe(200);
  const { plan } = BatchPlanAnswer.parse(answer.json);
  expect(plan).toMatchObject({
    ...{ total: 112, judged: 100, accepted: 99, refused: 1, segments: 98 },
    channels: { whatsapp: 1, sms: 98 },
    priceClasses: { sms: 98 },
    refusals: { window_closed: 1 },
  });
  expect(plan.recipients).toHaveLength(20);
  expect(plan.recipients.slice(0, 2)).toMatchObject([
    { index: 0, account: "whatsapp", refusal: { code: "window_closed" }, plan: { allowed: false } },
    { index: 1, account: "whatsapp", plan: { allowed: true, parts: [{ content: message.content }] } },
  ]);
  expect(nothing()).toEqual(NOTHING);
  expect(here.traces()).toEqual(before);
});

describe("with an Idempotency-Key", () => {
  const key = { "idempotency-key": "newsletter 47" };

  test("a repetition is answered like the first time and starts nothing, also when all is done", async () => {
    const world = batchWorld();
    const body = { message, recipients: toMany(2) };
    const ask = () => world.ask("POST", "/v1/batches", { body, headers: key });
    const first = await ask();
    expect(await ask()).toEqual(first);
    await world.untilDone();
    expect(await ask()).toEqual(first);
    await world.untilDone();
    expect(world.queued()).toHaveLength(2);
    expect([...world.objects.kept.keys()]).toEqual([]);
    const other = await world.ask("POST", "/v1/batches", { body: { message, recipients: toMany(3) }, headers: key });
    expect(problemIn(other)).toMatchObject({ status: 409, code: "idempotency_key_reused" });
  });

  test("a call that ends anywhere is made good by the next: one batch, and each has it once", async () => {
    const body = { message, recipients: toMany(2) };
    const played = async (faults: Faults) => {
      const world = batchWorld();
      for (const name of ["table", "batches", "objects"] as const)
        Object.assign(world.ports, { [name]: faults.on(world.ports[name]) });
      world.ports.batchQueue = faults.on(world.ports.batchQueue);
      const ask = () => world.ask("POST", "/v1/batches", { body, headers: key });
      await faults.invocation(ask);
      const { calls } = faults;
      expect((await ask()).status).toBe(202);
      await world.untilDone();
      return { world, calls };
    };
    const { calls } = await played(new Faults());
    for (const fault of FAULTS.filter((one) => one.startsWith("crash"))) {
      for (let at = 1; at <= calls; at++) {
        const { world } = await played(new Faults(new Map([[at, fault]])));
        expect(world.queued(), `${fault} call ${at}`).toHaveLength(2);
        expect([...world.batches.kept.values()]).toMatchObject([{ accepted: 2, refused: 0, position: 2 }]);
      }
    }
  });
});

describe("a list", () => {
  test("of batches has the newest first, page by page", async () => {
    const ids: string[] = [];
    for (let count = 0; count < 3; count++) {
      here.clock.time += 1_000;
      ids.unshift((await start({ message, recipients: toMany(1) })).json.batch.id);
    }
    const first = await here.ask("GET", "/v1/batches?limit=2");
    const second = await here.ask("GET", `/v1/batches?limit=2&cursor=${first.json.nextCursor}`);
    expect([...first.json.data, ...second.json.data].map(({ id }) => id)).toEqual(ids);
    expect(second.json.nextCursor).toBeNull();
  });

  test.each(["bat_00000000000000000000000000", "bat_x", "conv_0000000000000000000000"])("knows no %s", async (id) => {
    for (const [method, path] of [
      ["GET", ""],
      ["GET", "/recipients"],
      ["DELETE", ""],
    ] as const)
      expect(problemIn(await here.ask(method, `/v1/batches/${id}${path}`))).toMatchObject({ status: 404 });
  });
});

test("what is done cannot be cancelled", async () => {
  const world = batchWorld();
  const id = await world.begin({ message, recipients: toMany(1) });
  await world.untilDone();
  expect(problemIn(await world.ask("DELETE", `/v1/batches/${id}`))).toMatchObject({
    status: 409,
    code: "not_cancellable",
  });
});

describe("a key limited to accounts", () => {
  const limited = { key: "limited" };

  test("sends through its accounts alone, at the call and at each one's turn", async () => {
    const world = batchWorld();
    world.addKey("limited", "key_limited", ["read", "send"], { accounts: ["sms"] });
    await world.arrive(inboundText("wamid.1", { address: "351912100001" }));
    const [{ id: contact = "" } = {}] = world.table.profiles.values();
    const foreign = { message, recipients: [{ to: { account: "whatsapp", address: number(1) } }] };
    expect(problemIn(await world.ask("POST", "/v1/batches", { body: foreign, ...limited }))).toMatchObject({
      code: "account_unknown",
      field: "recipients.0.to.account",
    });
    const recipients = [{ to: { contact } }, { to: bySms(2) }, { to: { contact: "con_0000000000000000000000" } }];
    const { json } = await world.ask("POST", "/v1/batches", { body: { message, recipients }, ...limited });
    await world.untilDone();
    const [known, , unknown] = await world.recipients(json.batch.id);
    expect(known).toMatchObject({ status: "refused" });
    expect(known?.refusal).toEqual(unknown?.refusal);
    expect(world.queued().map(({ account }) => account)).toEqual(["sms"]);
  });

  test("sees the batches that were made with it, and no others", async () => {
    here.addKey("limited", "key_limited", ["read", "send"], { accounts: ["sms"] });
    const others = (await start({ message, recipients: toMany(1) })).json.batch.id;
    const own = (await here.ask("POST", "/v1/batches", { body: { message, recipients: toMany(1) }, ...limited })).json
      .batch.id;
    expect((await here.ask("GET", "/v1/batches", limited)).json.data).toMatchObject([{ id: own }]);
    expect((await here.ask("GET", "/v1/batches")).json.data).toHaveLength(2);
    expect((await here.ask("GET", `/v1/batches/${own}`, limited)).status).toBe(200);
    for (const [method, path] of [
      ["GET", ""],
      ["GET", "/recipients"],
      ["DELETE", ""],
    ] as const)
      expect(problemIn(await here.ask(method, `/v1/batches/${others}${path}`, limited))).toMatchObject({ status: 404 });
    expect(here.batches.kept.get(others)).not.toHaveProperty("cancelledAt");
  });
});
