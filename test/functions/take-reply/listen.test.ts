/** A desk whose webhooks get lost or come in any order: what was written there is asked. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { DeskHappening } from "../../../shared/domain/desk-happening.ts";
import { NEW_STATE } from "../../../shared/domain/desk-state.ts";
import type { Fetched } from "../../../shared/ports.ts";
import type { Faults } from "../../fakes/faults.ts";
import { fetchedFile } from "../../fakes/fetched-file.ts";
import {
  desk,
  expectUnharmed,
  type Given,
  LOG,
  MINUTE_MS,
  NOW,
  PlayedList,
  PNG,
  type Reply,
  reply,
  takeUntilDone,
  URL,
} from "./desk-world.ts";

const TICKET = "t1";
const OPENED = NOW - 5 * MINUTE_MS;
const DONE = { kind: "done" };

/** As the desk names it: by its ticket. */
function written(id: string, text: string, more: Partial<Reply> = {}): Reply {
  const { conversation: _, ...rest } = reply({ id, text, ...more });
  return { ...rest, ticket: TICKET };
}

const look = (id = "l1"): DeskHappening => ({ type: "look", id, ticket: TICKET });

/** The customer's ticket at a desk that can be asked, and what its list shows. */
async function asking(shown: DeskHappening[], given: Given = {}) {
  const list = new PlayedList();
  list.written.push(...shown);
  const made = await desk({ list, ...given });
  await made.tickets.linkTicket("desk", TICKET, LOG);
  const state = { ...NEW_STATE, id: TICKET, openedAt: OPENED };
  await made.tickets.putDeskState("desk", LOG, state);
  return { ...made, list, state, upTo: () => made.tickets.heard.get(`desk ${LOG}`)?.upTo };
}

const lines: string[] = [];
const codes = () => lines.map((line): string => JSON.parse(line).code);
beforeEach(() => {
  lines.length = 0;
  for (const level of ["warn", "error"] as const)
    vi.spyOn(console, level).mockImplementation((line) => void lines.push(line));
});

const [first, second, third] = [written("r1", "um"), written("r2", "dois"), written("r3", "três")];

describe("a reply's webhook", () => {
  it("brings the replies before it whose webhooks were lost, in the desk's order", async () => {
    const { take, texts, list } = await asking([first, second, third]);
    expect(await take(third)).toEqual(DONE);
    expect(await texts()).toEqual(["um", "dois", "três"]);
    expect(list.questions).toEqual([{ ticket: TICKET, since: OPENED }]);
  });

  it("that comes after the list told its reply brings nothing twice", async () => {
    const { take, texts } = await asking([first, second]);
    await take(second);
    expect(await take(first)).toEqual(DONE);
    expect(await take(second)).toEqual(DONE);
    expect(await texts()).toEqual(["um", "dois"]);
  });

  it("brings its own reply although the list does not show it yet, once", async () => {
    const { take, texts, list } = await asking([first, second]);
    list.lag = 1;
    await take(second);
    expect(await texts()).toEqual(["um", "dois"]);
    list.lag = 0;
    await take(look());
    expect(await texts()).toEqual(["um", "dois"]);
  });

  it("is enough where the desk keeps the order itself", async () => {
    const { take, texts, list } = await asking([first, second], { rules: { isOrdered: true } });
    await take(second);
    expect([await texts(), list.questions]).toEqual([["dois"], []]);
  });

  it("is enough where the desk cannot be asked, or as long as its secrets are missing", async () => {
    const { take, texts } = await desk({ rules: { isOrdered: false } });
    expect(await take(reply({ text: "só esta" }))).toEqual(DONE);
    expect(await texts()).toEqual(["só esta"]);
  });

  it("of a ticket before this one is asked about there, and says nothing of how far this one was heard", async () => {
    const { take, texts, list, tickets, state } = await asking([first, second]);
    const heard = { ticket: "t2", upTo: "7" };
    await tickets.putDeskState("desk", LOG, { ...state, id: "t2", previous: { id: TICKET, kept: {} } });
    await tickets.putListened("desk", LOG, heard);
    await take(second);
    expect(await texts()).toEqual(["um", "dois"]);
    expect(list.questions).toEqual([{ ticket: TICKET, since: 0 }]);
    expect(tickets.heard.get(`desk ${LOG}`)).toEqual(heard);
  });
});

describe("a look", () => {
  it("takes whatever the list tells, of any kind", async () => {
    const closed: DeskHappening = { type: "state", id: "s1", ticket: TICKET, state: "closed" };
    const { take, told } = await asking([first, closed]);
    expect(await take(look())).toEqual(DONE);
    expect((await told()).map(({ type }) => type)).toEqual(["message.queued", "conversation.closed"]);
  });

  it("is asked for at a desk that keeps the order, too: its webhooks may be lost all the same", async () => {
    const { take, texts } = await asking([first], { rules: { isOrdered: true } });
    await take(look());
    expect(await texts()).toEqual(["um"]);
  });

  it("where nobody can be asked is nothing", async () => {
    const { take, told } = await desk({ rules: { isOrdered: false } });
    expect(await take({ type: "look", id: "l1", conversation: LOG })).toEqual(DONE);
    expect(await told()).toEqual([]);
  });
});

describe("how far a ticket was heard", () => {
  it("is where the next question begins", async () => {
    const { take, texts, list } = await asking([first]);
    await take(first);
    list.written.push(second);
    await take(second);
    expect(list.questions.map(({ after }) => after)).toEqual([undefined, "1"]);
    expect(await texts()).toEqual(["um", "dois"]);
  });

  it("is nothing that the ticket behind it knows of", async () => {
    const { take, texts, list, tickets, state, upTo } = await asking([first, second]);
    await take(second);
    await tickets.linkTicket("desk", "t2", LOG);
    await tickets.putDeskState("desk", LOG, { ...state, id: "t2", openedAt: NOW });
    // As many as there were in the other.
    list.written.splice(0, 2, third, written("r4", "quatro"));
    await take({ ...third, ticket: "t2" });
    expect(list.questions.at(-1)).toEqual({ ticket: "t2", since: NOW });
    expect(await texts()).toEqual(["um", "dois", "três", "quatro"]);
    await take({ ...third, ticket: "t2" });
    expect(list.questions.at(-1)).toEqual({ ticket: "t2", since: NOW, after: "2" });
    expect(upTo()).toBe("2");
  });

  it("is kept of a desk without tickets of its own, too", async () => {
    const list = new PlayedList();
    list.written.push(reply({ id: "r1", text: "um" }));
    const { take, texts } = await desk({ list });
    await take(reply({ id: "r1", text: "um" }));
    list.written.push(reply({ id: "r2", text: "dois" }));
    await take(reply({ id: "r2", text: "dois" }));
    expect(list.questions).toEqual([
      { ticket: LOG, since: 0 },
      { ticket: LOG, since: 0, after: "1" },
    ]);
    expect(await texts()).toEqual(["um", "dois"]);
  });

  it("is kept only when all of it was taken, and beside the tags", async () => {
    const answers: Record<string, Fetched> = { [URL]: { kind: "unavailable", detail: "HTTP 503" } };
    const { take, texts, upTo, tickets } = await asking(
      [first, written("r2", "veja", { files: [{ url: URL }] }), third],
      {
        answers,
      },
    );
    await tickets.putListened("desk", LOG, { tags: ["vip"] });
    expect(await take(third)).toMatchObject({ kind: "retry" });
    expect([await texts(), upTo()]).toEqual([["um"], undefined]);
    answers[URL] = fetchedFile(PNG);
    expect(await take(third, 2)).toEqual(DONE);
    expect(await texts()).toEqual(["um", "image", "três"]);
    expect(tickets.heard.get(`desk ${LOG}`)).toEqual({ tags: ["vip"], ticket: TICKET, upTo: "3" });
  });
});

describe("a desk that does not answer", () => {
  it.each([
    [{ kind: "unavailable", detail: "HTTP 503" } as const, 5],
    [{ kind: "throttled", retryAfterSeconds: 42, detail: "HTTP 429" } as const, 42],
  ])("%o is asked again after %i seconds, and then all comes in order", async (answer, afterSeconds) => {
    const { take, texts, list } = await asking([first, second]);
    list.answers.push(answer);
    expect(await take(second)).toEqual({ kind: "retry", afterSeconds });
    expect(await texts()).toEqual([]);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { code: "desk_not_asked", desk: "desk", ...(answer.detail && { detail: answer.detail }) },
    ]);
    expect(await take(second, 2)).toEqual(DONE);
    expect(await texts()).toEqual(["um", "dois"]);
  });

  it("for ten minutes does not hold up the reply that is here, and loses none of the others", async () => {
    const { take, texts, list, clock, upTo } = await asking([first, second]);
    const down = () => list.answers.push({ kind: "unavailable", detail: "HTTP 503" });
    clock.time = NOW + 11 * MINUTE_MS;
    down();
    // However late it was taken up, it is tried some times.
    expect(await take(second, 1)).toMatchObject({ kind: "retry" });
    down();
    expect(await take(second, 3)).toEqual(DONE);
    expect([await texts(), upTo()]).toEqual([["dois"], undefined]);
    down();
    expect(await take(look(), 3)).toEqual(DONE);
    await take(look("l2"));
    expect(await texts()).toEqual(["dois", "um"]);
  });
});

describe("what we wrote at the desk ourselves", () => {
  const mirrored = written("d1", "dito noutro lado");

  it("is no reply, listed or told", async () => {
    const { take, told, tickets } = await asking([mirrored, first]);
    await tickets.linkMessage("desk", LOG, { message: "msg_1", deskMessage: "d1", isOurs: true });
    await take(mirrored);
    expect((await told()).map(({ data }) => data)).toMatchObject([{ message: { helpdesk: { id: "r1" } } }]);
  });

  it("may be what is told while our request is still under way: it waits until that is known", async () => {
    const { take, texts, tickets, state } = await asking([mirrored]);
    await tickets.putDeskState("desk", LOG, { ...state, trying: { entry: 3, step: 0 } });
    expect(await take(mirrored)).toEqual({ kind: "retry", afterSeconds: 2 });
    await tickets.linkMessage("desk", LOG, { message: "msg_1", deskMessage: "d1", isOurs: true });
    await tickets.putDeskState("desk", LOG, state);
    expect(await take(mirrored, 2)).toEqual(DONE);
    expect(await texts()).toEqual([]);
  });

  it("is not every reply that comes meanwhile: an agent's goes out when the request is over, or takes too long", async () => {
    for (const isOver of [true, false]) {
      const { take, texts, tickets, state, clock } = await asking([first]);
      await tickets.putDeskState("desk", LOG, { ...state, trying: { entry: 3, step: 0 } });
      expect(await take(first)).toMatchObject({ kind: "retry" });
      if (isOver) await tickets.putDeskState("desk", LOG, state);
      else clock.time += 20_000;
      expect(await take(first, 2)).toEqual(DONE);
      expect(await texts()).toEqual(["um"]);
    }
  });

  it("links a reply of the agent's to no message of ours", async () => {
    const { take, texts, tickets } = await asking([first]);
    await tickets.linkMessage("desk", LOG, { message: "msg_1", deskMessage: "r1", isOurs: false });
    await take(first);
    expect(await texts()).toEqual(["um"]);
  });
});

describe("a ticket", () => {
  it("that nobody knows yet is waited for, ever longer, for ten minutes, and then dropped with a line", async () => {
    const { take, told, clock } = await desk();
    const early = written("r1", "Olá", { ticket: "t9" });
    expect(await take({ ...early, ticket: "t9" })).toEqual({ kind: "retry", afterSeconds: 3 });
    clock.time += MINUTE_MS;
    expect(await take({ ...early, ticket: "t9" }, 6)).toEqual({ kind: "retry", afterSeconds: 96 });
    expect(codes()).toEqual([]);
    clock.time += 9 * MINUTE_MS;
    expect(await take({ ...early, ticket: "t9" }, 20)).toEqual(DONE);
    expect([await told(), codes()]).toEqual([[], ["desk_conversation_unknown"]]);
    expect(lines.join()).toContain('"ticket":"t9"');
    expect(lines.join()).not.toContain("Olá");
  });

  it("that becomes known meanwhile is its conversation's", async () => {
    const { take, texts, tickets } = await desk();
    expect(await take(first)).toMatchObject({ kind: "retry" });
    await tickets.linkTicket("desk", TICKET, LOG);
    expect(await take(first, 2)).toEqual(DONE);
    expect(await texts()).toEqual(["um"]);
  });

  it("of another desk's has nothing to do with it", async () => {
    const { take, told, tickets, clock } = await desk();
    await tickets.linkTicket("other", TICKET, LOG);
    clock.time += 10 * MINUTE_MS;
    expect(await take(first)).toEqual(DONE);
    expect(await told()).toEqual([]);
  });

  it("of a conversation that has moved brings its replies where it went, and none of those before it again", async () => {
    const { take, texts, list, tickets, state, moves } = await asking([first]);
    await tickets.linkMessage("desk", LOG, { message: "msg_1", deskMessage: "d1", isOurs: true });
    await take(first);
    const into = await moves();
    await tickets.putDeskState("desk", into, state);
    list.written.push(written("d1", "dito noutro lado"), second);
    expect(await take(second)).toEqual(DONE);
    expect([await texts(), await texts(into)]).toEqual([["um"], ["dois"]]);
  });
});

it("takes every listed reply once and in order although everything ends, or fails, anywhere", async () => {
  const answers = { [URL]: fetchedFile(PNG) };
  const run = async (faults: Faults) => {
    const { take, queued } = await asking([first, written("r2", "veja", { files: [{ url: URL }] }), third], {
      answers,
      faults,
    });
    await takeUntilDone(third, take, faults);
    return (await queued()).map(({ message, unsendable }) => ({ message, unsendable }));
  };
  const { result, calls } = await expectUnharmed(run);
  expect(result.map(({ message }) => message.helpdesk?.id)).toEqual(["r1", "r2", "r3"]);
  expect(calls).toBeGreaterThan(15);
});
