import type { DeskCapabilities } from "../helpdesk.ts";

/**
 * Zendesk messaging through Sunshine Conversations. Its messages have no key against doubles and its tickets no place for
 * us: a conversation there is all that we have. `closed` is heard and cannot be told: tickets are not its API's matter.
 */
export const capabilities: DeskCapabilities = {
  dedupes: false,
  threadKey: "theirs",
  statusBack: "note",
  window: "note",
  retries: true,
  isOrdered: false,
  answersAtOnce: false,
  fields: false,
  templates: false,
  state: { closed: true, assignee: false, tags: false },
  // One file to a message there; several become several messages.
  files: { most: 10, largestBytes: 50_000_000 },
  // 4,096 there, of which a note's beginning takes some.
  longestText: 4000,
};
