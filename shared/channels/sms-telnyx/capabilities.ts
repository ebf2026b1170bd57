import type { Capabilities } from "../connector.ts";

/** All files of a message together stay below 1 MB. */
const LARGEST_FILE = 1_000_000;
const LONGEST_CAPTION = 1000;

/**
 * A message has ten segments at most, which are 670 characters in the wider encoding; files go out as MMS, between
 * numbers of the United States and Canada. No reply window.
 */
export const capabilities: Capabilities = {
  carries: {
    text: { longestText: 670, segmented: true },
    image: { longestCaption: LONGEST_CAPTION, files: [{ contentTypes: ["image/*"], largestBytes: LARGEST_FILE }] },
    video: { longestCaption: LONGEST_CAPTION, files: [{ contentTypes: ["video/*"], largestBytes: LARGEST_FILE }] },
    audio: { longestCaption: LONGEST_CAPTION, files: [{ contentTypes: ["audio/*"], largestBytes: LARGEST_FILE }] },
    document: {
      longestCaption: LONGEST_CAPTION,
      files: [{ contentTypes: ["application/pdf", "text/*"], largestBytes: LARGEST_FILE }],
    },
  },
  receipts: ["sent", "delivered", "read", "failed"],
  correlates: true,
  confirmsOptOut: true,
  optOutWords: {
    stop: ["STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"],
    start: ["START", "UNSTOP"],
  },
};
