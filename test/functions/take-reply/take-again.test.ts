/** An agent asks for a reply that failed to be sent again. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { DeskHappening } from "../../../shared/domain/desk-happening.ts";
import type { Failure } from "../../../shared/domain/event.ts";
import { newToken } from "../../fakes/arrivals.ts";
import type { Faults } from "../../fakes/faults.ts";
import { fetchedFile } from "../../fakes/fetched-file.ts";
import { desk, expectUnharmed, type Given, LOG, NOW, PDF, PNG, reply, takeUntilDone, URL } from "./desk-world.ts";

const DONE = { kind: "done" };

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

function again(id = "a1", of = "r1"): DeskHappening {
  return { type: "again", id, of, conversation: LOG };
}

/** A reply of three messages, all of which went out; the second failed. */
async function failed(given: Given = {}) {
  const answers = { [URL]: fetchedFile(PNG), [`${URL}b`]: fetchedFile(PDF) };
  const made = await desk({ answers, ...given });
  await made.take(reply({ text: "Os dois", files: [{ url: URL }, { url: `${URL}b` }] }));
  const [, second] = await made.queued();
  await made.fails(second?.message.id ?? "");
  return {
    ...made,
    anew: async (log = LOG) => (await made.queued(log)).filter(({ message }) => message.helpdesk?.attempt),
  };
}

it("sends what failed of it alone, as a message of its own, which says which try it is", async () => {
  const { take, anew, queued } = await failed();
  expect(await take(again())).toEqual(DONE);
  const [, second] = await queued();
  const [only, ...more] = await anew();
  expect(more).toEqual([]);
  expect(only?.message).toEqual({
    ...second?.message,
    id: expect.not.stringContaining(second?.message.id ?? ""),
    helpdesk: { name: "desk", id: "r1", attempt: 1 },
  });
  expect(only?.expiresAt).toBe(NOW + 3_600_000);
});

it("sends it once for each time that it was asked for, and again when that failed, too", async () => {
  const { take, anew, fails } = await failed();
  await take(again("a1"));
  await take(again("a1"));
  expect(await anew()).toHaveLength(1);
  const [first] = await anew();
  await fails(first?.message.id ?? "");
  await take(again("a1"));
  expect(await anew()).toHaveLength(1);
  await take(again("a2"));
  expect((await anew()).map(({ message }) => message.helpdesk?.attempt)).toEqual([1, 2]);
});

it("makes one message of two wishes for the same failure, however close they are", async () => {
  const { take, mailbox } = await failed();
  await take(again("a1"));
  await take(again("a2"));
  const ids = mailbox.waiting.map(({ data }) => (data as { message: { id: string } }).message.id);
  // Under one id, of which at most one request goes out.
  expect(new Set(ids).size).toBe(1);
});

it.each<[string, DeskHappening]>([
  ["that has not failed", again("a1", "r2")],
  ["that nobody knows", again("a1", "r9")],
])("does nothing about a reply %s", async (_, wish) => {
  const { take, told } = await failed();
  await take(reply({ id: "r2", text: "Está bem" }));
  const before = await told();
  expect(await take(wish)).toEqual(DONE);
  expect(await told()).toEqual(before);
});

it("does nothing while what was sent again is under way", async () => {
  const { take, anew } = await failed();
  await take(again("a1"));
  await anew();
  await take(again("a2"));
  expect(await anew()).toHaveLength(1);
});

it("finds a reply that was written before the conversation moved, and every later try of it", async () => {
  const { take, anew, moves, fails, mailbox, record } = await failed();
  const into = await moves();
  await take(again("a1"));
  const [first, ...more] = await anew(into);
  expect([first?.message.helpdesk, more]).toEqual([{ name: "desk", id: "r1", attempt: 1 }, []]);
  await fails(first?.message.id ?? "");
  // A receipt stands where its message was queued.
  mailbox.waiting.push({
    log: into,
    key: "failed",
    token: newToken(),
    type: "message.failed",
    account: "whatsapp",
    channel: "whatsapp",
    at: { received: NOW },
    data: { message: { id: first?.message.id }, failure: { class: "unreachable", reason: "Nobody there." } },
  });
  await record();
  await take(again("a2"));
  expect((await anew(into)).map(({ message }) => message.helpdesk?.attempt)).toEqual([1, 2]);
});

describe("a reply whose file could not be had", () => {
  it("fails again as a whole, with the same words: half of it is not what the agent wrote", async () => {
    const { take, queued, mailbox, record } = await desk();
    await take(reply({ text: "Veja", files: [{ url: URL, fileName: "foto.png" }, { url: `${URL}b` }] }));
    const all = await queued();
    for (const { message, unsendable } of all) {
      const about = { account: "whatsapp", channel: "whatsapp" as const, at: { received: NOW } };
      const data = { message: { id: message.id }, failure: unsendable as Failure };
      mailbox.waiting.push({ log: LOG, key: message.id, token: newToken(), type: "message.failed", ...about, data });
    }
    await record();
    await take(again());
    const anew = (await queued()).slice(all.length);
    expect(anew).toHaveLength(3);
    expect(all[0]?.unsendable).toMatchObject({ code: "file_unavailable" });
    for (const one of anew) expect(one.unsendable).toEqual(all[0]?.unsendable);
  });
});

it("goes out once although everything ends, or fails, anywhere", async () => {
  let before = 0;
  const run = async (faults: Faults) => {
    const { take, anew } = await failed({ faults });
    before = faults.calls;
    await takeUntilDone(again(), take, faults);
    return (await anew()).map(({ message }) => message);
  };
  const { result, calls } = await expectUnharmed(run, () => before);
  expect(result).toHaveLength(1);
  expect(calls).toBeGreaterThan(3);
});
