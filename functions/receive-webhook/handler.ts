import middy from "@middy/core";
import type { LambdaFunctionURLEvent } from "aws-lambda";
import { createLeanClient } from "../../shared/aws/lean-client.ts";
import { createLeanMailbox, createLeanObjects } from "../../shared/aws/lean-mailbox.ts";
import { createLeanSecrets } from "../../shared/aws/lean-secrets.ts";
import type { Receiver, WebhookReply, WebhookRequest } from "../../shared/channels/connector.ts";
import type { Channel } from "../../shared/domain/event.ts";
import { toRequest, toResponse } from "../../shared/http/function-url.ts";
import { log } from "../../shared/log.ts";
import type { EnvVars } from "./env.ts";
import { randomFromPool } from "./random.ts";
import { webhookReceiver } from "./receive-webhook.ts";

/** The provider hears of a failure and the log names it, where a function that is killed says nothing. */
const ANSWER_BEFORE_MS = 500;

/**
 * The handler of one connector's function URL. The bundle's entry is generated per connector, so that each holds the
 * receiving half of that connector only.
 */
export function createHandler<Settings, Secrets>(
  receiver: Receiver<Settings, Secrets>,
  connector: string,
  channel: Channel,
) {
  let answer: ((request: WebhookRequest) => Promise<WebhookReply>) | undefined;
  return middy<LambdaFunctionURLEvent, ReturnType<typeof toResponse>>({ timeoutEarlyInMillis: ANSWER_BEFORE_MS })
    .onError((request) => {
      // The name and the place alone: a message may quote what it stumbled over.
      const [at] = /\bat .+:\d+:\d+/.exec(request.error?.stack ?? "") ?? [];
      log("error", "webhook_failed", { connector, reason: request.error?.name, at });
      request.response = { statusCode: 500, headers: {}, body: "" };
    })
    .handler(async (event) => {
      answer ??= wired(receiver as Receiver, connector, channel);
      return toResponse(await answer(toRequest(event)));
    });
}

function wired(receiver: Receiver, connector: string, channel: Channel) {
  const accounts = JSON.parse(environment("ACCOUNTS")) as { name: string; settings: unknown }[];
  const client = createLeanClient(process.env);
  const objects = createLeanObjects(client, environment("BUCKET"));
  const names = ["deployment", ...accounts.map(({ name }) => name)];
  return webhookReceiver(
    { receiver, connector, channel, accounts, joinByNumber: environment("JOIN_BY_NUMBER") === "true" },
    {
      mailbox: createLeanMailbox(client, environment("MAILBOX_URL"), objects),
      objects,
      secrets: createLeanSecrets(client, { path: environment("SECRETS_PATH"), names, clock: Date }),
      clock: Date,
      random: randomFromPool,
    },
  );
}

function environment(name: keyof EnvVars): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`The environment variable ${name} is missing`);
  return value;
}
