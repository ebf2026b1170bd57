/** What send-message needs of the outside, and one message on its way through it. */
import type { Account, Capabilities, Sender } from "../../shared/channels/connector.ts";
import type { Content } from "../../shared/domain/content.ts";
import type { Entry } from "../../shared/domain/conversation-log.ts";
import type { Failure, Message } from "../../shared/domain/event.ts";
import type { Template } from "../../shared/domain/fallback.ts";
import type { IdSecret } from "../../shared/domain/ids.ts";
import type { SendRequest } from "../../shared/domain/mailbox.ts";
import type { QuietHours } from "../../shared/domain/quiet-hours.ts";
import type {
  Claims,
  Clock,
  Contacts,
  Http,
  LogReader,
  Mailbox,
  MediaLinks,
  Next,
  Pauses,
  ProviderMessages,
  Random,
  Settlements,
} from "../../shared/ports.ts";

/** An account as this deployment knows it. `isNews`: the first time since the cold start that its secrets were missed. */
export type AccountState =
  | { kind: "ready"; account: Account }
  | { kind: "no_secrets"; isNews: boolean }
  | { kind: "not_configured" };

export interface Ports {
  table: LogReader & Claims & Contacts & Pauses & ProviderMessages;
  mailbox: Mailbox;
  files: MediaLinks;
  settlements: Settlements;
  sender: Sender;
  capabilities: Capabilities;
  account(name: string): Promise<AccountState>;
  /** Who sends, in this order, for an account whose provider cannot; nobody unless the owner says so. */
  standIns(account: string): readonly string[];
  /** Puts the request onto the queue of the account whose turn it is. */
  passOn(request: SendRequest): Promise<void>;
  /** Puts the request back where it holds up no other message. */
  setAside(request: SendRequest): Promise<void>;
  http: Http;
  clock: Clock;
  random: Random;
  idSecret: IdSecret;
  /** Where the provider posts receipts. */
  callbackUrl: string;
  /** Below it are the links that customers open. */
  linksUrl: string;
  /** How long later messages of a conversation wait behind an uncertain one. */
  holdSeconds: number;
  quietHours: QuietHours | undefined;
  /** What stands in for a message of this account whose window has closed. */
  fallbackTemplate(account: string): Template | undefined;
}

/** One message on its way: what the log and this delivery say about it. */
export interface Sending {
  request: SendRequest;
  /** Who carries it now: the conversation's account, or one that stands in for it. */
  account: string;
  entry: Entry;
  message: Message;
  /** What the log says is to go out; nothing where it is the message's content as it is. */
  parts: readonly Content[] | undefined;
  expiresAt: number;
  /** Why it cannot go out, where that was known when it was taken. */
  unsendable: Failure | undefined;
  /** The entries behind the queued one. */
  behind: readonly Entry[];
  /** When this invocation began: a claim from before it is nobody's any more. */
  began: number;
  /** How often the queue has handed the message out; decides nothing but how long to wait. */
  received: number;
}

/** What a part comes to: the message's next part may go, or the message as a whole is to wait or is over. */
export type Step = { kind: "next_part" } | Next;

export const DONE: Next = { kind: "done" };
export const NEXT_PART: Step = { kind: "next_part" };
