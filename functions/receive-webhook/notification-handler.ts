import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { runBatch } from "../../shared/aws/fifo-batch.ts";
import { createLeanClient } from "../../shared/aws/lean-client.ts";
import { createLeanMailbox, createLeanObjects } from "../../shared/aws/lean-mailbox.ts";
import { createLeanSecrets } from "../../shared/aws/lean-secrets.ts";
import type { Receiver } from "../../shared/channels/connector.ts";
import type { Channel } from "../../shared/domain/event.ts";
import type { NotificationEnvVars } from "./env.ts";
import { randomFromPool } from "./random.ts";
import { notificationReceiver } from "./receive-notification.ts";

/**
 * The handler of the queue behind one connector's topic. Bundled once per connector, like that of a function URL. What
 * has to come again becomes visible when the queue's own time is over.
 */
export function createHandler<Settings, Secrets>(
  receiver: Receiver<Settings, Secrets>,
  connector: string,
  channel: Channel,
) {
  let take: ReturnType<typeof notificationReceiver> | undefined;
  return middy<SQSEvent, SQSBatchResponse>().handler((event) => {
    take ??= wired(receiver as Receiver, connector, channel);
    return runBatch(event.Records, take);
  });
}

function wired(receiver: Receiver, connector: string, channel: Channel) {
  const accounts = JSON.parse(environment("ACCOUNTS")) as { name: string; settings: unknown }[];
  const client = createLeanClient(process.env);
  const objects = createLeanObjects(client, environment("BUCKET"));
  const read = createLeanSecrets(client, { path: environment("SECRETS_PATH"), names: ["deployment"], clock: Date });
  const joinByNumber = environment("JOIN_BY_NUMBER") === "true";
  const door = { receiver, connector, channel, joinByNumber, accounts };
  return notificationReceiver(door, environment("TOPIC_ARN"), {
    mailbox: createLeanMailbox(client, environment("MAILBOX_URL"), objects),
    objects,
    // The topic's policy takes the place of a secret: no account has any.
    secrets: async () => new Map([...accounts.map(({ name }) => [name, {}] as const), ...(await read())]),
    clock: Date,
    random: randomFromPool,
  });
}

function environment(name: keyof NotificationEnvVars): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`The environment variable ${name} is missing`);
  return value;
}
