import type { DeskCapabilities } from "../helpdesk.ts";

/**
 * Its webhooks are tried once, by five workers at a time, and left out when their queue is full: it has to be asked, too.
 * What became of a reply can be told by note alone.
 */
export const capabilities: DeskCapabilities = {
  dedupes: false,
  threadKey: "theirs",
  statusBack: "note",
  window: "note",
  retries: false,
  isOrdered: false,
  answersAtOnce: false,
  fields: true,
  templates: false,
  state: { closed: true, assignee: true, tags: true },
  // An upload's size is a setting of LibreDesk's administrator; this is what it comes with.
  files: { most: 10, largestBytes: 20_000_000 },
  longestText: 10_000,
};
