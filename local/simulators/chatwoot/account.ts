/** What an account of Chatwoot's holds beside contacts, conversations and messages, and what its rules make of a change. */
import { type Answer, type Incoming, parseJson } from "../http.ts";
import type { DeskDeed, DeskMessage, DeskStore, DeskTicket } from "../ticket-desk.ts";

export interface Inbox {
  id: number;
  identifier: string;
}

export type Status = "open" | "resolved" | "pending" | "snoozed";

/** A conversation, as far as a ticket of any desk does not have it. */
interface Particulars {
  inbox: Inbox;
  sourceId: string;
  additional: Record<string, unknown>;
  status: Status;
  /** What its webhooks have told last. */
  told: { status: Status; assignee: string | undefined; labels: readonly string[] };
  /** "Ana resolved the conversation": stands among the messages, and is in no webhook. */
  activities: { id: string; content: string; at: number }[];
}

export interface Account {
  id: number;
  baseUrl: string;
  inboxes: readonly Inbox[];
  store: DeskStore;
  tell(deed: DeskDeed): void;
  /** `<inbox>#<source id>` → contact. */
  sources: Map<string, string>;
  particulars(ticket: DeskTicket): Particulars;
  conversations: Map<string, Particulars>;
  /** A message's `content_attributes`. */
  attributesOf(message: DeskMessage): Record<string, unknown>;
  /** An agent's number, by name. */
  userId(name: string): number;
}

export function createAccount(
  about: Pick<Account, "id" | "baseUrl" | "inboxes">,
  store: DeskStore,
  tell: (deed: DeskDeed) => void,
): Account {
  const conversations = new Map<string, Particulars>();
  const attributes = new Map<string, Record<string, unknown>>();
  const users = new Map<string, number>();
  return {
    ...about,
    store,
    tell,
    sources: new Map(),
    conversations,
    particulars(ticket) {
      const found = conversations.get(ticket.id);
      if (!found) throw new Error(`conversation ${ticket.id} was never opened`);
      return found;
    },
    attributesOf(message) {
      const known = attributes.get(message.id) ?? {};
      attributes.set(message.id, known);
      return known;
    },
    userId(name) {
      const id = users.get(name) ?? users.size + 1;
      users.set(name, id);
      return id;
    },
  };
}

/** `read` is not followed by `delivered`, and a word that is none changes nothing; either way there is no error. */
export function setMessageStatus(
  message: DeskMessage,
  status: string,
  error: string | undefined,
  account: Account,
): boolean {
  if (!["sent", "delivered", "read", "failed"].includes(status)) return false;
  if (message.status === "read" && status === "delivered") return false;
  const attributes = account.attributesOf(message);
  const words = status === "failed" ? (error ?? null) : null;
  // An attribute that was never there is not put there to be empty.
  if (words !== (attributes.external_error ?? null)) attributes.external_error = words;
  message.status = status;
  if (words === null) delete message.statusReason;
  else message.statusReason = words;
  return true;
}

/** The button: nothing is sent anywhere, only the failure is taken back. */
export function retry(message: DeskMessage, account: Account): boolean {
  if (message.status !== "failed") return false;
  message.status = "sent";
  delete message.statusReason;
  delete account.attributesOf(message).external_error;
  return true;
}

export function setStatus(ticket: DeskTicket, status: Status, account: Account): void {
  account.particulars(ticket).status = status;
  Object.assign(ticket, { status: status === "resolved" ? "closed" : "open", updatedAt: Date.now() });
  account.tell({ type: "state", ticket });
}

export function addActivity(ticket: DeskTicket, content: string, account: Account): void {
  const { activities } = account.particulars(ticket);
  activities.push({ id: String(account.store.number()), content, at: Date.now() });
}

/** The parameters of a request as Rails reads them, from JSON or from parts; a file of the latter stays one. */
export async function paramsOf({ headers, bytes, body }: Incoming): Promise<Record<string, unknown>> {
  const type = headers["content-type"] ?? "";
  if (!type.startsWith("multipart/form-data")) {
    const json = parseJson(body);
    return typeof json === "object" && json !== null ? (json as Record<string, unknown>) : {};
  }
  const form = await new Response(new Uint8Array(bytes), { headers: { "content-type": type } }).formData();
  const names = new Set(form.keys());
  return Object.fromEntries(
    [...names].map((name) => (name.endsWith("[]") ? [name.slice(0, -2), form.getAll(name)] : [name, form.get(name)])),
  );
}

export function notFound(): Answer {
  return { status: 404, body: { error: "Resource could not be found" } };
}

export function invalid(error: string): Answer {
  return { status: 422, body: { error } };
}
