import type { DeskCapabilities } from "../helpdesk.ts";

/**
 * Messages and tickets take an id of ours, by which they are found again; Gorgias itself makes no use of it. Whether a
 * webhook comes again, or in order, is not certain, so that the desk is asked as well.
 */
export const capabilities: DeskCapabilities = {
  dedupes: false,
  threadKey: "theirs",
  statusBack: "note",
  window: "note",
  retries: false,
  isOrdered: false,
  answersAtOnce: false,
  // A ticket's own data is shown to no agent.
  fields: false,
  templates: false,
  state: { closed: true, assignee: true, tags: true },
  // Gorgias names no limits: these are below those of all of its own channels.
  files: { most: 10, largestBytes: 10_000_000 },
  longestText: 10_000,
};
