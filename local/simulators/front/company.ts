/** What Front keeps beside conversations and messages: their other names, the tags, and what happened. */
import type { World } from "../simulator.ts";
import type { DeskDeed, DeskMessage, DeskStore, DeskTicket, TicketDesk } from "../ticket-desk.ts";
import type { Asker } from "./access.ts";
import { conversationShape, messageShape, type Thread } from "./shapes.ts";

/** An event of a conversation as its list has it. */
interface Happened {
  id: string;
  type: string;
  /** Seconds since 1970. */
  emitted_at: number;
  source: object;
  target?: object;
}

export interface Company {
  store: DeskStore;
  world: World;
  /** By conversation. */
  threads: Map<string, Thread>;
  /** Front's own names of messages that were taken, and the messages. */
  uids: Map<string, string>;
  /** Names by ids. */
  tags: Map<string, string>;
  /** By conversation, the newest last. */
  events: Map<string, Happened[]>;
  /** Who does what is done just now. */
  source: object;
  id(prefix: string): string;
  newId: TicketDesk["newId"];
  /** Tells what was done by the API, and not by an agent. */
  byApi(deed: DeskDeed): void;
  /** As whoever asks may see it. */
  message(message: DeskMessage, ticket: DeskTicket, asker: Asker): ReturnType<typeof messageShape>;
  conversation(ticket: DeskTicket, asker: Asker): ReturnType<typeof conversationShape>;
  /** The conversation that has this name in a channel. */
  threaded(externalId: string, channel: string): DeskTicket | undefined;
  /** How the customer of a conversation is named. */
  handleOf(ticket: DeskTicket): string;
}

const PREFIXES = { message: "msg", contact: "crd", ticket: "cnv", file: "fil" };

export function createCompany(store: DeskStore, world: World, tell: (deed: DeskDeed) => void): Company {
  const { threads, uids, tags }: Pick<Company, "threads" | "uids" | "tags"> = {
    threads: new Map(),
    uids: new Map(),
    tags: new Map(),
  };
  const id = (prefix: string) => `${prefix}_${(1_000_000 + store.number()).toString(36)}`;
  const company: Company = {
    ...{ store, world, threads, uids, tags, events: new Map(), id },
    source: { _meta: { type: "teammate" } },
    newId: (kind) => id(PREFIXES[kind]),
    byApi(deed) {
      const before = company.source;
      company.source = { _meta: { type: "api" } };
      tell(deed);
      company.source = before;
    },
    message(message, ticket, asker) {
      const [uid] = [...uids].find(([, one]) => one === message.id) ?? [];
      return messageShape(message, ticket, { store, uid, isChannel: asker !== "company" });
    },
    conversation(ticket, asker) {
      const thread = threads.get(ticket.id);
      const isOwn = asker !== "company" && thread?.channel === asker.channel;
      return conversationShape(ticket, { store, tags, thread: isOwn ? thread : undefined });
    },
    threaded(externalId, channel) {
      const isIt = (one: Thread) => one.channel === channel && one.externalIds.includes(externalId);
      const [found] = [...threads].find(([, one]) => isIt(one)) ?? [];
      return found === undefined ? undefined : store.tickets.get(found);
    },
    handleOf: (ticket) => store.contacts.get(ticket.contact)?.externalId ?? "",
  };
  return company;
}
