import type { Capabilities } from "../../shared/domain/capabilities.ts";
import type { Entry } from "../../shared/domain/conversation-log.ts";
import type { Desk, DeskCapabilities, DeskWay } from "../../shared/helpdesks/helpdesk.ts";
import type {
  Clock,
  Cursors,
  DeskTickets,
  DeskTimes,
  Http,
  LogReader,
  Mailbox,
  MediaLinks,
  Next,
  Pauses,
  Random,
} from "../../shared/ports.ts";

/** What a solved ticket means when the customer writes again. */
export type OnSolved = "reopen" | "new" | { newAfterHours: number };

/** What is decided about a desk, beside its own settings. */
export interface DeskRules {
  name: string;
  /** Whose conversations it gets; undefined: all of them. */
  accounts?: readonly string[] | undefined;
  onSolved: OnSolved;
  /** Whether a desk that shows no status of its own gets a note when a reply was delivered and read, too. */
  receiptNotes: boolean;
}

export interface Ports {
  table: Pick<LogReader, "newest" | "entry" | "entries"> & Cursors & Pick<Pauses, "pausedUntil" | "pause">;
  tickets: DeskTickets & DeskTimes;
  mailbox: Mailbox;
  desk: DeskRules;
  capabilities: DeskCapabilities;
  /** As it is to be reached now; undefined as long as nobody has stored its secrets. */
  reach(): Promise<Desk | undefined>;
  way: DeskWay;
  http: Http;
  files: { read(id: string): Promise<Uint8Array<ArrayBuffer> | undefined> } & Pick<MediaLinks, "linkToRead">;
  /** Where customers' links lead, without a slash at the end: for files that the desk does not take. */
  linksUrl: string;
  /** What the account's channel can do, and the templates that may be sent there; undefined for one that is not configured any more. */
  account(name: string): { capabilities: Capabilities; templates: readonly string[] } | undefined;
  clock: Clock;
  random: Random;
  /** Asked for only when there is something to tell. */
  idSecret(): Promise<string>;
}

/** What one try came to: on to the next entry, or behind `upTo` where several were told as one. */
export type Tried = { kind: "on"; upTo?: number } | Extract<Next, { kind: "retry" }>;

/** Tells one desk of one conversation, entry by entry. */
export interface Teller {
  /** @param ahead the entries behind it, as far as they are known */
  tell(entry: Entry, ahead: readonly Entry[]): Promise<Tried>;
  /** When everything was told, up to this entry. */
  caughtUp(upTo: number): Promise<Tried>;
}
