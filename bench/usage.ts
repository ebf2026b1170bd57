/** What one kind of happening asks of AWS, from the calls that the local gateway has counted by AWS's rules. */
import type { RecordedCall } from "../local/gateway/gateway.ts";
import { ASSUMED, PRICES } from "./prices.ts";

interface Units {
  writeUnits: number;
  readUnits: number;
}

/** Of one happening, on average. */
export interface Usage extends Units {
  happening: string;
  /** Over how many it is averaged. */
  count: number;
  /** `<function>` → units, of those that touch the table. */
  unitsOf: Record<string, Units>;
  lambdaRequests: number;
  gbSeconds: number;
  sqsRequests: number;
  events: number;
  httpApiRequests: number;
  s3Puts: number;
}

export interface Scenario {
  happening: string;
  count: number;
  calls: readonly RecordedCall[];
  /** Requests from outside; workers are invoked once for every batch that they delete. */
  webhooks: number;
  apiRequests: number;
  /** Sends to a provider, or deliveries to an endpoint. */
  sends: number;
  events: number;
}

export function usageOf({ happening, count, calls, ...outside }: Scenario): Usage {
  const number = (action: string) => calls.filter((call) => call.action === action).length;
  const batches = number("sqs:DeleteMessage");
  const lambdaRequests = outside.webhooks + outside.apiRequests + batches;
  // Looking for work and deleting it is done by Lambda's pollers, not inside an invocation.
  const inFunctions = calls.filter(({ action }) => !/^sqs:(Receive|Delete)Message$/.test(action)).length;
  const { ownMs, awsCallMs, providerCallMs, memoryGb } = ASSUMED;
  const billedMs = lambdaRequests * ownMs + inFunctions * awsCallMs + outside.sends * providerCallMs;
  const touching = Map.groupBy(
    calls.filter(({ readUnits, writeUnits }) => readUnits + writeUnits > 0),
    ({ principal }) => principal.replace("recado-local-", ""),
  );
  return {
    happening,
    count,
    ...unitsIn(calls, count),
    unitsOf: Object.fromEntries([...touching].map(([name, theirs]) => [name, unitsIn(theirs, count)])),
    lambdaRequests: lambdaRequests / count,
    gbSeconds: ((billedMs / 1000) * memoryGb) / count,
    // One receive for every delete: what polls in vain is the price of standing ready, not of a message.
    sqsRequests: (number("sqs:SendMessage") + 2 * batches) / count,
    events: outside.events / count,
    httpApiRequests: outside.apiRequests / count,
    s3Puts: number("s3:PutObject") / count,
  };
}

function unitsIn(calls: readonly RecordedCall[], count: number): Units {
  const sum = (pick: (call: RecordedCall) => number) => calls.reduce((total, call) => total + pick(call), 0) / count;
  return { writeUnits: sum(({ writeUnits }) => writeUnits), readUnits: sum(({ readUnits }) => readUnits) };
}

/** USD per million happenings, by part. */
export type Cost = Record<
  | "total"
  | "lambdaRequests"
  | "lambdaTime"
  | "sqs"
  | "dynamodbWrites"
  | "dynamodbReads"
  | "eventBridge"
  | "httpApi"
  | "s3",
  number
>;

export function costOf(usage: Usage): Cost {
  const { perMillion, lambdaGbSecond } = PRICES;
  const parts = {
    lambdaRequests: usage.lambdaRequests * perMillion.lambdaRequests,
    lambdaTime: usage.gbSeconds * lambdaGbSecond * 1e6,
    sqs: usage.sqsRequests * perMillion.sqsFifoRequests,
    dynamodbWrites: usage.writeUnits * perMillion.dynamodbWriteUnits,
    dynamodbReads: usage.readUnits * perMillion.dynamodbReadUnits,
    eventBridge: usage.events * perMillion.eventBridgeEvents,
    httpApi: usage.httpApiRequests * perMillion.httpApiRequests,
    s3: usage.s3Puts * perMillion.s3Puts,
  };
  return { total: Object.values(parts).reduce((sum, part) => sum + part, 0), ...parts };
}
