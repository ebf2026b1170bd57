/** What users, conversations and messages look like to whoever asks the API. */
import * as z from "zod";
import type { DeskContact, DeskFile, DeskMessage, DeskStore, DeskTicket } from "../ticket-desk.ts";
import { Content } from "./shapes.ts";

export const INTEGRATIONS = [
  { id: "5ef21b86e933b7355c11c604", name: "zd-answerBot", integrationType: "zd:answerBot" },
  { id: "5ef21b86e933b7355c11c606", name: "zd-agentWorkspace", integrationType: "zd:agentWorkspace" },
] as const;
type Integration = (typeof INTEGRATIONS)[number];
export const [, AGENTS] = INTEGRATIONS;

/** What one account holds. */
export interface App {
  id: string;
  /** Of its API and files. */
  base: string;
  store: DeskStore;
  /** By conversation: which part of the switchboard has it. */
  active: Map<string, Integration>;
}

export function shownUser({ id, externalId, name, fields }: DeskContact) {
  return {
    id,
    externalId,
    authenticated: false,
    profile: { givenName: name ?? null },
    metadata: fields,
    identities: [],
  };
}

export function shownConversation(ticket: DeskTicket, app: App) {
  const { title, createdAt, updatedAt } = ticket;
  return {
    ...truncated(ticket, app),
    ...{ isDefault: false, displayName: title ?? null },
    ...{ lastUpdatedAt: new Date(updatedAt).toISOString(), createdAt: new Date(createdAt).toISOString() },
  };
}

/** As far as webhooks tell it. */
export function truncated({ id, fields }: DeskTicket, { active }: App) {
  const has = active.get(id);
  return {
    ...{ id, type: "personal", metadata: fields },
    ...(has && { activeSwitchboardIntegration: { ...has, integrationId: has.id } }),
  };
}

/** One message holds one file: what an agent sends with several becomes several. */
export function shownMessages(
  { id, author, text, files, at, marker, isDeleted }: DeskMessage,
  ticket: DeskTicket,
  app: App,
) {
  const { content, metadata } = Marker.parse(marker ?? {});
  const [first, ...others] = files.map((file) => ({
    ...{ type: file.contentType.startsWith("image/") ? "image" : "file", mediaUrl: mediaUrl(file, app) },
    ...{ mediaType: file.contentType, mediaSize: file.bytes.length, altText: file.fileName },
  }));
  const contents = [
    content ?? (first ? { ...first, ...(text !== "" && { text }) } : { type: "text", text }),
    ...others,
  ];
  return contents.map((one, index) => ({
    id: index === 0 ? id : `${id.slice(0, 22)}${(0xa0 + index).toString(16)}`,
    received: new Date(at).toISOString(),
    author:
      author.type === "customer"
        ? { type: "user", userId: ticket.contact, displayName: app.store.contacts.get(ticket.contact)?.name }
        : { type: "business", ...(author.type !== "api" && { subtypes: [author.type] }), displayName: author.name },
    content: isDeleted ? { type: "text", text: "" } : one,
    source: { type: SOURCES[author.type] },
    ...(metadata && { metadata }),
    ...(isDeleted && { deleted: true }),
  }));
}

/** Where a file is had, with the key. */
export function mediaUrl({ id, fileName }: DeskFile, { base }: App): string {
  return `${base}/attachments/v2/${id}/${encodeURIComponent(fileName)}`;
}

export function fileAt(url: string, { base, store }: App): DeskFile | undefined {
  const [, id = ""] = /\/attachments\/v2\/([\w-]+)\//.exec(url) ?? [];
  return url.startsWith(`${base}/`) ? store.files.get(id) : undefined;
}

/** An agent's note: it stays in the workspace. */
export function isInternal({ isPrivate, author }: DeskMessage): boolean {
  return isPrivate && author.type !== "api";
}

const Marker = z.object({ content: Content.optional(), metadata: z.record(z.string(), z.unknown()).optional() });
const SOURCES = {
  customer: "api:conversations",
  api: "api:conversations",
  agent: "zd:agentWorkspace",
  bot: "zd:answerBot",
} as const;
