/** A message that goes out in several parts, one request each. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Content } from "../../../shared/domain/content.ts";
import { WorldFault } from "../../../shared/ports.ts";
import { FAULTS, type Fault, Faults } from "../../fakes/faults.ts";
import {
  acceptsEach,
  acceptsSilently,
  type Behaviour,
  HOUR_MS,
  isDown,
  LOG,
  MESSAGE,
  NOW,
  rejects,
  SendingWorld,
  swallows,
  throttles,
} from "../../fakes/sending-world.ts";

beforeEach(() => {
  vi.spyOn(console, "warn").mockReturnValue();
  vi.spyOn(console, "error").mockReturnValue();
});

const content: Content = { type: "text", text: "Um. Dois." };
const parts: Content[] = [
  { type: "text", text: "Um." },
  { type: "text", text: "Dois." },
];
const [first, second, third] = acceptsEach as [Behaviour, Behaviour, Behaviour];
const correlations = [`${LOG}.${MESSAGE}.0`, `${LOG}.${MESSAGE}.1`];

type Given = NonNullable<ConstructorParameters<typeof SendingWorld>[0]>;

function inTwoParts(given: Given = {}): SendingWorld {
  return new SendingWorld({ content, parts, vendor: acceptsEach, ...given });
}

it("goes out part by part in order, and is sent when all are", async () => {
  const world = inTwoParts();
  expect(await world.deliver()).toEqual({ kind: "done" });
  world.record();
  expect(world.requests).toMatchObject(parts.map((content, part) => ({ content, correlation: correlations[part] })));
  expect(world.message()).toMatchObject({
    status: "sent",
    providerMessageId: "wamid.1",
    parts: [{ providerMessageId: "wamid.1" }, { providerMessageId: "wamid.2" }],
  });
  expect(world.table.providerMessages.get("whatsapp wamid.2")).toMatchObject({ message: MESSAGE, part: 1 });
});

it("goes on in the parts of its log when a release has changed how it would be cut", async () => {
  const world = inTwoParts({ capabilities: { carries: { text: { longestText: 4 } } } });
  await world.deliver();
  expect(world.requests).toMatchObject(parts.map((content) => ({ content })));
});

it("is cut at the send where the log does not say how", async () => {
  const world = new SendingWorld({
    content,
    vendor: acceptsEach,
    capabilities: { carries: { text: { longestText: 5 } } },
  });
  await world.deliver();
  world.record();
  expect(world.requests).toMatchObject(parts.map((content) => ({ content })));
  expect(world.message()).toMatchObject({ status: "sent", parts: [{ status: "sent" }, { status: "sent" }] });
});

it("answers a message with its first part alone", async () => {
  const world = inTwoParts({ replyTo: { id: "msg_in", providerMessageId: "wamid.0" } });
  const quoted: (string | undefined)[] = [];
  const { render } = world.ports.sender;
  world.ports.sender.render = (rendering) => {
    quoted.push(rendering.replyToProviderMessageId);
    return render(rendering);
  };
  await world.deliver();
  expect(quoted).toEqual(["wamid.0", undefined]);
});

describe("between two parts", () => {
  it("a throttle holds the second back, and the first is not sent again", async () => {
    const world = inTwoParts({ vendor: [first, throttles("pair", 7), second] });
    expect(await world.deliver()).toEqual({ kind: "retry", afterSeconds: 7 });
    world.record();
    expect(world.message()).toMatchObject({ status: "queued", parts: [{ status: "sent" }, { status: "queued" }] });
    await world.untilQuiet();
    expect(world.acceptedAs).toEqual(correlations);
    expect(world.message().status).toBe("sent");
  });

  it("a refusal ends the message, and says which part was not sent", async () => {
    const world = inTwoParts({ parts: [...parts, ...parts], vendor: [first, rejects] });
    await world.untilQuiet();
    expect(world.requests).toHaveLength(2);
    expect(world.message()).toMatchObject({
      status: "failed",
      failure: { code: "131026", reason: "Part 2 of 4: This customer cannot be reached." },
      parts: [{ status: "sent" }, { status: "failed" }, { status: "queued" }, { status: "queued" }],
    });
  });

  it("the window may close: the message fails, and says that the first part has gone", async () => {
    const world = inTwoParts({ vendor: [first, isDown] });
    await world.deliver();
    world.record();
    world.now = NOW + 23 * HOUR_MS;
    await world.deliver();
    world.record();
    expect(world.message()).toMatchObject({
      status: "failed",
      failure: { class: "window", code: "window_closed" },
      parts: [{ status: "sent" }, { status: "failed" }],
    });
  });

  it("time may run out", async () => {
    const world = inTwoParts({ vendor: [first, isDown], capabilities: { windowHours: 1000 } });
    await world.untilQuiet();
    expect(world.message()).toMatchObject({
      status: "failed",
      failure: { code: "expired" },
      parts: [{ status: "sent" }, {}],
    });
  });

  it("a fault of our own that no repetition cures fails the part that was not begun", async () => {
    const world = inTwoParts();
    const { render } = world.ports.sender;
    world.ports.sender.render = (rendering) => {
      if (rendering.correlation.endsWith(".1")) throw new TypeError("cannot");
      return render(rendering);
    };
    await world.untilQuiet();
    expect(world.message()).toMatchObject({
      status: "failed",
      failure: { code: "internal" },
      parts: [{ status: "sent" }, { status: "failed" }],
    });
  });
});

describe("an uncertain first part", () => {
  it("holds the second back for a while, and is settled by itself", async () => {
    const world = inTwoParts({ vendor: [acceptsSilently, second] });
    expect(await world.deliver()).toMatchObject({ kind: "retry" });
    world.record();
    expect(world.message().status).toBe("uncertain");
    expect(world.requests).toHaveLength(1);
    await world.untilQuiet();
    expect(world.acceptedAs).toEqual(correlations);
    expect(world.message()).toMatchObject({
      status: "failed",
      failure: { assumed: true, code: "unconfirmed" },
      parts: [{ status: "failed" }, { status: "sent" }],
    });
  });

  it("is sent when a receipt says so", async () => {
    const world = inTwoParts({ vendor: [acceptsSilently, second] });
    await world.deliver();
    world.record();
    world.write("receipt", "message.delivered", { message: { id: MESSAGE, part: 0, providerMessageId: "wamid.1" } });
    await world.untilQuiet();
    expect(world.message()).toMatchObject({ status: "sent", parts: [{ status: "delivered" }, { status: "sent" }] });
  });

  it("goes once more by itself where the owner wants that", async () => {
    const world = inTwoParts({ vendor: [swallows, second, third], policy: "resend" });
    await world.untilQuiet();
    expect(world.acceptedAs).toEqual([correlations[1], correlations[0]]);
    expect(world.message().status).toBe("sent");
  });
});

describe("one fault anywhere", () => {
  const courses: Record<string, readonly Behaviour[]> = {
    "both are accepted": acceptsEach,
    "the second is refused": [first, rejects],
    "the second is throttled once": [first, throttles("account", 30), second, third],
    "the provider is down between": [first, isDown, second, third],
    "the first is accepted silently": [acceptsSilently, second, third],
    "the second is swallowed": [first, swallows, third],
  };

  it.each(Object.entries(courses))("when %s: no part goes twice, and the end is told truthfully", async (_, vendor) => {
    const lived = async (planned: ReadonlyMap<number, Fault> = new Map()) => {
      const world = inTwoParts({ vendor, faults: new Faults(planned) });
      await world.untilQuiet();
      return world;
    };
    const { calls } = (await lived()).faults;
    for (let call = 1; call <= calls; call++) {
      for (const fault of FAULTS) {
        const world = await lived(new Map([[call, fault]]));
        const { status, failure, parts = [] } = world.message();
        expect(new Set(world.acceptedAs).size).toBe(world.acceptedAs.length);
        expect(["sent", "failed"]).toContain(status);
        if (status === "sent") expect(world.acceptedAs).toEqual(correlations);
        for (const [part, one] of parts.entries()) {
          const isCertain = one.status === "failed" && !one.failure?.assumed;
          if (isCertain) expect(world.acceptedAs).not.toContain(correlations[part]);
          if (one.status === "sent") expect(world.acceptedAs).toContain(correlations[part]);
        }
        if (status === "failed") expect(failure).toBeDefined();
      }
    }
  });
});

it("what only a person may still write is marked as such", async () => {
  const world = new SendingWorld({ capabilities: { humanAgentHours: 168 } });
  world.now = NOW + 23 * HOUR_MS + 1;
  await world.deliver();
  expect(world.requests).toMatchObject([{ tag: "human_agent" }]);
});

it("leaves the rest to the next invocation before its own time is over", async () => {
  const world = inTwoParts();
  const { send } = world.ports.sender;
  world.ports.sender.send = async (...request) => {
    const outcome = await send(...request);
    world.now += 26_000;
    return outcome;
  };
  expect(await world.deliver()).toMatchObject({ kind: "retry" });
  expect(world.requests).toHaveLength(1);
  world.record();
  expect(await world.deliver()).toEqual({ kind: "done" });
  world.record();
  expect(world.requests).toHaveLength(2);
  expect(world.message()?.status).toBe("sent");
});

it("tells what the provider answered although the claim cannot be written", async () => {
  const world = new SendingWorld();
  world.ports.table.finishClaim = async () => {
    throw new WorldFault("throttled");
  };
  await world.deliver().catch(() => {});
  world.record();
  await world.deliver();
  world.record();
  expect(world.message()).toMatchObject({ status: "sent", providerMessageId: "wamid.1" });
  expect(world.requests).toHaveLength(1);
});
