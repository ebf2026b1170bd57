/** What Lambda's poller makes of received messages, and of a function's answer. */
import type { Message } from "@aws-sdk/client-sqs";
import type { SQSEvent, SQSRecord } from "aws-lambda";
import * as z from "zod";
import type { InvocationResult } from "../lambda/invocation.ts";

/** Lambda developer guide, "Using Lambda with Amazon SQS". */
export function sqsEvent(messages: readonly Message[], queueArn: string, region: string): SQSEvent {
  return { Records: messages.map((message) => record(message, queueArn, region)) };
}

function record(message: Message, queueArn: string, region: string): SQSRecord {
  const { Attributes = {}, MessageAttributes = {} } = message;
  return {
    messageId: message.MessageId ?? "",
    receiptHandle: message.ReceiptHandle ?? "",
    body: message.Body ?? "",
    attributes: {
      ...Attributes,
      ApproximateReceiveCount: Attributes.ApproximateReceiveCount ?? "1",
      SentTimestamp: Attributes.SentTimestamp ?? "",
      SenderId: Attributes.SenderId ?? "",
      ApproximateFirstReceiveTimestamp: Attributes.ApproximateFirstReceiveTimestamp ?? "",
    },
    messageAttributes: Object.fromEntries(
      Object.entries(MessageAttributes).map(([name, { DataType = "String", StringValue, BinaryValue }]) => [
        name,
        {
          dataType: DataType,
          ...(StringValue !== undefined && { stringValue: StringValue }),
          ...(BinaryValue && { binaryValue: Buffer.from(BinaryValue).toString("base64") }),
        },
      ]),
    ),
    md5OfBody: message.MD5OfBody ?? "",
    eventSource: "aws:sqs",
    eventSourceARN: queueArn,
    awsRegion: region,
  };
}

const BatchResponse = z.object({
  batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish(),
});

/**
 * The messages that are done with and must be deleted. A failed invocation deletes none. With
 * `ReportBatchItemFailures` an empty answer deletes all, and an answer that cannot be read or names a message that is
 * not in the batch deletes none (Lambda developer guide, "Handling errors for an SQS event source").
 */
export function doneWith(
  messages: readonly Message[],
  result: InvocationResult,
  reportsBatchItemFailures: boolean,
): readonly Message[] {
  if (!result.ok) return [];
  if (!reportsBatchItemFailures) return messages;
  const answer: unknown = JSON.parse(result.payload);
  if (answer === null) return messages;
  const read = BatchResponse.safeParse(answer);
  if (!read.success) return [];
  const failed = new Set((read.data.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier));
  const known = new Set(messages.map(({ MessageId }) => MessageId));
  if ([...failed].some((id) => !known.has(id))) return [];
  return messages.filter(({ MessageId = "" }) => !failed.has(MessageId));
}
