/** `npm run bench`: everything that Recado says about its speed and its price, measured in one run. `--json` for programs. */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { type BundleRow, measureBundles } from "./bundles.ts";
import { type DeliverFigures, measureDeliver } from "./deliver.ts";
import { type LocalRunFigures, measureLocalRun, type Percentiles } from "./local-run.ts";
import { installPeers } from "./peers.ts";
import { ASSUMED, PRICES } from "./prices.ts";
import { decimal, table, whole } from "./print.ts";
import { measureReceive, type ReceiveRow } from "./receive.ts";
import { type Cost, costOf, type Usage } from "./usage.ts";

interface Report {
  machine: { node: string; processor: string; cores: number; loadBefore: number };
  receive: ReceiveRow[];
  deliver: DeliverFigures;
  bundles: BundleRow[];
  localRun: LocalRunFigures;
  prices: typeof PRICES;
  assumed: typeof ASSUMED;
  /** USD per million. */
  costs: { happening: string; cost: Cost }[];
}

async function measure(): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), "recado-bench-"));
  try {
    const machine = {
      node: process.version,
      processor: cpus()[0]?.model ?? "unknown",
      cores: availableParallelism(),
      loadBefore: loadavg()[0] ?? 0,
    };
    const receive = await step("Receiving webhooks, beside the peer", () => measureReceive());
    const deliver = await step("Delivering to webhooks, beside a bare POST", () => measureDeliver());
    const bundles = await step("Starting every function", () => measureBundles(join(folder, "cdk.out")));
    const localRun = await step("Running the stack", () => measureLocalRun(folder));
    const costs = localRun.usages.map((usage) => ({ happening: usage.happening, cost: costOf(usage) }));
    return { machine, receive, deliver, bundles, localRun, prices: PRICES, assumed: ASSUMED, costs };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function step<Result>(name: string, act: () => Result | Promise<Result>): Promise<Result> {
  const since = performance.now();
  console.error(`${name} …`);
  const result = await act();
  console.error(`  ${whole((performance.now() - since) / 1000)} s`);
  return result;
}

function shown({ machine, receive, deliver, bundles, localRun, costs }: Report): string {
  const { calm, burst, usages } = localRun;
  const { node, processor, cores, loadBefore } = machine;
  return [
    `Recado's benchmark. Node ${node}, ${cores} cores of ${processor}, load ${decimal(loadBefore, 1)} at the start.`,
    "Machines drift: only the ratios inside one run are safe.",
    "",
    "1. Webhooks per second of one core: verified, parsed and normalized; then the whole receiver, to items of the mailbox",
    table(receive.map(receiveCells)),
    "   peer: chat 4.41.1 with @chat-adapter/whatsapp 4.41.1 and memory state, concurrency `concurrent`.",
    "   through Request: ours wrapped into web Request and Response, which is what the peer takes. Aim: normalized, 20 times.",
    "",
    "2. Events per second of one core, delivered to a developer's endpoint on this machine (its work included)",
    table([deliverCells(deliver)]),
    `   ${deliver.events} events in as many conversations, ${deliver.atOnce} at once, a connection for each; table and queue in memory.`,
    "   bare: the same bodies signed and posted, and nothing else.",
    "",
    "3. Size and start-up of every function, in fresh processes",
    table(bundles.map(bundleCells)),
    "   Aim for receive-webhook: at most 60,000 bytes, and half of what the SQS client alone takes.",
    "",
    `4. The whole local run, sender and emulators included, on this machine (ms from just before the POST)`,
    table([
      latencyCells("until the webhook is answered", calm.answered),
      latencyCells("until the entry is written", calm.recorded),
      latencyCells("until the event, read from the log, is on the bus", calm.published),
    ]),
    `   ${calm.webhooks} texts, one every ${calm.everyMs} ms.`,
    `   Burst of ${burst.webhooks} over ${burst.connections} connections: ${whole(burst.acceptedPerSecond)} webhooks accepted and ${whole(burst.publishedPerSecond)} on the bus per second, ${burst.refused} refused, none lost.`,
    "",
    "5. What each happening asks of AWS, counted by AWS's rules (batches of one, but for the burst)",
    table(usages.map(usageCells)),
    "   DynamoDB units by function, written / read:",
    table(usages.map(unitCells)),
    "",
    `   USD per million, ${PRICES.region} list prices of ${PRICES.asOf}, no free tier, storage apart`,
    table([...costs, conversationCost(costs)].map(costCells)),
    `   Assumed for Lambda's time: ${ASSUMED.ownMs} ms an invocation, ${ASSUMED.awsCallMs} ms a call to AWS, ${ASSUMED.providerCallMs} ms a send or delivery, ${ASSUMED.memoryGb} GB.`,
  ].join("\n");
}

function receiveCells(row: ReceiveRow) {
  return {
    "one message a webhook": row.body,
    bytes: whole(row.bytes),
    "normalized /s": whole(row.oursNormalizedPerSecond),
    "whole /s": whole(row.oursPerSecond),
    "through Request /s": whole(row.oursThroughRequestPerSecond),
    "peer /s": whole(row.peerPerSecond),
    "normalized : peer": `${row.ratioNormalized.toFixed(1)} x`,
    "whole : peer": `${row.ratio.toFixed(1)} x`,
    "through Request": `${row.ratioThroughRequest.toFixed(1)} x`,
  };
}

function deliverCells({ bytes, oursPerSecond, barePerSecond, ratio }: DeliverFigures) {
  return {
    "one event a request": "inbound text of 100 characters",
    bytes: whole(bytes),
    "deliver-webhook /s": whole(oursPerSecond),
    "bare /s": whole(barePerSecond),
    "deliver-webhook : bare": `${ratio.toFixed(2)} x`,
  };
}

function bundleCells(row: BundleRow) {
  return {
    bundle: row.isOurs ? row.name : `(${row.name})`,
    "bytes minified": whole(row.minifiedBytes),
    gzip: whole(row.gzipBytes),
    "start ms": row.startMs.toFixed(1),
    "of the SQS client": `${row.ofSqsClient.toFixed(2)} x`,
  };
}

function latencyCells(what: string, { p50, p95 }: Percentiles) {
  return { "at a calm rate": what, p50: p50.toFixed(0), p95: p95.toFixed(0) };
}

function usageCells(usage: Usage) {
  return {
    happening: usage.happening,
    "write units": decimal(usage.writeUnits),
    "read units": decimal(usage.readUnits),
    "SQS requests": decimal(usage.sqsRequests),
    invocations: decimal(usage.lambdaRequests),
    events: decimal(usage.events),
    "S3 puts": decimal(usage.s3Puts),
  };
}

function unitCells({ happening, unitsOf }: Usage) {
  const cell = (name: string) => {
    const { writeUnits = 0, readUnits = 0 } = unitsOf[name] ?? {};
    return writeUnits + readUnits === 0 ? "-" : `${decimal(writeUnits)} / ${decimal(readUnits)}`;
  };
  return {
    happening,
    "record-event": cell("record-event"),
    "deliver-webhook": cell("deliver-webhook"),
    "publish-event": cell("publish-event"),
    "send-message": cell("send-message-whatsapp-cloud"),
    api: cell("api"),
  };
}

function costCells({ happening, cost }: Report["costs"][number]) {
  const { total, lambdaRequests, lambdaTime, sqs, dynamodbWrites, dynamodbReads, eventBridge, httpApi, s3 } = cost;
  return {
    happening,
    total: total.toFixed(2),
    "Lambda requests": lambdaRequests.toFixed(2),
    "Lambda time": lambdaTime.toFixed(2),
    SQS: sqs.toFixed(2),
    "DynamoDB writes": dynamodbWrites.toFixed(2),
    reads: dynamodbReads.toFixed(2),
    EventBridge: eventBridge.toFixed(2),
    "HTTP API": httpApi.toFixed(2),
    S3: s3.toFixed(2),
  };
}

/** Everything after the customer's own text: the reply and the three receipts that WhatsApp sends for it. */
function conversationCost(costs: Report["costs"]): Report["costs"][number] {
  const parts = costs.filter(({ happening }) => /^(reply|receipt)/.test(happening)).map(({ cost }) => cost);
  const [first, ...others] = parts;
  if (!first) throw new Error("No reply was measured");
  const cost = { ...first };
  for (const other of others) for (const part of Object.keys(cost) as (keyof Cost)[]) cost[part] += other[part];
  return { happening: "reply with its three receipts", cost };
}

try {
  installPeers();
  const report = await measure();
  console.log(process.argv.includes("--json") ? JSON.stringify(report, null, 2) : shown(report));
} catch (error) {
  console.error(error instanceof Error && error.constructor === Error ? error.message : error);
  process.exitCode = 1;
}
