import type { Capabilities } from "../connector.ts";

/** What AWS knows as such without being told (https://docs.aws.amazon.com/sms-voice/latest/userguide/keywords-required.html). */
export const optOutWords = {
  stop: ["STOP", "ARRET", "CANCEL", "END", "OPT-OUT", "OPTOUT", "QUIT", "REMOVE", "TD", "UNSUBSCRIBE"],
  start: ["START", "UNSTOP"],
} as const;

const LONGEST_CAPTION = 1600;
const LARGEST_PICTURE = 2_000_000;
const LARGEST_OTHER = 600_000;

/**
 * AWS takes bodies up to 1,600 characters and cuts them into segments. Files go out as MMS and are fetched from the
 * deployment's own bucket alone. No reply window.
 */
export const capabilities: Capabilities = {
  carries: {
    text: { longestText: 1600, segmented: true },
    image: {
      longestCaption: LONGEST_CAPTION,
      files: [{ contentTypes: ["image/jpeg", "image/png", "image/gif"], largestBytes: LARGEST_PICTURE }],
      storedOnly: true,
    },
    video: {
      longestCaption: LONGEST_CAPTION,
      files: [{ contentTypes: ["video/*"], largestBytes: LARGEST_OTHER }],
      storedOnly: true,
    },
    audio: {
      longestCaption: LONGEST_CAPTION,
      files: [{ contentTypes: ["audio/*"], largestBytes: LARGEST_OTHER }],
      storedOnly: true,
    },
  },
  receipts: ["sent", "delivered", "failed"],
  correlates: true,
  confirmsOptOut: true,
  optOutWords,
};
