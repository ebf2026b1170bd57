/** A started gateway with the real SDK clients of an administrator and of roles with policies of their own. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { SSMClient } from "@aws-sdk/client-ssm";
import {
  type Gateway,
  type GatewayOptions,
  type Principal,
  type RecordedCall,
  startGateway,
} from "../../../local/gateway/gateway.ts";

export const REGION = "eu-west-1";
export const ACCOUNT = "123456789012";

export function arn(service: string, resource: string): string {
  return `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;
}

export const administrator: Principal = {
  name: "administrator",
  roleArn: `arn:aws:iam::${ACCOUNT}:role/administrator`,
  accessKeyId: "recado",
  secretAccessKey: "recado",
  policies: "administrator",
};

/** The product's table: a local index that carries one attribute, and a global one of keys alone. */
export const LOG_TABLE: CreateTableCommandInput = {
  TableName: "log-table",
  BillingMode: "PAY_PER_REQUEST",
  AttributeDefinitions: ["pk", "sk", "key", "shard", "at"].map((AttributeName) => ({
    AttributeName,
    AttributeType: "S",
  })),
  KeySchema: [
    { AttributeName: "pk", KeyType: "HASH" },
    { AttributeName: "sk", KeyType: "RANGE" },
  ],
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
        { AttributeName: "at", KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "KEYS_ONLY" },
    },
  ],
};

export interface World {
  gateway: Gateway;
  calls: RecordedCall[];
  admin: Clients;
  /** A role with these statements, and its clients. */
  role(name: string, statements: readonly object[], sessionToken?: string): Clients;
  createTable(): Promise<void>;
  /** Gives its URL. */
  createQueue(name: string, attributes?: Record<string, string>): Promise<string>;
  /** Calls other than the administrator's since the last time. */
  takeCalls(): RecordedCall[];
  close(): Promise<void>;
}

export interface Clients {
  dynamodb: DynamoDBClient;
  sqs: SQSClient;
  s3: S3Client;
  ssm: SSMClient;
  events: EventBridgeClient;
}

export function clientsFor(gateway: Gateway, principal: Principal): Clients {
  const config = { ...gateway.clients(principal), maxAttempts: 1 };
  return {
    dynamodb: new DynamoDBClient(config),
    sqs: new SQSClient(config),
    s3: new S3Client(config),
    ssm: new SSMClient(config),
    events: new EventBridgeClient(config),
  };
}

export async function emptyDirectory(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "recado-gateway-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Without `dataDir` in a directory of its own that goes with it. */
export async function startWorld(options: Partial<GatewayOptions> = {}): Promise<World> {
  const directory = options.dataDir === undefined ? await emptyDirectory() : undefined;
  const dataDir = options.dataDir ?? directory?.path ?? "";
  const gateway = await startGateway({ region: REGION, accountId: ACCOUNT, ...options, dataDir });
  gateway.addPrincipal(administrator);
  const calls: RecordedCall[] = [];
  gateway.onCall((call) => calls.push(call));
  const admin = clientsFor(gateway, administrator);

  return {
    gateway,
    calls,
    admin,
    role(name, Statement, sessionToken) {
      const principal: Principal = {
        name,
        roleArn: `arn:aws:iam::${ACCOUNT}:role/${name}`,
        accessKeyId: `AKIA${name.toUpperCase()}`,
        secretAccessKey: `secret-of-${name}`,
        ...(sessionToken !== undefined && { sessionToken }),
        policies: [{ Version: "2012-10-17", Statement }],
      };
      gateway.addPrincipal(principal);
      return clientsFor(gateway, principal);
    },
    async createTable() {
      await admin.dynamodb.send(new CreateTableCommand(LOG_TABLE));
      const waiting = { client: admin.dynamodb, maxWaitTime: 10, minDelay: 0.02, maxDelay: 0.1 };
      await waitUntilTableExists(waiting, { TableName: LOG_TABLE.TableName });
    },
    async createQueue(QueueName, Attributes) {
      const { QueueUrl = "" } = await admin.sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
      return QueueUrl;
    },
    takeCalls() {
      return calls.splice(0).filter(({ principal }) => principal !== administrator.name);
    },
    async close() {
      await gateway.close();
      await directory?.remove();
    },
  };
}
