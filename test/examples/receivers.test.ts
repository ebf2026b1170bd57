/** The examples as they stand, each against a signed event and a Recado that notes what was sent. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { clientModule } from "../../cli/build-client.ts";
import { type FakeApi, startFakeApi } from "../cli/fake-api.ts";

const SECRET = "whsec_c2VjcmV0IG9mIHRoZSByZWNlaXZlcg==";
const ASKS = { content: { type: "text", text: "Qual é o PREÇO?" }, author: { type: "contact", name: "Ana" } };

let folder: string;
let api: FakeApi;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "recado-examples-"));
  await cp("examples", join(folder, "examples"), { recursive: true });
  await mkdir(join(folder, "dist"));
  await writeFile(join(folder, "dist/recado-client.mjs"), await clientModule());
  api = await startFakeApi();
  api.happen("conv_1", "message.received", { message: ASKS });
});
afterAll(async () => {
  await api.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  api.refuse();
  api.sent.length = 0;
  api.sentUnder.length = 0;
});

/** Refusals that stay, and those that may pass. */
const FINAL = [
  [422, "opted_out"],
  [409, "idempotency_key_reused"],
  [404, "not_found"],
] as const;
const PASSING = [401, 429, 500, 503] as const;

const event = (type: string, message: object = ASKS) => ({
  ...{ id: "evt_1", type, subject: "conv_1" },
  data: { conversation: "conv_1", account: "whatsapp", message },
});

const isPython = (() => {
  try {
    return execFileSync("python3", ["--version"]).toString().startsWith("Python 3.");
  } catch {
    return false;
  }
})();

describe.each([
  ["receiver/receiver.mjs", process.execPath, true],
  [
    isPython ? "python/receiver.py" : "python/receiver.py, left out because there is no python3 here",
    "python3",
    isPython,
  ],
] as const)("%s", (file, program, isThere) => {
  let receiver: ChildProcess | undefined;
  let url = "";
  let errors = "";
  beforeAll(async () => {
    if (!isThere) return;
    const environment = { WEBHOOK_SECRET: SECRET, RECADO_URL: api.url, PORT: "0" };
    receiver = spawn(program, [join(folder, "examples", file)], { env: { ...process.env, ...environment } });
    let out = "";
    receiver.stderr?.on("data", (text) => {
      errors += text;
    });
    receiver.stdout?.on("data", (text) => {
      out += text;
    });
    const port = await vi.waitFor(() => /Listening on (\d+)/.exec(out)?.[1] ?? expect.fail(out), 30_000);
    url = `http://127.0.0.1:${port}/`;
  });
  afterAll(() => void receiver?.kill());

  async function post(what: object, { secret = SECRET, at = new Date(), cut = 0 } = {}): Promise<number> {
    const body = JSON.stringify(what);
    const headers = {
      "webhook-id": "evt_1",
      "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
      "webhook-signature": new Webhook(secret).sign("evt_1", at, body),
    };
    return (await fetch(url, { method: "POST", headers, body: body.slice(cut) })).status;
  }

  it.skipIf(!isThere)("answers who asks, under the event's id", async () => {
    expect(await post(event("message.received"))).toBe(204);
    expect(api.sent).toMatchObject([
      { conversation: "conv_1", body: { content: { type: "text", text: "São 12 €." } } },
    ]);
    expect(api.sentUnder).toEqual(["evt_1"]);
  });

  it.skipIf(!isThere)("takes what needs no answer", async () => {
    expect(await post(event("message.delivered", { id: "msg_1" }))).toBe(204);
    expect(await post(event("message.received", { content: { type: "sticker" }, author: {} }))).toBe(204);
    expect(api.sent).toEqual([]);
  });

  it.skipIf(!isThere)("refuses what Recado did not sign", async () => {
    expect(await post(event("message.received"), { secret: "whsec_YW5vdGhlciBzZWNyZXQ=" })).toBe(401);
    expect(await post(event("message.received"), { at: new Date(Date.now() - 301_000) })).toBe(401);
    expect(await post(event("message.received"), { cut: 1 })).toBe(401);
    expect(api.sent).toEqual([]);
  });

  it.skipIf(!isThere).each(FINAL)(
    "takes the event when the answer is refused for good: %i %s",
    async (status, code) => {
      api.refuse({ status, code });
      expect(await post(event("message.received"))).toBe(204);
      await vi.waitFor(() => expect(errors).toContain(`evt_1 is not answered: ${code}`));
    },
  );

  it.skipIf(!isThere).each(PASSING)("asks for the event again after %i, which may pass", async (status) => {
    api.refuse({ status });
    expect(await post(event("message.received"))).toBe(503);
  });
});

describe("topic/handler.mjs", () => {
  it("answers who asks, and hands back with a failure what is behind it, of that conversation alone", async () => {
    vi.stubEnv("RECADO_URL", api.url);
    vi.stubEnv("RECADO_API_KEY", "local-api-key");
    const { handler } = await import(join(folder, "examples/topic/handler.mjs"));
    const record = (messageId: string, subject: string) => {
      const body = { ...event("message.received"), id: `evt_${messageId}`, subject };
      return { messageId, body: JSON.stringify({ ...body, data: { conversation: subject, message: ASKS } }) };
    };
    const Records = [record("1", "conv_1"), record("2", "conv_2"), record("3", "conv_2"), record("4", "conv_1")];
    api.refuse({ status: 503, conversation: "conv_2" });
    expect(await handler({ Records })).toEqual({
      batchItemFailures: [{ itemIdentifier: "2" }, { itemIdentifier: "3" }],
    });
    expect(api.sentUnder).toEqual(["evt_1", "evt_4"]);
    const log = vi.spyOn(console, "error").mockReturnValue();
    api.refuse({ status: 422, code: "opted_out" });
    expect(await handler({ Records })).toEqual({ batchItemFailures: [] });
    log.mockRestore();
    vi.unstubAllEnvs();
  });
});

describe("lambda/handler.mjs", () => {
  it("answers who asks, under the event's id", async () => {
    vi.stubEnv("RECADO_URL", api.url);
    vi.stubEnv("RECADO_API_KEY", "local-api-key");
    const { handler } = await import(join(folder, "examples/lambda/handler.mjs"));
    const delivered = (detail: object) => handler({ source: "recado", "detail-type": "message.received", detail });
    await delivered(event("message.received"));
    await delivered(event("message.received", { content: { type: "text", text: "Bom dia" } }));
    expect(api.sent).toHaveLength(1);
    expect(api.sentUnder).toEqual(["evt_1"]);
    vi.unstubAllEnvs();
    for (const status of PASSING) {
      api.refuse({ status, code: "not_now" });
      await expect(delivered(event("message.received"))).rejects.toMatchObject({ code: "not_now" });
    }
    const log = vi.spyOn(console, "error").mockReturnValue();
    for (const [status, code] of FINAL) {
      api.refuse({ status, code });
      await delivered(event("message.received"));
      expect(log).toHaveBeenLastCalledWith(`evt_1 is not answered: ${code}. Refused.`);
    }
    log.mockRestore();
  });
});
