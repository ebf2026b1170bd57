import Telnyx from "telnyx";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Server } from "../../../local/simulators/http.ts";
import { startTelnyxSimulator } from "../../../local/simulators/telnyx/index.ts";
import { publicKeyOf, signingKeyOf } from "../../../local/simulators/telnyx/keys.ts";
import { ask, type Received, type Receiver, startReceiver } from "./receiver.ts";

const PUBLIC = "https://recado.example";
const NUMBER = "+15550000004";
const CUSTOMER = "+351910000001";
const PROFILE = "4000eba1-a0c0-4563-9925-b25e842a7cb6";
const STATUS_URL = `${PUBLIC}/webhooks/sms-telnyx/status/ours`;

let receiver: Receiver;
let simulator: Server;

beforeEach(async () => {
  receiver = await startReceiver();
  simulator = await startTelnyxSimulator({
    webhookUrl: `${PUBLIC}/webhooks/sms-telnyx`,
    deliverTo: `${receiver.url}/webhooks/sms-telnyx`,
    accounts: [{ apiKey: "KEY1", signingKey: signingKeyOf("seed"), profileId: PROFILE, numbers: [NUMBER] }],
    receiptsAfterMs: [1, 20],
  });
});
afterEach(async () => {
  await simulator.close();
  await receiver.close();
});

const control = (name: string, body: unknown) => ask("POST", `${simulator.url}/_simulator/${name}`, body);
const writes = (text: string, more: object = {}) => control("messages", { to: NUMBER, from: CUSTOMER, text, ...more });

async function send(changes: object = {}, key = "KEY1") {
  const body = { to: CUSTOMER, from: NUMBER, text: "Bom dia", webhook_url: STATUS_URL, ...changes };
  const response = await fetch(`${simulator.url}/v2/messages`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

interface Told {
  data: { event_type: string; payload: Record<string, unknown> & { to: { status: string }[] } };
  meta: { delivered_to: string };
}
const told = () => receiver.received.map(({ body }) => JSON.parse(body) as Told);
const statuses = () => told().map(({ data }) => [data.event_type, data.payload.to[0]?.status]);

/** By Telnyx's own library. */
function isSigned({ headers, body }: Received): Promise<boolean> {
  const { webhooks } = new Telnyx({ apiKey: "KEY", publicKey: publicKeyOf("seed") });
  return webhooks.unwrap(body, { headers }).then(
    () => true,
    () => false,
  );
}

describe("a customer writes by Telnyx", () => {
  it("posts a signed event", async () => {
    const { body } = await writes("Olá 😀");
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1));
    expect(await isSigned(receiver.received[0] as Received)).toBe(true);
    expect(told()[0]?.data).toMatchObject({
      event_type: "message.received",
      payload: {
        id: (body.ids as string[])[0],
        type: "SMS",
        from: { phone_number: CUSTOMER },
        to: [{ phone_number: NUMBER }],
        text: "Olá 😀",
        messaging_profile_id: PROFILE,
      },
    });
  });

  it("carries files, reaches the profile by its id, and puts anything into the payload", async () => {
    await writes("", { to: PROFILE, kind: "image", element: { subject: "Sapatos" } });
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1));
    expect(told()[0]?.data.payload).toMatchObject({
      type: "MMS",
      to: [{ phone_number: NUMBER }],
      media: [{ content_type: "image/jpeg" }],
      subject: "Sapatos",
    });
  });

  it("tries three times to be answered with success", async () => {
    receiver.answerWith(() => ({ status: 500 }));
    await writes("again");
    await vi.waitFor(() => expect(receiver.received).toHaveLength(3));
    await vi.waitFor(async () => {
      const { body } = await ask("GET", `${simulator.url}/_simulator/webhooks`);
      expect(body.data).toEqual([expect.objectContaining({ attempts: [500, 500, 500] })]);
    });
  });

  it("refuses a message to nobody, and one without words", async () => {
    expect((await writes("x", { to: "+15559999999" })).body.error).toContain("+15559999999");
    expect((await writes("")).status).toBe(400);
  });
});

describe("a message is sent by Telnyx", () => {
  it("answers with the message and tells each later status at the message's own URL", async () => {
    const { status, body } = await send();
    expect(status).toBe(200);
    expect(body.data).toMatchObject({ record_type: "message", type: "SMS", parts: 1, to: [{ status: "queued" }] });
    await vi.waitFor(() =>
      expect(statuses()).toEqual([
        ["message.sent", "sent"],
        ["message.finalized", "delivered"],
      ]),
    );
    expect(receiver.received.map(({ url }) => url)).toEqual(Array(2).fill("/webhooks/sms-telnyx/status/ours"));
    expect(told()[0]?.data.payload).toMatchObject({ id: (body.data as { id: string }).id, webhook_url: STATUS_URL });
    expect(told()[0]?.meta.delivered_to).toBe(STATUS_URL);
    for (const request of receiver.received) expect(await isSigned(request)).toBe(true);
  });

  it("takes files, and a sender of the profile's pool", async () => {
    const media_urls = ["https://files.example.test/1.jpg"];
    expect((await send({ media_urls, text: undefined })).body.data).toMatchObject({ type: "MMS" });
    expect((await send({ from: undefined, messaging_profile_id: PROFILE })).body.data).toMatchObject({
      from: { phone_number: NUMBER },
    });
  });

  it.each<[what: string, changes: object, status: number, code: string]>([
    ["no receiver", { to: undefined }, 400, "10015"],
    ["a receiver that is no number", { to: "Ana" }, 422, "40310"],
    ["somebody else's number", { from: "+15559999999" }, 422, "40305"],
    ["another profile", { from: undefined, messaging_profile_id: "1" }, 422, "40305"],
    ["nothing to say", { text: "" }, 422, "40316"],
    ["eleven segments", { text: "ã".repeat(671) }, 422, "40302"],
    ["files as SMS", { type: "SMS", media_urls: ["https://files.example.test/1.jpg"] }, 422, "40304"],
    ["eleven files", { media_urls: Array(11).fill("https://files.example.test/1.jpg") }, 422, "40317"],
  ])("refuses %s", async (_, changes, status, code) => {
    const answer = await send(changes);
    expect(answer).toMatchObject({ status, body: { errors: [{ code, title: expect.any(String) }] } });
    expect(receiver.received).toEqual([]);
  });

  it("takes ten segments, and refuses another key", async () => {
    expect((await send({ text: "ã".repeat(670) })).status).toBe(200);
    expect(await send({}, "KEY2")).toMatchObject({ status: 401, body: { errors: [{ code: "10009" }] } });
  });

  it("misbehaves when it is told to", async () => {
    await control("faults", { kind: "429" });
    expect(await send()).toMatchObject({ status: 429, body: { errors: [{ code: "10011" }] } });
    await control("faults", { kind: "500" });
    expect((await send()).status).toBe(500);
    await control("faults", { kind: "failed", code: 40001 });
    await send();
    await vi.waitFor(() => expect(statuses().at(-1)).toEqual(["message.finalized", "delivery_failed"]));
    expect(told().at(-1)?.data.payload).toMatchObject({ errors: [{ code: "40001", title: "Not routable" }] });
    expect((await control("faults", { kind: "expired_window" })).status).toBe(400);
  });
});

describe("opting out at Telnyx", () => {
  it("answers STOP itself, says so in the webhook, and blocks until START", async () => {
    await writes("stop all");
    await vi.waitFor(() => expect(told()[0]?.data.payload.autoresponse_type).toBe("STOP"));
    expect(await send()).toMatchObject({ status: 403, body: { errors: [{ code: "40300" }] } });
    await writes("unstop");
    await vi.waitFor(() => expect(told()[1]?.data.payload.autoresponse_type).toBe("START"));
    expect((await send()).status).toBe(200);
    await writes("Help");
    await vi.waitFor(() => expect(told().some(({ data }) => data.payload.autoresponse_type === "HELP")).toBe(true));
    const { body } = await ask("GET", `${simulator.url}/_simulator/messages?customer=${encodeURIComponent(CUSTOMER)}`);
    expect((body.data as unknown[]).length).toBe(4);
  });
});

it("posts a given webhook with a signature of any kind and tells the answer", async () => {
  const webhook = { path: "/webhooks/sms-telnyx", body: { data: { event_type: "x" } } };
  for (const signature of ["valid", "wrong", "missing", "truncated"]) {
    expect((await control("webhooks", { ...webhook, signature })).body).toMatchObject({ status: 200 });
  }
  expect(await Promise.all(receiver.received.map(isSigned))).toEqual([true, false, false, false]);
});
