/** What a desk of tickets is told of a conversation, in words that an agent reads: what becomes of each entry of its log. */
import type { Channel } from "./event.ts";

/** A file of a message, as it lies in the bucket. */
export interface SayingFile {
  /** `med_…` */
  id: string;
  contentType: string;
  fileName: string;
  /** In bytes. */
  size: number;
}

/** One thing that is said in a ticket. */
export interface Saying {
  /**
   * Ours, and the same each time: of the message (`msg_…`), or of whatever else it tells. The marker by which the desk,
   * where it has a place for one, shows that we wrote it.
   */
  id: string;
  /** `business`: written elsewhere (another desk, the API, the phone app). `recado`: about the conversation, for agents. */
  from: "customer" | "business" | "recado";
  /** For agents alone. What `recado` says always is. */
  isPrivate: boolean;
  /** Who speaks for the business, where that is known. */
  author?: string;
  /** As it reads, without any marks; empty where the files say it all. */
  text: string;
  files: readonly SayingFile[];
  location?: { latitude: number; longitude: number; name?: string; address?: string };
  /** When it was said, ms since 1970. */
  at: number;
  /** The desk's id of the message that it answers, or is about. */
  replyTo?: string;
}

/** What became of a message that the desk has, in a word that it can show beside the message. */
export interface StatusWord {
  /** The desk's id of the message. */
  message: string;
  status: "sent" | "delivered" | "read" | "failed";
  /** `failed`: why, and what an agent can do. */
  reason?: string;
  /** Ms since 1970. */
  at: number;
}

/** The customer as an agent should see them. */
export interface DeskCustomer {
  /** `con_…`: the same on every channel by which they are known. What a desk's own contact is kept under. */
  id: string;
  name?: string;
  /** `+` and digits, where the channel goes by numbers. */
  phone?: string;
  /** How the channel names them. */
  address: string;
}

/** A conversation as a desk's ticket shows it. */
export interface DeskConversation {
  /** `conv_…` */
  id: string;
  channel: Channel;
  account: string;
  customer: DeskCustomer;
  /** One line that tells it from others, e.g. `WhatsApp: Ana Souza`. */
  title: string;
  /** Until when a free reply is possible, ms since 1970; undefined where it always is. */
  replyUntil?: number;
  /**
   * What belongs beside the messages, as short texts under names of ours: `recado_conversation`, `recado_channel`,
   * `recado_account`, `recado_reply_until`, and where there is one `recado_ad`, `recado_order`.
   */
  fields: Readonly<Record<string, string>>;
}
