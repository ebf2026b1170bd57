/** A table of the real design on dynalite, for tests of the real table code. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";

export interface Dynalite {
  client: DynamoDBClient;
  /** What the client was made with. */
  access: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  /** A fresh table; its name. */
  newTable(): Promise<string>;
  close(): Promise<void>;
}

let tables = 0;

export async function startDynalite(): Promise<Dynalite> {
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const access = {
    endpoint: `http://127.0.0.1:${port}`,
    region: "eu-west-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  };
  const client = new DynamoDBClient(access);
  return {
    client,
    access,
    async newTable() {
      const name = `table-${++tables}`;
      await client.send(
        new CreateTableCommand({
          TableName: name,
          BillingMode: "PAY_PER_REQUEST",
          KeySchema: [
            { AttributeName: "pk", KeyType: "HASH" },
            { AttributeName: "sk", KeyType: "RANGE" },
          ],
          AttributeDefinitions: ["pk", "sk", "key", "shard", "active"].map((AttributeName) => ({
            AttributeName,
            AttributeType: "S",
          })),
          LocalSecondaryIndexes: [
            {
              IndexName: "byKey",
              KeySchema: [
                { AttributeName: "pk", KeyType: "HASH" },
                { AttributeName: "key", KeyType: "RANGE" },
              ],
              Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["token"] },
            },
          ],
          GlobalSecondaryIndexes: [
            {
              IndexName: "byActivity",
              KeySchema: [
                { AttributeName: "shard", KeyType: "HASH" },
                { AttributeName: "active", KeyType: "RANGE" },
              ],
              Projection: { ProjectionType: "KEYS_ONLY" },
            },
          ],
        }),
      );
      // It can be used a moment after the answer, as on AWS.
      await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 0.02, maxDelay: 0.1 }, { TableName: name });
      return name;
    },
    async close() {
      client.destroy();
      server.close();
    },
  };
}
