import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startDeskSimulator } from "../../../local/simulators/desk/index.ts";
import type { Server } from "../../../local/simulators/http.ts";
import { ask, type Receiver, startReceiver } from "./receiver.ts";

const SECRET = "whsec_bWFueSB3b3JkcyBvZiBhIGtleSBmb3IgYSBkZXNr";
const judge = new Webhook(SECRET);
const LOG = "conv_AAAAAAAAAAAAAAAAAAAAAA";

let receiver: Receiver;
let simulator: Server;
beforeEach(async () => {
  receiver = await startReceiver();
  simulator = await startDeskSimulator({
    url: "https://desk.example.com/recado",
    deliverTo: `${receiver.url}/helpdesks/desk`,
    secret: SECRET,
    retryAfterMs: [5, 5],
  });
});
afterEach(async () => {
  await simulator.close();
  await receiver.close();
});

const control = (name: string, body: unknown) => ask("POST", `${simulator.url}/_simulator/${name}`, body);
const shown = async (view: string) => (await ask("GET", `${simulator.url}/_simulator/${view}`)).body.data;

function post(
  number: number,
  { key = judge, id = `evt_${number}`, seconds = Date.now() / 1000, path = "/recado" } = {},
) {
  const event = { id, type: "message.received", subject: LOG, sequence: String(number), data: {} };
  const body = JSON.stringify(event);
  const at = new Date(seconds * 1000);
  const headers = {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(seconds)),
    "webhook-signature": key.sign(id, at, body),
  };
  return fetch(simulator.url + path, { method: "POST", headers, body }).then(({ status }) => status);
}

describe("an event", () => {
  it("is taken under a genuine signature, and known again", async () => {
    expect([await post(1), await post(2), await post(1)]).toEqual([200, 200, 200]);
    expect(await shown("events")).toMatchObject([
      { webhookId: "evt_1", isRepeated: false },
      { webhookId: "evt_2", isRepeated: false },
      { webhookId: "evt_1", isRepeated: true },
    ]);
    expect(await shown("conversations")).toMatchObject([{ id: LOG, events: [{ id: "evt_1" }, { id: "evt_2" }] }]);
  });

  it("is not taken under another secret, from another day, or elsewhere", async () => {
    expect(await post(1, { key: new Webhook("another", { format: "raw" }) })).toBe(401);
    expect(await post(1, { seconds: Date.now() / 1000 - 86_400 })).toBe(401);
    expect(await post(1, { path: "/elsewhere" })).toBe(404);
    expect(await shown("events")).toEqual([]);
  });

  it("meets whatever was ordered", async () => {
    for (const kind of ["down", "refused", "429", "500"]) await control("faults", { kind, customer: LOG });
    expect([await post(1), await post(1), await post(1), await post(1), await post(1)]).toEqual([
      ...[503, 422, 429, 500],
      200,
    ]);
    expect((await control("faults", { kind: "expired_window" })).status).toBe(400);
  });
});

describe("an agent's reply", () => {
  it("is posted under a genuine signature until it is taken, with its files where they can be had", async () => {
    const statuses = [503, 202];
    receiver.answerWith(() => ({ status: statuses.shift() ?? 202 }));
    const attachments = [{ contentType: "image/png", fileName: "mapa.png" }];
    const { body } = await control("reply", { conversation: LOG, text: "Até às 18h.", attachments });
    await vi.waitFor(() => expect(receiver.received).toHaveLength(2));
    for (const { headers, body: raw } of receiver.received) expect(headers["webhook-id"] && judge.verify(raw, headers));
    const told = JSON.parse(receiver.received[1]?.body ?? "");
    expect(told).toMatchObject({ id: body.id, type: "reply", conversation: LOG, text: "Até às 18h." });
    const [{ url }] = told.attachments;
    expect(url).toMatch(/^https:\/\/desk\.example\.com\/files\//);
    const file = await fetch(simulator.url + new URL(url).pathname);
    expect([file.status, file.headers.get("content-type")]).toEqual([200, "image/png"]);
  });

  it.each(["wrong", "missing", "truncated"])("can be signed so that nobody takes it: %s", async (signature) => {
    await control("reply", { conversation: LOG, type: "state", state: "closed", signature });
    await vi.waitFor(() => expect(receiver.received).not.toEqual([]));
    const [{ headers, body } = { headers: {}, body: "" }] = receiver.received;
    expect(() => judge.verify(body, headers)).toThrow();
  });
});
