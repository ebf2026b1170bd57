/** What a resource is given and gives, and the match of a path with the table of routes. */
import type { Capabilities } from "../../shared/domain/capabilities.ts";
import type { Template } from "../../shared/domain/fallback.ts";
import type { QuietHours } from "../../shared/domain/quiet-hours.ts";
import type {
  ApiKeys,
  Clock,
  Contacts,
  Conversations,
  Idempotency,
  LogReader,
  Mailbox,
  MediaLinks,
  Random,
  Scope,
  Signals,
} from "../../shared/ports.ts";

/** A request as it came in. */
export interface ApiRequest {
  id: string;
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
  table: LogReader & Conversations & Contacts & ApiKeys & Idempotency;
  mailbox: Mailbox;
  files: MediaLinks;
  signals: Signals;
  clock: Clock;
  random: Random;
  deployment: () => Promise<{ idSecret: string }>;
  /** The accounts that are configured, by name, and what their connectors carry. */
  accounts: ReadonlyMap<string, Capabilities>;
  /** By account: what stands in for a message whose window is closed. */
  fallbackTemplates: ReadonlyMap<string, Template>;
  quietHours: QuietHours | undefined;
  /** How long a message may wait to be sent. */
  expiresAfterSeconds: number;
  /** Of a file that is to be uploaded. */
  largestMediaBytes: number;
  epoch: number;
}

/** Who calls: an API key and what it may do. */
export interface Caller {
  id: string;
  scopes: readonly Scope[];
}

/** One authenticated request on its way to its resource. */
export interface Call {
  request: ApiRequest;
  /** The `{…}` of the route's path: what the caller named, not yet known to exist. */
  name: string;
  caller: Caller;
  ports: Ports;
}

export interface Route {
  method: "GET" | "POST";
  /** With at most one `{…}`, which takes one segment of the path. */
  path: string;
  scope: Scope;
  answer: (call: Call) => Promise<Answer>;
}

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
