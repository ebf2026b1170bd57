import { describe, expect, it } from "vitest";
import type { Entry } from "../../shared/domain/conversation-log.ts";
import { toEnvelope } from "../../shared/domain/envelope.ts";
import { eventShapes } from "../../shared/domain/event-shapes.ts";

const LOG = "conv_AAAAAAAAAAAAAAAAAAAAAA";
const NOON = Date.parse("2026-03-01T12:00:00Z");

function entry(type: Entry["type"], data: object, more: Partial<Entry> = {}): Entry {
  return {
    ...{ sequence: 7, key: "k7", token: "t", type, account: "messenger", channel: "messenger", data },
    at: { received: NOON, recorded: NOON },
    after: { v: 1, n: 7, status: "open", contact: "con_1", summarised: NOON, chain: "" },
    ...more,
  };
}

const QUEUED = {
  message: { id: "msg_1", direction: "outbound", author: { type: "agent" }, content: { type: "text", text: "Olá" } },
  expiresAt: NOON + 1,
};

describe("an envelope", () => {
  it("tells all times in one form", () => {
    const queued = toEnvelope(LOG, 1, entry("message.queued", QUEUED));
    expect(queued).toEqual(eventShapes["message.queued"].parse(queued));
    expect(queued.data.expiresAt).toBe("2026-03-01T12:00:00.001Z");
    const read = toEnvelope(LOG, 1, entry("message.read", { message: {}, watermark: NOON }));
    expect(read).toEqual(eventShapes["message.read"].parse(read));
    expect(read.data.watermark).toBe("2026-03-01T12:00:00.000Z");
  });

  it("names the shape of its data, by type", () => {
    const read = toEnvelope(LOG, 1, entry("message.read", { message: {} }));
    expect(read.dataschema).toBe("urn:recado:event:message.read:1");
    expect(eventShapes["message.queued"].safeParse({ ...read, type: "message.queued" }).success).toBe(false);
  });

  it("says when what was said in it is gone", () => {
    const kept = toEnvelope(LOG, 1, entry("message.read", { message: {} }));
    expect(kept.data).not.toHaveProperty("erased");
    const erased = toEnvelope(LOG, 1, entry("message.read", { message: {} }, { erased: true }));
    expect(eventShapes["message.read"].parse(erased).data).toMatchObject({ erased: true });
  });
});
