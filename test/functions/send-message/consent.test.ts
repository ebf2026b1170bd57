/** What the customer and the night say about a message between the call and the send. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import { NOTHING_WRITTEN, written } from "../../../shared/domain/contact.ts";
import type { Content } from "../../../shared/domain/content.ts";
import { accepts, CONTACT, HOUR_MS, isDown, NOW, SendingWorld, swallows } from "../../fakes/sending-world.ts";

beforeEach(() => {
  vi.spyOn(console, "error").mockReturnValue();
  vi.spyOn(console, "warn").mockReturnValue();
});

const stop = { topic: "all", state: "opted_out", source: "keyword" } as const;
const template = { type: "template" as const, name: "pedido", language: "pt_BR", parameters: ["{text}"] };
const templates = { carries: { text: { longestText: 4096 }, template: {} } };
const sentContents = (world: SendingWorld) => world.requests.map(({ content }) => content);

describe("a customer who stops messages while one waits", () => {
  it("does not get it, and the agent is told why", async () => {
    const world = new SendingWorld();
    world.write("stop", "consent.changed", stop);
    await world.untilQuiet();
    expect(world.requests).toEqual([]);
    expect(world.message()).toMatchObject({ status: "failed", failure: { class: "opted_out", code: "opted_out" } });
  });

  it("does not get it either where they said so to another account", async () => {
    const world = new SendingWorld();
    await world.table.putConsent(CONTACT, { channel: "whatsapp", ...stop, at: NOW });
    await world.untilQuiet();
    expect(world.message().failure?.code).toBe("opted_out");
  });

  it("does not get it either where somebody said so whom they are one person with", async () => {
    const world = new SendingWorld();
    const merge = { sequence: 1, type: "contact.merged" as const, data: { into: "con_person", from: CONTACT } };
    for (const id of ["con_person", CONTACT])
      await world.table.putWritten(id, NOTHING_WRITTEN, written(id, NOTHING_WRITTEN, merge));
    await world.table.putConsent("con_person", { channel: "whatsapp", ...stop, at: NOW });
    await world.untilQuiet();
    expect(world.message().failure?.code).toBe("opted_out");
  });

  it("gets the one answer to the stop word all the same", async () => {
    const world = new SendingWorld({ queued: { confirmsOptOut: true } });
    world.write("stop", "consent.changed", stop);
    await world.untilQuiet();
    expect(world.message().status).toBe("sent");
  });
});

describe("quiet hours", () => {
  const quietHours = { from: "12:00", to: "20:30", timeZone: "UTC" };

  it("hold back what we begin ourselves until they are over", async () => {
    const world = new SendingWorld({ quietHours, topic: "orders" });
    await world.untilQuiet();
    expect(world.message().status).toBe("sent");
    expect(world.accepted).toBe(1);
    expect(world.now).toBe(NOW + 8.5 * HOUR_MS);
  });

  it("hold back nothing that is queued behind it", async () => {
    const world = new SendingWorld({ quietHours, topic: "orders" });
    expect(await world.deliver()).toEqual({ kind: "done" });
    expect(world.accepted).toBe(0);
    const [, aside] = world.queue;
    // Longer than a queue may keep a message from view is not waited for at once.
    expect(aside && (await world.deliver(aside))).toEqual({ kind: "retry", afterSeconds: 4 * 3600 });
  });

  it("set a message aside that another account or a second try has put back among the others", async () => {
    for (const given of [{ standIns: { second: [accepts] } }, { policy: "resend" as const }]) {
      const vendor = ["standIns" in given ? isDown : swallows];
      const world = new SendingWorld({ quietHours, topic: "orders", vendor, ...given });
      await world.deliver();
      const [, aside] = world.queue.splice(0);
      world.now = NOW + 9 * HOUR_MS;
      if (aside) await world.deliver(aside);
      world.record();
      for (const { request } of world.settling) await world.settle(request);
      expect(world.queue).toHaveLength(1);
      expect(world.queue[0]?.aside).toBeUndefined();
    }
  });

  it("end a message that would be too old by then", async () => {
    const world = new SendingWorld({ quietHours, topic: "orders", queued: { expiresAt: NOW + 8 * HOUR_MS } });
    expect(await world.deliver()).toEqual({ kind: "done" });
    world.record();
    expect(world.message()).toMatchObject({ status: "failed", failure: { class: "policy", code: "quiet_hours" } });
  });

  it("do not hold back an answer", async () => {
    const world = new SendingWorld({ quietHours });
    expect(await world.deliver()).toEqual({ kind: "done" });
    expect(world.accepted).toBe(1);
  });
});

describe("a window that closes while the message waits", () => {
  const late = (given: ConstructorParameters<typeof SendingWorld>[0]) => {
    const world = new SendingWorld({ capabilities: templates, ...given });
    world.now = NOW + 23.5 * HOUR_MS;
    return world;
  };

  it("has the template go out that was given for that", async () => {
    const world = late({ queued: { fallback: template } });
    await world.untilQuiet();
    expect(sentContents(world)).toEqual([{ ...template, parameters: ["Olá!"] }]);
    expect(world.message()).toMatchObject({ status: "sent", content: { type: "text", text: "Olá!" } });
  });

  it("ends a message without one, and one in several parts", async () => {
    const parts: Content[] = [
      { type: "text", text: "Olá" },
      { type: "text", text: "!" },
    ];
    for (const given of [{}, { queued: { fallback: template }, parts }]) {
      const world = late(given);
      await world.untilQuiet();
      expect(world.message()).toMatchObject({ status: "failed", failure: { class: "window" } });
    }
  });

  it("lets the template go out that stood in at the call, whatever the owner has changed since", async () => {
    const parts = [{ ...template, parameters: ["Olá!"] }];
    const world = late({ parts });
    await world.untilQuiet();
    expect(sentContents(world)).toEqual(parts);
  });
});
