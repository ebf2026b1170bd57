/** SNS behind the gateway: the caller's permissions, and those that queue policies give to the topic. */
import { deduplicationIdInGroup } from "../emulators/fauxqs.ts";
import type { Authority, Caller } from "./authority.ts";
import type { AwsRequest, Operation, Refusal, Service } from "./service.ts";
import type { Upstream } from "./upstream.ts";

/** Of a message with its attributes, and of all messages of a batch together. */
const MAX_BYTES = 262_144;

/** The emulator knows no other account. */
const EMULATED_ACCOUNT = "000000000000";

interface Place {
  region: string;
  accountId: string;
  authority: Authority;
}

/** SNS itself, which delivers under no role. */
const SNS: Caller = { name: "sns.amazonaws.com", arn: "sns.amazonaws.com", statements: [] };

export function snsService(upstream: Upstream, { region, accountId, authority }: Place): Service {
  const send = (form: URLSearchParams) => {
    const emulated = inGroups(form);
    // What is published is nobody's to change.
    for (const [name, value] of form)
      if (/^(Endpoint|.*Arn)$/.test(name)) emulated.set(name, value.replace(`:${accountId}:`, `:${EMULATED_ACCOUNT}:`));
    const body = emulated.toString();
    return upstream.send({
      method: "POST",
      path: "/",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body,
    });
  };
  const ownArns = (xml: Buffer) => xml.toString("utf8").replaceAll(`:${EMULATED_ACCOUNT}:`, `:${accountId}:`);

  /**
   * The emulator hands a message to every subscribed queue. AWS asks the queue's policy, and drops what it refuses
   * without a word; here the publisher is told.
   */
  const undeliverable = async (topicArn: string): Promise<Refusal | undefined> => {
    const subscriptions = await send(new URLSearchParams({ Action: "ListSubscriptionsByTopic", TopicArn: topicArn }));
    for (const [, queueArn = ""] of ownArns(subscriptions.body).matchAll(
      /<Endpoint>(arn:aws:sqs:[^<]+)<\/Endpoint>/g,
    )) {
      const conditionKeys = { "aws:SourceArn": [topicArn], "aws:SourceAccount": [accountId] };
      const { refusal, record } = authority.judge(
        { action: "sqs:SendMessage", resource: queueArn, conditionKeys },
        SNS,
      );
      record();
      if (refusal !== undefined) return { code: "AuthorizationError", message: refusal, status: 403 };
    }
    return undefined;
  };

  return {
    name: "sns",
    protocol: "query-xml",
    async prepare(request: AwsRequest): Promise<Operation | Refusal> {
      const form = new URLSearchParams(request.body.toString("utf8"));
      const action = form.get("Action");
      if (!action) return { code: "MissingAction", message: "The request needs an Action." };
      const named = form.get("TopicArn") ?? form.get("ResourceArn") ?? topicOf(form.get("SubscriptionArn"));
      const resource = named ?? `arn:aws:sns:${region}:${accountId}:${form.get("Name") ?? "*"}`;
      return {
        asks: [{ action: `sns:${action.replace(/^PublishBatch$/, "Publish")}`, resource, conditionKeys: {} }],
        async perform() {
          const limit = action.startsWith("Publish") ? limitBroken(form) : undefined;
          if (limit) return limit;
          const refusal = action.startsWith("Publish") ? await undeliverable(resource) : undefined;
          if (refusal) return refusal;
          const { status, body } = await send(form);
          return { status, headers: { "content-type": "text/xml" }, body: ownArns(body) };
        },
      };
    },
  };
}

function topicOf(subscriptionArn: string | null): string | undefined {
  return subscriptionArn?.split(":").slice(0, 6).join(":");
}

/** With the topic's messages as the emulated queues want them, which are kept apart by group. */
function inGroups(form: URLSearchParams): URLSearchParams {
  const changed = new URLSearchParams(form);
  for (const [name, id] of form) {
    if (!name.endsWith("MessageDeduplicationId")) continue;
    const group = form.get(name.replace(/MessageDeduplicationId$/, "MessageGroupId"));
    if (group !== null) changed.set(name, deduplicationIdInGroup(group, id));
  }
  return changed;
}

// Source of the limits: the API reference of Publish and PublishBatch.

function limitBroken(form: URLSearchParams): Refusal | undefined {
  let bytes = 0;
  for (const [name, value] of form) {
    if (/(^|\.)(MessageGroupId|MessageDeduplicationId)$/.test(name) && !/^[\x21-\x7e]{1,128}$/.test(value)) {
      const message = `Invalid parameter: ${name} can only include alphanumeric and punctuation characters, 1 to 128 of them`;
      return { code: "InvalidParameter", message };
    }
    if (/(^|\.)(Message|Name|DataType|StringValue)$/.test(name)) bytes += Buffer.byteLength(value);
  }
  if (bytes <= MAX_BYTES) return undefined;
  return form.get("Action") === "PublishBatch"
    ? { code: "BatchRequestTooLong", message: "The length of all the messages put together is more than the limit." }
    : { code: "InvalidParameter", message: "Invalid parameter: Message too long" };
}
