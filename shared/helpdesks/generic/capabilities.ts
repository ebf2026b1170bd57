import type { DeskCapabilities } from "../helpdesk.ts";

/** It is told everything that happens, under an id that stays the same; what it makes of that is its own business. */
export const capabilities: DeskCapabilities = {
  dedupes: true,
  threadKey: "ours",
  statusBack: "full",
  window: "native",
  retries: true,
  // Where it gave an address that lists its replies, that is the order; where not, theirs is the webhooks' own.
  isOrdered: false,
  answersAtOnce: false,
  fields: true,
  templates: false,
  state: { closed: true, assignee: false, tags: false },
  files: { most: 10, largestBytes: 104_857_600 },
  longestText: 60_000,
};
