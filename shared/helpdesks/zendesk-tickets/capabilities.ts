import type { DeskCapabilities } from "../helpdesk.ts";

export const capabilities: DeskCapabilities = {
  // Only the opening of a ticket has a key of ours, and for two hours.
  dedupes: false,
  threadKey: "ours",
  statusBack: "note",
  window: "note",
  // Some answers and time-outs bring a webhook again; which, Zendesk does not promise.
  retries: false,
  isOrdered: false,
  answersAtOnce: false,
  fields: false,
  templates: false,
  state: { closed: true, assignee: true, tags: true },
  files: { most: 10, largestBytes: 52_428_800 },
  // A comment holds 65,535; where those are bytes, two of them are one letter.
  longestText: 30_000,
  // A user may update a ticket 30 times in ten minutes, and all customers are told of by one user.
  joinSeconds: 10,
};
