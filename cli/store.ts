/** Reads the store itself: the local run's with the credentials it left for its operator, a deployed one's with AWS's. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { readConfig } from "../infra/config-file.ts";
import type { StoreAccess } from "../local/operator.ts";
import { S3MediaLinks } from "../shared/aws/media-links.ts";
import { S3Objects } from "../shared/aws/objects.ts";
import { Table } from "../shared/aws/table.ts";
import { type Consumer, type StoreReport, verifyStore } from "../shared/aws/verify-store.ts";
import { WorldFault } from "../shared/ports.ts";
import { Failure } from "./failure.ts";
import { localAccess } from "./local-access.ts";

/** Each stream follows every log; each helpdesk follows the conversations of the accounts that it serves. */
async function consumersIn(configFile: string | undefined): Promise<Consumer[]> {
  const { helpdesks, streams } = await readConfig(configFile);
  const desks = Object.entries(helpdesks).map(([desk, { accounts }]) => ({
    name: `post-to-helpdesk-${desk}`,
    follows: (log: string, account: string) =>
      log.startsWith("conv_") && (accounts === undefined || accounts.includes(account)),
  }));
  return [
    ...(streams.bus ? [{ name: "publish-event" }] : []),
    ...(streams.topic ? [{ name: "publish-event-topic", beginsWithNextEvent: true as const }] : []),
    ...desks,
  ];
}

export type Prove = (
  only: string | undefined,
  onWalked: NonNullable<Parameters<typeof verifyStore>[0]["onWalked"]>,
) => Promise<StoreReport>;

/** How to prove one log of the store, or all of it. @throws Failure when there is no store to be reached */
export function storeProof(where: { table?: string | undefined; bucket?: string | undefined; dataDir: string }): Prove {
  const { tableName, bucket, client: settings = {} } = accessTo(where);
  const client = new DynamoDBClient(settings);
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  const objects = new S3Objects({ bucket, client: s3 });
  const files = new S3MediaLinks({ bucket, client: s3 });
  const reader = new Table({ tableName, objects, client });
  return async (only, onWalked) => {
    const consumers = await consumersIn(process.env.RECADO_CONFIG);
    try {
      const wanted = only === undefined ? {} : { only };
      return await verifyStore({ tableName, reader, consumers, files, client, onWalked, ...wanted });
    } catch (error) {
      if (error instanceof WorldFault) throw new Failure(`The store cannot be read. ${error.message}`);
      throw error;
    }
  };
}

function accessTo({ table, bucket, dataDir }: Parameters<typeof storeProof>[0]): StoreAccess {
  if (table !== undefined && bucket !== undefined) return { tableName: table, bucket };
  if (table !== undefined || bucket !== undefined)
    throw new Failure("A deployed store needs both --table and --bucket.");
  return localAccess(dataDir, "--table and --bucket");
}
