import type { DeskCapabilities } from "../helpdesk.ts";

/**
 * A message's `source_id` is kept and shown again, but not unique, so that nothing is told apart for us. A webhook is
 * tried once, by workers that run side by side. The composer closes by itself with the inbox's `agent_reply_time_window`.
 */
export const capabilities: DeskCapabilities = {
  dedupes: false,
  threadKey: "theirs",
  statusBack: "full",
  window: "native",
  retries: false,
  isOrdered: false,
  answersAtOnce: false,
  fields: true,
  templates: false,
  state: { closed: true, assignee: true, tags: true },
  // 15 is the program's limit; 40 MB is what an installation allows unless MAXIMUM_FILE_UPLOAD_SIZE says otherwise.
  files: { most: 15, largestBytes: 41_943_040 },
  longestText: 150_000,
};
