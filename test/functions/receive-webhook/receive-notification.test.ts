import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { notificationReceiver } from "../../../functions/receive-webhook/receive-notification.ts";
import type { Ports } from "../../../functions/receive-webhook/receive-webhook.ts";
import { connectors } from "../../../shared/channels/registry.ts";
import { conversationId } from "../../../shared/domain/ids.ts";
import { WorldFault } from "../../../shared/ports.ts";
import { SAMPLE } from "../../contracts/provider.ts";
import { MemoryObjects } from "../../fakes/memory-objects.ts";
import { MemoryMailbox, PlayedClock } from "../../fakes/world.ts";
import { ID_SECRET } from "./door.ts";

const TOPIC = "arn:aws:sns:eu-west-1:111122223333:recado-test-sms-aws";
const CUSTOMER = "+351912345678";

let logged: string[] = [];
beforeEach(() => {
  logged = [];
  for (const level of ["info", "warn", "error"] as const)
    vi.spyOn(console, level).mockImplementation((line) => logged.push(line));
});
afterEach(() => {
  vi.restoreAllMocks();
  expect(logged.join("\n")).not.toMatch(/351912345678|Olá/);
});

/** The queue behind the topic of `sms-aws`, whose account has no secrets at all. */
function queue(changes: Partial<Ports> = {}) {
  const mailbox = new MemoryMailbox();
  const objects = new MemoryObjects();
  const account = SAMPLE["sms-aws"];
  const { receiver, channel, name: connector } = connectors["sms-aws"];
  const take = notificationReceiver({ receiver, connector, channel, joinByNumber: true, accounts: [account] }, TOPIC, {
    mailbox,
    objects,
    clock: new PlayedClock(),
    random: randomBytes,
    secrets: async () =>
      new Map<string, Record<string, unknown>>([
        ["deployment", { idSecret: ID_SECRET }],
        [account.name, {}],
      ]),
    ...changes,
  });
  return { take, mailbox, objects };
}

function notification(message: unknown, topic = TOPIC): string {
  return JSON.stringify({
    Type: "Notification",
    MessageId: "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
    TopicArn: topic,
    Message: JSON.stringify(message),
    Timestamp: "2026-11-22T08:00:00.123Z",
  });
}

const message = {
  originationNumber: CUSTOMER,
  destinationNumber: "+15550000005",
  messageKeyword: "KEYWORD",
  messageBody: "Olá",
  inboundMessageId: "cae173d2-0000-4000-8000-000000000001",
};

describe("a notification of the connector's topic", () => {
  it("becomes an item with the time at which SNS took it, and is done", async () => {
    const { take, mailbox } = queue();
    expect(await take(notification(message))).toEqual({ kind: "done" });
    expect(mailbox.waiting).toMatchObject([
      {
        log: conversationId(ID_SECRET, "sms-by-aws", CUSTOMER),
        type: "message.received",
        at: { provider: Date.parse("2026-11-22T08:00:00.123Z") },
        data: { message: { content: { type: "text", text: "Olá" } } },
      },
    ]);
  });

  it("has the same key however often it is delivered", async () => {
    const { take, mailbox } = queue();
    for (const body of [notification(message), notification(message)]) await take(body);
    expect(new Set(mailbox.waiting.map(({ key }) => key)).size).toBe(1);
  });

  it("misses no secret where the connector has none", async () => {
    const { take, mailbox } = queue();
    await take(notification(message));
    expect(mailbox.waiting.map(({ type }) => type)).toEqual(["message.received"]);
    expect(logged.join()).not.toContain("secret_missing");
  });

  it("that nobody can read is kept, and told once however often it comes", async () => {
    const { take, mailbox, objects } = queue();
    for (let times = 0; times < 2; times++) expect(await take("not JSON")).toEqual({ kind: "done" });
    expect(objects.kept.size).toBe(1);
    expect(mailbox.waiting).toMatchObject([
      { log: "account:sms-by-aws", type: "account.alert", data: { code: "webhook_unreadable" } },
      { log: "account:sms-by-aws", type: "account.alert", data: { code: "webhook_unreadable" } },
    ]);
    expect(mailbox.waiting[0]?.key).toBe(mailbox.waiting[1]?.key);
  });
});

describe("a notification of another topic", () => {
  it("is kept and told, because nobody will bring it again", async () => {
    const { take, mailbox, objects } = queue();
    const foreign = notification(message, "arn:aws:sns:eu-west-1:111122223333:somebody-elses");
    expect(await take(foreign)).toEqual({ kind: "done" });
    const [reference = ""] = objects.kept.keys();
    expect(mailbox.waiting).toMatchObject([
      { type: "account.alert", data: { code: "notification_refused", reference } },
    ]);
    expect(reference).toMatch(/^quarantine\/sms-aws\/[0-9a-f]{64}$/);
    expect(await objects.get(reference)).toBe(foreign);
  });
});

describe("when AWS is at fault", () => {
  const down = async () => {
    throw new WorldFault("SQS is down");
  };

  it.each([
    ["the mailbox", { mailbox: { deliver: down } }, notification(message)],
    ["the parameter store", { secrets: down }, notification(message)],
    ["the secret behind ids", { secrets: async () => new Map() }, notification(message)],
    ["the bucket for what cannot be read", { objects: { put: down } }, "not JSON"],
    ["the mailbox for what is refused", { mailbox: { deliver: down } }, notification(message, "arn:aws:sns:x:1:y")],
  ])("%s: the notification comes again", async (_, changes, body) => {
    await expect(queue(changes).take(body)).rejects.toBeInstanceOf(WorldFault);
  });
});
