/** What a resource is given and gives, and the match of a path with the table of routes. */
import type * as z from "zod";
import type { Addressing } from "../../shared/channels/connector.ts";
import type { Capabilities } from "../../shared/domain/capabilities.ts";
import type { Template } from "../../shared/domain/fallback.ts";
import type { QuietHours } from "../../shared/domain/quiet-hours.ts";
import type {
  ActivityIndex,
  ApiKey,
  AskedEvents,
  Attempts,
  Batches,
  BatchQueue,
  Cancellations,
  Clock,
  ContactList,
  Contacts,
  Conversations,
  DeliveryBells,
  EndpointHealth,
  ErasureBells,
  Erasures,
  Idempotency,
  Jobs,
  JudgeUrl,
  LogReader,
  Mailbox,
  MediaLinks,
  MessagePlaces,
  Objects,
  PostWebhook,
  Projections,
  Random,
  Scope,
  Signals,
  Subscriptions,
} from "../../shared/ports.ts";
import type { ProblemCode } from "./problem.ts";

/** A request as it came in. */
export interface ApiRequest {
  id: string;
  /** Where it was sent to: `https://api.example`. */
  origin: string;
  method: string;
  /** As it was sent: ids need no percent-encoding, so nothing is decoded. */
  path: string;
  /** The raw query, without `?`. */
  query: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | undefined>>;
  body: Uint8Array;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface Ports {
  table: LogReader &
    Conversations &
    ActivityIndex &
    Contacts &
    ContactList &
    Idempotency &
    MessagePlaces &
    AskedEvents &
    Cancellations &
    Pick<Projections, "aliasOf" | "written">;
  mailbox: Mailbox;
  files: MediaLinks;
  signals: Signals;
  subscriptions: Subscriptions & EndpointHealth & Jobs & Attempts;
  deliveryBells: DeliveryBells;
  erasures: Erasures;
  erasureBells: ErasureBells;
  batches: Batches;
  batchQueue: BatchQueue;
  /** For what a batch is to do. */
  objects: Pick<Objects, "put">;
  /** For the example that a subscription is tried with. */
  post: PostWebhook;
  judgeUrl: JudgeUrl;
  clock: Clock;
  random: Random;
  deployment: () => Promise<{ idSecret: string }>;
  /** The accounts that are configured, by name, and what their connectors carry. */
  accounts: ReadonlyMap<string, Capabilities>;
  /** By account: its channel, and how addresses on it are written. */
  addressing: ReadonlyMap<string, Addressing>;
  /** Whoever has the same number on several accounts and channels is one contact. */
  joinByNumber: boolean;
  /** By account: what stands in for a message whose window is closed. */
  fallbackTemplates: ReadonlyMap<string, Template>;
  quietHours: QuietHours | undefined;
  /** How long a message may wait to be sent. */
  expiresAfterSeconds: number;
  /** Of a file that is to be uploaded. */
  largestMediaBytes: number;
  /** The text of a document of the contract, as JSON. */
  document: (name: "openapi" | "asyncapi") => string;
  epoch: number;
}

/** Who calls: an API key and what it may do. */
export type Caller = ApiKey;

/** One authenticated request on its way to its resource. */
export interface Call {
  request: ApiRequest;
  /** The `{…}` of the route's path: what the caller named, not yet known to exist. */
  name: string;
  caller: Caller;
  ports: Ports;
}

export interface Route {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** With at most one `{…}`, which takes one segment of the path. */
  path: string;
  scope: Scope;
  answer: (call: Call) => Promise<Answer>;
  /** Every route has one; a test names those that still lack it. */
  about?: About;
}

/** What anyone may ask, without a key. */
export interface OpenRoute extends Pick<Route, "path"> {
  method: "GET";
  answer: (asked: { request: ApiRequest; name: string; ports: Ports }) => Promise<Answer>;
  about: About;
}

/** What the contract says of a route beside its path and scope. */
export interface About {
  /** What generated clients call it. Stays for ever. */
  operation: string;
  group:
    | "Conversations"
    | "Messages"
    | "Batches"
    | "Contacts"
    | "Files"
    | "Events"
    | "Subscriptions"
    | "Keys"
    | "Service";
  /** A line, without a full stop. */
  summary: string;
  /** What else a caller should know; Markdown. */
  detail?: string;
  /** Left out where no parameter is looked at. */
  query?: z.ZodObject;
  body?: z.ZodType;
  /** A request without a body is as good as one with `{}`. */
  isBodyOptional?: true;
  takesIdempotencyKey?: true;
  answers: Partial<Record<200 | 201 | 202 | 204 | 302 | 304, Answered>>;
  /** Beside those that follow from the rest: of keys, parameters, ids, bodies and of our own. */
  problems?: readonly ProblemCode[];
}

interface Answered {
  /** When it is this one. */
  when: string;
  /** Named and not held: no request needs the shape of an answer. Left out where the answer has no body. */
  shape?: ShapeName;
  /** Where it is not application/json. */
  contentType?: string;
  /** By the answer's own header, in lower case, what it says. */
  headers?: Readonly<Record<string, string>>;
}

type Shapes = typeof import("../../shared/domain/api-shapes.ts") &
  typeof import("../../shared/domain/contact-shapes.ts") &
  typeof import("../../shared/domain/batch-shapes.ts") &
  typeof import("../../shared/domain/erasure-shapes.ts") &
  typeof import("../../shared/domain/subscription-shapes.ts");
/** What a schema of these is exported under. */
type ShapeName = { [Name in keyof Shapes]: Shapes[Name] extends z.ZodType ? Name : never }[keyof Shapes];

/** The routes of this path, whatever their method. */
export function routesAt<Known extends Pick<Route, "path">>(
  routes: readonly Known[],
  path: string,
): { route: Known; name: string }[] {
  const asked = path.split("/");
  return routes.flatMap((route) => {
    const segments = route.path.split("/");
    const isSame =
      segments.length === asked.length &&
      segments.every((segment, at) => segment.startsWith("{") || segment === asked[at]);
    return isSame ? [{ route, name: asked[segments.findIndex((segment) => segment.startsWith("{"))] ?? "" }] : [];
  });
}

export function json(status: number, shape: unknown): Answer {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(shape) };
}
