import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EventBridgeBus } from "../../shared/aws/bus.ts";
import { dataSchema, type Envelope } from "../../shared/domain/envelope.ts";
import { WorldFault } from "../../shared/ports.ts";

interface PutEvents {
  Entries: { EventBusName: string; Source: string; DetailType: string; Detail: string; Time: number }[];
}

/** Plays PutEvents: refuses the events whose place is in `refusing`, or answers `status` to everything. */
let server: Server;
let requests: PutEvents[];
let refusing: Set<number>;
let status: number;
let bus: EventBridgeBus;

beforeEach(async () => {
  vi.spyOn(console, "warn").mockReturnValue();
  requests = [];
  refusing = new Set();
  status = 200;
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const put = JSON.parse(body) as PutEvents;
    requests.push(put);
    const Entries = put.Entries.map((_, place) =>
      refusing.has(place)
        ? { ErrorCode: "ThrottlingException", ErrorMessage: "slow down" }
        : { EventId: String(place) },
    );
    response.writeHead(status, { "content-type": "application/x-amz-json-1.1" });
    response.end(
      JSON.stringify(status === 200 ? { FailedEntryCount: refusing.size, Entries } : { __type: "InternalException" }),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = new EventBridgeClient({
    region: "eu-central-1",
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: "id", secretAccessKey: "key" },
    maxAttempts: 1,
  });
  bus = new EventBridgeBus({ busName: "recado", client });
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function envelope(n: number, text = "Hi"): Envelope {
  const time = "2026-03-01T12:00:00.000Z";
  return {
    specversion: "1.0",
    id: `evt_${n}`,
    source: "/recado/whatsapp",
    type: "message.received",
    subject: "conv_1",
    time,
    datacontenttype: "application/json",
    dataschema: dataSchema("message.received"),
    sequence: String(n).padStart(12, "0"),
    epoch: 1,
    data: { channel: "whatsapp", account: "whatsapp", times: { received: time, recorded: time }, text },
  };
}

const envelopes = (count: number, text?: string) =>
  Array.from({ length: count }, (_, index) => envelope(index + 1, text));

describe("publish", () => {
  it("puts the envelope as it is, findable by source and type", async () => {
    expect(await bus.publish([envelope(1)])).toBe(1);
    const [entry] = requests[0]?.Entries ?? [];
    expect(entry).toMatchObject({ EventBusName: "recado", Source: "recado", DetailType: "message.received" });
    expect(entry?.Time).toBe(Date.parse("2026-03-01T12:00:00Z") / 1000);
    expect(JSON.parse(entry?.Detail ?? "")).toEqual(envelope(1));
  });

  it("takes ten in one request and says so", async () => {
    expect(await bus.publish(envelopes(12))).toBe(10);
    expect(requests.map(({ Entries }) => Entries.length)).toEqual([10]);
  });

  it("takes 256 KB in one request and says so", async () => {
    expect(await bus.publish(envelopes(5, "é".repeat(50_000)))).toBe(2);
    expect(requests.map(({ Entries }) => Entries.length)).toEqual([2]);
  });

  it("counts only what was accepted before the first that was refused", async () => {
    refusing = new Set([2]);
    expect(await bus.publish(envelopes(5))).toBe(2);
    refusing = new Set([0]);
    expect(await bus.publish(envelopes(5))).toBe(0);
  });

  it("fits an event with its own fields into 256 KB", async () => {
    const room = 262_144 - 14 - "recadomessage.received".length - JSON.stringify(envelope(1, "")).length;
    expect(bus.fits(envelope(1, "a".repeat(room)))).toBe(true);
    expect(bus.fits(envelope(1, "a".repeat(room + 1)))).toBe(false);
  });

  it("of nothing asks nobody", async () => {
    expect(await bus.publish([])).toBe(0);
    expect(requests).toEqual([]);
  });

  it("during an outage is the world's fault", async () => {
    status = 500;
    await expect(bus.publish([envelope(1)])).rejects.toBeInstanceOf(WorldFault);
  });
});
