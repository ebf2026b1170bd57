import { beforeEach, describe, expect, it, vi } from "vitest";
import { LARGEST_HAPPENING } from "../../../functions/receive-reply/receive-reply.ts";
import { takeReply } from "../../../functions/take-reply/take-reply.ts";
import type { DeskHappening } from "../../../shared/domain/desk-happening.ts";
import { NEW_STATE } from "../../../shared/domain/desk-state.ts";
import { conversationId, decodeCorrelation, encodeCorrelation, mediaId } from "../../../shared/domain/ids.ts";
import { asciiJson, LARGEST_BODY } from "../../../shared/domain/mailbox.ts";
import { type Fetched, WorldFault } from "../../../shared/ports.ts";
import { inboundText, SECRET } from "../../fakes/arrivals.ts";
import type { Faults } from "../../fakes/faults.ts";
import { fetchedFile } from "../../fakes/fetched-file.ts";
import {
  CUSTOMER,
  desk,
  expectUnharmed,
  type Given,
  LOG,
  MINUTE_MS,
  NOW,
  PDF,
  PNG,
  type Reply,
  reply,
  takeUntilDone,
  URL,
} from "./desk-world.ts";

const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
  for (const level of ["warn", "error"] as const)
    vi.spyOn(console, level).mockImplementation((line) => void lines.push(line));
});

describe("a reply", () => {
  it("of text is a message of the agent's, which says which reply it is", async () => {
    const { take, told, queued } = await desk();
    expect(await take(reply({ text: "Bom dia" }))).toEqual({ kind: "done" });
    const [{ message, expiresAt } = {}] = await queued();
    expect(message).toMatchObject({
      direction: "outbound",
      author: { type: "agent", name: "Ana" },
      content: { type: "text", text: "Bom dia" },
      helpdesk: { name: "desk", id: "r1" },
    });
    expect(expiresAt).toBe(1_795_000_000_000 + 3_600_000);
    expect(await told()).toMatchObject([{ account: "whatsapp", address: CUSTOMER, after: { status: "open" } }]);
    // A provider carries the id for us and gives it back with every receipt.
    const correlation = { conversation: LOG, message: message?.id ?? "", part: 0 };
    expect(decodeCorrelation(encodeCorrelation(correlation))).toEqual(correlation);
  });

  it("of one file and text is the file with the text below it", async () => {
    const { take, queued, kept } = await desk({ answers: { [URL]: fetchedFile(PNG, "image/png") } });
    await take(reply({ text: "O recibo", files: [{ url: URL, fileName: "recibo.png" }] }));
    const id = mediaId(SECRET, "desk", "r1#0");
    expect((await queued()).map(({ message }) => message.content)).toMatchObject([
      {
        type: "image",
        caption: "O recibo",
        media: { id, contentType: "image/png", size: PNG.length, fileName: "recibo.png" },
      },
    ]);
    expect(kept).toEqual(new Map([[`media/${id}`, "image/png"]]));
  });

  it("of several files is a message each, the text first", async () => {
    const answers = { [URL]: fetchedFile(PNG), [`${URL}b`]: fetchedFile(PDF, "application/octet-stream") };
    const { take, queued } = await desk({ answers });
    await take(reply({ text: "Os dois", files: [{ url: URL }, { url: `${URL}b`, contentType: "application/pdf" }] }));
    const messages = (await queued()).map(({ message }) => message);
    expect(messages.map(({ content }) => content)).toMatchObject([
      { type: "text", text: "Os dois" },
      { type: "image", media: { id: mediaId(SECRET, "desk", "r1#0") } },
      { type: "document", media: { id: mediaId(SECRET, "desk", "r1#1"), contentType: "application/pdf" } },
    ]);
    expect(new Set(messages.map(({ id }) => id)).size).toBe(3);
    for (const { helpdesk } of messages) expect(helpdesk).toEqual({ name: "desk", id: "r1" });
  });

  it("keeps the parts that it is cut into", async () => {
    const { take, queued } = await desk();
    await take(reply({ text: "Uma frase. ".repeat(600) }));
    expect((await queued())[0]?.parts?.length).toBeGreaterThan(1);
  });

  it("after the window has closed is queued without parts, and fails where it is sent", async () => {
    const { take, queued, clock } = await desk();
    clock.time += 25 * 3_600_000;
    await take(reply({ text: "Tarde demais" }));
    const [queuedOne] = await queued();
    expect(queuedOne?.message.content).toEqual({ type: "text", text: "Tarde demais" });
    expect(queuedOne?.parts).toBeUndefined();
  });

  it("after the window has closed goes out as the account's template, which the log tells at once", async () => {
    const fallbackTemplate = { type: "template" as const, name: "update", language: "pt_BR", parameters: ["{text}"] };
    const { take, queued, clock } = await desk({ fallbackTemplate });
    clock.time += 25 * 3_600_000;
    await take(reply({ text: "Tarde demais" }));
    const [queuedOne] = await queued();
    expect(queuedOne?.message.content).toEqual({ type: "text", text: "Tarde demais" });
    expect(queuedOne?.parts).toEqual([{ ...fallbackTemplate, parameters: ["Tarde demais"] }]);
  });

  it("to a conversation of an account that is gone is queued all the same", async () => {
    const first = inboundText("wamid.1", { account: "former" });
    const { take, queued } = await desk({ first });
    await take(reply({ conversation: first.log, text: "Olá" }));
    expect(await queued(first.log)).toHaveLength(1);
  });

  it("follows a conversation that has moved", async () => {
    const { take, queued, moves } = await desk();
    const into = await moves();
    await take(reply({ text: "Olá" }));
    expect([await queued(), await queued(into)]).toMatchObject([[], [{ message: { content: { text: "Olá" } } }]]);
  });

  it("follows one that has moved twice", async () => {
    const { take, queued, moves } = await desk();
    const into = await moves(await moves(), "pt.456");
    await take(reply({ text: "Olá" }));
    expect(await queued(into)).toHaveLength(1);
  });

  it("that is longer than any channel carries fails, and shows how it began", async () => {
    const { take, queued } = await desk();
    await take(reply({ text: "x".repeat(70_000), files: [{ url: URL }] }));
    const [{ message, unsendable } = {}, ...more] = await queued();
    expect(more).toEqual([]);
    expect(unsendable).toMatchObject({ class: "payload", code: "too_long" });
    expect(message?.content).toEqual({ type: "text", text: `${"x".repeat(1_000)}…` });
  });
});

describe("the same reply again", () => {
  it("does nothing, whatever it says and however much later", async () => {
    const { take, told, clock, asked } = await desk({ answers: { [URL]: fetchedFile(PNG) } });
    await take(reply({ text: "Olá" }));
    const before = await told();
    clock.time += 90 * 86_400_000;
    await take(reply({ text: "Outra coisa", files: [{ url: URL }] }));
    expect(await told()).toEqual(before);
    expect(asked).toEqual([]);
  });

  it("does nothing when both are under way at once", async () => {
    const { take, queued } = await desk();
    await Promise.all([take(reply({ text: "Olá" })), take(reply({ text: "Olá" }))]);
    expect(await queued()).toHaveLength(1);
  });

  it("does nothing although the conversation has moved meanwhile", async () => {
    const { take, queued, record, moves } = await desk();
    await take(reply({ text: "Olá" }));
    await record();
    const into = await moves();
    await take(reply({ text: "Olá" }));
    expect([await queued(), await queued(into)]).toMatchObject([[{}], []]);
  });

  it("of another desk is another one", async () => {
    const { take, queued, ports } = await desk();
    await take(reply({ text: "Olá" }));
    const both = {
      ...ports,
      desk: () => ({ botReplies: false, agentNames: false, capabilities: { isOrdered: true } }),
    };
    await takeReply({ desk: "second", happening: reply({ text: "Olá" }), receivedAt: 1_795_000_000_000 }, 1, both);
    expect(await queued()).toHaveLength(2);
  });

  it("goes out once although everything ends, or fails, anywhere", async () => {
    const answers = { [URL]: fetchedFile(PNG), [`${URL}b`]: fetchedFile(PDF) };
    const told = reply({ text: "Os dois", files: [{ url: URL }, { url: `${URL}b` }] });
    const run = async (faults: Faults) => {
      const { take, queued } = await desk({ faults, answers });
      await takeUntilDone(told, take, faults);
      return (await queued()).map(({ message, unsendable }) => ({ message, unsendable }));
    };
    const { result, calls } = await expectUnharmed(run);
    expect(result).toHaveLength(3);
    expect(calls).toBeGreaterThan(6);
  });
});

describe("a file that cannot be had", () => {
  it.each<[string, Fetched | undefined, string]>([
    ["is gone", { kind: "dead", status: 404 }, "does not hand it out (HTTP 404)"],
    ["is too large", { kind: "too_large" }, "larger than the 1 MB"],
    ["lies inside", { kind: "forbidden_address", detail: "not a public address" }, "may not be asked"],
    ["is none", { kind: "unusable", detail: "encoded content" }, "is no file"],
    [
      "is a page where a picture should be",
      fetchedFile(Buffer.from("<!DOCTYPE html><p>Log in"), "text/html"),
      "came as text/html",
    ],
  ])("because it %s fails the whole reply, in words for the agent", async (_, answer, words) => {
    const { take, queued } = await desk({
      answers: { [`${URL}b`]: fetchedFile(PNG), ...(answer && { [URL]: answer }) },
    });
    const files = [{ url: `${URL}b` }, { url: URL, contentType: "image/png", fileName: "foto.png" }];
    expect(await take(reply({ text: "Veja", files }))).toEqual({ kind: "done" });
    const all = await queued();
    expect(all.map(({ message }) => message.content.type)).toEqual(["text", "document", "image"]);
    for (const { unsendable, parts } of all) {
      expect(unsendable).toMatchObject({ class: "payload", code: "file_unavailable" });
      expect(unsendable?.reason).toContain("“foto.png”");
      expect(unsendable?.reason).toContain(words);
      expect(parts).toBeUndefined();
    }
    expect(JSON.stringify(all)).not.toContain(URL);
  });

  it("just now is waited for, ten minutes at most", async () => {
    const answers: Record<string, Fetched> = { [URL]: { kind: "unavailable", detail: "HTTP 503" } };
    const { take, queued, clock } = await desk({ answers });
    const one = reply({ files: [{ url: URL }] });
    expect(await take(one, 1)).toEqual({ kind: "retry", afterSeconds: 5 });
    expect(await take(one, 9)).toEqual({ kind: "retry", afterSeconds: 60 });
    clock.time += 11 * MINUTE_MS;
    // The queue stood still for as long: it is asked for some times all the same.
    expect(await take(one, 1)).toMatchObject({ kind: "retry" });
    expect(await queued()).toEqual([]);
    expect(await take(one, 10)).toEqual({ kind: "done" });
    expect(await queued()).toMatchObject([{ unsendable: { reason: expect.stringContaining("in time") } }]);
  });

  it("just now is sent when it is there", async () => {
    const answers: Record<string, Fetched> = { [URL]: { kind: "unavailable", detail: "HTTP 503" } };
    const { take, queued } = await desk({ answers });
    await take(reply({ files: [{ url: URL }] }), 1);
    answers[URL] = fetchedFile(PNG);
    await take(reply({ files: [{ url: URL }] }), 2);
    const [only, ...more] = await queued();
    expect([only?.message.content.type, only?.unsendable, more]).toEqual(["image", undefined, []]);
  });
});

describe("what is not taken", () => {
  it.each<[string, string, Given, Partial<Reply>, string?]>([
    ["a bot's reply, unless the owner wants them", "bot_reply_dropped", {}, { author: { type: "bot" } }],
    ["a reply to nobody", "desk_conversation_unknown", {}, { conversation: conversationId(SECRET, "whatsapp", "1") }],
    ["a reply to no conversation", "desk_conversation_unknown", {}, { conversation: "account:whatsapp" }],
    ["a reply to a conversation that is not the desk's", "desk_not_served", { rules: { accounts: ["sms"] } }, {}],
    ["a reply of a desk that is gone", "desk_unknown", {}, {}, "former"],
  ])("%s: %s", async (_, code, given, more, name) => {
    const { take, told } = await desk(given);
    expect(await take(reply({ text: "Olá", ...more }), 1, name)).toEqual({ kind: "done" });
    expect(await told()).toEqual([]);
    expect(lines.map((line) => JSON.parse(line).code)).toEqual([code]);
    expect(lines.join()).not.toContain("Olá");
  });

  it("unlike a reply in a ticket that was opened while the desk had the account", async () => {
    const { take, texts, tickets } = await desk({ rules: { accounts: ["sms"] } });
    await tickets.putDeskState("desk", LOG, { ...NEW_STATE, id: "t1" });
    await take(reply({ text: "Olá" }));
    expect(await texts()).toEqual(["Olá"]);
  });

  it("a bot's reply that nobody waits for any more", async () => {
    const { take, queued } = await desk({ rules: { botReplies: true } });
    await take(reply({ text: "Bip", author: { type: "bot" }, at: NOW - 61 * MINUTE_MS }));
    expect(await queued()).toEqual([]);
    await take(reply({ id: "r2", text: "Bip", author: { type: "bot" }, at: NOW - 59 * MINUTE_MS }));
    expect(await queued()).toHaveLength(1);
  });

  it("unlike a bot's reply that the owner wants", async () => {
    const { take, queued } = await desk({ rules: { botReplies: true, accounts: ["whatsapp"] } });
    await take(reply({ text: "Bip", author: { type: "bot", name: "Robô" } }));
    expect(await queued()).toMatchObject([{ message: { author: { type: "bot", name: "Robô" } } }]);
  });
});

describe("a state", () => {
  const state = (id: string, to: "open" | "closed"): DeskHappening => ({
    type: "state",
    id,
    conversation: LOG,
    state: to,
  });

  it("closes and opens the conversation, each once", async () => {
    const { take, told } = await desk();
    for (const [id, to] of [
      ["s1", "closed"],
      ["s1", "closed"],
      ["s2", "open"],
      ["s3", "closed"],
      ["s2", "open"],
    ] as const)
      await take(state(id, to));
    const entries = await told();
    expect(entries.map(({ type, data }) => [type, data])).toEqual([
      ["conversation.closed", { by: "agent", helpdesk: "desk" }],
      ["conversation.opened", { by: "agent", helpdesk: "desk" }],
      ["conversation.closed", { by: "agent", helpdesk: "desk" }],
    ]);
    expect(entries.at(-1)?.after.status).toBe("closed");
  });

  it("that the conversation has already changes nothing, so that two desks which answer each other come to rest", async () => {
    const { take, told } = await desk();
    await take(state("s0", "open"));
    await take(state("s1", "closed"));
    await take(state("s2", "closed"));
    expect((await told()).map(({ type }) => type)).toEqual(["conversation.closed"]);
  });
});

it("puts the largest reply there is into one body of the mailbox", async () => {
  const files = Array.from({ length: 10 }, (_, index) => ({ url: `${URL}${index}`, fileName: "ã".repeat(250) }));
  const answers = Object.fromEntries(files.map(({ url }) => [url, fetchedFile(PNG)]));
  const { take, mailbox } = await desk({ answers });
  const rest = JSON.stringify(reply({ files })).length * 6;
  await take(reply({ text: "ã ".repeat((LARGEST_HAPPENING - rest) / 7), files }));
  expect(mailbox.waiting).toHaveLength(11);
  expect(asciiJson({ items: mailbox.waiting }).length).toBeLessThan(LARGEST_BODY);
});

it("passes the world's faults on", async () => {
  const { take, ports } = await desk();
  vi.spyOn(ports.mailbox, "deliver").mockRejectedValue(new WorldFault("sqs"));
  await expect(take(reply({ text: "Olá" }))).rejects.toThrow(WorldFault);
});
