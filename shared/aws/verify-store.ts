/**
 * Proves a whole table: walks every log from entry 1, holds every consumer's cursor against the log's end, and looks for
 * every file that is said to be stored. Reads only.
 */
import { type AttributeValue, DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import type { Entry } from "../domain/conversation-log.ts";
import { storedIn } from "../domain/file-content.ts";
import { type Problem, verifyCursor, verifyLog } from "../domain/verify-log.ts";
import type { LogReader, MediaLinks } from "../ports.ts";
import { logOf } from "./entry-item.ts";
import { worldly } from "./faults.ts";

export interface StoreReport {
  /** How many logs and entries were walked, and how many of these were emptied by an erasure. */
  logs: number;
  entries: number;
  erased: number;
  problems: Problem[];
}

/** Who is to have read every log, or those that it follows. */
export interface Consumer {
  name: string;
  /** @param account whose the log is */
  follows?: (log: string, account: string) => boolean;
  /** It may be younger than a log, which it then begins to read with the log's next event. */
  beginsWithNextEvent?: true;
}

/** What was recorded less than this ago may still be on its way to a consumer. */
const BUSY_MS = 60_000;
const PAGE = 1000;

/**
 * @param reader reads the entries, those too large for an item included
 * @param files where the files of messages lie
 * @param only one log instead of all
 */
export async function verifyStore({
  tableName,
  reader,
  consumers,
  files,
  only,
  onWalked = () => {},
  now = Date.now(),
  client = new DynamoDBClient({}),
}: {
  tableName: string;
  reader: LogReader & { cursor(consumer: string, log: string): Promise<number> };
  consumers: readonly Consumer[];
  files: Pick<MediaLinks, "find">;
  only?: string;
  /** Told after each log. */
  onWalked?: (walked: { logs: number; ofLogs: number; entries: number }) => void;
  now?: number;
  client?: DynamoDBClient;
}): Promise<StoreReport> {
  const report: StoreReport = { logs: 0, entries: 0, erased: 0, problems: [] };
  const { logs, cursors, deliveries } =
    only === undefined ? await survey(tableName, client) : { logs: [only], cursors: [], deliveries: new Map() };
  for (const log of logs) {
    const entries = await whole(log, reader);
    const last = entries.at(-1);
    report.logs += 1;
    report.entries += entries.length;
    report.erased += entries.filter(({ erased }) => erased).length;
    report.problems.push(...verifyLog(log, entries));
    report.problems.push(...(await missingFiles(log, entries, files)));
    for (const { name: consumer, follows = () => true, beginsWithNextEvent } of consumers) {
      if (!follows(log, entries[0]?.account ?? "")) continue;
      const position = await reader.cursor(consumer, log);
      if (beginsWithNextEvent && position === 0) continue;
      const isBusy = last !== undefined && now - last.at.recorded < BUSY_MS;
      report.problems.push(...verifyCursor(log, last?.sequence ?? 0, { consumer, position, isBusy }));
    }
    // How far behind a subscription may be is its filter's and its endpoint's matter; ahead it cannot be.
    for (const { consumer, position } of deliveries.get(log) ?? []) {
      report.problems.push(...verifyCursor(log, last?.sequence ?? 0, { consumer, position, isBusy: true }));
    }
    onWalked({ logs: report.logs, ofLogs: logs.length, entries: report.entries });
  }
  // A log whose every entry was removed shows only in the cursors that it left behind.
  const known = new Set(logs);
  for (const { consumer, log, position } of cursors) {
    if (!known.has(log)) report.problems.push(...verifyCursor(log, 0, { consumer, position, isBusy: false }));
  }
  return report;
}

async function missingFiles(
  log: string,
  entries: readonly Entry[],
  files: Pick<MediaLinks, "find">,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const entry of entries) {
    const id = storedIn(entry);
    if (id === undefined || (await files.find(id))) continue;
    const text = `the file ${id}, which entry ${entry.sequence} says is stored, is not in the bucket`;
    problems.push({ log, sequence: entry.sequence, code: "file_missing", text });
  }
  return problems;
}

/** Names of all logs, and all cursors, by one scan over keys alone. */
async function survey(tableName: string, client: DynamoDBClient) {
  const logs = new Set<string>();
  const cursors: { consumer: string; log: string; position: number }[] = [];
  const deliveries: typeof cursors = [];
  let from: Record<string, AttributeValue> | undefined;
  do {
    const command = new ScanCommand({
      TableName: tableName,
      ConsistentRead: true,
      ProjectionExpression: "pk, sk, #position",
      ExpressionAttributeNames: { "#position": "position" },
      ...(from && { ExclusiveStartKey: from }),
    });
    const { Items = [], LastEvaluatedKey } = await worldly(() => client.send(command));
    for (const item of Items) {
      const [pk = "", sk = ""] = [item.pk?.S, item.sk?.S];
      const log = sk.startsWith("E#") ? logOf(pk) : undefined;
      if (log !== undefined) logs.add(log);
      const [, consumer, read] = /^CURSOR#([^#]+)#(.+)$/.exec(pk) ?? [];
      if (consumer && read) cursors.push({ consumer, log: read, position: Number(item.position?.N) });
      const [, subscription, followed] = /^DELIVERY#([^#]+)#(.+)$/.exec(pk) ?? [];
      if (subscription && followed)
        deliveries.push({ consumer: subscription, log: followed, position: Number(item.position?.N) });
    }
    from = LastEvaluatedKey;
  } while (from);
  return { logs: [...logs].sort(), cursors, deliveries: Map.groupBy(deliveries, ({ log }) => log) };
}

async function whole(log: string, reader: LogReader): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (;;) {
    const page = await reader.entries(log, entries.at(-1)?.sequence ?? 0, PAGE);
    entries.push(...page);
    if (page.length < PAGE) return entries;
  }
}
