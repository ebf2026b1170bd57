import { describe, expect, it, vi } from "vitest";
import type { AccountState } from "../../../functions/send-message/ports.ts";
import { sendSignal } from "../../../functions/send-message/send-signal.ts";
import { whatsappCloud } from "../../../shared/channels/whatsapp-cloud/index.ts";
import type { SignalRequest } from "../../../shared/domain/mailbox.ts";
import type { HttpAnswer, HttpRequest } from "../../../shared/ports.ts";
import { MemoryTable } from "../../fakes/memory-table.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const REQUEST: SignalRequest = {
  signal: "typing",
  log: "conv_AAAAAAAAAAAAAAAAAAAAAA",
  account: "whatsapp",
  address: "5511987650000",
  providerMessageId: "wamid.IN1",
  expiresAt: NOW + 1,
};
const ready: AccountState = {
  kind: "ready",
  account: {
    name: "whatsapp",
    settings: { phoneNumberId: "100000000000001", graphVersion: "v26.0" },
    secrets: { accessToken: "token" },
  },
};
const success: HttpAnswer = { kind: "answer", status: 200, headers: {}, body: '{"success":true}' };

async function signalled(
  request: Partial<SignalRequest> = {},
  {
    state = ready,
    answer = success,
    pausedUntil = 0,
  }: { state?: AccountState; answer?: HttpAnswer; pausedUntil?: number } = {},
) {
  const warn = vi.spyOn(console, "warn").mockReturnValue();
  warn.mockClear();
  const table = new MemoryTable();
  await table.pause("whatsapp", pausedUntil);
  const bodies: unknown[] = [];
  const next = await sendSignal(
    { ...REQUEST, ...request },
    {
      sender: whatsappCloud.sender,
      http: async ({ body }: HttpRequest) => {
        bodies.push(JSON.parse(String(body)));
        return answer;
      },
      clock: { now: () => NOW },
      table,
      account: async () => state,
    },
  );
  expect(next).toEqual({ kind: "done" });
  return { bodies, warnings: warn.mock.calls.length };
}

describe("a signal", () => {
  const read = { messaging_product: "whatsapp", status: "read", message_id: "wamid.IN1" };

  it.each([
    ["read", read],
    ["typing", { ...read, typing_indicator: { type: "text" } }],
  ] as const)("is one request to the provider: %s", async (signal, body) => {
    expect(await signalled({ signal })).toEqual({ bodies: [body], warnings: 0 });
  });

  it("is over, and only logged, when the provider does not take it", async () => {
    const refused: HttpAnswer = { kind: "answer", status: 400, headers: {}, body: '{"error":{"code":131009}}' };
    for (const answer of [refused, { kind: "not_sent", detail: "" }, { kind: "interrupted", detail: "" }] as const) {
      expect(await signalled({}, { answer })).toMatchObject({ bodies: [{}], warnings: 1 });
    }
  });

  it("is not sent late, nor for an account that is paused or not ready", async () => {
    expect((await signalled({ expiresAt: NOW })).bodies).toEqual([]);
    expect((await signalled({}, { pausedUntil: NOW + 1 })).bodies).toEqual([]);
    expect((await signalled({}, { state: { kind: "no_secrets", isNews: true } })).bodies).toEqual([]);
  });
});
