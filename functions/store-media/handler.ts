import { randomBytes } from "node:crypto";
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { runBatch } from "../../shared/aws/fifo-batch.ts";
import { SqsMailbox } from "../../shared/aws/mailbox.ts";
import { S3MediaFiles } from "../../shared/aws/media-files.ts";
import { S3Objects } from "../../shared/aws/objects.ts";
import { SqsQueues } from "../../shared/aws/queues.ts";
import { Secrets } from "../../shared/aws/secrets.ts";
import { Table } from "../../shared/aws/table.ts";
import type { Connector } from "../../shared/channels/connector.ts";
import { mediaSources } from "../../shared/channels/media.ts";
import type { ConnectorName } from "../../shared/channels/registry.ts";
import { MediaRequest } from "../../shared/domain/mailbox.ts";
import { createFetchFile } from "../../shared/http/download.ts";
import { createHttp } from "../../shared/http/request.ts";
import { spool } from "../../shared/http/spool.ts";
import { vendorStandIn } from "../../shared/http/stand-in.ts";
import { Env } from "./env.ts";
import { type MediaAccount, type Ports, storeMedia } from "./store-media.ts";

/** Some providers bring the whole file in that time. */
const LOOK_UP_TIMEOUT_MS = 30_000;

/** What is told of a connector in use. */
interface Told {
  vendor: Connector["vendor"];
  hasSecrets: boolean;
}

/** An account whose files are fetched. */
interface Fetching {
  name: string;
  connector: string;
  settings: unknown;
}

/** The bundle's entry is generated, with the connectors in use and their accounts. Reads the environment at once. */
export function createHandler(inUse: Readonly<Partial<Record<ConnectorName, Told>>>, fetching: readonly Fetching[]) {
  const env = Env.parse(process.env);
  const accounts = new Map(fetching.map((account) => [account.name, account]));
  const objects = new S3Objects({ bucket: env.BUCKET });
  const queues = new SqsQueues({});
  const secrets = new Secrets({ path: env.SECRETS_PATH });
  const ways = new Map(
    Object.entries(inUse).map(([connector, { vendor, hasSecrets }]) => {
      const replaces = vendorStandIn(vendor);
      const http = createHttp({ timeoutMs: LOOK_UP_TIMEOUT_MS, replaces });
      return [connector, { source: mediaSources[connector as ConnectorName], http, replaces, hasSecrets }];
    }),
  );

  async function account(name: string): Promise<MediaAccount> {
    const configured = accounts.get(name);
    const { source, http, hasSecrets } = ways.get(configured?.connector ?? "") ?? {};
    if (!configured || !source || !http) return { kind: "not_configured" };
    const own = hasSecrets ? await secrets.account(name) : {};
    if (!own) return { kind: "no_secrets" };
    return { kind: "ready", account: { name, settings: configured.settings, secrets: own }, source, http };
  }

  const ports: Omit<Ports, "idSecret"> = {
    table: new Table({ tableName: env.TABLE_NAME, objects }),
    mailbox: new SqsMailbox({ queueUrl: env.MAILBOX_URL, objects }),
    files: new S3MediaFiles({ bucket: env.BUCKET, spool }),
    fetchFile: createFetchFile({ standIns: [...ways.values()].flatMap(({ replaces }) => replaces ?? []) }),
    account,
    clock: { now: Date.now },
    random: randomBytes,
    bucket: env.BUCKET,
    largestBytes: Number(env.LARGEST_MEDIA_BYTES),
  };
  const queue = queues.visibility(env.QUEUE_URL);

  return middy<SQSEvent, SQSBatchResponse>().handler((event) =>
    runBatch(
      event.Records,
      async (body, { attributes }) => {
        const request = MediaRequest.parse(JSON.parse(body));
        const received = Number(attributes.ApproximateReceiveCount);
        return storeMedia(request, received, { ...ports, ...(await secrets.deployment()) });
      },
      queue,
    ),
  );
}
