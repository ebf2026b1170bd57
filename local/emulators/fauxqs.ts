/**
 * fauxqs, the embedded SQS, SNS and S3. Its own start function listens on every address, so its parts are put together
 * here, which also lets us close some of its gaps: what was in flight is visible again after a start, visibility 0
 * works, and deduplication is remembered over a restart and kept apart for every group where the queue says so.
 */
import { mkdirSync } from "node:fs";
import type { RequestListener } from "node:http";
import type { DatabaseSync } from "node:sqlite";
import { type BuildAppOptions, buildApp } from "fauxqs";

/** AWS's deduplication interval. */
const REMEMBERED_MS = 5 * 60 * 1000;

/** Stands between group and deduplication id; neither can contain it. */
const GROUP_END = "\n";

/** How a deduplication id must be sent here, for the queue to know whose it is. */
export function deduplicationIdInGroup(group: string, id: string): string {
  return `${group}${GROUP_END}${id}`;
}

function withoutGroup(id: string): string {
  return id.slice(id.indexOf(GROUP_END) + 1);
}

type Stores = NonNullable<BuildAppOptions["stores"]>;

/** What of its unexported parts is used. */
interface Persistence {
  db: DatabaseSync;
  load(sqs: Stores["sqsStore"], sns: Stores["snsStore"], s3: Stores["s3Store"]): void;
  updateMessageReady(messageId: string): void;
  close(): void;
}

type Queue = ReturnType<Stores["sqsStore"]["createQueue"]>;

export interface EmbeddedQueues {
  serve: RequestListener;
  close(): Promise<void>;
}

export async function startFauxqs(directory: string, region: string): Promise<EmbeddedQueues> {
  mkdirSync(directory, { recursive: true });
  const { SqsStore, SnsStore, S3Store, PersistenceManager } = await parts();
  const stores: Stores = { sqsStore: new SqsStore(), snsStore: new SnsStore(), s3Store: new S3Store() };
  const persistence = new PersistenceManager(directory);

  // A process that is killed loses nothing with this; only a power cut may take the last writes.
  persistence.db.exec("PRAGMA synchronous = NORMAL");
  persistence.db.exec("UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL");
  rememberDeduplication(persistence.db, stores.sqsStore);
  persistence.load(stores.sqsStore, stores.snsStore, stores.s3Store);
  const toReady = persistence.db.prepare(
    "UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = ?",
  );
  persistence.updateMessageReady = (messageId) => toReady.run(messageId);
  for (const store of Object.values(stores)) Object.assign(store, { persistence });
  for (const queue of stores.sqsStore.allQueues()) Object.assign(queue, { persistence });

  const app = buildApp({ logger: false, defaultRegion: region, stores });
  await app.ready();
  return {
    serve: app.routing,
    async close() {
      await app.close();
      persistence.close();
    },
  };
}

/** Modules that the package does not export; the version is pinned. */
async function parts(): Promise<{
  SqsStore: new () => Stores["sqsStore"];
  SnsStore: new () => Stores["snsStore"];
  S3Store: new () => Stores["s3Store"];
  PersistenceManager: new (directory: string) => Persistence;
}> {
  const entry = import.meta.resolve("fauxqs");
  const modules = ["sqs/sqsStore.js", "sns/snsStore.js", "s3/s3Store.js", "persistence.js"];
  const loaded = await Promise.all(modules.map((module) => import(new URL(module, entry).href)));
  return Object.assign({}, ...loaded);
}

/** Every queue, loaded or new, starts from the ids of the last minutes and writes down its own. */
function rememberDeduplication(db: DatabaseSync, sqsStore: Stores["sqsStore"]): void {
  db.exec(
    `CREATE TABLE IF NOT EXISTS deduplication (queue TEXT, id TEXT, message_id TEXT, sequence_number TEXT, at INTEGER,
     PRIMARY KEY (queue, id))`,
  );
  const forget = db.prepare("DELETE FROM deduplication WHERE at < ?");
  const known = db.prepare("SELECT id, message_id, sequence_number FROM deduplication WHERE queue = ? ORDER BY at");
  const remember = db.prepare("INSERT OR REPLACE INTO deduplication VALUES (?, ?, ?, ?, ?)");
  let written = 0;

  const remembering = (queue: Queue): Queue => {
    const record = queue.recordDeduplication.bind(queue);
    forget.run(Date.now() - REMEMBERED_MS);
    for (const { id, message_id, sequence_number } of known.all(queue.name)) {
      record(String(id), String(message_id), String(sequence_number));
    }
    const check = queue.checkDeduplication.bind(queue);
    const enqueue = queue.enqueue.bind(queue);
    const inScope = (id: string) => (queue.attributes.DeduplicationScope === "messageGroup" ? id : withoutGroup(id));
    queue.checkDeduplication = (id) => check(inScope(id));
    queue.enqueue = (message) => {
      const { messageDeduplicationId: id } = message;
      enqueue(id === undefined ? message : { ...message, messageDeduplicationId: withoutGroup(id) });
    };
    queue.recordDeduplication = (id, messageId, sequenceNumber) => {
      record(inScope(id), messageId, sequenceNumber);
      remember.run(queue.name, inScope(id), messageId, sequenceNumber ?? "", Date.now());
      written += 1;
      if (written % 1000 === 0) forget.run(Date.now() - REMEMBERED_MS);
    };
    return queue;
  };
  const createQueue = sqsStore.createQueue.bind(sqsStore);
  sqsStore.createQueue = (...queue) => remembering(createQueue(...queue));
}
