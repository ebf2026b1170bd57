import type { DeskCapabilities } from "../helpdesk.ts";

/**
 * A custom channel takes an id of ours for every message and every thread, and shows what became of a reply. Whether its
 * webhooks come again, or in order, HubSpot does not say, so that neither is counted on.
 */
export const capabilities: DeskCapabilities = {
  dedupes: true,
  threadKey: "ours",
  statusBack: "full",
  window: "note",
  retries: false,
  isOrdered: false,
  answersAtOnce: false,
  fields: false,
  templates: false,
  state: { closed: true, assignee: true, tags: false },
  files: { most: 10, largestBytes: 20_971_520 },
  longestText: 10_000,
};
