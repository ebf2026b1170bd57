/** The REST API: what is done with contacts, conversations and tags. Who asks was checked before. */
import { randomBytes, randomUUID } from "node:crypto";
import { type Answer, type Incoming, parseJson } from "../http.ts";
import { ok } from "../simulator.ts";
import type { DeskDeed, DeskFile, DeskStore, DeskTicket } from "../ticket-desk.ts";
import {
  AddedTag,
  ChangedContact,
  ChangedConversation,
  checked,
  type Filter,
  Management,
  NewContact,
  NewConversation,
  NewTag,
  Reply,
  refusal,
  Search,
} from "./request.ts";
import { contactShape, conversationShape, listItem, seconds, tagId } from "./shapes.ts";
import type { Workspace } from "./workspace.ts";

export interface ApiOptions {
  /** The teammate for whom the API may act. */
  adminId: string;
  /** The conversation attributes that the workspace has. */
  attributes: readonly string[];
}

/** @returns undefined for what is none of the API */
export function createApi(
  store: DeskStore,
  { extraOf, showing, newPartId, addEvent, by }: Workspace,
  tell: (deed: DeskDeed) => void,
  { adminId, attributes }: ApiOptions,
): (request: Incoming) => Answer | Promise<Answer> | undefined {
  const tagNames = new Map<string, string>();

  /** What follows `/conversations/`; undefined where there is nothing of that name. */
  function inConversation(request: Incoming, id: string, what: string): Answer | Promise<Answer> | undefined {
    const ticket = store.tickets.get(id);
    if (!ticket) return refusal(404, "not_found", "Resource Not Found");
    const json = parseJson(request.body);
    const isPlain = request.query.get("display_as") === "plaintext";
    const shown = () => ok(conversationShape(ticket, showing(ticket, isPlain)));
    switch (`${request.method} ${what}`) {
      case "GET ":
        return shown();
      case "PUT ":
        return checked(ChangedConversation, json, ({ title, custom_attributes: given = {} }) => {
          const unknown = Object.keys(given).find((name) => !attributes.includes(name));
          if (unknown !== undefined)
            return refusal(400, "parameter_invalid", `Conversation attribute '${unknown}' does not exist`);
          Object.assign(ticket, title === undefined ? {} : { title });
          Object.assign(ticket.fields, given);
          addEvent(ticket, { part_type: "conversation_attribute_updated_by_admin" });
          return shown();
        });
      case "POST reply":
        return checked(Reply, json, async (reply) => {
          const isUser = reply.type === "user";
          if (isUser && reply.intercom_user_id !== ticket.contact) return refusal(404, "not_found", "User Not Found");
          if (!isUser && reply.admin_id !== adminId) return noAdmin();
          const files = await filesOf(reply.attachment_urls, reply.attachment_files);
          const isNote = reply.message_type === "note";
          const message = store.addMessage(ticket, {
            id: newPartId(),
            author: isUser ? { type: "customer" } : { type: "api", name: "Api", id: reply.admin_id },
            text: isUser ? reply.body : plain(reply.body),
            isPrivate: isNote,
            files,
          });
          if (isUser && ticket.status === "closed") {
            ticket.status = "open";
            extraOf(ticket).partTypes.set(message.id, "open");
          }
          if (!isUser) tell({ type: "message", ticket, message });
          return shown();
        });
      case "POST parts":
        return checked(Management, json, (management) => {
          if (management.admin_id !== adminId) return noAdmin();
          ticket.status = management.message_type === "close" ? "closed" : "open";
          by(management.admin_id, () => tell({ type: "state", ticket }));
          return shown();
        });
      case "POST tags":
        return checked(AddedTag, json, (added) => {
          if (added.admin_id !== adminId) return noAdmin();
          const name = tagNames.get(added.id);
          if (name === undefined) return refusal(404, "not_found", "Tag not found");
          if (!ticket.tags.includes(name)) ticket.tags.push(name);
          by(added.admin_id, () => tell({ type: "tags", ticket }));
          return ok({ type: "tag", id: added.id, name });
        });
    }
    return undefined;
  }

  function openConversation(json: unknown): Answer | Promise<Answer> {
    return checked(NewConversation, json, async ({ from, body, attachment_urls: urls }) => {
      const contact = store.contacts.get(from.id);
      if (!contact) return refusal(404, "not_found", "User Not Found");
      const files = await filesOf(urls, undefined);
      const ticket = store.addTicket({ id: String(215_470_000_000_000 + store.number()), contact: contact.id });
      const id = String(403_000_000 + store.number());
      store.addMessage(ticket, { id, author: { type: "customer" }, text: body, files });
      const created_at = seconds(ticket.createdAt);
      return ok({ type: "user_message", id, created_at, body, message_type: "inapp", conversation_id: ticket.id });
    });
  }

  function makeContact(json: unknown): Answer | Promise<Answer> {
    return checked(NewContact, json, ({ external_id: externalId, name, phone }) => {
      const same = [...store.contacts.values()].find(
        (one) => externalId !== undefined && one.externalId === externalId,
      );
      if (same) return refusal(409, "conflict", `A contact matching those details already exists with id=${same.id}`);
      const contact = store.addContact({
        id: randomBytes(12).toString("hex"),
        ...(externalId !== undefined && { externalId }),
        ...(name != null && { name }),
        ...(phone != null && { phone }),
      });
      return ok(contactShape(contact));
    });
  }

  function search(json: unknown): Answer | Promise<Answer> {
    return checked(Search, json, ({ query, pagination: { per_page: perPage, starting_after: after } }) => {
      const filters: Filter[] = "field" in query ? [query] : query.value;
      const fits = (ticket: DeskTicket) => filters.every((filter) => isFit(ticket, filter));
      const found = [...store.tickets.values()].filter(fits);
      const begin = after === undefined ? 0 : found.findIndex(({ id }) => id === after) + 1;
      const page = found.slice(begin, begin + perPage);
      const isMore = begin + perPage < found.length;
      const next = isMore ? { per_page: perPage, starting_after: page.at(-1)?.id } : undefined;
      return ok({
        type: "conversation.list",
        pages: { type: "pages", page: 1, per_page: perPage, total_pages: 1, ...(next && { next }) },
        total_count: found.length,
        conversations: page.map((ticket) => listItem(ticket, showing(ticket))),
      });
    });
  }

  function route(request: Incoming): Answer | Promise<Answer> | undefined {
    const { method, path, body } = request;
    const [, first = "", second = "", third = "", ...more] = path.split("/").map(decodeURIComponent);
    if (more.length > 0) return undefined;
    switch (`${method} /${first}`) {
      case "GET /contacts": {
        const found = [...store.contacts.values()].find((one) =>
          second === "find_by_external_id" ? one.externalId === third : one.id === second && third === "",
        );
        return found ? ok(contactShape(found)) : refusal(404, "not_found", "User Not Found");
      }
      case "PUT /contacts": {
        const contact = store.contacts.get(second);
        if (!contact || third !== "") return refusal(404, "not_found", "User Not Found");
        return checked(ChangedContact, parseJson(body), ({ name, phone }) => {
          Object.assign(contact, name != null && { name }, phone != null && { phone });
          return ok(contactShape(contact));
        });
      }
      case "POST /contacts":
        return second === "" ? makeContact(parseJson(body)) : undefined;
      case "POST /tags":
        return checked(NewTag, parseJson(body), ({ name }) => {
          tagNames.set(tagId(name), name);
          return ok({ type: "tag", id: tagId(name), name });
        });
      case "POST /conversations":
        if (second === "") return openConversation(parseJson(body));
        return second === "search" ? search(parseJson(body)) : inConversation(request, second, third);
      case "GET /conversations":
      case "PUT /conversations":
        return inConversation(request, second, third);
    }
    return undefined;
  }

  async function filesOf(
    urls: readonly string[] = [],
    given: readonly { content_type: string; data: string; name: string }[] = [],
  ): Promise<DeskFile[]> {
    const sent = given.map(({ content_type: contentType, data, name: fileName }) =>
      store.addFile({ contentType, fileName, bytes: Buffer.from(data, "base64"), id: randomUUID() }),
    );
    return [...(await Promise.all(urls.map(fetched))), ...sent];
  }

  async function fetched(url: string): Promise<DeskFile> {
    const answer = await fetch(url);
    const contentType = answer.headers.get("content-type") ?? "application/octet-stream";
    const fileName = decodeURIComponent(new URL(url).pathname.split("/").at(-1) ?? "image");
    return store.addFile({ contentType, fileName, bytes: Buffer.from(await answer.arrayBuffer()), id: randomUUID() });
  }

  return route;
}

function isFit(ticket: DeskTicket, { field, operator, value }: Filter): boolean {
  if (field === "contact_ids") return operator === "=" && ticket.contact === value;
  const moment = seconds(field === "created_at" ? ticket.createdAt : ticket.updatedAt);
  const wanted = Number(value);
  return operator === "=" ? moment === wanted : operator === ">" ? moment > wanted : moment < wanted;
}

/** Notes, and what a teammate says, may be HTML. */
function plain(html: string): string {
  const text = html.replaceAll(/<br\s*\/?>/g, "\n").replaceAll(/<[^>]*>/g, "");
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

function noAdmin(): Answer {
  return refusal(404, "admin_not_found", "Admin for admin_id not found");
}
