/** SQS behind the gateway: permissions, AWS's limits, queue URLs that lead back to the gateway. */
import { setImmediate as turn } from "node:timers/promises";
import * as z from "zod";
import { deduplicationIdInGroup } from "../emulators/fauxqs.ts";
import {
  type Answer,
  type AwsRequest,
  bodyOf,
  isRefusal,
  jsonAnswer,
  type Operation,
  operationOf,
  type Refusal,
  type Service,
} from "./service.ts";
import type { Received, Upstream } from "./upstream.ts";

const TARGET = "AmazonSQS";
/** Of a message with its attributes, and of all messages of a batch together. */
const MAX_BYTES = 262_144;
const MAX_BATCH_ENTRIES = 10;
/** The emulator knows no other account. */
const EMULATED_ACCOUNT = "000000000000";

const Attributes = z.record(
  z.string(),
  z.looseObject({ DataType: z.string(), StringValue: z.string().optional(), BinaryValue: z.string().optional() }),
);
const Message = {
  MessageBody: z.string().optional(),
  MessageAttributes: Attributes.optional(),
  MessageGroupId: z.string().optional(),
  MessageDeduplicationId: z.string().optional(),
};
const Entry = z.looseObject({ ...Message, Id: z.string() });
const Body = z.looseObject({
  ...Message,
  QueueUrl: z.string().optional(),
  QueueName: z.string().optional(),
  Attributes: z.record(z.string(), z.string()).optional(),
  Entries: z.array(Entry).optional(),
});
type Body = z.output<typeof Body>;

const Result = z.looseObject({
  QueueUrl: z.string().optional(),
  QueueUrls: z.array(z.string()).optional(),
  Messages: z.array(z.looseObject({ ReceiptHandle: z.string() })).optional(),
});

interface Place {
  region: string;
  accountId: string;
  /** Address of the gateway, for queue URLs. */
  url: string;
}

export function sqsService(upstream: Upstream, place: Place): Service {
  const { region, accountId } = place;
  /** Where a server outside of the gateway has the queue, by queue name. */
  const foreignUrls = new Map<string, string>();

  const send = (operation: string, body: string | Buffer): Promise<Received> =>
    upstream.send({
      method: "POST",
      path: "/",
      headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": `${TARGET}.${operation}` },
      body,
    });

  /** Only what the server behind would not understand is written anew. */
  const outgoing = (operation: string, body: Body, raw: Buffer): string | Buffer => {
    if (operation.startsWith("SendMessage") && !upstream.isForeign) return JSON.stringify(inGroups(body));
    if (body.Attributes) return JSON.stringify({ ...body, ...emulated(operation, body.Attributes) });
    const foreignUrl = body.QueueUrl === undefined ? undefined : foreignUrls.get(nameIn(body.QueueUrl));
    return foreignUrl === undefined ? raw : JSON.stringify({ ...body, QueueUrl: foreignUrl });
  };

  const emulated = (operation: string, attributes: Record<string, string>) => {
    if (upstream.isForeign) return {};
    const { DeduplicationScope, FifoThroughputLimit, ...settable } = attributes;
    // The emulator takes these two when it creates a queue, and refuses them afterwards.
    const taken = operation === "SetQueueAttributes" ? settable : attributes;
    const text = JSON.stringify(taken).replaceAll(
      `:sqs:${region}:${accountId}:`,
      `:sqs:${region}:${EMULATED_ACCOUNT}:`,
    );
    return { Attributes: JSON.parse(text) };
  };

  const incoming = (operation: string, received: Received): Answer => {
    const { status, headers } = received;
    const kept = {
      "content-type": headers["content-type"] ?? "application/x-amz-json-1.0",
      ...(headers["x-amzn-query-error"] && { "x-amzn-query-error": headers["x-amzn-query-error"] }),
    };
    if (status !== 200) return { status, headers: kept, body: received.body };
    if (operation === "GetQueueAttributes" && !upstream.isForeign) {
      const emulatedArn = `arn:aws:sqs:${region}:${EMULATED_ACCOUNT}:`;
      const body = received.body.toString("utf8").replaceAll(emulatedArn, `arn:aws:sqs:${region}:${accountId}:`);
      return { status, headers: kept, body };
    }
    if (!/^(CreateQueue|GetQueueUrl|ListQueues)$/.test(operation))
      return { status, headers: kept, body: received.body };
    const result = Result.parse(JSON.parse(received.body.toString("utf8")));
    if (upstream.isForeign && result.QueueUrl) foreignUrls.set(nameIn(result.QueueUrl), result.QueueUrl);
    const here = (queueUrl: string) => `${place.url}/${accountId}/${nameIn(queueUrl)}`;
    const urls = {
      ...(result.QueueUrl && { QueueUrl: here(result.QueueUrl) }),
      ...(result.QueueUrls && { QueueUrls: result.QueueUrls.map(here) }),
    };
    return jsonAnswer({ ...result, ...urls }, "1.0");
  };

  /** What a caller that hung up during its long poll was handed goes back, as on AWS, where it is not handed out. */
  const giveBack = async (queueUrl: string, received: Received) => {
    const { Messages = [] } = Result.parse(JSON.parse(received.body.toString("utf8")));
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({
      Id: String(index),
      ReceiptHandle,
      VisibilityTimeout: 0,
    }));
    if (Entries.length > 0) {
      const body: Body = { QueueUrl: queueUrl, Entries };
      const text = JSON.stringify(body);
      await send("ChangeMessageVisibilityBatch", outgoing("ChangeMessageVisibilityBatch", body, Buffer.from(text)));
    }
  };

  return {
    name: "sqs",
    protocol: "query-json",
    async prepare(request: AwsRequest): Promise<Operation | Refusal> {
      const operation = operationOf(request, TARGET);
      if (typeof operation !== "string") return operation;
      const body = bodyOf(request, Body);
      if (isRefusal(body)) return body;
      const name = body.QueueName ?? (body.QueueUrl === undefined ? "*" : nameIn(body.QueueUrl));
      const action = `sqs:${operation.replace(/Batch$/, "")}`;
      return {
        asks: [{ action, resource: `arn:aws:sqs:${region}:${accountId}:${name}`, conditionKeys: {} }],
        async perform() {
          const limit = limitBroken(operation, body);
          if (limit) return limit;
          const received = await send(operation, outgoing(operation, body, request.body));
          if (operation === "ReceiveMessage" && received.status === 200) {
            // A caller that has hung up by now is known to have after a turn of the event loop.
            await turn();
            if (request.isAbandoned()) await giveBack(body.QueueUrl ?? "", received);
          }
          return incoming(operation, received);
        },
      };
    },
  };
}

function inGroups(body: Body): Body {
  const { Entries } = body;
  return { ...inGroup(body), ...(Entries && { Entries: Entries.map(inGroup) }) };
}

function inGroup<M extends Pick<Body, "MessageGroupId" | "MessageDeduplicationId">>(message: M): M {
  const { MessageGroupId: group, MessageDeduplicationId: id } = message;
  if (group === undefined || id === undefined) return message;
  return { ...message, MessageDeduplicationId: deduplicationIdInGroup(group, id) };
}

function nameIn(queueUrl: string): string {
  return queueUrl.slice(queueUrl.lastIndexOf("/") + 1);
}

// Source of the limits: "Amazon SQS message quotas" and the API reference of SendMessage.

function limitBroken(operation: string, body: Body): Refusal | undefined {
  const isBatch = operation.endsWith("Batch");
  const entries = body.Entries ?? [];
  if (isBatch) {
    const broken = batchLimitBroken(entries);
    if (broken) return broken;
  }
  if (!operation.startsWith("SendMessage")) return undefined;
  const messages = isBatch ? entries : [body];
  for (const { MessageGroupId, MessageDeduplicationId } of messages) {
    const wrong =
      idIsWrong("MessageGroupId", MessageGroupId) ?? idIsWrong("MessageDeduplicationId", MessageDeduplicationId);
    if (wrong) return wrong;
  }
  if (messages.reduce((sum, message) => sum + messageBytes(message), 0) <= MAX_BYTES) return undefined;
  return isBatch
    ? { code: "BatchRequestTooLong", message: `Batch requests cannot be longer than ${MAX_BYTES} bytes.` }
    : invalid(`One or more parameters are invalid. Reason: Message must be shorter than ${MAX_BYTES} bytes.`);
}

function batchLimitBroken(entries: readonly { Id: string }[]): Refusal | undefined {
  if (entries.length === 0)
    return { code: "EmptyBatchRequest", message: "There should be at least one entry in the request." };
  if (entries.length > MAX_BATCH_ENTRIES) {
    return {
      code: "TooManyEntriesInBatchRequest",
      message: `Maximum number of entries per request are ${MAX_BATCH_ENTRIES}. You have sent ${entries.length}.`,
    };
  }
  const wrong = entries.find(({ Id }) => !/^[A-Za-z0-9_-]{1,80}$/.test(Id));
  if (wrong) {
    const message =
      "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.";
    return { code: "InvalidBatchEntryId", message };
  }
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) {
    return { code: "BatchEntryIdsNotDistinct", message: "Two or more batch entries in the request have the same Id." };
  }
  return undefined;
}

/** Letters, digits and ASCII punctuation, at most 128. */
function idIsWrong(parameter: string, id: string | undefined): Refusal | undefined {
  if (id === undefined || /^[\x21-\x7e]{1,128}$/.test(id)) return undefined;
  return invalid(
    `Value ${id} for parameter ${parameter} is invalid. Reason: ${parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
  );
}

function messageBytes({
  MessageBody = "",
  MessageAttributes = {},
}: Pick<Body, "MessageBody" | "MessageAttributes">): number {
  return Object.entries(MessageAttributes).reduce((sum, [name, { DataType, StringValue = "", BinaryValue = "" }]) => {
    return sum + Buffer.byteLength(`${name}${DataType}${StringValue}`) + Buffer.byteLength(BinaryValue, "base64");
  }, Buffer.byteLength(MessageBody));
}

function invalid(message: string): Refusal {
  return { code: "InvalidParameterValue", message };
}
