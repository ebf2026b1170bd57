import type { Capabilities } from "../connector.ts";

/**
 * Limits of Instagram messaging, whose texts are counted in bytes. Free replies for 24 hours, of a person for 7 days. Our
 * correlation comes back with the echo of a send; nobody tells that a message was delivered.
 */
export const capabilities: Capabilities = {
  carries: {
    text: { longestTextBytes: 1000 },
    image: {
      files: [{ contentTypes: ["image/png", "image/jpeg", "image/gif"], largestBytes: 8_000_000 }],
      takesProviderMediaId: true,
    },
    video: {
      files: [
        {
          contentTypes: ["video/mp4", "video/ogg", "video/x-msvideo", "video/quicktime", "video/webm"],
          largestBytes: 25_000_000,
        },
      ],
      takesProviderMediaId: true,
    },
    audio: {
      files: [
        {
          contentTypes: ["audio/aac", "audio/mp4", "audio/x-m4a", "audio/m4a", "audio/wav", "audio/x-wav"],
          largestBytes: 25_000_000,
        },
      ],
      takesProviderMediaId: true,
    },
    document: {
      files: [{ contentTypes: ["application/pdf"], largestBytes: 25_000_000 }],
      takesProviderMediaId: true,
    },
    buttons: { longestTextBytes: 1000, mostButtons: 13, longestTitle: 20, longestId: 1000 },
    // Quick replies: nothing but their titles is shown.
    list: {
      longestTextBytes: 1000,
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
      files: [{ contentTypes: ["image/png", "image/jpeg", "image/gif"], largestBytes: 8_000_000 }],
    },
    reaction: {},
  },
  windowHours: 24,
  humanAgentHours: 168,
  receipts: ["sent", "read"],
  signals: ["read", "typing"],
  correlates: true,
};
