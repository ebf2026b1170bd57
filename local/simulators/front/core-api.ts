/** What of the Core API concerns conversations: messages, notes, states, tags, contacts and files. */
import type { Answer, Incoming } from "../http.ts";
import { type DeskTicket, given as givenFile } from "../ticket-desk.ts";
import type { Asker } from "./access.ts";
import type { Company } from "./company.ts";
import { invalid, notFound, unauthorized } from "./errors.ts";
import { Comment, ContactChange, ConversationChange, detailsOf, type Given, given, NewTag, TagIds } from "./request.ts";
import { commentShape, listShape } from "./shapes.ts";

/** A channel's own token reads its messages and conversations one by one, by their ids; all else is the company's. */
export function createCoreApi(company: Company) {
  const { store, threads, uids, tags, events, id, newId, byApi } = company;

  async function ofCompany(path: readonly string[], asker: Asker, request: Incoming): Promise<Answer> {
    const [kind, which = "", what = "", ...rest] = path;
    if (kind === "messages") return ofMessage(which, [what, ...rest], asker);
    if (kind === "conversations" && which !== "") return inConversation(which, what, asker, request);
    if (asker !== "company") return unauthorized;
    switch (kind) {
      case "conversations":
        return conversations(request);
      case "contacts":
        return ofContact(which, what, request);
      case "download":
        return givenFile(store.files.get(which));
      case "tags":
      case "company":
        return ofTags(request);
      default:
        return notFound("The resource");
    }
  }

  function ofMessage(which: string, [what, file = ""]: string[], asker: Asker): Answer {
    const wanted = which.startsWith("alt:uid:") ? uids.get(which.slice("alt:uid:".length)) : which;
    for (const ticket of store.tickets.values()) {
      const message = ticket.messages.find((one) => one.id === wanted && !one.isPrivate);
      if (!message) continue;
      if (asker !== "company" && threads.get(ticket.id)?.channel !== asker.channel) break;
      if (what === "download") return givenFile(message.files.find((one) => one.id === file));
      return { status: 200, body: company.message(message, ticket, asker) };
    }
    return notFound("The message");
  }

  function conversations({ path, query }: Incoming): Answer {
    const newest = [...store.tickets.values()].toSorted((one, other) => other.updatedAt - one.updatedAt);
    return {
      status: 200,
      body: listShape(
        path,
        query,
        newest.map((one) => company.conversation(one, "company")),
      ),
    };
  }

  async function inConversation(which: string, what: string, asker: Asker, request: Incoming): Promise<Answer> {
    const ticket = store.tickets.get(which);
    const { method, path, query } = request;
    if (!ticket) return notFound("The conversation");
    if (method === "GET" && what === "") return { status: 200, body: company.conversation(ticket, asker) };
    if (asker !== "company") return unauthorized;
    const list = (all: readonly unknown[]) => ({ status: 200, body: listShape(path, query, all) });
    switch (`${method} ${what}`) {
      case "GET messages":
        return list(
          ticket.messages
            .filter((one) => !one.isPrivate)
            .map((one) => company.message(one, ticket, asker))
            .toReversed(),
        );
      case "GET comments":
        return list(
          ticket.messages
            .filter((one) => one.isPrivate)
            .map((one) => commentShape(one, ticket))
            .toReversed(),
        );
      case "GET events": {
        const conversation = company.conversation(ticket, asker);
        return list((events.get(ticket.id) ?? []).map((one) => ({ ...one, conversation })).toReversed());
      }
      case "POST comments":
        return comment(ticket, await given(request));
      case "PATCH ":
        return change(ticket, await given(request));
      case "POST tags":
        return tagged(ticket, await given(request));
      default:
        return notFound("The resource");
    }
  }

  function comment(ticket: DeskTicket, body: Given | undefined): Answer {
    const read = Comment.safeParse(body?.value);
    if (!read.success) return invalid(detailsOf(read.error));
    const message = store.addMessage(ticket, {
      ...{ id: id("com"), author: { type: "api" as const }, text: read.data.body, isPrivate: true },
      files: (body?.files ?? []).map((file) => store.addFile({ ...file, id: newId("file") })),
    });
    byApi({ type: "message", ticket, message });
    return { status: 201, body: commentShape(message, ticket) };
  }

  function change(ticket: DeskTicket, body: Given | undefined): Answer {
    const read = ConversationChange.safeParse(body?.value);
    if (!read.success) return invalid(detailsOf(read.error));
    const { status } = read.data;
    if (status !== undefined) {
      Object.assign(ticket, { status: status === "open" ? "open" : "closed", updatedAt: Date.now() });
      byApi({ type: "state", ticket });
    }
    return { status: 204, body: "" };
  }

  function tagged(ticket: DeskTicket, body: Given | undefined): Answer {
    const read = TagIds.safeParse(body?.value);
    if (!read.success) return invalid(detailsOf(read.error));
    const names = read.data.tag_ids.map((one) => tags.get(one));
    if (names.includes(undefined)) return invalid(["tag_ids: unknown tag"]);
    ticket.tags = [...new Set([...ticket.tags, ...names.flatMap((name) => name ?? [])])];
    byApi({ type: "tags", ticket });
    return { status: 204, body: "" };
  }

  async function ofTags(request: Incoming): Promise<Answer> {
    const { method, path, query } = request;
    const all = [...tags].map(([tag, name]) => ({ id: tag, name, description: null, highlight: null }));
    if (method === "GET") return { status: 200, body: listShape(path, query, all) };
    const read = NewTag.safeParse((await given(request))?.value);
    if (!read.success) return invalid(detailsOf(read.error));
    const tag = id("tag");
    tags.set(tag, read.data.name);
    return { status: 201, body: { id: tag, name: read.data.name, description: null, highlight: null } };
  }

  async function ofContact(which: string, what: string, request: Incoming): Promise<Answer> {
    const [, kind, handle] = /^alt:(phone|custom):(.+)$/.exec(which) ?? [];
    const contact = [...store.contacts.values()].find(
      (one) => one.id === which || (one.externalId === handle && (kind === "phone") === (one.phone !== undefined)),
    );
    if (!contact) return notFound("The contact");
    const { method, path, query } = request;
    if (method === "GET" && what === "conversations") {
      const own = [...store.tickets.values()].filter((one) => one.contact === contact.id).toReversed();
      return {
        status: 200,
        body: listShape(
          path,
          query,
          own.map((one) => company.conversation(one, "company")),
        ),
      };
    }
    if (method !== "PATCH") return notFound("The resource");
    const read = ContactChange.safeParse((await given(request))?.value);
    if (!read.success) return invalid(detailsOf(read.error));
    if (read.data.name !== undefined) contact.name = read.data.name;
    return { status: 204, body: "" };
  }

  return ofCompany;
}
