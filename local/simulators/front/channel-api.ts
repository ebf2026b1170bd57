/** The Channel API: what was said elsewhere is imported, and what an agent sent may be marked as failed. */
import type * as z from "zod";
import type { Answer, Incoming } from "../http.ts";
import type { DeskMessage, DeskTicket } from "../ticket-desk.ts";
import type { Company } from "./company.ts";
import { invalid, notFound } from "./errors.ts";
import { detailsOf, type Given, given, Inbound, Outbound, Status } from "./request.ts";
import type { Webhooks } from "./webhooks.ts";

/** `/channels/{channel}/…`, asked by the channel itself. */
export function createChannelApi(company: Company, webhooks: Webhooks) {
  const { store, threads, uids, newId, byApi } = company;

  async function ofChannel(channel: string, path: readonly string[], request: Incoming): Promise<Answer> {
    const [what, thread = "", , message = "", word] = path;
    const body = await given(request);
    if (!body) return invalid(["body: invalid"]);
    switch (`${request.method} ${what}`) {
      case "POST inbound_messages": {
        const read = Inbound.safeParse(body.value);
        if (!read.success) return invalid(detailsOf(read.error));
        return imported({ ...read.data, person: read.data.sender, author: { type: "customer" } }, channel, body.files);
      }
      case "POST outbound_messages": {
        const read = Outbound.safeParse(body.value);
        if (!read.success) return invalid(detailsOf(read.error));
        const { sender_name: name, to } = read.data;
        const [person = { handle: "" }] = to;
        const author = { type: "api" as const, ...(name !== undefined && { name }) };
        return imported({ ...read.data, person, author }, channel, body.files);
      }
      case "PUT conversations":
        return word === "status" ? failed(company.threaded(thread, channel), message, body) : notFound("The resource");
      default:
        return notFound("The resource");
    }
  }

  interface Import extends Omit<z.output<typeof Inbound>, "sender"> {
    person: z.output<typeof Inbound>["sender"];
    author: DeskMessage["author"];
  }

  /** Takes it, makes its conversation where there is none, and tells the channel that it did. */
  async function imported(message: Import, channel: string, files: Given["files"]): Promise<Answer> {
    const {
      external_id: marker,
      external_conversation_id: externalId,
      referenced_message_external_id: replyTo,
    } = message.metadata;
    const ticket = company.threaded(externalId, channel) ?? opened(message, channel);
    const added = store.addMessage(ticket, {
      ...{ id: newId("message"), author: message.author, text: readable(message.body), marker },
      files: files.map((file) => store.addFile({ ...file, id: newId("file") })),
      ...(replyTo !== undefined && { replyTo }),
      ...(message.delivered_at !== undefined && { at: message.delivered_at * 1000 }),
    });
    ticket.updatedAt = Date.now();
    const uid = `${store.number().toString(16).padStart(8, "0")}${"a".repeat(24)}`;
    uids.set(uid, added.id);
    if (ticket.status === "closed" && message.author.type === "customer") reopen(ticket);
    await webhooks.imported(added, ticket, channel);
    return { status: 202, body: { status: "accepted", message_uid: uid } };
  }

  function opened({ person, subject, metadata }: Import, channel: string): DeskTicket {
    const { handle, name } = person;
    const contact =
      [...store.contacts.values()].find((one) => one.externalId === handle) ??
      store.addContact({
        ...{ id: newId("contact"), externalId: handle },
        ...(name !== undefined && { name }),
        ...(/^\+\d+$/.test(handle) && { phone: handle }),
      });
    const about = { contact: contact.id, ...(subject !== undefined && { title: subject }) };
    const ticket = store.addTicket({ id: newId("ticket"), ...about });
    threads.set(ticket.id, { channel, externalIds: [metadata.external_conversation_id] });
    return ticket;
  }

  async function failed(ticket: DeskTicket | undefined, external: string, body: Given): Promise<Answer> {
    const read = Status.safeParse(body.value);
    if (!read.success) return invalid(detailsOf(read.error));
    await webhooks.settled();
    const message = ticket?.messages.find(({ marker, author }) => marker === external && author.type !== "customer");
    if (!ticket || !message) return notFound("The message");
    message.status = "failed";
    if (read.data.reason !== undefined) message.statusReason = read.data.reason;
    if (ticket.status === "closed") reopen(ticket);
    return { status: 204, body: "" };
  }

  function reopen(ticket: DeskTicket): void {
    ticket.status = "open";
    byApi({ type: "state", ticket });
  }

  return ofChannel;
}

/** HTML is read as such, anything else as it is. */
function readable(body: string): string {
  if (!/<[a-z][^>]*>/i.test(body)) return body;
  return body
    .replace(/<br\s*\/?>|<\/p>\s*<p>/gi, "\n")
    .replace(/<[^>]*>/g, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}
