import type { Capabilities } from "../../shared/domain/capabilities.ts";
import type { Template as FallbackTemplate } from "../../shared/domain/fallback.ts";
import type { IdSecret } from "../../shared/domain/ids.ts";
import type { Desk, DeskCapabilities, DeskReconciler } from "../../shared/helpdesks/helpdesk.ts";
import type {
  Clock,
  Conversations,
  DeskTickets,
  Head,
  Http,
  LogReader,
  Mailbox,
  Random,
  Summary,
} from "../../shared/ports.ts";
import type { FilePorts } from "./bring-files.ts";

/** What is decided about a desk beside its own settings, and what it can do. */
export interface DeskRules {
  /** Undefined: those of all accounts. */
  accounts?: readonly string[] | undefined;
  botReplies: boolean;
  agentNames: boolean;
  capabilities: Pick<DeskCapabilities, "isOrdered">;
}

/** A desk that can be asked, and by what. */
export interface Asked {
  desk: Desk;
  reconciler: DeskReconciler;
  http: Http;
}

export interface Ports extends FilePorts {
  table: Pick<LogReader, "newest" | "find" | "entries"> & Pick<Conversations, "summary">;
  tickets: Pick<DeskTickets, "conversationOf" | "deskState" | "messageBehind" | "listened" | "putListened">;
  /** Takes all the messages of a reply, or none. */
  mailbox: Mailbox;
  desk(name: string): DeskRules | undefined;
  /** Undefined for a desk that cannot be asked, or whose secrets nobody has stored. */
  asked(name: string): Promise<Asked | undefined>;
  /** Undefined for an account that is not configured any more. */
  account(name: string): ReplyAccount | undefined;
  clock: Clock;
  random: Random;
  idSecret: IdSecret;
  expiresAfterSeconds: number;
}

/** What a reply by an account depends on. */
interface ReplyAccount {
  capabilities: Capabilities;
  templates: readonly Template[];
  /** What stands in for a reply whose window is closed. */
  fallbackTemplate?: FallbackTemplate | undefined;
}

/** An approved template that agents may send. */
export interface Template {
  name: string;
  language: string;
}

/** The conversation as it is now. */
export interface Located {
  summary: Summary;
  newest: Head;
  /** The logs that lead to it, its own the last: what was recorded before it moved stands in an earlier one. */
  logs: string[];
}
