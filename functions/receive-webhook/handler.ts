import middy from "@middy/core";
import type { LambdaFunctionURLEvent } from "aws-lambda";
import { createLeanClient } from "../../shared/aws/lean-client.ts";
import { createLeanMailbox, createLeanObjects } from "../../shared/aws/lean-mailbox.ts";
import { createLeanSecrets } from "../../shared/aws/lean-secrets.ts";
import type { Receiver, WebhookReply, WebhookRequest } from "../../shared/channels/connector.ts";
import type { Channel } from "../../shared/domain/event.ts";
import { log } from "../../shared/log.ts";
import type { EnvVars } from "./env.ts";
import { randomFromPool } from "./random.ts";
import { webhookReceiver } from "./receive-webhook.ts";

interface Response {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}

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
  return middy<LambdaFunctionURLEvent, Response>({ timeoutEarlyInMillis: ANSWER_BEFORE_MS })
    .onError((request) => {
      // The name and the place alone: a message may quote what it stumbled over.
      const [at] = /\bat .+:\d+:\d+/.exec(request.error?.stack ?? "") ?? [];
      log("error", "webhook_failed", { connector, reason: request.error?.name, at });
      request.response = { statusCode: 500, headers: {}, body: "" };
    })
    .handler(async (event) => {
      answer ??= wired(receiver as Receiver, connector, channel);
      const { status, contentType, body } = await answer(toRequest(event));
      return {
        statusCode: status,
        headers: { "content-type": contentType, "x-content-type-options": "nosniff" },
        body,
      };
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

/** The host is part of the event and never taken from a header, which anybody can write. */
function toRequest(event: LambdaFunctionURLEvent): WebhookRequest {
  const origin = process.env.RECADO_PUBLIC_URL ?? `https://${event.requestContext.domainName}`;
  const query = [...new URLSearchParams(event.rawQueryString)];
  return {
    method: event.requestContext.http.method,
    url: origin + event.rawPath + (event.rawQueryString ? `?${event.rawQueryString}` : ""),
    query: Object.fromEntries(query.reverse()),
    headers: Object.fromEntries(
      Object.entries(event.headers).map(([name, value]) => [name.toLowerCase(), value ?? ""]),
    ),
    body: Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8"),
    receivedAt: Date.now(),
  };
}
