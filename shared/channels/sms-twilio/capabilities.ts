import type { Capabilities } from "../connector.ts";

/** Pictures that Twilio fits to the customer's network itself. */
const PICTURES = { contentTypes: ["image/jpeg", "image/jpg", "image/png", "image/gif"], largestBytes: 5_000_000 };
const LARGEST_OTHER = 500_000;

/** Twilio takes bodies up to 1,600 characters and cuts them into segments; SMS knows no reply window. */
export const capabilities: Capabilities = {
  carries: {
    text: { longestText: 1600, segmented: true },
    image: { longestCaption: 1600, files: [PICTURES, { contentTypes: ["image/*"], largestBytes: LARGEST_OTHER }] },
    video: { longestCaption: 1600, files: [{ contentTypes: ["video/*"], largestBytes: LARGEST_OTHER }] },
    audio: { longestCaption: 1600, files: [{ contentTypes: ["audio/*"], largestBytes: LARGEST_OTHER }] },
    document: {
      longestCaption: 1600,
      files: [{ contentTypes: ["application/pdf", "text/*"], largestBytes: LARGEST_OTHER }],
    },
  },
  receipts: ["sent", "delivered", "read", "failed"],
  correlates: true,
  confirmsOptOut: "unless_short_code",
  optOutWords: {
    stop: ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE"],
    start: ["START", "UNSTOP", "YES"],
  },
};
