import type { Capabilities } from "../connector.ts";

/** Texts up to 1,000 characters; files go out as MMS, which takes a number of the United States. No reply window. */
export const capabilities: Capabilities = {
  carries: {
    text: { longestText: 1000, segmented: true },
    image: { longestCaption: 1000, files: [{ contentTypes: ["image/jpeg", "image/jpg", "image/png", "image/gif"] }] },
    video: { longestCaption: 1000, files: [{ contentTypes: ["video/*"] }] },
    audio: { longestCaption: 1000, files: [{ contentTypes: ["audio/*"] }] },
    document: { longestCaption: 1000 },
  },
  receipts: ["sent", "delivered", "read", "failed"],
  correlates: true,
};
