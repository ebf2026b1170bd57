/** Of Messenger's webhooks, what no recorded one shows. */
import { describe, expect, it } from "vitest";
import { messenger } from "../../shared/channels/messenger/index.ts";
import { webhook } from "./asked-provider.ts";

const PAGE = "200000000000001";

function parsed(entry: object) {
  const body = JSON.stringify({ object: "page", entry: [{ id: PAGE, time: 1_795_000_000_123, ...entry }] });
  const account = { name: "messenger", settings: { pageId: PAGE, graphVersion: "v26.0" }, secrets: {} };
  const result = messenger.receiver.parse(webhook(body), [account]);
  if (!result.ok) throw new Error(result.reason);
  return result.parsed.map(({ happening }) => happening);
}

describe("a reaction", () => {
  const element = (reaction: object) => ({
    messaging: [
      {
        sender: { id: "7001" },
        recipient: { id: PAGE },
        timestamp: 1_795_000_000_700,
        reaction: { mid: "m_1", ...reaction },
      },
    ],
  });

  it("of which nobody can tell what it is has not been taken back", () => {
    expect(parsed(element({ action: "react" }))).toMatchObject([{ type: "message.received" }]);
    expect(parsed(element({ action: "unreact" }))).toMatchObject([{ type: "message.reacted", of: "m_1" }]);
  });
});

describe("an entry", () => {
  it("with a list of another kind beside what is known is kept for people to look at", () => {
    const read = { sender: { id: "7001" }, recipient: { id: PAGE }, read: { watermark: 1_795_000_000_000 } };
    const told = parsed({ messaging: [read], calls: [{ id: "1" }] });
    expect(told).toMatchObject([{ type: "message.read" }, { type: "account.alert", code: "unreadable_entry" }]);
  });
});
