import { describe, expect, test } from "vitest";
import type { Content } from "../../../shared/domain/content.ts";
import { eventData } from "../../../shared/domain/event.ts";
import { conversationId } from "../../../shared/domain/ids.ts";
import type { MailboxItem } from "../../../shared/domain/mailbox.ts";
import { verifyLog } from "../../../shared/domain/verify-log.ts";
import { inboundText, queued, receipt, SECRET } from "../../fakes/arrivals.ts";
import { pump } from "../../fakes/pump.ts";
import { world } from "../../fakes/world.ts";

const LOG = conversationId(SECRET, "whatsapp", "5511987650000");
const QUESTION = "msg_0000000000000000000000001a";
const content: Content = {
  type: "buttons",
  text: "Qual tamanho?",
  buttons: [
    { id: "size-s", title: "S" },
    { id: "size-m", title: "M" },
  ],
};
const parts: Content[] = [{ type: "text", text: "Qual tamanho?\n\n1. S\n2. M" }];
const question = queued(QUESTION, { content, parts });
const answer = (text: string, id = "wamid.answer") => inboundText(id, { text });

/** What the last entry of the log says. */
async function lastAfter(...items: MailboxItem[]): Promise<unknown> {
  const { table, mailbox, ports } = world();
  mailbox.waiting.push(...items);
  await pump(mailbox, () => ports);
  const entries = table.logs.get(LOG) ?? [];
  expect(verifyLog(LOG, entries)).toEqual([]);
  return eventData["message.received"].parse(entries.at(-1)?.data).message;
}

test("options that go out later have not been asked: a number is a number", async () => {
  const later = { ...question, data: { ...(question.data as object), sendAt: 1_795_000_100_000 } };
  expect(await lastAfter(inboundText("wamid.1"), later, answer("2"))).toMatchObject({
    content: { type: "text", text: "2" },
  });
});

describe("an answer in words to options that went out as numbered text", () => {
  test("enters the log as the choice that a button would have been, and as what was written", async () => {
    expect(await lastAfter(inboundText("wamid.1"), question, answer("2"))).toMatchObject({
      content: { type: "choice", id: "size-m", title: "M", text: "2" },
      replyTo: { id: QUESTION },
    });
  });

  test("also after the receipts of the question", async () => {
    const receipts = [receipt("message.sent", QUESTION), receipt("message.read", QUESTION)];
    expect(await lastAfter(question, ...receipts, answer(" s "))).toMatchObject({ content: { id: "size-s" } });
  });

  test.each<[string, MailboxItem[]]>([
    ["when it names no option", [question, answer("3")]],
    ["when something else was said in between", [question, inboundText("wamid.2", { text: "hm" }), answer("2")]],
    ["when we said something more", [question, queued("msg_0000000000000000000000002a"), answer("2")]],
    ["when the options went out as buttons", [queued(QUESTION, { content }), answer("2")]],
    ["when the question failed", [question, receipt("message.failed", QUESTION), answer("2")]],
    [
      "when it was written before the question",
      [question, inboundText("wamid.2", { text: "2", time: question.at.received - 60_000 })],
    ],
    ["when nothing was asked", [inboundText("wamid.2"), answer("2")]],
  ])("stays as it was written %s", async (_, items) => {
    expect(await lastAfter(...items)).toMatchObject({ content: { type: "text" } });
  });
});
