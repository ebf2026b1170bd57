/**
 * What every simulated helpdesk of tickets has: contacts, tickets, messages and files in memory, agents who work in it
 * through the control surface, and webhooks that go out as its own program sends them. What makes it one desk and not
 * another, its API and its webhooks, is given by its folder. Knows nothing of whoever calls it.
 */
import { createHash, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { type Answer, call, type Incoming, type Posted, parseJson, type Reaction, type Server } from "./http.ts";
import { control, ok, startSimulator, type World, withSendFaults, wrong } from "./simulator.ts";

/** Whoever writes to the business. */
export interface DeskContact {
  id: string;
  /** As whoever made the contact calls it. */
  externalId?: string;
  name?: string;
  phone?: string;
  fields: Record<string, unknown>;
}

export interface DeskTicket {
  id: string;
  contact: string;
  status: "open" | "closed";
  title?: string;
  fields: Record<string, unknown>;
  tags: string[];
  assignee?: string;
  messages: DeskMessage[];
  /** Ms since 1970. */
  createdAt: number;
  updatedAt: number;
}

export interface DeskMessage {
  id: string;
  /** `api`: whoever has the desk's API key, speaking for the business. */
  author: { type: "customer" | "agent" | "bot" | "api"; name?: string; id?: string };
  isPrivate: boolean;
  text: string;
  files: DeskFile[];
  /** What the desk shows beside it. */
  status?: string;
  statusReason?: string;
  /** What whoever wrote it by the API wants to know again. */
  marker?: unknown;
  replyTo?: string;
  isDeleted?: true;
  editedAt?: number;
  at: number;
}

export interface DeskFile {
  id: string;
  contentType: string;
  fileName: string;
  bytes: Buffer;
}

/** Everything that is in the desk; its API works on it. Times are ms since 1970. */
export interface DeskStore {
  contacts: Map<string, DeskContact>;
  tickets: Map<string, DeskTicket>;
  files: Map<string, DeskFile>;
  /** 1, 2, 3 … of the whole desk. */
  number(): number;
  addContact(contact: Omit<DeskContact, "fields"> & { fields?: Record<string, unknown> }): DeskContact;
  addTicket(ticket: { id: string; contact: string; title?: string; fields?: Record<string, unknown> }): DeskTicket;
  /** Adds it at the ticket's end; what a customer writes, the desk's own program may answer with webhooks: that is its folder's. */
  addMessage(
    ticket: DeskTicket,
    message: Pick<DeskMessage, "id" | "author" | "text"> & Partial<DeskMessage>,
  ): DeskMessage;
  addFile(file: { contentType: string; fileName: string; bytes?: Uint8Array; id?: string }): DeskFile;
}

/** Something that happened in the desk, done by an agent in its screens, or by whoever uses its API. */
export type DeskDeed =
  | { type: "message"; ticket: DeskTicket; message: DeskMessage }
  | { type: "edited" | "deleted"; ticket: DeskTicket; message: DeskMessage }
  | { type: "status"; ticket: DeskTicket; message: DeskMessage }
  | { type: "again"; ticket: DeskTicket; message: DeskMessage }
  | { type: "state" | "assigned" | "tags"; ticket: DeskTicket };

/** How a webhook's signature comes out. `stale`: a genuine one of ten minutes ago, for desks that sign a time. */
export const Signature = ["valid", "wrong", "missing", "truncated", "stale"] as const;
export type Signature = (typeof Signature)[number];

/** One webhook of the desk's before it is signed. */
export interface DeskWebhook {
  body: string;
  /** Its own headers beside those of the signature. */
  headers?: Record<string, string>;
}

/** What a desk's folder gives. */
export interface TicketDesk {
  /** The vendor's API. A path that is none of it is 404 in the vendor's own form. */
  api(request: Incoming): Promise<Answer>;
  /** Id of the next message, contact or ticket in the vendor's form. */
  newId(kind: "message" | "contact" | "ticket" | "file"): string;
  /** The webhooks that the desk's program sends about a deed: none, one, or as with some more than one. */
  webhooks(deed: DeskDeed): readonly DeskWebhook[];
  /** Headers of a signed webhook, at this moment. `url` is the public one. */
  sign(webhook: DeskWebhook, signature: Signature, url: string): Record<string, string>;
  /** When a webhook comes again after this outcome of the given attempt, in ms; undefined: never. */
  retryAfterMs(outcome: Posted, attempt: number): number | undefined;
  /** A desk that takes the webhook's answer for the outcome: shows it beside the message. */
  answered?(deed: DeskDeed, answer: { status: number; body: unknown }): void;
  /** Refusals of the control surface that every desk has, in the vendor's own words. */
  refusals: {
    down: Answer;
    /** One request that is refused for good. */
    refused: Answer;
    throttled(code: number | undefined, status: number | undefined): Answer;
    broken: Answer;
  };
  /** The customer whom a request is about, as far as its faults go: the ticket's contact's name, number or external id. */
  customerOf(request: Incoming): string | undefined;
  /** Whether a request writes something, so that faults of sends concern it. */
  isWrite(request: Incoming): boolean;
}

export interface TicketDeskOptions {
  /** A free one by default. */
  port?: number;
  /** The public address of the webhooks, which signatures may cover. */
  webhookUrl: string;
  /** Where they are really posted. */
  deliverTo: string;
}

const Attachment = z.strictObject({ contentType: z.string(), fileName: z.string() });
/** An agent's name, and the desk's first one where none is told. */
const agent = z.strictObject({ name: z.string().optional(), isBot: z.boolean().optional() }).default({});
const Reply = z.strictObject({
  ticket: z.string(),
  text: z.string().default(""),
  attachments: z.array(Attachment).default([]),
  agent,
  /** The message that it answers. */
  replyTo: z.string().optional(),
  signature: z.enum(Signature).default("valid"),
});
const Note = z.strictObject({ ticket: z.string(), text: z.string(), agent });
const State = z.strictObject({ ticket: z.string(), state: z.enum(["open", "closed"]) });
const Assigned = z.strictObject({ ticket: z.string(), name: z.string() });
const Tags = z.strictObject({ ticket: z.string(), tags: z.array(z.string()) });
const Edit = z.strictObject({ ticket: z.string(), message: z.string(), text: z.string() });
const OfMessage = z.strictObject({ ticket: z.string(), message: z.string() });
const GivenWebhook = z.strictObject({
  /** JSON, or the raw body. */
  body: z.unknown(),
  headers: z.record(z.string(), z.string()).optional(),
  signature: z.enum(Signature).default("valid"),
});

const TIMEOUT_MS = 15_000;
/** What files begin with, so that they are what they are called. */
const BEGINNINGS: Record<string, string> = {
  "image/jpeg": "\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01",
  "image/png": "\x89PNG\r\n\x1a\n",
  "application/pdf": "%PDF-1.7\n",
};

/** @throws when the port is taken */
export async function startTicketDesk(
  options: TicketDeskOptions,
  build: (store: DeskStore, world: World, tell: (deed: DeskDeed) => void) => TicketDesk,
): Promise<Server> {
  const digits = (text: string) => text.replace(/\D/g, "");
  const isSame = (key: string, spelling: string) =>
    key === spelling || (digits(key).length > 6 && digits(key) === digits(spelling));
  return startSimulator(options.port ?? 0, isSame, (world) => ticketDesk(world, options, build));
}

function ticketDesk(
  world: World,
  { webhookUrl, deliverTo }: TicketDeskOptions,
  build: (store: DeskStore, world: World, tell: (deed: DeskDeed) => void) => TicketDesk,
) {
  const store = createStore();
  let signature: Signature = "valid";
  const tell = (deed: DeskDeed): void => {
    const customer = customerOf(deed.ticket, store);
    for (const webhook of desk.webhooks(deed)) {
      void world.webhooks.deliver({
        url: deliverTo,
        headers: { ...webhook.headers, ...desk.sign(webhook, signature, webhookUrl) },
        body: webhook.body,
        customer,
        about: deed.type === "message" ? "message" : "receipt",
        retryAfterMs: (outcome, attempt) => desk.retryAfterMs(outcome, attempt),
        onAnswer: ({ status, body }) => desk.answered?.(deed, { status, body: parseJson(body) }),
      });
    }
  };
  const desk = build(store, world, tell);

  async function api(request: Incoming): Promise<Reaction> {
    const [, file] = /^\/_files\/([\w-]+)/.exec(request.path) ?? [];
    if (file !== undefined) return given(store.files.get(file));
    const customer = desk.customerOf(request) ?? "";
    if (world.faults.take("down", { customer })) return desk.refusals.down;
    const slow = world.faults.take("slow", { customer });
    if (slow) await sleep(slow.delayMs, undefined, { signal: world.closing }).catch(() => {});
    if (!desk.isWrite(request)) return desk.api(request);
    if (world.faults.take("refused", { customer })) return desk.refusals.refused;
    return withSendFaults(world.faults, customer, {
      throttled: desk.refusals.throttled,
      broken: desk.refusals.broken,
      accept: () => desk.api(request),
    });
  }

  const inTicket = (id: string, act: (ticket: DeskTicket) => Answer): Answer => {
    const ticket = store.tickets.get(id);
    return ticket ? act(ticket) : wrong(`ticket: there is no ${id}`);
  };
  const onMessage = (id: string, message: string, act: (ticket: DeskTicket, message: DeskMessage) => Answer): Answer =>
    inTicket(id, (ticket) => {
      const found = ticket.messages.find((one) => one.id === message);
      return found ? act(ticket, found) : wrong(`message: there is no ${message}`);
    });
  const authorOf = ({ name = "Ana", isBot = false }: { name?: string | undefined; isBot?: boolean | undefined }) => ({
    type: isBot ? ("bot" as const) : ("agent" as const),
    name,
  });

  return {
    api,
    impossible: [
      ...(["expired_window", "receipts_first", "receipts_twice", "receipts_backwards", "failed"] as const),
      ...(["other_file", "profile_unavailable", "dead_link", "file_not_ready", "link_inside"] as const),
      ...(["page_for_file", "file_announced_huge", "endless_file", "slow_file"] as const),
    ],
    isDesk: true as const,
    readBody: ({ body, headers }: Incoming) =>
      headers["content-type"]?.startsWith("multipart/") ? `${body.length} bytes of parts` : (parseJson(body) ?? body),
    views: {
      /** What an agent sees: `?customer=` by name, number or external id; `?ticket=`. */
      tickets: (query: URLSearchParams) => {
        const customer = query.get("customer");
        const ticket = query.get("ticket");
        const rows = [...store.tickets.values()].filter(
          (one) => (ticket === null || one.id === ticket) && (customer === null || isOf(one, customer, store.contacts)),
        );
        return ok({ data: rows.map((one) => shown(one, store)) });
      },
    },
    controls: {
      reply: control(Reply, ({ ticket: id, text, attachments, agent: who, replyTo, signature: how }) =>
        inTicket(id, (ticket) => {
          const message = store.addMessage(ticket, {
            id: desk.newId("message"),
            author: authorOf(who),
            text,
            files: attachments.map((file) => store.addFile({ ...file, id: desk.newId("file") })),
            ...(replyTo !== undefined && { replyTo }),
          });
          signature = how;
          tell({ type: "message", ticket, message });
          signature = "valid";
          return ok({ id: message.id });
        }),
      ),
      note: control(Note, ({ ticket: id, text, agent: who }) =>
        inTicket(id, (ticket) => {
          const message = store.addMessage(ticket, {
            id: desk.newId("message"),
            author: authorOf(who),
            text,
            isPrivate: true,
          });
          tell({ type: "message", ticket, message });
          return ok({ id: message.id });
        }),
      ),
      state: control(State, ({ ticket: id, state }) =>
        inTicket(id, (ticket) => {
          Object.assign(ticket, { status: state, updatedAt: Date.now() });
          tell({ type: "state", ticket });
          return ok({ status: ticket.status });
        }),
      ),
      assigned: control(Assigned, ({ ticket: id, name }) =>
        inTicket(id, (ticket) => {
          Object.assign(ticket, { assignee: name, updatedAt: Date.now() });
          tell({ type: "assigned", ticket });
          return ok({ assignee: name });
        }),
      ),
      tags: control(Tags, ({ ticket: id, tags }) =>
        inTicket(id, (ticket) => {
          Object.assign(ticket, { tags, updatedAt: Date.now() });
          tell({ type: "tags", ticket });
          return ok({ tags });
        }),
      ),
      edit: control(Edit, ({ ticket: id, message: which, text }) =>
        onMessage(id, which, (ticket, message) => {
          Object.assign(message, { text, editedAt: Date.now() });
          tell({ type: "edited", ticket, message });
          return ok({ id: message.id });
        }),
      ),
      remove: control(OfMessage, ({ ticket: id, message: which }) =>
        onMessage(id, which, (ticket, message) => {
          message.isDeleted = true;
          tell({ type: "deleted", ticket, message });
          return ok({ id: message.id });
        }),
      ),
      /** The agent presses the button that sends a failed reply again. */
      again: control(OfMessage, ({ ticket: id, message: which }) =>
        onMessage(id, which, (ticket, message) => {
          tell({ type: "again", ticket, message });
          return ok({ id: message.id });
        }),
      ),
      /** A webhook as it is given; answers with what it was answered. */
      webhooks: control(GivenWebhook, async ({ body: what, headers, signature: how }) => {
        const body = typeof what === "string" ? what : JSON.stringify(what);
        if (body === undefined) return wrong("body: there is none");
        const webhook = { body, ...(headers && { headers }) };
        const answer = await call(
          deliverTo,
          { method: "POST", headers: { ...headers, ...desk.sign(webhook, how, webhookUrl) }, body },
          { timeoutMs: TIMEOUT_MS, closing: world.closing },
        );
        return answer.kind === "answered"
          ? ok({ status: answer.status, body: answer.body })
          : ok({ status: null, body: answer.kind });
      }),
    },
  };
}

function createStore(): DeskStore {
  let numbers = 0;
  const contacts = new Map<string, DeskContact>();
  const tickets = new Map<string, DeskTicket>();
  const files = new Map<string, DeskFile>();
  return {
    contacts,
    tickets,
    files,
    number: () => ++numbers,
    addContact({ fields = {}, ...contact }) {
      const added = { ...contact, fields };
      contacts.set(added.id, added);
      return added;
    },
    addTicket({ fields = {}, ...ticket }) {
      const now = Date.now();
      const added: DeskTicket = {
        ...ticket,
        ...{ fields, status: "open", tags: [], messages: [], createdAt: now, updatedAt: now },
      };
      tickets.set(added.id, added);
      return added;
    },
    addMessage(ticket, message) {
      const added: DeskMessage = { isPrivate: false, files: [], at: Date.now(), ...message };
      ticket.messages.push(added);
      ticket.updatedAt = added.at;
      return added;
    },
    addFile({ contentType, fileName, bytes, id = randomUUID() }) {
      const beginning = BEGINNINGS[contentType] ?? "";
      const content = bytes ? Buffer.from(bytes) : Buffer.from(`${beginning}${fileName} `.repeat(40), "latin1");
      const added = { id, contentType, fileName, bytes: content };
      files.set(id, added);
      return added;
    },
  };
}

/** Where the desk hands out a file without asking who wants it; a folder whose vendor asks has a path of its own. */
export function filePath(file: DeskFile): string {
  return `/_files/${file.id}/${encodeURIComponent(file.fileName)}`;
}

/** The file as bytes, or 404. */
export function given(file: DeskFile | undefined): Answer {
  if (!file) return { status: 404, body: { error: "no such file" } };
  const { contentType, bytes } = file;
  return { status: 200, headers: { "content-type": contentType, "content-length": String(bytes.length) }, body: bytes };
}

function customerOf(ticket: DeskTicket, { contacts }: DeskStore): string {
  const { id, externalId, name, phone } = contacts.get(ticket.contact) ?? { id: ticket.contact };
  return phone ?? externalId ?? name ?? id;
}

function isOf(ticket: DeskTicket, customer: string, contacts: ReadonlyMap<string, DeskContact>): boolean {
  const { name, phone, externalId } = contacts.get(ticket.contact) ?? {};
  const digits = (text: string) => text.replace(/\D/g, "");
  const isNumber = phone !== undefined && digits(customer).length > 6 && digits(phone) === digits(customer);
  return isNumber || name === customer || externalId === customer || ticket.contact === customer;
}

/** A ticket as the control surface shows it: files by what they are. */
function shown(ticket: DeskTicket, { contacts }: DeskStore) {
  const { contact, messages, ...about } = ticket;
  return {
    ...about,
    contact: contacts.get(contact) ?? { id: contact },
    messages: messages.map(({ files, ...message }) => ({
      ...message,
      files: files.map(({ id, contentType, fileName, bytes }) => ({
        ...{ id, contentType, fileName, size: bytes.length },
        sha256: createHash("sha256").update(bytes).digest("hex"),
      })),
    })),
  };
}
