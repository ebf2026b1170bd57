import { expect, it } from "vitest";
import { type Arrival, advance, type Entry } from "../../shared/domain/conversation-log.ts";
import { foldMessages } from "../../shared/domain/message-status.ts";
import { sendReport } from "../../shared/domain/send-report.ts";

it("a watermark that reaches to the provider's own time of a message reaches our report of it, which we made later", () => {
  const [requestedAt, takenAt, heardAt] = [1_800_000_000_000, 1_800_000_000_040, 1_800_000_000_300];
  const about = { account: "messenger", channel: "messenger", token: "token" } as const;
  const message = {
    id: "msg_1",
    direction: "outbound",
    author: { type: "agent" },
    content: { type: "text", text: "Olá" },
  };
  const report = sendReport(
    { log: "conv_1", message: "msg_1", part: 0, ...about },
    { type: "message.sent", providerMessageId: "m_1", requestedAt },
    { idSecret: "secret", now: heardAt, token: "token" },
  );
  const arrivals: Omit<Arrival, "at">[] = [
    { key: "queued", type: "message.queued", ...about, data: { message, expiresAt: heardAt } },
    { key: report.key, type: report.type, ...about, data: report.data },
    { key: "read", type: "message.read", ...about, data: { message: {}, watermark: takenAt } },
  ];
  const received = [requestedAt - 100, report.at.received, heardAt + 1000];
  const entries: Entry[] = [];
  for (const [index, arrival] of arrivals.entries()) {
    const at = { received: received[index] ?? 0, recorded: heardAt + index };
    entries.push(advance(entries.at(-1)?.after, { ...arrival, at }));
  }
  expect(foldMessages("conv_1", entries)).toMatchObject([{ id: "msg_1", status: "read" }]);
});
