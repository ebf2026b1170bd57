import { randomBytes } from "node:crypto";
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import * as z from "zod";
import { runBatch } from "../../shared/aws/fifo-batch.ts";
import { SqsMailbox } from "../../shared/aws/mailbox.ts";
import { S3Objects } from "../../shared/aws/objects.ts";
import { SqsQueues } from "../../shared/aws/queues.ts";
import { Secrets } from "../../shared/aws/secrets.ts";
import { Table } from "../../shared/aws/table.ts";
import type { Connector } from "../../shared/channels/connector.ts";
import { profileSources } from "../../shared/channels/profiles.ts";
import type { ConnectorName } from "../../shared/channels/registry.ts";
import { ProfileRequest } from "../../shared/domain/mailbox.ts";
import { createHttp } from "../../shared/http/request.ts";
import { vendorStandIn } from "../../shared/http/stand-in.ts";
import { Env } from "./env.ts";
import { fetchProfile, type Ports, type ProfileAccount } from "./fetch-profile.ts";

const Accounts = z.array(z.object({ name: z.string(), connector: z.string(), settings: z.unknown() }));

const TIMEOUT_MS = 10_000;

/** @param vendors of the connectors in use. Reads the environment at once. */
export function createHandler(vendors: Readonly<Partial<Record<ConnectorName, Connector["vendor"]>>>) {
  const env = Env.parse(process.env);
  const accounts = new Map(Accounts.parse(JSON.parse(env.ACCOUNTS)).map((account) => [account.name, account]));
  const objects = new S3Objects({ bucket: env.BUCKET });
  const queues = new SqsQueues({});
  const secrets = new Secrets({ path: env.SECRETS_PATH });
  const ways = new Map(
    Object.entries(vendors).map(([connector, vendor]) => {
      const http = createHttp({ timeoutMs: TIMEOUT_MS, replaces: vendorStandIn(vendor) });
      return [connector, { source: profileSources[connector as ConnectorName], http }];
    }),
  );

  async function account(name: string): Promise<ProfileAccount> {
    const configured = accounts.get(name);
    const { source, http } = ways.get(configured?.connector ?? "") ?? {};
    if (!configured || !source || !http) return { kind: "not_configured" };
    const own = await secrets.account(name);
    if (!own) return { kind: "no_secrets" };
    return { kind: "ready", account: { name, settings: configured.settings, secrets: own }, source, http };
  }

  const ports: Omit<Ports, "idSecret"> = {
    table: new Table({ tableName: env.TABLE_NAME, objects }),
    mailbox: new SqsMailbox({ queueUrl: env.MAILBOX_URL, objects }),
    account,
    clock: { now: Date.now },
    random: randomBytes,
  };
  const queue = queues.visibility(env.QUEUE_URL);

  return middy<SQSEvent, SQSBatchResponse>().handler((event) =>
    runBatch(
      event.Records,
      async (body, { attributes }) => {
        const request = ProfileRequest.parse(JSON.parse(body));
        const received = Number(attributes.ApproximateReceiveCount);
        return fetchProfile(request, received, { ...ports, ...(await secrets.deployment()) });
      },
      queue,
    ),
  );
}
