import type { Capabilities } from "../connector.ts";

/**
 * Limits of the Send API. Free replies for 24 hours, of a person for 7 days. Our correlation comes back with the echo of
 * a send. Up to three buttons stay with the message; more are quick replies.
 */
export const capabilities: Capabilities = {
  carries: {
    text: { longestText: 2000 },
    image: { files: [{ contentTypes: ["image/*"], largestBytes: 8_000_000 }], takesProviderMediaId: true },
    video: { files: [{ contentTypes: ["video/*"], largestBytes: 25_000_000 }], takesProviderMediaId: true },
    audio: { files: [{ contentTypes: ["audio/*"], largestBytes: 25_000_000 }], takesProviderMediaId: true },
    document: { files: [{ contentTypes: ["*/*"], largestBytes: 25_000_000 }], takesProviderMediaId: true },
    buttons: { longestText: 2000, mostButtons: 13, longestTitle: 20, longestId: 1000 },
    // Quick replies: nothing but their titles is shown.
    list: {
      longestText: 2000,
      mostRows: 13,
      longestTitle: 20,
      longestId: 1000,
      longestDescription: 0,
      longestSectionTitle: 0,
    },
    link: { longestText: 640, longestTitle: 20 },
    // The cards alone: there is no place for words above them.
    carousel: {
      longestText: 0,
      mostCards: 10,
      longestCardText: 80,
      longestTitle: 20,
      files: [{ contentTypes: ["image/*"], largestBytes: 8_000_000 }],
    },
    // Utility templates of the Page: text, and a picture above it.
    template: { files: [{ contentTypes: ["image/*"], largestBytes: 8_000_000 }], mostButtons: 0 },
    reaction: {},
  },
  windowHours: 24,
  humanAgentHours: 168,
  receipts: ["sent", "delivered", "read"],
  signals: ["read", "typing"],
  correlates: true,
};
