import middy from "@middy/core";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { createLeanClient } from "../../shared/aws/lean-client.ts";
import { createLeanQueue } from "../../shared/aws/lean-mailbox.ts";
import { createLeanSecrets } from "../../shared/aws/lean-secrets.ts";
import type { DeskDoor } from "../../shared/helpdesks/helpdesk.ts";
import { toRequest, toResponse } from "../../shared/http/function-url.ts";
import { log } from "../../shared/log.ts";
import type { EnvVars } from "./env.ts";
import { type Ports, receiveReply } from "./receive-reply.ts";

/** The desk hears of a failure and the log names it, where a function that is killed says nothing. */
const ANSWER_BEFORE_MS = 500;

/** One function for all desks. Its bundle's entry is generated, with the doors of the helpdesks in use alone. */
export function createHandler(doors: Readonly<Record<string, DeskDoor>>) {
  let ports: Ports | undefined;
  return middy<APIGatewayProxyEventV2, ReturnType<typeof toResponse>>({ timeoutEarlyInMillis: ANSWER_BEFORE_MS })
    .onError((request) => {
      // The name and the place alone: a message may quote what it stumbled over.
      const [at] = /\bat .+:\d+:\d+/.exec(request.error?.stack ?? "") ?? [];
      log("error", "reply_failed", { reason: request.error?.name, at });
      request.response = toResponse({ status: 500, contentType: "text/plain", body: "" });
    })
    .handler(async (event) => {
      ports ??= wired(doors);
      return toResponse(await receiveReply(toRequest(event), ports));
    });
}

function wired(doors: Readonly<Record<string, DeskDoor>>): Ports {
  const desks = new Map(
    Object.entries(JSON.parse(environment("DESKS")) as Record<string, { helpdesk: string; settings: unknown }>),
  );
  const client = createLeanClient(process.env);
  return {
    desk(name) {
      const { helpdesk = "", settings } = desks.get(name) ?? {};
      const door = doors[helpdesk];
      return door && { settings, door };
    },
    secrets: createLeanSecrets(client, { path: environment("SECRETS_PATH"), names: [...desks.keys()], clock: Date }),
    queue: createLeanQueue(client, environment("QUEUE_URL")),
  };
}

function environment(name: keyof EnvVars): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`The environment variable ${name} is missing`);
  return value;
}
