import { createHash } from "node:crypto";
import { SQSClient } from "@aws-sdk/client-sqs";
import { expect, it } from "vitest";
import { SqsQueues } from "../../shared/aws/queues.ts";
import { BatchRequest } from "../../shared/domain/mailbox.ts";
import { awsServer } from "./aws-server.ts";

const QUEUE_URL = "https://sqs.eu-west-1.amazonaws.com/000000000000/batches.fifo";

it("has batches follow one another, and a stop wait for none of them", async () => {
  const server = await awsServer(({ body }) => {
    const MD5OfMessageBody = createHash("md5").update(JSON.parse(body).MessageBody).digest("hex");
    return { status: 200, body: JSON.stringify({ MessageId: "m", MD5OfMessageBody }) };
  });
  const { AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_ENDPOINT_URL_SQS } = server.env;
  const client = new SQSClient({
    region: AWS_REGION,
    endpoint: AWS_ENDPOINT_URL_SQS,
    useQueueUrlAsEndpoint: false,
    credentials: {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      sessionToken: AWS_SESSION_TOKEN,
    },
  });
  const batches = new SqsQueues({ client }).batches(QUEUE_URL);
  await batches.queueBatch("bat_1");
  await batches.queueBatch("bat_2");
  await batches.queueStop("bat_1");
  // A repetition is looked at, too.
  await batches.queueStop("bat_1");
  await server.close();

  const sent = server.calls.map(({ body }) => JSON.parse(body));
  const [one, two, stop] = sent.map(({ MessageGroupId }) => MessageGroupId);
  expect(one).toBe(two);
  expect(stop).not.toBe(one);
  expect(new Set(sent.map(({ MessageDeduplicationId }) => MessageDeduplicationId)).size).toBe(4);
  expect(sent.map(({ MessageBody }) => BatchRequest.parse(JSON.parse(MessageBody)))).toEqual([
    { batch: "bat_1" },
    { batch: "bat_2" },
    { batch: "bat_1", stop: true },
    { batch: "bat_1", stop: true },
  ]);
});
