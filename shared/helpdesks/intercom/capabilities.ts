import type { DeskCapabilities } from "../helpdesk.ts";

/** A message has no place for an id of ours, nor for what became of it; everything else is there. */
export const capabilities: DeskCapabilities = {
  dedupes: false,
  threadKey: "theirs",
  statusBack: "note",
  window: "note",
  retries: true,
  // Slow endpoints and repetitions are served later.
  isOrdered: false,
  answersAtOnce: false,
  fields: true,
  templates: false,
  state: { closed: true, assignee: true, tags: true },
  files: { most: 10, largestBytes: 20_971_520 },
  longestText: 10_000,
};
