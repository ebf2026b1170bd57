import { beforeEach, describe, expect, it, vi } from "vitest";
import { erasedEntry } from "../../../shared/domain/erased-entry.ts";
import {
  accepts,
  acceptsSilently,
  LOG,
  MESSAGE,
  NOW,
  REQUEST,
  rejects,
  SendingWorld,
  swallows,
} from "../../fakes/sending-world.ts";

const DONE = { kind: "done" };
const SETTLE = { ...REQUEST, part: 0 };

beforeEach(() => {
  vi.spyOn(console, "warn").mockReturnValue();
  vi.spyOn(console, "error").mockReturnValue();
});

/** A world whose message was begun and never told. */
async function left(given: ConstructorParameters<typeof SendingWorld>[0] = {}): Promise<SendingWorld> {
  const world = new SendingWorld(given);
  world.queue.length = 0;
  await world.table.takeClaim(MESSAGE, 0, NOW);
  return world;
}

describe("what the log says decides", () => {
  it.each(["message.sent", "message.delivered", "message.read", "message.failed"] as const)("%s", async (type) => {
    const world = await left({ policy: "resend" });
    world.write("receipt", type, { message: { id: MESSAGE } });
    expect(await world.settle(SETTLE)).toEqual(DONE);
    expect(world.mailbox).toEqual([]);
    expect(world.queue).toEqual([]);
  });

  it("but not what it says of another message", async () => {
    const world = await left();
    world.write("receipt", "message.delivered", { message: { id: "msg_other" } });
    await world.settle(SETTLE);
    expect(world.mailbox).toMatchObject([{ type: "message.failed" }]);
  });

  it("and of a message that was erased, nothing is said, and it is not sent again", async () => {
    const world = await left({ policy: "resend" });
    const entries = world.table.logs.get(LOG) ?? [];
    world.table.logs.set(LOG, entries.map(erasedEntry));
    expect(await world.settle(SETTLE)).toEqual(DONE);
    expect([world.mailbox, world.queue]).toEqual([[], []]);
  });

  it("and of a message that the log does not hold, nothing is said", async () => {
    const world = await left();
    expect(await world.settle({ ...SETTLE, sequence: 9 })).toEqual(DONE);
    expect(world.mailbox).toEqual([]);
  });
});

describe("what the claim knows is told", () => {
  it("sent", async () => {
    const world = await left();
    await world.table.finishClaim(MESSAGE, 0, {
      state: "done",
      at: NOW,
      outcome: "sent",
      providerMessageId: "wamid.1",
    });
    await world.settle(SETTLE);
    world.record();
    expect(world.message()).toMatchObject({ status: "sent", providerMessageId: "wamid.1" });
    expect(world.table.providerMessages.get("whatsapp wamid.1")).toEqual({
      conversation: LOG,
      message: MESSAGE,
      part: 0,
    });
  });

  it("rejected", async () => {
    const world = await left();
    const failure = rejects.outcome.kind === "rejected" ? rejects.outcome.failure : undefined;
    await world.table.finishClaim(MESSAGE, 0, { state: "done", at: NOW, outcome: "rejected", failure });
    await world.settle(SETTLE);
    world.record();
    expect(world.message()).toMatchObject({ status: "failed", failure });
  });

  it("certainly not sent: it is queued again, even where uncertain sends fail", async () => {
    const world = await left({ policy: "fail" });
    await world.table.releaseClaim(MESSAGE, 0, NOW);
    await world.settle(SETTLE);
    expect(world.queue).toEqual([REQUEST]);
    expect(world.mailbox).toEqual([]);
  });
});

describe("the policy decides where nobody knows", () => {
  it("`fail`: an assumed failure, in words for the agent", async () => {
    const world = await left({ policy: "fail" });
    await world.settle(SETTLE);
    world.record();
    expect(world.message()).toMatchObject({ status: "failed", failure: { class: "unconfirmed", assumed: true } });
    expect(world.message().failure?.reason).toContain("The customer may have received it");
    expect(world.queue).toEqual([]);
  });

  it("`resend`: once more, and then it is told as it is", async () => {
    const world = new SendingWorld({ policy: "resend", vendor: [swallows, accepts] });
    await world.untilQuiet();
    expect(world.requests).toHaveLength(2);
    expect(world.message().status).toBe("sent");
  });

  it("`resend`: never a third time", async () => {
    const world = new SendingWorld({ policy: "resend", vendor: [acceptsSilently] });
    await world.untilQuiet();
    expect(world.requests).toHaveLength(2);
    expect(world.message()).toMatchObject({ status: "failed", failure: { class: "unconfirmed" } });
  });

  it("`resend` asked twice at once queues one request that can send", async () => {
    const world = await left({ policy: "resend" });
    await Promise.all([world.settle(SETTLE), world.settle(SETTLE)]);
    await world.untilQuiet();
    expect(world.requests.length).toBeLessThanOrEqual(1);
  });
});
