/** What is in the account, in the vendor's shapes: the same in answers and webhooks, but for what webhooks leave out. */
import { createHash, randomUUID } from "node:crypto";
import { type DeskFile, type DeskMessage, type DeskStore, type DeskTicket, filePath } from "../ticket-desk.ts";

/** What a conversation has beside what every desk's has. */
interface Room {
  channel: string;
  /** Another one each time that it is opened again. */
  interaction: string;
  status: "new" | "assigned" | "resolved" | "reopened";
}

export type Account = ReturnType<typeof createAccount>;

const PICTURES = /^image\//;

/** @param origin of the API and the files */
export function createAccount(store: DeskStore, origin: string) {
  const appId = randomUUID();
  const rooms = new Map<string, Room>();

  const roomOf = (ticket: DeskTicket): Room => {
    const room = rooms.get(ticket.id) ?? { channel: "", interaction: newInteraction(), status: "new" as const };
    rooms.set(ticket.id, room);
    return room;
  };
  const newInteraction = () => `${681_406_910_000_000 + store.number()}-${Date.now()}`;

  function open(contact: string, channel: string): DeskTicket {
    const ticket = store.addTicket({ id: randomUUID(), contact });
    rooms.set(ticket.id, { channel, interaction: newInteraction(), status: "new" });
    return ticket;
  }

  /** The screens know open and resolved; the API has four words. */
  function statusOf(ticket: DeskTicket): Room["status"] {
    const room = roomOf(ticket);
    if (ticket.status === "closed") return "resolved";
    return room.status === "resolved" ? "reopened" : room.status;
  }

  function setStatus(ticket: DeskTicket, status: Room["status"]): void {
    const room = roomOf(ticket);
    if (room.status === "resolved" && status !== "resolved") room.interaction = newInteraction();
    room.status = status;
    ticket.status = status === "resolved" ? "closed" : "open";
    ticket.updatedAt = Date.now();
  }

  /** Of one user in one channel, only the last one takes anything. */
  function isLatest(ticket: DeskTicket): boolean {
    const { channel } = roomOf(ticket);
    const same = [...store.tickets.values()].filter(
      (one) => one.contact === ticket.contact && roomOf(one).channel === channel,
    );
    return same.at(-1) === ticket;
  }

  function conversationJson(ticket: DeskTicket) {
    return {
      conversation_id: ticket.id,
      app_id: appId,
      status: statusOf(ticket),
      channel_id: roomOf(ticket).channel,
      ...(ticket.assignee !== undefined && { assigned_agent_id: agentIdOf(ticket.assignee) }),
      skill_id: 0,
    };
  }

  /** @param isWebhook in which files that are no pictures have no address yet, and bots' messages no type */
  function messageJson(message: DeskMessage, ticket: DeskTicket, isWebhook = false) {
    const { id, author, isPrivate, text, files, at } = message;
    const isBot = author.type === "bot";
    const { channel, interaction } = roomOf(ticket);
    return {
      message_parts: [
        ...(text === "" ? [] : [{ text: { content: text } }]),
        ...files.map((file) => partOf(file, isWebhook)),
      ],
      app_id: appId,
      actor_id: author.type === "customer" ? ticket.contact : (author.id ?? agentIdOf(author.name ?? "")),
      id,
      channel_id: channel,
      conversation_id: ticket.id,
      interaction_id: interaction,
      ...(!(isBot && isWebhook) && { message_type: isPrivate ? "private" : "normal" }),
      actor_type: author.type === "customer" ? "user" : "agent",
      created_time: new Date(at).toISOString(),
      user_id: ticket.contact,
      ...(message.replyTo !== undefined && { in_reply_to: message.replyTo }),
      ...(isBot
        ? { restrictResponse: false, botsPrivateNote: false, message_source: "bot" }
        : { message_source: "web" }),
    };
  }

  function partOf(file: DeskFile, isWebhook: boolean) {
    const { id, contentType, fileName, bytes } = file;
    const url = addressOf(file);
    if (PICTURES.test(contentType)) return { image: { url } };
    const about = { name: fileName, content_type: contentType, file_size_in_bytes: bytes.length, file_hash: id };
    return { file: isWebhook ? about : { ...about, url } };
  }

  function addressOf(file: DeskFile): string {
    return `${origin}${filePath(file)}`;
  }

  return {
    newId: () => randomUUID(),
    addressOf,
    roomOf,
    open,
    statusOf,
    setStatus,
    isLatest,
    conversationJson,
    messageJson,
  };
}

/** The same agent has the same id. */
export function agentIdOf(name: string): string {
  const hex = createHash("sha256").update(name).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}
