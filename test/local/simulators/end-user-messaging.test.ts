/** AWS's messaging services as its own SDK sees them: behind the gateway, with the roles and policies of one account. */
import {
  DescribeOptedOutNumbersCommand,
  PinpointSMSVoiceV2Client,
  PutOptedOutNumberCommand,
  SendMediaMessageCommand,
  SendTextMessageCommand,
} from "@aws-sdk/client-pinpoint-sms-voice-v2";
import {
  GetWhatsAppMessageMediaCommand,
  SendWhatsAppMessageCommand,
  SocialMessagingClient,
} from "@aws-sdk/client-socialmessaging";
import { DeleteMessageCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { startSmsVoiceSimulator } from "../../../local/simulators/end-user-messaging/sms-voice.ts";
import { startSocialMessagingSimulator } from "../../../local/simulators/end-user-messaging/social-messaging.ts";
import { createTopic, subscribe } from "../../../local/sns.ts";
import { ACCOUNT, administrator, arn, startWorld } from "../gateway/world.ts";
import { ask, startReceiver } from "./receiver.ts";

const SOON = { timeout: 10_000, interval: 20 };
const NUMBER = "+15550000006";
const CUSTOMER = "+351910000001";
const HEX = "a".repeat(32);
const NUMBER_ARN = arn("social-messaging", `phone-number-id/${HEX}`);

const world = await startWorld();
const { gateway } = world;
const topicArn = arn("sns", "news");
const queueArn = arn("sqs", "news");
const QueueUrl = await world.createQueue("news");
await createTopic(gateway.clients(administrator), topicArn);
await subscribe(gateway.clients(administrator), topicArn, { queueArn, isRaw: false });
gateway.setResourcePolicy(queueArn, {
  Statement: {
    Effect: "Allow",
    Principal: { Service: "sns.amazonaws.com" },
    Action: "sqs:SendMessage",
    Resource: queueArn,
    Condition: { ArnEquals: { "aws:SourceArn": topicArn } },
  },
});
const mayPublish = (service: string, sourceArn = arn(service, "*")) => ({
  Effect: "Allow",
  Principal: { Service: `${service}.amazonaws.com` },
  Action: "sns:Publish",
  Resource: topicArn,
  Condition: { StringEquals: { "aws:SourceAccount": ACCOUNT }, ArnLike: { "aws:SourceArn": sourceArn } },
});
const everybody = { Statement: [mayPublish("sms-voice"), mayPublish("social-messaging")] };
gateway.setResourcePolicy(topicArn, everybody);

function place(service: string) {
  const name = `${service}.amazonaws.com`;
  const principal = { name, roleArn: name, accessKeyId: service, secretAccessKey: service, policies: [] };
  gateway.addPrincipal(principal);
  return { accountId: ACCOUNT, sns: gateway.clients(principal) };
}

const sms = await startSmsVoiceSimulator({
  place: place("sms-voice"),
  numbers: [{ number: NUMBER, configurationSet: "recado", topicArn }],
  fileAt: async (url) => (url.endsWith("a.jpg") ? { contentType: "image/jpeg", size: url.length } : undefined),
  receiptsAfterMs: [5, 10, 15],
});
const whatsapp = await startSocialMessagingSimulator({
  place: place("social-messaging"),
  numbers: [
    {
      id: "100000000000006",
      displayPhoneNumber: NUMBER,
      originationPhoneNumberId: `phone-number-id-${HEX}`,
      topicArn,
    },
  ],
  receiptsAfterMs: [5, 10, 15],
});
gateway.passOn("sms-voice", sms.url);
gateway.passOn("social-messaging", whatsapp.url);
afterAll(async () => {
  await Promise.all([sms.close(), whatsapp.close()]);
  await world.close();
});

function clientsOf(name: string, Action: string, Resource: string) {
  world.role(name, [{ Effect: "Allow", Action, Resource }]);
  const credentials = { accessKeyId: `AKIA${name.toUpperCase()}`, secretAccessKey: `secret-of-${name}` };
  const access = { ...gateway.clients(administrator), credentials, maxAttempts: 1 };
  return { sms: new PinpointSMSVoiceV2Client(access), whatsapp: new SocialMessagingClient(access) };
}
const texter = clientsOf("texter", "sms-voice:*", arn("sms-voice", "*"));
const writer = clientsOf("writer", "social-messaging:*", NUMBER_ARN);

const Notification = z.object({ Type: z.literal("Notification"), Message: z.string(), Timestamp: z.string() });
/** What was published about a customer, oldest first; waits for as many. */
async function told(about: string, count: number): Promise<Record<string, unknown>[]> {
  return vi.waitFor(async () => {
    const { Messages = [] } = await world.admin.sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    for (const { Body = "", ReceiptHandle } of Messages) {
      news.push(Notification.parse(JSON.parse(Body)).Message);
      await world.admin.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
    const found = news.filter((message) => message.includes(about.replace("+", "")));
    expect(found).toHaveLength(count);
    return found.map((message) => JSON.parse(message));
  }, SOON);
}
const news: string[] = [];

const order = (url: string, fault: object) => ask("POST", `${url}/_simulator/faults`, fault);
const text = (to: string, more: object = {}) =>
  new SendTextMessageCommand({
    DestinationPhoneNumber: to,
    OriginationIdentity: NUMBER,
    MessageBody: "Bom dia",
    ConfigurationSetName: "recado",
    ...more,
  });

describe("SMS", () => {
  it("is taken under AWS's id, and its events bring back what was sent along", async () => {
    const { MessageId } = await texter.sms.send(text(CUSTOMER, { Context: { recado: "conv_1.msg_1.0" } }));
    const events = await told(CUSTOMER, 3);
    expect(events.map(({ eventType }) => eventType)).toEqual(["TEXT_QUEUED", "TEXT_PENDING", "TEXT_DELIVERED"]);
    for (const event of events) {
      expect(event).toMatchObject({
        messageId: MessageId,
        context: { recado: "conv_1.msg_1.0" },
        originationPhoneNumber: NUMBER,
        destinationPhoneNumber: CUSTOMER,
        eventTimestamp: expect.any(Number),
        totalMessageParts: 1,
      });
    }
    expect(events.map(({ isFinal }) => isFinal)).toEqual([false, false, true]);
  });

  it("without a configuration set arrives, and nobody is told", async () => {
    const to = "+351910000002";
    await texter.sms.send(text(to, { ConfigurationSetName: undefined }));
    await vi.waitFor(async () => {
      const { body } = await ask("GET", `${sms.url}/_simulator/messages?customer=${encodeURIComponent(to)}`);
      expect(body.data).toMatchObject([{ text: "Bom dia", status: "DELIVERED" }]);
    }, SOON);
    const { body } = await ask("GET", `${sms.url}/_simulator/webhooks`);
    expect(JSON.stringify(body.data)).not.toContain(to.slice(1));
  });

  it.each([
    [
      "an identity that is none",
      text("+351910000003", { OriginationIdentity: "+15559999999" }),
      { name: "ResourceNotFoundException", ResourceType: "phone-number" },
    ],
    [
      "another's configuration set",
      text("+351910000003", { ConfigurationSetName: "other" }),
      { name: "ResourceNotFoundException", ResourceType: "configuration-set" },
    ],
    [
      "no text",
      text("+351910000003", { MessageBody: undefined }),
      { name: "ValidationException", Reason: "MISSING_PARAMETER" },
    ],
    [
      "a long text",
      text("+351910000003", { MessageBody: "x".repeat(1601) }),
      { name: "ValidationException", Reason: "MAXIMUM_SIZE_EXCEEDED" },
    ],
    ["a name as destination", text("Ana"), { name: "ValidationException", Reason: "INVALID_PARAMETER" }],
    [
      "six words of context",
      text("+351910000003", { Context: { a: "1", b: "1", c: "1", d: "1", e: "1", f: "1" } }),
      { name: "ValidationException" },
    ],
  ])("with %s is refused as AWS refuses", async (_, command, refusal) => {
    await expect(texter.sms.send(command)).rejects.toMatchObject(refusal);
  });

  it("to somebody on the opt-out list is a conflict, until they write START", async () => {
    const to = "+351910000004";
    await texter.sms.send(new PutOptedOutNumberCommand({ OptOutListName: "Default", OptedOutNumber: to }));
    const listed = await texter.sms.send(
      new DescribeOptedOutNumbersCommand({ OptOutListName: "Default", OptedOutNumbers: [to] }),
    );
    expect(listed.OptedOutNumbers).toMatchObject([{ OptedOutNumber: to, EndUserOptedOut: false }]);
    const conflict = { name: "ConflictException", Reason: "DESTINATION_PHONE_NUMBER_OPTED_OUT" };
    await expect(texter.sms.send(text(to))).rejects.toMatchObject(conflict);
    await ask("POST", `${sms.url}/_simulator/messages`, { to: NUMBER, from: to, text: "start" });
    await expect(texter.sms.send(text(to))).resolves.toHaveProperty("MessageId");
  });

  it("of a customer is published with the keyword that AWS saw, and STOP blocks", async () => {
    const from = "+351910000005";
    const { body } = await ask("POST", `${sms.url}/_simulator/messages`, { to: NUMBER, from, text: "Stop" });
    const [id] = body.ids as string[];
    expect(await told(from, 1)).toEqual([
      {
        originationNumber: from,
        destinationNumber: NUMBER,
        messageKeyword: "STOP",
        messageBody: "Stop",
        inboundMessageId: id,
        previousPublishedMessageId: expect.any(String),
      },
    ]);
    await expect(texter.sms.send(text(from))).rejects.toMatchObject({ name: "ConflictException" });
  });

  it("with a file takes one of the account's own bucket, which its caller may read", async () => {
    const to = "+351910000006";
    const send = (url: string, client = clientsOf("reader", "*", "*")) =>
      client.sms.send(
        new SendMediaMessageCommand({
          DestinationPhoneNumber: to,
          OriginationIdentity: NUMBER,
          ConfigurationSetName: "recado",
          MediaUrls: [url],
        }),
      );
    await expect(send("https://files.example/a.jpg")).rejects.toMatchObject({ name: "ValidationException" });
    await expect(send("s3://recado-files/a.jpg", texter)).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringContaining("s3:GetObject on resource: arn:aws:s3:::recado-files/a.jpg"),
    });
    await send("s3://recado-files/a.jpg");
    expect((await told(to, 3)).at(-1)).toMatchObject({ eventType: "MEDIA_DELIVERED" });
    await send("s3://recado-files/gone");
    expect((await told(to, 6)).at(-1)).toMatchObject({ eventType: "MEDIA_FILE_INACCESSIBLE", isFinal: true });
  });

  it.each([
    [NUMBER, "phone-number/phone-15550000006"],
    ["phone-1", "phone-number/phone-1"],
    ["pool-1", "pool/pool-1"],
    ["RECADO", "sender-id/RECADO/PT"],
  ])("as %s needs the permission for it", async (OriginationIdentity, resource) => {
    await expect(writer.sms.send(text(CUSTOMER, { OriginationIdentity }))).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringContaining(`sms-voice:SendTextMessage on resource: ${arn("sms-voice", resource)} `),
    });
  });

  it.each([
    ["429", {}, { name: "ThrottlingException" }],
    ["500", { accepted: true }, { name: "InternalServerException", $metadata: { httpStatusCode: 500 } }],
  ])("can be told to fail with %s", async (kind, more, failure) => {
    const customer = "+351910000007";
    await order(sms.url, { kind, customer, ...more });
    await expect(texter.sms.send(text(customer))).rejects.toMatchObject(failure);
  });

  it("can break off after it was taken", async () => {
    const customer = "+351910000008";
    await order(sms.url, { kind: "reset_after_accepting", customer });
    const broken = texter.sms.send(text(customer));
    await expect(broken).rejects.not.toHaveProperty("$metadata.httpStatusCode");
    expect(await told(customer, 3)).toHaveLength(3);
  });

  it("can come to nothing after it was taken", async () => {
    const customer = "+351910000009";
    await order(sms.url, { kind: "failed", customer, code: 1 });
    await texter.sms.send(text(customer));
    expect((await told(customer, 3)).at(-1)).toMatchObject({ eventType: "TEXT_BLOCKED", isFinal: true });
  });
});

describe("WhatsApp", () => {
  const send = (message: object, client = writer.whatsapp, originationPhoneNumberId = `phone-number-id-${HEX}`) =>
    client.send(
      new SendWhatsAppMessageCommand({
        originationPhoneNumberId,
        metaApiVersion: "v20.0",
        message: Buffer.from(JSON.stringify(message)),
      }),
    );
  const hello = (to: string) => ({
    messaging_product: "whatsapp",
    recipient_type: "individual",
    to,
    type: "text",
    text: { body: "Bom dia" },
    biz_opaque_callback_data: "conv_1.msg_1.0",
  });

  it("is taken under an id of AWS's, and its statuses come under Meta's, with what was sent along", async () => {
    const { messageId } = await send(hello("+351920000001"));
    const statuses = (await told("351920000001", 3)).map((message) => {
      expect(message).toMatchObject({
        aws_account_id: ACCOUNT,
        context: { MetaPhoneNumberIds: [{ metaPhoneNumberId: "100000000000006", arn: NUMBER_ARN }] },
      });
      const entry = JSON.parse(String(message.whatsAppWebhookEntry));
      return entry.changes[0].value.statuses[0];
    });
    expect(statuses.map(({ status }) => status)).toEqual(["sent", "delivered", "read"]);
    for (const status of statuses) {
      expect(status).toMatchObject({
        id: expect.stringMatching(/^wamid\./),
        biz_opaque_callback_data: "conv_1.msg_1.0",
      });
      expect(status.id).not.toBe(messageId);
    }
  });

  it.each([
    [
      "what Meta does not take",
      { ...hello("+351920000002"), recipient_type: undefined },
      "InvalidParametersException",
      "(#100)",
    ],
    ["what is no message at all", [], "InvalidParametersException", "WhatsApp message object"],
  ])("of %s is refused in AWS's form with Meta's words", async (_, message, name, words) => {
    await expect(send(message)).rejects.toMatchObject({ name, message: expect.stringContaining(words) });
  });

  it.each([
    [{ kind: "429" }, "ThrottledRequestException", "(#130429)"],
    [{ kind: "500" }, "DependencyException", "unknown error"],
    [{ kind: "expired_window" }, "InvalidParametersException", "(#131047)"],
  ])("can be told to misbehave: %o", async (fault, name, words) => {
    await order(whatsapp.url, { ...fault, customer: "+351920000003" });
    const refused = { name, message: expect.stringContaining(words) };
    await expect(send(hello("+351920000003"))).rejects.toMatchObject(refused);
  });

  it("of another number is nobody's permission, and no number of AWS's", async () => {
    const other = `phone-number-id-${"b".repeat(32)}`;
    await expect(send(hello("+351920000004"), writer.whatsapp, other)).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringContaining(`phone-number-id/${"b".repeat(32)}`),
    });
    const anybody = clientsOf("anybody", "social-messaging:*", "*");
    await expect(send(hello("+351920000004"), anybody.whatsapp, other)).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
    await expect(send(hello("+351920000004"), texter.whatsapp)).rejects.toMatchObject({
      name: "AccessDeniedException",
    });
  });

  it("brings a customer's file to a link that was signed for it", async () => {
    const shelf = await startReceiver();
    const writing = { phoneNumberId: "100000000000006", from: "+351920000005", kind: "image" };
    await ask("POST", `${whatsapp.url}/_simulator/messages`, writing);
    const [message] = await told("351920000005", 1);
    const [element] = JSON.parse(String(message?.whatsAppWebhookEntry)).changes[0].value.messages;
    const get = (mediaId: string) =>
      writer.whatsapp.send(
        new GetWhatsAppMessageMediaCommand({
          mediaId,
          originationPhoneNumberId: `phone-number-id-${HEX}`,
          destinationS3PresignedUrl: { url: `${shelf.url}/media/1`, headers: { "content-type": "image/jpeg" } },
        }),
      );
    expect(await get(element.image.id)).toMatchObject({ mimeType: "image/jpeg" });
    expect(shelf.received).toMatchObject([
      { method: "PUT", url: "/media/1", headers: { "content-type": "image/jpeg" } },
    ]);
    await expect(get("404")).rejects.toMatchObject({ message: expect.stringContaining("(#100)") });
    await shelf.close();
  });
});

describe("the topic's policy", () => {
  it.each([
    ["names the service no more", "+351930000001", mayPublish("social-messaging")],
    ["is for another source", "+351930000002", mayPublish("sms-voice", arn("sms-voice", "configuration-set/*"))],
  ])("that %s keeps the news out, and AWS says nothing", async (_, from, statement) => {
    gateway.setResourcePolicy(topicArn, { Statement: [statement] });
    await ask("POST", `${sms.url}/_simulator/messages`, { to: NUMBER, from, text: "Olá" });
    await vi.waitFor(async () => {
      const { body } = await ask("GET", `${sms.url}/_simulator/webhooks`);
      expect((body.data as { attempts: unknown }[]).at(-1)?.attempts).toEqual([403]);
    }, SOON);
    gateway.setResourcePolicy(topicArn, everybody);
    await told(from, 0);
  });
});

it("is asked for by nobody who does not sign", async () => {
  const response = await fetch(`${gateway.url}/v1/whatsapp/send`, { method: "POST", body: "{}" });
  expect(response.status).toBe(403);
});
