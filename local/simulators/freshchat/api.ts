/** The API, version 2: users, conversations, messages and uploads. */
import { randomUUID } from "node:crypto";
import { type Answer, type Incoming, parseJson } from "../http.ts";
import { ok } from "../simulator.ts";
import type { DeskDeed, DeskFile, DeskMessage, DeskStore, DeskTicket } from "../ticket-desk.ts";
import type { Account } from "./account.ts";
import {
  ChangedConversation,
  checked,
  type GivenPart,
  NewConversation,
  NewMessage,
  noConversation,
  noRoute,
  noUser,
  refusal,
  unauthenticated,
} from "./answers.ts";
import { createUsers } from "./users.ts";

export interface ApiOptions {
  apiToken: string;
  /** Agents for whom the API may write. */
  agentId: string;
  /** The topics that there are. */
  channels: readonly string[];
}

/** How many messages a page has at most. */
const LARGEST_PAGE = 50;

export function createApi(
  store: DeskStore,
  account: Account,
  tell: (deed: DeskDeed) => void,
  { apiToken, agentId, channels }: ApiOptions,
): (request: Incoming) => Promise<Answer> {
  const users = createUsers(store);
  return async (request) => {
    if (request.headers.authorization !== `Bearer ${apiToken}`) return unauthenticated;
    const [, version, first, second, third, ...more] = request.path.split("/").map(decodeURIComponent);
    if (version !== "v2" || more.length > 0) return noRoute;
    switch (first) {
      case "users":
        return users(request, second, third);
      case "conversations":
        return conversations(request, second, third);
      case "images":
      case "files":
        return request.method === "POST" && second === "upload" && third === undefined
          ? upload(request, first === "images" ? "image" : "file")
          : noRoute;
    }
    return noRoute;
  };

  function conversations(request: Incoming, id: string | undefined, what: string | undefined): Answer {
    const { method } = request;
    const json = parseJson(request.body);
    if (id === undefined) return method === "POST" ? checked(NewConversation, json, openConversation) : noRoute;
    const ticket = store.tickets.get(id);
    if (!ticket) return noConversation;
    switch (`${method} ${what ?? ""}`) {
      case "GET ":
        return ok(account.conversationJson(ticket));
      case "PUT ":
        return checked(ChangedConversation, json, (change) => {
          const before = account.statusOf(ticket);
          account.setStatus(ticket, change.status);
          // Who had it is forgotten.
          if (change.status === "new") delete ticket.assignee;
          if ((before === "resolved") !== (change.status === "resolved")) tell({ type: "state", ticket });
          return ok(account.conversationJson(ticket));
        });
      case "GET messages":
        return messages(ticket, request);
      case "POST messages":
        return checked(NewMessage, json, (given) => {
          if (!account.isLatest(ticket))
            return refusal(400, "INVALID_VALUE", "The conversation is not the latest conversation of the user");
          const added = add(ticket, given);
          return "status" in added ? added : ok(account.messageJson(added.message, ticket));
        });
    }
    return noRoute;
  }

  function openConversation({ channel_id: channel, users: [user], messages: given }: NewConversation): Answer {
    if (!channels.includes(channel)) return refusal(404, "CHANNEL_NOT_FOUND", "channel not found");
    if (!store.contacts.has(user.id)) return noUser;
    const ticket = account.open(user.id, channel);
    for (const one of given) {
      const added = add(ticket, one);
      if ("status" in added) {
        store.tickets.delete(ticket.id);
        return added;
      }
    }
    const shown = ticket.messages.map((one) => account.messageJson(one, ticket));
    return { status: 202, body: { ...account.conversationJson(ticket), messages: shown, users: [{ id: user.id }] } };
  }

  /** What a user writes opens a conversation again that was resolved; a note of an agent does not. */
  function add(ticket: DeskTicket, given: NewMessage): { message: DeskMessage } | Answer {
    const { actor_type: type, actor_id: id, message_type: kind, message_parts: parts } = given;
    const isUser = type === "user";
    if (isUser ? id !== ticket.contact : id !== agentId)
      return refusal(400, "INVALID_VALUE", `actor_id: no such ${type}`);
    if (isUser && kind === "private") return refusal(400, "INVALID_VALUE", "message_type: users have no private ones");
    const files: DeskFile[] = [];
    for (const part of parts) {
      const file = fileIn(part);
      if (file === null) return refusal(400, "INVALID_VALUE", "message_parts: no such file");
      if (file) files.push(file);
    }
    if (isUser && account.statusOf(ticket) === "resolved") {
      account.setStatus(ticket, "reopened");
      tell({ type: "state", ticket });
    }
    const message = store.addMessage(ticket, {
      id: randomUUID(),
      author: isUser ? { type: "customer" } : { type: "api", id },
      isPrivate: kind === "private",
      text: parts.flatMap((part) => ("text" in part ? [part.text.content] : [])).join("\n"),
      files,
    });
    tell({ type: "message", ticket, message });
    return { message };
  }

  /** Null where it was not uploaded before. */
  function fileIn(part: GivenPart): DeskFile | null | undefined {
    if ("text" in part) return undefined;
    const [, picture] = "image" in part ? (/\/_files\/([\w-]+)\//.exec(part.image.url) ?? []) : [];
    const id = "file" in part ? part.file.fileHash : picture;
    return (id !== undefined && store.files.get(id)) || null;
  }

  function messages(ticket: DeskTicket, { query }: Incoming): Answer {
    const size = Number(query.get("items_per_page") ?? 20);
    const page = Number(query.get("page") ?? 1);
    if (!(size >= 1 && size <= LARGEST_PAGE && page >= 1)) return refusal(400, "BAD_REQUEST", "items_per_page or page");
    const from = Date.parse(query.get("from_time") ?? "1970-01-01T00:00:00Z");
    if (Number.isNaN(from)) return refusal(400, "BAD_REQUEST", "from_time is no time");
    const rows = ticket.messages.filter(({ at }) => at >= from).toReversed();
    const shown = rows.slice((page - 1) * size, page * size);
    const isMore = rows.length > page * size;
    const next = `/v2/conversations/${ticket.id}/messages?page=${page + 1}&items_per_page=${size}`;
    return ok({
      messages: shown.map((one) => account.messageJson(one, ticket)),
      ...(isMore && { link: { rel: "next", href: next, method: "GET" } }),
    });
  }

  async function upload({ headers, bytes }: Incoming, field: "image" | "file"): Promise<Answer> {
    const form = await new Response(new Uint8Array(bytes), {
      headers: { "content-type": headers["content-type"] ?? "" },
    })
      .formData()
      .catch(() => undefined);
    const given = form?.get(field);
    if (!(given instanceof File)) return refusal(400, "BAD_REQUEST", `${field} is missing`);
    if (field === "image" && !/^image\/(jpeg|png|gif)$/.test(given.type))
      return refusal(400, "BAD_REQUEST", "the image is of a type that is not supported");
    const content = new Uint8Array(await given.arrayBuffer());
    const file = store.addFile({ contentType: given.type, fileName: given.name, bytes: content });
    if (field === "image") return ok({ url: account.addressOf(file) });
    return ok({
      ...{ file_name: given.name, file_size: content.length, file_content_type: given.type },
      ...{ file_extension_type: given.name.split(".").at(-1) ?? "", file_hash: file.id, file_security_status: "SAFE" },
    });
  }
}
