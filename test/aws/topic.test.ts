import { SNSClient } from "@aws-sdk/client-sns";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SnsTopic } from "../../shared/aws/topic.ts";
import { dataSchema, type Envelope } from "../../shared/domain/envelope.ts";
import { WorldFault } from "../../shared/ports.ts";
import { awsServer } from "./aws-server.ts";

const TOPIC = "arn:aws:sns:eu-west-1:000000000000:recado-prod.fifo";

/** Takes everything but the messages with these words. */
let refusing: RegExp | undefined;
let server: Awaited<ReturnType<typeof awsServer>>;
let topic: SnsTopic;

beforeEach(async () => {
  vi.spyOn(console, "warn").mockReturnValue();
  refusing = undefined;
  server = await awsServer(({ body }) => {
    const isRefused = refusing?.test(new URLSearchParams(body).get("Message") ?? "");
    const error = "<ErrorResponse><Error><Type>Sender</Type><Code>Throttled</Code></Error></ErrorResponse>";
    const done =
      "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult><ResponseMetadata/></PublishResponse>";
    return isRefused ? { status: 429, body: error } : { status: 200, body: done };
  });
  const { AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_ENDPOINT_URL_SQS } = server.env;
  const client = new SNSClient({
    region: AWS_REGION,
    endpoint: AWS_ENDPOINT_URL_SQS,
    credentials: {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      sessionToken: AWS_SESSION_TOKEN,
    },
    maxAttempts: 1,
  });
  topic = new SnsTopic({ topicArn: TOPIC, client });
});

afterEach(() => server.close());

function envelope(n: number, text = "Hi"): Envelope {
  const time = "2026-03-01T12:00:00.000Z";
  return {
    specversion: "1.0",
    id: `evt_${n}`,
    source: "/recado/whatsapp",
    type: "message.received",
    subject: "account:whatsapp",
    time,
    datacontenttype: "application/json",
    dataschema: dataSchema("message.received"),
    sequence: String(n).padStart(12, "0"),
    epoch: 2,
    data: { channel: "whatsapp", account: "whatsapp", times: { received: time, recorded: time }, text },
  };
}

/** What was published, as the form that SNS gets. */
const published = () => server.calls.map(({ body }) => Object.fromEntries(new URLSearchParams(body)));

describe("publish", () => {
  it("puts the envelope into the log's group, with what subscribers may filter by", async () => {
    expect(await topic.publish([envelope(1, "Olá 😀")])).toBe(1);
    const [form = {}] = published();
    expect(form).toMatchObject({ Action: "Publish", TopicArn: TOPIC, MessageGroupId: "account:whatsapp" });
    expect(JSON.parse(form.Message ?? "")).toEqual(envelope(1, "Olá 😀"));
    const attributes = [1, 2, 3].map((place) => [
      form[`MessageAttributes.entry.${place}.Name`],
      form[`MessageAttributes.entry.${place}.Value.StringValue`],
    ]);
    expect(Object.fromEntries(attributes)).toEqual({
      type: "message.received",
      channel: "whatsapp",
      account: "whatsapp",
    });
  });

  it("gives every event of every epoch a deduplication id of its own, as SNS takes it", async () => {
    await topic.publish([envelope(1), { ...envelope(1), epoch: 3 }, envelope(2), envelope(1)]);
    const [first, restored, second, again] = published().map(({ MessageDeduplicationId }) => MessageDeduplicationId);
    expect(new Set([first, restored, second]).size).toBe(3);
    expect(again).toBe(first);
    expect(first).toMatch(/^[\x21-\x7e]{1,128}$/);
  });

  it("stops at the first that is refused: nothing behind it goes out", async () => {
    refusing = /evt_3/;
    expect(await topic.publish([1, 2, 3, 4].map((n) => envelope(n)))).toBe(2);
    expect(published().map(({ Message = "" }) => JSON.parse(Message).id)).toEqual(["evt_1", "evt_2", "evt_3"]);
  });

  it("that is refused from the first on is the world's fault", async () => {
    refusing = /./;
    await expect(topic.publish([envelope(1), envelope(2)])).rejects.toBeInstanceOf(WorldFault);
    expect(published()).toHaveLength(1);
  });
});

it("fits an event with its attributes into 256 KB, escapes counted", () => {
  const attributes = "typeStringmessage.received channelStringwhatsapp accountStringwhatsapp".replaceAll(" ", "");
  const room = 262_144 - attributes.length - JSON.stringify(envelope(1, "")).length;
  expect(topic.fits(envelope(1, "a".repeat(room)))).toBe(true);
  expect(topic.fits(envelope(1, "a".repeat(room + 1)))).toBe(false);
  expect(topic.fits(envelope(1, "é".repeat(room / 6 + 1)))).toBe(false);
});
