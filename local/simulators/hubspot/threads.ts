/** Threads of the channel, by HubSpot's API: publishing, comments, statuses and lists. */
import { type Answer, type Incoming, parseJson } from "../http.ts";
import type { DeskContact, DeskDeed, DeskFile, DeskStore, DeskTicket, TicketDesk } from "../ticket-desk.ts";
import { invalid, invalidInput, notFound } from "./errors.ts";
import { ChannelMessage, Comment, type DeliveryIdentifier, StatusUpdate, ThreadUpdate } from "./request.ts";
import { type Activity, activityShape, latestMessageAt, messageShape, type Portal, threadShape } from "./shapes.ts";

interface Given {
  channelAccounts: readonly string[];
  portal: Portal;
  store: DeskStore;
  tell(deed: DeskDeed): void;
  newId: TicketDesk["newId"];
}

export type Threads = ReturnType<typeof createThreads>;

/** As with numbers that HubSpot knows: E.164, of a length that is in use. */
const NUMBER = /^\+[1-9]\d{7,14}$/;
const DEFAULT_LIMIT = 50;
const MOST_AT_ONCE = 500;

export function createThreads({ channelAccounts, portal, store, tell, newId }: Given) {
  /** By the thread's id: the integration's id of it, the account it is on, and what happened to it. */
  const known = new Map<string, { integrationId: string | undefined; account: string; activity: Activity[] }>();
  const { tickets, contacts, files } = store;

  const accountOf = (thread: string) => known.get(thread)?.account ?? channelAccounts[0] ?? "";
  const show = (ticket: DeskTicket) => threadShape(ticket, portal, accountOf(ticket.id));
  const showMessage = (ticket: DeskTicket, message: DeskTicket["messages"][number]) => {
    const about = { ticket, contact: contacts.get(ticket.contact), portal, channelAccountId: accountOf(ticket.id) };
    return messageShape(message, about);
  };
  const messageOf = (id: string) => {
    for (const ticket of tickets.values()) {
      const message = ticket.messages.find((one) => one.id === id);
      if (message) return { ticket, message };
    }
    return undefined;
  };
  const inThread = (id: string, act: (ticket: DeskTicket) => Answer): Answer => {
    const ticket = tickets.get(id);
    return ticket ? act(ticket) : notFound("The thread");
  };

  function publish({ body }: Incoming): Answer {
    const checked = ChannelMessage.safeParse(parseJson(body));
    if (!checked.success) return invalidInput(checked.error);
    const given = checked.data;
    const { channelAccountId, integrationIdempotencyId: marker, messageDirection, text } = given;
    if (!channelAccounts.includes(channelAccountId)) return notFound("The channel account");
    const customer = messageDirection === "INCOMING" ? given.senders[0] : given.recipients[0];
    if (!customer) return invalid("senders, recipients: the customer is missing");
    const { type, value } = customer.deliveryIdentifier;
    if (type === "HS_PHONE_NUMBER" && !NUMBER.test(value))
      return invalid(`Invalid deliveryIdentifier: ${value} is not a valid phone number`);
    const attached = filesOf(given.attachments, files);
    if (!attached) return invalid("attachments: there is no such file");
    const before = marker === undefined ? undefined : publishedAs(marker);
    if (before) return { status: 201, body: showMessage(before.ticket, before.message) };
    const contact = contactOf(customer.deliveryIdentifier, customer.name);
    const ticket = threadOf(given, contact);
    const isIncoming = messageDirection === "INCOMING";
    const { name } = given.senders[0] ?? {};
    const message = store.addMessage(ticket, {
      id: newId("message"),
      author: isIncoming ? { type: "customer" } : { type: "api", ...(name !== undefined && { name }) },
      text,
      files: attached,
      ...(marker !== undefined && { marker }),
      ...(given.inReplyToId !== undefined && { replyTo: given.inReplyToId }),
    });
    if (isIncoming && ticket.status === "closed") setThreadStatus(ticket, "open");
    tell({ type: "message", ticket, message });
    return { status: 201, body: showMessage(ticket, message) };
  }

  function publishedAs(marker: string) {
    for (const ticket of tickets.values()) {
      const message = ticket.messages.find((one) => one.marker === marker);
      if (message) return { ticket, message };
    }
    return undefined;
  }

  function contactOf({ type, value }: DeliveryIdentifier, name: string | undefined): DeskContact {
    const isNumber = type === "HS_PHONE_NUMBER";
    const found = [...contacts.values()].find((one) => (isNumber ? one.phone : one.externalId) === value);
    if (found) return Object.assign(found, name !== undefined && { name });
    const by = isNumber ? { phone: value } : { externalId: value };
    return store.addContact({ id: newId("contact"), ...by, ...(name !== undefined && { name }) });
  }

  function threadOf({ integrationThreadId, channelAccountId }: ChannelMessage, contact: DeskContact): DeskTicket {
    for (const [id, { integrationId, account }] of known) {
      const ticket = tickets.get(id);
      if (
        ticket &&
        integrationThreadId !== undefined &&
        integrationId === integrationThreadId &&
        account === channelAccountId
      )
        return ticket;
    }
    const ticket = store.addTicket({ id: newId("ticket"), contact: contact.id });
    known.set(ticket.id, { integrationId: integrationThreadId, account: channelAccountId, activity: [] });
    return ticket;
  }

  function setThreadStatus(ticket: DeskTicket, status: DeskTicket["status"]): void {
    Object.assign(ticket, { status, updatedAt: Date.now() });
    tell({ type: "state", ticket });
  }

  return {
    accountOf,
    publish,
    integrationIdsOf: (thread: string) => [known.get(thread)?.integrationId ?? []].flat(),

    /** What happened to a thread stands in its list, and is told under the same time. */
    noteActivity(what: "state" | "assigned", ticket: DeskTicket): Activity {
      const about = { id: newId("message"), at: Date.now() };
      const happened: Activity =
        what === "state"
          ? { ...about, type: "THREAD_STATUS_CHANGE", newStatus: ticket.status === "open" ? "OPEN" : "CLOSED" }
          : {
              ...about,
              type: "ASSIGNMENT",
              ...(ticket.assignee !== undefined && { assignedTo: `A-${ticket.assignee}` }),
            };
      known.get(ticket.id)?.activity.push(happened);
      return happened;
    },

    setStatus(id: string, { body }: Incoming): Answer {
      const checked = StatusUpdate.safeParse(parseJson(body));
      if (!checked.success) return invalidInput(checked.error);
      const found = messageOf(id);
      if (!found || found.message.isPrivate) return notFound("The message");
      const { statusType, errorMessage } = checked.data;
      Object.assign(found.message, {
        status: statusType,
        ...(errorMessage !== undefined && { statusReason: errorMessage }),
      });
      return { status: 200, body: showMessage(found.ticket, found.message) };
    },

    show: (id: string): Answer => inThread(id, (ticket) => ({ status: 200, body: show(ticket) })),

    update: (id: string, { body }: Incoming): Answer =>
      inThread(id, (ticket) => {
        const checked = ThreadUpdate.safeParse(parseJson(body));
        if (!checked.success) return invalidInput(checked.error);
        const status = checked.data.status === "CLOSED" ? "closed" : "open";
        if (checked.data.status !== undefined && status !== ticket.status) setThreadStatus(ticket, status);
        return { status: 200, body: show(ticket) };
      }),

    comment: (id: string, { body }: Incoming): Answer =>
      inThread(id, (ticket) => {
        const checked = Comment.safeParse(parseJson(body));
        if (!checked.success) return invalidInput(checked.error);
        const attached = filesOf(checked.data.attachments, files);
        if (!attached) return invalid("attachments: there is no such file");
        const { text } = checked.data;
        const about = { id: newId("message"), author: { type: "api" as const }, isPrivate: true };
        const message = store.addMessage(ticket, { ...about, text, files: attached });
        return { status: 201, body: showMessage(ticket, message) };
      }),

    messages: (id: string, { query }: Incoming): Answer =>
      inThread(id, (ticket) => {
        const said = ticket.messages.filter((one) => !one.isDeleted);
        const entries = [
          ...said.map((one) => ({ at: one.at, shape: showMessage(ticket, one) })),
          ...(known.get(id)?.activity ?? []).map((one) => ({ at: one.at, shape: activityShape(one, ticket) })),
        ];
        // Stable, so that of one moment what came last stands first.
        const newestFirst = entries.reverse().sort((one, other) => other.at - one.at);
        return page(
          newestFirst.map(({ shape }) => shape),
          query,
        );
      }),

    list({ query }: Incoming): Answer {
      const after = query.get("latestMessageTimestampAfter");
      const isByTime = query.get("sort") === "latestMessageTimestamp";
      if (isByTime && after === null) return invalid("latestMessageTimestampAfter is required with this sort");
      const since = after === null ? 0 : Date.parse(after);
      if (Number.isNaN(since)) return invalid("latestMessageTimestampAfter is no time");
      const found = [...tickets.values()].filter((one) => latestMessageAt(one) > since);
      const sorted = isByTime ? found.sort((one, other) => latestMessageAt(one) - latestMessageAt(other)) : found;
      return page(sorted.map(show), query);
    },

    /** The customer of the thread that a request is about, or of the message that it brings. */
    customerOf({ path, body }: Incoming): string | undefined {
      const [, last = "", before = ""] = /([^/]+)(?:\/([^/]+))?$/.exec(path) ?? [];
      const ids = [last, before].map(decodeURIComponent);
      const found = ids.map((id) => tickets.get(id) ?? messageOf(id)?.ticket).find((ticket) => ticket !== undefined);
      const contact = found && contacts.get(found.contact);
      if (contact) return contact.phone ?? contact.externalId ?? contact.name;
      const { data } = ChannelMessage.safeParse(parseJson(body));
      const end = data?.messageDirection === "OUTGOING" ? data.recipients[0] : data?.senders[0];
      return end?.deliveryIdentifier.value;
    },
  };
}

/** Undefined where one of them was never uploaded. */
function filesOf(
  attachments: readonly { type: string; fileId?: string }[],
  files: DeskStore["files"],
): DeskFile[] | undefined {
  const ids = attachments.flatMap(({ fileId }) => fileId ?? []);
  const found = ids.flatMap((id) => files.get(id) ?? []);
  return found.length === ids.length ? found : undefined;
}

/** The cursor is a place in the list. */
function page(rows: readonly object[], query: URLSearchParams): Answer {
  const limit = Number(query.get("limit") ?? DEFAULT_LIMIT);
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_AT_ONCE) return invalid(`limit: 1 to ${MOST_AT_ONCE}`);
  const from = Number(query.get("after") ?? 0);
  const next = from + limit;
  const paging = next < rows.length && { paging: { next: { after: String(next) } } };
  return { status: 200, body: { results: rows.slice(from, next), ...paging } };
}
