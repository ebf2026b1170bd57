/** One start of the product that writes down, by journey, every permission that its functions ask for. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect, vi } from "vitest";
import type { Principal } from "../../../local/gateway/gateway.ts";
import { type AskedPermission, type LocalOptions, startLocal } from "../../../local/start.ts";
import sample from "../../../recado.config.ts";
import { logKey } from "../../../shared/aws/entry-item.ts";
import { KeyTable } from "../../../shared/aws/key-table.ts";
import { S3Objects } from "../../../shared/aws/objects.ts";
import { ScheduleTable } from "../../../shared/aws/schedule-table.ts";
import { Table } from "../../../shared/aws/table.ts";
import { type Config, checkConfig } from "../../../shared/config.ts";
import { asciiJson } from "../../../shared/domain/mailbox.ts";
import { apiAt, assemblyOf, call, deskAt, newDataDir, PUBLIC_URL, simulatorAt } from "../stack.ts";

/** A person with the console: puts things where only an operator, or a process that died there, could have. */
const OWNER: Principal = {
  name: "owner",
  roleArn: "arn:aws:iam::000000000000:role/owner",
  accessKeyId: "ASIAOWNER",
  secretAccessKey: "owner",
  policies: "administrator",
};

/** A permission that was asked for. */
export interface Asked extends AskedPermission {
  /** Which journey was under way. */
  journey: string;
}

/** What should be there in a moment may take long on a busy machine, and only never is wrong. */
export const SOON = { timeout: 180_000, interval: 100 };

/** More than any log of these journeys has. */
const MOST_ENTRIES = 2_000;

const WRITES = new Set(["dynamodb:PutItem", "dynamodb:UpdateItem"]);

type Journey = (run: Run) => Promise<void>;
export type Journeys = Readonly<Record<string, Journey>>;
export type Run = Awaited<ReturnType<typeof startRun>>;

export async function startRun({
  policies = {},
  ...options
}: { policies?: Partial<Config["policies"]> } & Partial<LocalOptions> = {}) {
  const { path: dataDir, remove } = newDataDir();
  const asked: Asked[] = [];
  /** Partition keys of what functions have written to the table. */
  const written: string[] = [];
  const lines: string[] = [];
  let journey = "the start";
  const config = checkConfig({ ...sample, policies, streams: { topic: true } });
  const assembly = assemblyOf(config);
  const local = await startLocal({
    port: 0,
    dataDir,
    publicUrl: PUBLIC_URL,
    config,
    assembly,
    onPermission: (one) => {
      asked.push({ ...one, journey });
      if (WRITES.has(one.action)) written.push(...(one.conditionKeys["dynamodb:LeadingKeys"] ?? []));
    },
    log: (line) => void lines.push(line),
    ...options,
  }).catch((error: unknown) => {
    remove();
    throw error;
  });
  const { gateway, stack, url, outputs } = local;
  gateway.addPrincipal(OWNER);
  const access = gateway.clients(OWNER);
  const sqs = new SQSClient(access);
  const dynamodb = new DynamoDBClient(access);
  const s3 = new S3Client({ ...access, forcePathStyle: true });
  const objects = new S3Objects({ bucket: outputs.BucketName ?? "", client: s3 });

  /** By its name without `recado-local-`. */
  function queueUrl(name: string): string {
    const [, found] = Object.entries(stack.queueUrls).find(([arn]) => arn.endsWith(`:recado-local-${name}`)) ?? [];
    if (found === undefined) throw new Error(`There is no queue ${name}`);
    return found;
  }

  /**
   * Waits until `look` throws no more. A look through the API is more work than most of what it waits for, so one that
   * found nothing is repeated only after a function has written to this log, or anywhere.
   */
  function found<Found>(look: () => Promise<Found>, log?: string): Promise<Found> {
    let seen: number | undefined;
    let fault: unknown;
    const isNews = (key: string) => log === undefined || key === logKey(log);
    return vi.waitFor(async () => {
      if (seen !== undefined && !written.slice(seen).some(isNews)) throw fault;
      seen = written.length;
      try {
        return await look();
      } catch (error) {
        fault = error;
        throw error;
      }
    }, SOON);
  }

  const api = apiAt(url);
  const table = new Table({ tableName: outputs.TableName ?? "", objects, client: dynamodb });
  return {
    ...api,
    local,
    url,
    dataDir,
    /** Where the bundles of its template lie. */
    assets: assembly.outdir,
    asked,
    /** What functions and the run itself have logged. */
    lines,
    graph: simulatorAt(url, "graph"),
    twilio: simulatorAt(url, "twilio"),
    desk: deskAt(url),
    keys: new KeyTable({ tableName: outputs.TableName ?? "", client: dynamodb }),
    table,
    schedule: new ScheduleTable({ tableName: outputs.TableName ?? "", client: dynamodb }),
    objects,
    administrator: { sqs, dynamodb, s3 },
    found,
    /** All entries of a log, without the API: what is waited for is looked at often, and no permission is asked for it. */
    log: (name: string) => table.entries(name, 0, MOST_ENTRIES),
    /** Waits until the customer's conversation is there. */
    conversationWith: (address: string) =>
      found(async () => {
        const conversation = (await api.conversations()).find((one) => one.address === address);
        if (!conversation) throw new Error(`There is no conversation with ${address}`);
        return conversation.id;
      }),
    /** One after another. @throws Error that names the journey that does not work, and what was refused during it */
    async take(journeys: Journeys): Promise<void> {
      for (const [name, walk] of Object.entries(journeys)) {
        journey = name;
        await walk(this).catch((cause: unknown) => {
          const refused = asked.filter((one) => one.journey === name && !one.allowed);
          const texts = new Set(refused.map((one) => `${one.principal} may not ${one.action} on ${one.resource}`));
          throw new Error([`The journey "${name}" does not work: ${cause}`, ...texts].join("\n"), { cause });
        });
      }
    },
    /** Waits until a function has asked for this. */
    heard: (principal: string, action: string, leadingKey?: string) =>
      vi.waitFor(() => {
        const found = asked.find(
          (one) =>
            one.principal === `recado-local-${principal}` &&
            one.action === action &&
            (leadingKey === undefined || one.conditionKeys["dynamodb:LeadingKeys"]?.includes(leadingKey)),
        );
        if (!found) throw new Error(`${principal} has not asked for ${action} ${leadingKey ?? ""}`);
      }, SOON),
    /** Puts a message onto a queue past everyone's door. */
    async put(queue: string, body: unknown, order?: { group: string; deduplicationId: string }): Promise<void> {
      const place = order
        ? { MessageGroupId: order.group, MessageDeduplicationId: order.deduplicationId }
        : { DelaySeconds: 0 };
      await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl(queue), MessageBody: asciiJson(body), ...place }));
    },
    /** Waits until a message lies in a queue for whoever receives from it. */
    lies: (queue: string) =>
      vi.waitFor(async () => {
        const AttributeNames = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed"] as const;
        const wanted = { QueueUrl: queueUrl(queue), AttributeNames: [...AttributeNames] };
        const { Attributes } = await sqs.send(new GetQueueAttributesCommand(wanted));
        const counts = AttributeNames.map((name) => Number(Attributes?.[name]));
        expect(Math.max(...counts), `${queue} is empty`).toBeGreaterThan(0);
      }, SOON),
    /** Has the account's schedule invoke its function now. */
    async reconcile(account: string): Promise<void> {
      const { status, text } = await call(`${url}/_schedules/recado-local-missed-${account}`, { method: "POST" });
      expect(status, text).toBe(200);
    },
    /** Has a schedule invoke its function now. */
    async runSchedule(name: string): Promise<void> {
      const { status, text } = await call(`${url}/_schedules/recado-local-${name}`, { method: "POST" });
      expect(status, text).toBe(200);
    },
    /** As an hour of failures, or a person in Meta's console, would have it. */
    async loseSubscription(whose: { pageId: string }): Promise<void> {
      const body = JSON.stringify({ ...whose, fields: [] });
      await call(`${url}/_simulators/graph/_simulator/subscription`, { method: "POST", body });
    },
    async stopMisbehaving(): Promise<void> {
      for (const name of ["graph", "twilio"])
        await call(`${url}/_simulators/${name}/_simulator/faults`, { method: "DELETE" });
    },
    async stop(): Promise<void> {
      await local.stop();
      remove();
    },
  };
}
