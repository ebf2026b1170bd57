import { beforeEach, describe, expect, it, vi } from "vitest";
import { erasedEntry } from "../../../shared/domain/erased-entry.ts";
import { eventKey } from "../../../shared/domain/ids.ts";
import { accountLog } from "../../../shared/domain/mailbox.ts";
import { WorldFault } from "../../../shared/ports.ts";
import {
  accepts,
  acceptsSilently,
  HOUR_MS,
  isDown,
  LOG,
  MESSAGE,
  NOW,
  REQUEST,
  rejects,
  SendingWorld,
  swallows,
  throttles,
} from "../../fakes/sending-world.ts";

beforeEach(() => {
  vi.spyOn(console, "warn").mockReturnValue();
  vi.spyOn(console, "error").mockReturnValue();
});

const DONE = { kind: "done" };
const receipt = { message: { id: MESSAGE, providerMessageId: "wamid.1" } };

describe("a message that the provider takes", () => {
  it("is sent once, with what makes its receipts find back, and is `sent` with the provider's id", async () => {
    const world = new SendingWorld();
    expect(await world.deliver()).toEqual(DONE);
    world.record();
    expect(world.requests).toEqual([
      {
        to: "customer",
        content: { type: "text", text: "Olá!" },
        correlation: `${LOG}.${MESSAGE}.0`,
        callbackUrl: "http://localhost:3000/webhooks/whatsapp-cloud",
      },
    ]);
    expect(world.message()).toMatchObject({ status: "sent", providerMessageId: "wamid.1" });
    expect(world.table.providerMessages.get("whatsapp wamid.1")).toEqual({
      conversation: LOG,
      message: MESSAGE,
      part: 0,
    });
  });

  it("is one event with the provider's own receipt", async () => {
    const world = new SendingWorld();
    world.write(eventKey("id-secret", "whatsapp", "wamid.1#sent"), "message.sent", { message: { id: "msg_other" } });
    await world.deliver();
    world.record();
    expect(world.types()).toEqual(["message.received", "message.queued", "message.sent"]);
  });

  it("is not sent again by a late redelivery, even when the claim has expired", async () => {
    const world = new SendingWorld();
    await world.deliver();
    world.record();
    world.table.claims.clear();
    world.now += 61 * 24 * HOUR_MS;
    expect(await world.deliver()).toEqual(DONE);
    world.record();
    expect(world.accepted).toBe(1);
    expect(world.message().status).toBe("sent");
  });

  it.each(["message.delivered", "message.read", "message.played", "message.failed"] as const)(
    "is not sent when %s is there already",
    async (type) => {
      const world = new SendingWorld();
      world.write("receipt", type, receipt);
      expect(await world.deliver()).toEqual(DONE);
      expect(world.requests).toEqual([]);
    },
  );

  it("answers the provider's message that it replies to", async () => {
    const world = new SendingWorld({ replyTo: { providerMessageId: "wamid.in" } });
    let repliedTo: string | undefined;
    const { render } = world.ports.sender;
    world.ports.sender.render = (rendering) => {
      repliedTo = rendering.replyToProviderMessageId;
      return render(rendering);
    };
    await world.deliver();
    expect(repliedTo).toBe("wamid.in");
  });
});

describe("what the provider said", () => {
  it.each([
    ["accepts", accepts, "sent"],
    ["rejects", rejects, "failed"],
  ] as const)("is not lost while the mailbox is down: it %s", async (_, vendor, status) => {
    const world = new SendingWorld({ vendor: [vendor] });
    const { mailbox } = world.ports;
    world.ports.mailbox = {
      deliver: async () => {
        throw new WorldFault("the mailbox is down");
      },
    };
    for (let tried = 0; tried < 3; tried++) {
      expect(await world.deliver()).toMatchObject({ kind: "retry" });
      world.now += 60_000;
    }
    world.ports.mailbox = mailbox;
    expect(await world.deliver()).toEqual(DONE);
    world.record();
    expect(world.requests).toHaveLength(1);
    expect(world.types()).toEqual(["message.received", "message.queued", `message.${status}`]);
  });
});

describe("a message that the provider refuses", () => {
  it("has failed, with the provider's code and words", async () => {
    const world = new SendingWorld({ vendor: [rejects] });
    expect(await world.deliver()).toEqual(DONE);
    world.record();
    expect(world.message()).toMatchObject({ status: "failed", failure: { class: "unreachable", code: "131026" } });
    expect(await world.deliver()).toEqual(DONE);
    expect(world.requests).toHaveLength(1);
  });
});

describe("a message that cannot go any more", () => {
  it("is not sent when its customer was erased, and nobody is told anything", async () => {
    const world = new SendingWorld();
    world.table.logs.set(LOG, (world.table.logs.get(LOG) ?? []).map(erasedEntry));
    expect(await world.deliver()).toEqual(DONE);
    expect([world.requests, world.mailbox, [...world.table.claims]]).toEqual([[], [], []]);
  });

  it("has failed as expired when its time is over", async () => {
    const world = new SendingWorld();
    world.now = NOW + 24 * HOUR_MS;
    await world.deliver();
    world.record();
    expect(world.requests).toEqual([]);
    expect(world.message()).toMatchObject({ status: "failed", failure: { class: "expired" } });
  });

  it("has failed when the window closed while it waited, in words for the agent", async () => {
    const world = new SendingWorld();
    world.now = NOW + 23 * HOUR_MS;
    await world.deliver();
    world.record();
    expect(world.requests).toEqual([]);
    expect(world.message().failure).toMatchObject({ class: "window", code: "window_closed" });
    expect(world.message().failure?.reason).toContain("The customer last wrote more than 24 hours ago");
  });

  it("goes when the customer wrote again meanwhile", async () => {
    const world = new SendingWorld();
    world.now = NOW + 23 * HOUR_MS;
    world.write("in2", "message.received", { message: { id: "msg_in2", content: { type: "text", text: "Hello?" } } });
    await world.deliver();
    expect(world.accepted).toBe(1);
  });

  it("goes when the customer wrote again in the conversation that took over from this one", async () => {
    const world = new SendingWorld();
    world.now = NOW + 23 * HOUR_MS;
    world.write("merged", "contact.merged", { into: "conv_other" });
    const [opening] = world.table.logs.get(LOG) ?? [];
    if (!opening) throw new Error("no log");
    world.table.logs.set("conv_other", [{ ...opening, after: { ...opening.after, inbound: world.now } }]);
    await world.deliver();
    expect(world.accepted).toBe(1);
  });

  it.each([
    [{ type: "text", text: "x".repeat(100_000) }, "too_long"],
    [{ type: "form", values: {} }, "not_carried"],
  ] as const)("has failed when the channel does not carry it (%#)", async (content, code) => {
    const world = new SendingWorld({ content });
    await world.deliver();
    world.record();
    expect(world.message()).toMatchObject({ status: "failed", failure: { class: "payload", code } });
  });

  it("has failed when its account is not configured any more", async () => {
    const world = new SendingWorld({ accounts: { whatsapp: { kind: "not_configured" } } });
    await world.deliver();
    world.record();
    expect(world.message()).toMatchObject({ status: "failed", failure: { class: "account", code: "not_configured" } });
  });

  it("is told as sent all the same, when it was sent before its time was over and that was lost", async () => {
    const world = new SendingWorld();
    await world.deliver();
    world.mailbox.length = 0;
    world.now = NOW + 48 * HOUR_MS;
    expect(await world.deliver()).toEqual(DONE);
    world.record();
    expect(world.accepted).toBe(1);
    expect(world.message()).toMatchObject({ status: "sent", providerMessageId: "wamid.1" });
  });
});

describe("a message that has to wait", () => {
  it("waits as long as the provider says when this customer is throttled, and nobody else does", async () => {
    const world = new SendingWorld({ vendor: [throttles("pair", 7), accepts] });
    expect(await world.deliver()).toEqual({ kind: "retry", afterSeconds: 7 });
    expect(world.table.pauses.size).toBe(0);
    world.now += 7_000;
    expect(await world.deliver()).toEqual(DONE);
    expect(world.accepted).toBe(1);
  });

  it("asks ever less often while this customer stays throttled: 4, 16, 64 … seconds", async () => {
    const world = new SendingWorld({ vendor: [throttles("pair", 1)] });
    const waits: unknown[] = [];
    for (let time = 0; time < 7; time++) waits.push(await world.deliver());
    expect(waits).toEqual([4, 16, 64, 256, 900, 900, 900].map((afterSeconds) => ({ kind: "retry", afterSeconds })));
  });

  it("pauses the account when all of it is throttled; nothing is claimed or sent until then", async () => {
    const world = new SendingWorld({ vendor: [throttles("account", 3600)] });
    expect(await world.deliver()).toEqual({ kind: "retry", afterSeconds: 3600 });
    world.now += 600_000;
    expect(await world.deliver()).toEqual({ kind: "retry", afterSeconds: 3000 });
    expect(world.requests).toHaveLength(1);
    expect(await world.table.claim(MESSAGE, 0)).toMatchObject({ state: "released" });
  });

  it("waits longer and longer while the provider is down, and goes when it is back", async () => {
    const world = new SendingWorld({ vendor: [isDown] });
    const waits: number[] = [];
    for (let tried = 0; tried < 22; tried++) {
      const next = await world.deliver();
      waits.push(next.kind === "retry" ? next.afterSeconds : 0);
    }
    expect(waits.slice(0, 6)).toEqual([5, 10, 20, 40, 60, 60]);
    expect(waits.slice(-3)).toEqual([60, 120, 180]);
    const recovered = new SendingWorld({ vendor: [isDown, isDown, accepts] });
    await recovered.untilQuiet();
    expect(recovered.message().status).toBe("sent");
  });

  it("does not use up what a queue hands out in a day-long outage, and is told as expired in time", async () => {
    const world = new SendingWorld({ vendor: [isDown], capabilities: { windowHours: 1000 } });
    await world.untilQuiet();
    expect(world.message()).toMatchObject({ status: "failed", failure: { class: "expired" } });
    expect(world.now).toBe(NOW + 24 * HOUR_MS);
    expect(world.received).toBeLessThan(150);
  });

  it("waits for the account's secrets, and alerts once", async () => {
    const world = new SendingWorld({ accounts: { whatsapp: { kind: "no_secrets", isNews: true } } });
    expect(await world.deliver()).toEqual({ kind: "retry", afterSeconds: 5 });
    expect(world.mailbox).toMatchObject([
      { log: accountLog("whatsapp"), type: "account.alert", data: { code: "no_secrets" } },
    ]);
    expect(world.table.claims.size).toBe(0);
    const later = new SendingWorld({ accounts: { whatsapp: { kind: "no_secrets", isNews: false } } });
    await later.deliver();
    expect(later.mailbox).toEqual([]);
  });
});

describe("a message of which nobody knows whether it arrived", () => {
  it("is uncertain at once, holds up the conversation for thirty seconds, and is never sent again", async () => {
    const world = new SendingWorld({ vendor: [acceptsSilently] });
    expect(await world.deliver()).toEqual({ kind: "retry", afterSeconds: 10 });
    world.record();
    expect(world.message().status).toBe("uncertain");
    expect(world.settling.map(({ request }) => request)).toEqual([{ ...REQUEST, part: 0 }]);
    world.now += 10_000;
    expect(await world.deliver()).toEqual({ kind: "retry", afterSeconds: 10 });
    world.now += 18_000;
    expect(await world.deliver()).toEqual({ kind: "retry", afterSeconds: 2 });
    world.now += 2_000;
    expect(await world.deliver()).toEqual(DONE);
    expect(world.requests).toHaveLength(1);
    expect(world.settling).toHaveLength(1);
  });

  it("stops holding up the conversation when a receipt comes", async () => {
    const world = new SendingWorld({ vendor: [acceptsSilently] });
    await world.deliver();
    world.record();
    world.write("receipt", "message.delivered", receipt);
    world.now += 10_000;
    expect(await world.deliver()).toEqual(DONE);
    expect(world.message().status).toBe("delivered");
  });

  it("is also one whose sender ended before it could say", async () => {
    const world = new SendingWorld();
    await world.table.takeClaim(MESSAGE, 0, NOW - 1);
    expect(await world.deliver()).toMatchObject({ kind: "retry" });
    world.record();
    expect(world.requests).toEqual([]);
    expect(world.message().status).toBe("uncertain");
  });

  it("is not one that another worker has claimed since this one began: that one will say", async () => {
    const world = new SendingWorld();
    const { takeClaim } = world.table;
    world.table.takeClaim = async (message, part, now) => {
      world.table.takeClaim = takeClaim;
      await world.table.takeClaim(message, part, now);
      return takeClaim.call(world.table, message, part, now);
    };
    expect(await world.deliver()).toEqual({ kind: "retry", afterSeconds: 5 });
    expect(world.requests).toEqual([]);
    expect(world.mailbox).toEqual([]);
  });

  it("goes once more when it turns out that it was certainly not sent", async () => {
    const world = new SendingWorld({ vendor: [accepts] });
    await world.table.takeClaim(MESSAGE, 0, NOW - 1);
    await world.deliver();
    world.record();
    await world.table.releaseClaim(MESSAGE, 0, NOW);
    expect(await world.deliver()).toEqual(DONE);
    world.record();
    expect(world.message().status).toBe("sent");
  });
});

describe("a fault of our own", () => {
  it("before anything was claimed ends as failed, so that the conversation goes on", async () => {
    const world = new SendingWorld();
    world.ports.sender.render = () => {
      throw new TypeError("a bug");
    };
    expect(await world.deliver()).toEqual(DONE);
    world.record();
    expect(world.message()).toMatchObject({ status: "failed", failure: { class: "unknown", code: "internal" } });
  });

  it("in the connector's send ends as uncertain", async () => {
    const world = new SendingWorld();
    world.ports.sender.send = async () => {
      throw new TypeError("a bug");
    };
    expect(await world.deliver()).toMatchObject({ kind: "retry" });
    world.record();
    expect(world.message().status).toBe("uncertain");
  });

  it("a request for what the log does not hold is dropped", async () => {
    const world = new SendingWorld();
    expect(await world.deliver({ ...REQUEST, sequence: 9 })).toEqual(DONE);
    expect(await world.deliver({ ...REQUEST, sequence: 1 })).toEqual(DONE);
    expect(await world.deliver({ ...REQUEST, message: "msg_other" })).toEqual(DONE);
    expect(world.requests).toEqual([]);
    expect(world.mailbox).toEqual([]);
  });
});

it("what could not be had in full is failed with the reason that it came with, and nothing of it goes out", async () => {
  const failure = { class: "payload", code: "file_unavailable", reason: "The file is gone." } as const;
  const world = new SendingWorld({ queued: { unsendable: failure, expiresAt: NOW - 1 } });
  await world.untilQuiet();
  expect(world.requests).toEqual([]);
  expect(world.message()).toMatchObject({ status: "failed", failure });
});

it("a swallowed message ends as unconfirmed, and a receipt that comes later still beats that", async () => {
  const world = new SendingWorld({ vendor: [swallows] });
  await world.untilQuiet();
  expect(world.message()).toMatchObject({ status: "failed", failure: { class: "unconfirmed", assumed: true } });
  world.write("late", "message.delivered", receipt);
  expect(world.message().status).toBe("delivered");
});
