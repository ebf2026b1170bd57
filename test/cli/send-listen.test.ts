/** `recado send` and `recado listen`, as they run in a pipe. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { verifyWebhook } from "../../shared/client/client.ts";
import type { Envelope } from "../../shared/domain/envelope.ts";
import { type FakeApi, startFakeApi } from "./fake-api.ts";
import { type Running, recado } from "./run.ts";

const WAIT = { timeout: 20_000, interval: 50 };
const text = (words: string) => ({ message: { id: "msg_in", content: { type: "text", text: words } } });

let api: FakeApi;
beforeAll(async () => {
  api = await startFakeApi();
  api.happen("conv_1", "message.received", text("Olá"));
});
afterAll(() => api.close());
const run = (...args: string[]) => recado([...args, "--url", api.url]);

describe("recado send", () => {
  it("prints the id of what it sent, and what becomes of it", async () => {
    api.onSent((conversation, id) => {
      api.happen(conversation, "message.sent", { message: { id: "msg_other" } });
      for (const type of ["message.queued", "message.sent", "message.delivered"] as const)
        api.happen(conversation, type, { message: { id } });
    });
    const { code, out, err } = await run("send", "conv_1", "Bom dia", "--wait", "20", "--idempotency-key", "k").ended;
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const [id, ...events] = out.trimEnd().split("\n");
    expect(id).toBe("msg_1");
    expect(events.map((line) => JSON.parse(line).type)).toEqual([
      "message.queued",
      "message.sent",
      "message.delivered",
    ]);
    expect(api.sent).toEqual([{ conversation: "conv_1", body: { content: { type: "text", text: "Bom dia" } } }]);
    expect(api.sentUnder).toEqual(["k"]);
  });

  it("says in a dry run why a message would not go out", async () => {
    const { code, out } = await run("send", "conv_1", "x", "--dry-run").ended;
    expect({ code, plan: JSON.parse(out) }).toMatchObject({
      code: 1,
      plan: { allowed: false, reasons: [{ text: "Too late." }] },
    });
    expect(api.sent).toHaveLength(1);
  });

  it("says what is missing", async () => {
    const { code, out, err } = await run("send", "conv_1").ended;
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toBe("Say what to send: a text, - for the standard input, --file or --content.\n");
  });
});

describe("recado listen", () => {
  let running: Running | undefined;
  let receiver: Server | undefined;
  afterEach(async () => {
    running?.process.kill();
    await running?.ended;
    receiver?.close();
  });

  it("forwards what happens from now on, signed with the secret that it shows, and goes on after refusals", async () => {
    const got: Envelope[] = [];
    let secret = "";
    receiver = createServer(async (request, response) => {
      const event = await verifyWebhook(request.headers, await buffer(request), secret);
      got.push(event);
      expect(request.headers).toMatchObject({ "webhook-id": event.id });
      response.writeHead(got.length === 1 ? 500 : 204).end();
    });
    await new Promise<void>((resolve) => receiver?.listen(0, "127.0.0.1", resolve));
    const target = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks`;
    running = run("listen", "--forward-to", target, "--type", "message.received");
    const shown = await vi.waitFor(() => /^whsec_\S+$/m.exec(running?.err() ?? "")?.[0] ?? expect.fail(), WAIT);
    secret = shown;
    api.happen("conv_1", "message.received", text("one"));
    api.happen("conv_1", "message.sent");
    api.happen("conv_2", "message.received", text("two"));
    await vi.waitFor(() => expect(running?.out().trimEnd().split("\n")).toHaveLength(2), WAIT);
    const lines = (running.out().trimEnd().split("\n") ?? []).map((line) => JSON.parse(line));
    expect(lines.map(({ type, status }) => [type, status])).toEqual([
      ["message.received", 500],
      ["message.received", 204],
    ]);
    expect(lines.map(({ id }) => id)).toEqual(got.map(({ id }) => id));
    expect(got.map(({ subject }) => subject).sort()).toEqual(["conv_1", "conv_2"]);
  });
});
