import type { DeskCapabilities } from "../helpdesk.ts";

/**
 * Freshchat takes no id of ours with a message, and shows no end of one. Its webhooks carry a count of retries, but
 * nothing is published of when they come, so that none is counted on, nor their order.
 */
export const capabilities: DeskCapabilities = {
  dedupes: false,
  threadKey: "theirs",
  statusBack: "note",
  window: "note",
  retries: false,
  isOrdered: false,
  answersAtOnce: false,
  // Properties of a conversation have to be made before they are set, in a way that is not published.
  fields: false,
  templates: false,
  state: { closed: true, assignee: true, tags: false },
  // Neither limit is published: what is refused all the same goes as a link.
  files: { most: 10, largestBytes: 15_000_000 },
  longestText: 4_000,
};
