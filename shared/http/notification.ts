/**
 * A notification of SNS, for providers that publish to a topic of ours instead of posting. Nothing is signed with a key of
 * theirs: who may publish is in the topic's policy, and only that topic's subscription fills the queue that it comes from.
 */
import { jsonIn } from "../domain/json.ts";
import { isRecord } from "../domain/raw-element.ts";

interface Request {
  /** `sns:<topic arn>`. */
  url: string;
  body: Uint8Array;
}

export interface Notification {
  /** When SNS took it from the provider, ms since 1970; unknown with raw delivery. */
  time?: number;
  /** What was published, JSON read; as it came where it is none. */
  message: unknown;
}

/** With raw delivery the message comes without what SNS wraps around it. Undefined: not JSON. */
export function readNotification(body: Uint8Array): Notification | undefined {
  const read = jsonIn(body);
  if (read === undefined) return undefined;
  if (!isWrapped(read)) return { message: read };
  const time = typeof read.Timestamp === "string" ? Date.parse(read.Timestamp) : Number.NaN;
  return { message: unwrapped(read.Message), ...(!Number.isNaN(time) && { time }) };
}

/** JSON that was put into a string, as AWS does at every level; anything else stays as it is. */
export function unwrapped(value: unknown): unknown {
  return typeof value === "string" ? (jsonIn(value) ?? value) : value;
}

/** Whether it comes from the topic that it is said to come from. With raw delivery only the subscription can say. */
export function verifyTopic({ url, body }: Request): { ok: true } | { ok: false; hint: string } {
  const [, topic] = /^sns:(arn:.+)$/.exec(url) ?? [];
  if (topic === undefined) return { ok: false, hint: "it was posted: this provider publishes to an SNS topic" };
  const read = jsonIn(body);
  return !isWrapped(read) || read.TopicArn === topic
    ? { ok: true }
    : { ok: false, hint: "another topic is subscribed to this connector's queue" };
}

function isWrapped(value: unknown): value is Record<string, unknown> {
  return isRecord(value) && ("TopicArn" in value || "Message" in value);
}
