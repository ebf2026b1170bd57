/** What an agent does that is no reply: solving, assigning, tagging, changing what has gone out. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { DeskHappening } from "../../../shared/domain/desk-happening.ts";
import { NEW_STATE } from "../../../shared/domain/desk-state.ts";
import { eventData } from "../../../shared/domain/event.ts";
import type { Faults } from "../../fakes/faults.ts";
import { desk, expectUnharmed, LOG, NOW, reply, takeUntilDone } from "./desk-world.ts";

const DONE = { kind: "done" };

const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
  vi.spyOn(console, "warn").mockImplementation((line) => void lines.push(line));
});

describe("that a ticket was solved", () => {
  const closed = (at?: number): DeskHappening => ({
    ...{ type: "state", id: "s1", conversation: LOG, state: "closed" },
    ...(at !== undefined && { at }),
  });

  it("before the customer's last word changes nothing: its webhook was late", async () => {
    const { take, told } = await desk();
    expect(await take(closed(NOW - 1))).toEqual(DONE);
    expect(await told()).toEqual([]);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ code: "desk_state_overtaken", conversation: LOG }]);
  });

  it.each([
    ["behind it", NOW + 1],
    ["at a time that the desk does not tell", undefined],
  ])("%s closes the conversation", async (_, at) => {
    const { take, told } = await desk();
    await take(closed(at));
    expect((await told()).map(({ type }) => type)).toEqual(["conversation.closed"]);
  });

  it("is overtaken by no word of the customer's where it was opened", async () => {
    const { take, told } = await desk();
    await take(closed(NOW + 1));
    await take({ type: "state", id: "s2", conversation: LOG, state: "open", at: NOW - 1 });
    expect((await told()).map(({ type }) => type)).toEqual(["conversation.closed", "conversation.opened"]);
  });
});

describe("what becomes of a ticket that another one has followed, or is to follow", () => {
  it.each([
    ["followed", { id: "t2", previous: { id: "t1", kept: {} } }],
    ["to be followed", { previous: { id: "t1", kept: {} } }],
  ])("is nothing to the conversation: %s", async (_, state) => {
    const { take, told, tickets } = await desk();
    await tickets.linkTicket("desk", "t1", LOG);
    await tickets.putDeskState("desk", LOG, { ...NEW_STATE, ...state });
    await take({ type: "state", id: "s1", ticket: "t1", state: "closed" });
    await take({ type: "tags", id: "g1", ticket: "t1", tags: ["vip"] });
    expect(await told()).toEqual([]);
  });
});

describe("who has a ticket", () => {
  it("is told, and that nobody has it any more", async () => {
    const { take, told } = await desk();
    const assignee = { id: "7", name: "Ana" };
    await take({ type: "assigned", id: "x1", conversation: LOG, assignee });
    await take({ type: "assigned", id: "x1", conversation: LOG, assignee });
    await take({ type: "assigned", id: "x2", conversation: LOG });
    const entries = await told();
    expect(entries.map(({ type }) => type)).toEqual(["conversation.assigned", "conversation.assigned"]);
    expect(entries.map(({ data }) => eventData["conversation.assigned"].parse(data))).toEqual([
      { helpdesk: "desk", assignee },
      { helpdesk: "desk" },
    ]);
  });
});

describe("the tags of a ticket", () => {
  const tagged = (id: string, ...tags: string[]): DeskHappening => ({ type: "tags", id, conversation: LOG, tags });

  it("are told when they are others than before, all that there are", async () => {
    const { take, told } = await desk();
    for (const one of [
      tagged("g0"),
      tagged("g1", "vip", "atraso", "vip"),
      tagged("g2", "atraso", "vip"),
      tagged("g3", "vip"),
      tagged("g4"),
      tagged("g5"),
    ])
      expect(await take(one)).toEqual(DONE);
    const entries = await told();
    expect(entries.map(({ data }) => eventData["conversation.tagged"].parse(data))).toEqual([
      { helpdesk: "desk", tags: ["atraso", "vip"] },
      { helpdesk: "desk", tags: ["vip"] },
      { helpdesk: "desk", tags: [] },
    ]);
  });

  it("are kept beside how far the ticket was heard", async () => {
    const { take, tickets } = await desk();
    await tickets.putListened("desk", LOG, { upTo: "9" });
    await take(tagged("g1", "vip"));
    expect(tickets.heard.get(`desk ${LOG}`)).toEqual({ upTo: "9", tags: ["vip"] });
  });
});

describe.each(["edited", "deleted"] as const)("a reply that is %s after it went out", (type) => {
  const changed = (of: string, id = "e1"): DeskHappening => ({ type, id, of, conversation: LOG });

  it("cannot be changed for the customer, which the desk is told, once, about the message", async () => {
    const { take, told, queued } = await desk();
    await take(reply({ text: "Bom dia" }));
    await queued();
    expect(await take(changed("r1"))).toEqual(DONE);
    expect(await take(changed("r1"))).toEqual(DONE);
    const [{ message } = {}] = await queued();
    const [only, ...more] = (await told()).filter((entry) => entry.type === "helpdesk.failed");
    expect(more).toEqual([]);
    const { detail, ...about } = eventData["helpdesk.failed"].parse(only?.data);
    expect(about).toEqual({ helpdesk: "desk", message: { id: message?.id } });
    expect(detail).toContain(type === "edited" ? "changed after it had gone out" : "deleted after it had gone out");
    expect(detail).toContain("WhatsApp");
    expect(detail).not.toContain("Bom dia");
  });

  it("is nobody's business where it never was a reply of an agent's", async () => {
    const { take, told, tickets } = await desk();
    await tickets.linkMessage("desk", LOG, { message: "msg_1", deskMessage: "d1", isOurs: true });
    await take(changed("d1"));
    await take(changed("r9"));
    expect(await told()).toEqual([]);
  });

  it("is found although the conversation has moved since", async () => {
    const { take, told, queued, moves } = await desk();
    await take(reply({ text: "Bom dia" }));
    const [{ message } = {}] = await queued();
    const into = await moves();
    await take(changed("r1"));
    // About a message it stands where that one does.
    const failed = [...(await told()), ...(await told(into))].filter((entry) => entry.type === "helpdesk.failed");
    expect(failed.map(({ data }) => data)).toMatchObject([{ message: { id: message?.id } }]);
  });
});

it("tells each of these once although everything ends, or fails, anywhere", async () => {
  const happenings: DeskHappening[] = [
    { type: "assigned", id: "x1", conversation: LOG, assignee: { name: "Ana" } },
    { type: "tags", id: "g1", conversation: LOG, tags: ["vip"] },
    { type: "state", id: "s1", conversation: LOG, state: "closed" },
  ];
  const run = async (faults: Faults) => {
    const { take, told } = await desk({ faults });
    for (const happening of happenings) await takeUntilDone(happening, take, faults);
    return (await told()).map(({ type }) => type);
  };
  const { result, calls } = await expectUnharmed(run);
  expect(result).toEqual(["conversation.assigned", "conversation.tagged", "conversation.closed"]);
  expect(calls).toBeGreaterThan(6);
});
