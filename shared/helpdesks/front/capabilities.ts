import type { DeskCapabilities } from "../helpdesk.ts";

/**
 * An application channel. Each message that an agent sends is one call, made as it is sent, whose answer the agent sees:
 * none is lost unseen, and none overtakes another. Front promises to know an external id again for imported history
 * alone, so nothing is built on it here. Its fields for conversations are there only where an administrator made them,
 * and to set one may erase the others.
 */
export const capabilities: DeskCapabilities = {
  dedupes: false,
  threadKey: "ours",
  statusBack: "failed",
  window: "note",
  retries: false,
  isOrdered: true,
  answersAtOnce: true,
  fields: false,
  templates: false,
  state: { closed: true, assignee: true, tags: true },
  files: { most: 10, largestBytes: 25_000_000 },
  longestText: 20_000,
};
