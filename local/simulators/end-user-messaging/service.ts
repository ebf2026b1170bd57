/** What AWS's messaging services have in common: how they word an error, and how they publish to a topic. */
import { type AwsAccess, signedForm } from "../../sns.ts";
import type { Answer } from "../http.ts";
import type { Webhook } from "../webhooks.ts";

/** A service of AWS in one account of one Region. */
export interface ServicePlace {
  accountId: string;
  /** SNS, and the service's own credentials there: it publishes under no role of the account. */
  sns: AwsAccess;
}

/** One number of the account, and the topic that it publishes to. */
export interface Publishing {
  topicArn: string;
}

/** `X-Amzn-ErrorType`, and the members that the exception has beside its message. */
export function awsError(status: number, code: string, members: Readonly<Record<string, unknown>>): Answer {
  return { status, headers: { "x-amzn-errortype": code }, body: { __type: code, ...members } };
}

const MOST_ATTEMPTS = 3;
const RETRY_AFTER_MS = 200;

/** A publication, sent like any vendor's webhook. What the topic's policy refuses AWS drops without a word. */
export function publication(
  { accountId, sns }: ServicePlace,
  news: { topicArn: string; sourceArn: string; message: unknown; customer: string; about: Webhook["about"] },
): Webhook {
  const { topicArn: TopicArn, sourceArn, message, customer, about } = news;
  const form = { Action: "Publish", Version: "2010-03-31", TopicArn, Message: JSON.stringify(message) };
  const behalf = { "x-amz-source-arn": sourceArn, "x-amz-source-account": accountId };
  return {
    ...signedForm(sns, form, behalf),
    customer,
    about,
    retryAfterMs: (outcome, attempt) =>
      (outcome.kind === "answered" && outcome.status < 500) || attempt >= MOST_ATTEMPTS ? undefined : RETRY_AFTER_MS,
  };
}
