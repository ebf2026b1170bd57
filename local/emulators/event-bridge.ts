/** Event buses: take events by AWS's rules, keep the last ones, and tell those who listen. */
import { randomUUID } from "node:crypto";
import * as z from "zod";
import {
  type AwsRequest,
  bodyOf,
  isRefusal,
  jsonAnswer,
  type Operation,
  operationOf,
  type Refusal,
  type Service,
} from "../gateway/service.ts";

const MAX_ENTRIES = 10;
/** Of all entries of a request together. */
const MAX_BYTES = 262_144;
const KEPT_PER_BUS = 1000;

const Entry = z.looseObject({
  EventBusName: z.string().optional(),
  Source: z.string().optional(),
  DetailType: z.string().optional(),
  Detail: z.string().optional(),
  Resources: z.array(z.string()).optional(),
  /** Seconds since 1970. */
  Time: z.number().optional(),
});
type Entry = z.output<typeof Entry>;

const Body = z.looseObject({ Entries: z.array(Entry) });

export interface BusEvent {
  Source: string;
  DetailType: string;
  /** JSON */
  Detail: string;
  /** ISO 8601, as the caller gave it. */
  Time?: string;
}

export interface EventBridge extends Service {
  onEvent(listener: (busName: string, event: BusEvent) => void): void;
  /** The newest events of a bus, oldest first. */
  recent(busName: string): readonly BusEvent[];
}

export function eventBridge({ region, accountId }: { region: string; accountId: string }): EventBridge {
  const buses = new Map<string, BusEvent[]>();
  const listeners: ((busName: string, event: BusEvent) => void)[] = [];
  const arnOf = (bus: string) => `arn:aws:events:${region}:${accountId}:event-bus/${bus}`;

  const accept = (entry: Entry) => {
    const fault = faultOf(entry);
    if (fault) return fault;
    const { Source = "", DetailType = "", Detail = "", Time } = entry;
    const event = {
      Source,
      DetailType,
      Detail,
      ...(Time !== undefined && { Time: new Date(Time * 1000).toISOString() }),
    };
    const busName = busOf(entry);
    buses.set(busName, [...(buses.get(busName) ?? []), event].slice(-KEPT_PER_BUS));
    for (const listener of listeners) listener(busName, event);
    return { EventId: randomUUID() };
  };

  return {
    name: "events",
    protocol: "json",
    onEvent: (listener) => listeners.push(listener),
    recent: (busName) => buses.get(busName) ?? [],
    async prepare(request: AwsRequest): Promise<Operation | Refusal> {
      const operation = operationOf(request, "AWSEvents");
      if (typeof operation !== "string") return operation;
      if (operation !== "PutEvents") {
        return { code: "UnknownOperationException", message: `The local event buses do not know ${operation}.` };
      }
      const body = bodyOf(request, Body);
      if (isRefusal(body)) return body;
      const { Entries } = body;
      return {
        asks: [...Map.groupBy(Entries, busOf)].map(([bus, entries]) => ({
          action: "events:PutEvents",
          resource: arnOf(bus),
          conditionKeys: {
            "events:source": distinct(entries.map(({ Source }) => Source)),
            "events:detail-type": distinct(entries.map(({ DetailType }) => DetailType)),
          },
        })),
        async perform() {
          const limit = limitBroken(Entries);
          if (limit) return limit;
          const results = Entries.map(accept);
          const FailedEntryCount = results.filter((result) => "ErrorCode" in result).length;
          return jsonAnswer({ FailedEntryCount, Entries: results }, "1.1");
        },
      };
    },
  };
}

function busOf({ EventBusName = "default" }: Entry): string {
  return EventBusName.slice(EventBusName.lastIndexOf("/") + 1);
}

function distinct(texts: readonly (string | undefined)[]): string[] {
  return [...new Set(texts.filter((text) => text !== undefined))];
}

/** Size of an entry as the guide "Calculating Amazon EventBridge PutEvents event entry size" counts it. */
function entryBytes({ Source = "", DetailType = "", Detail = "", Resources = [], Time }: Entry): number {
  return (Time === undefined ? 0 : 14) + Buffer.byteLength([Source, DetailType, Detail, ...Resources].join(""));
}

function limitBroken(entries: readonly Entry[]): Refusal | undefined {
  if (entries.length === 0 || entries.length > MAX_ENTRIES) {
    const message = `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length between 1 and ${MAX_ENTRIES}`;
    return { code: "ValidationException", message };
  }
  if (entries.reduce((sum, entry) => sum + entryBytes(entry), 0) <= MAX_BYTES) return undefined;
  return { code: "ValidationException", message: "Total size of the entries in the request is over the limit." };
}

/** An entry that is refused by itself, while the others are taken. */
function faultOf({ Source, DetailType, Detail }: Entry): { ErrorCode: string; ErrorMessage: string } | undefined {
  const missing = Object.entries({ Source, DetailType, Detail }).find(([, value]) => !value)?.[0];
  if (missing)
    return { ErrorCode: "InvalidArgument", ErrorMessage: `Parameter ${missing} is not valid. Reason: it is required.` };
  if (isJsonObject(Detail ?? "")) return undefined;
  return { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." };
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
