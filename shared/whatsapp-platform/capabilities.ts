import type { Capabilities } from "../channels/connector.ts";

/** Meta does not say whether its megabytes are 1,000,000 bytes or more: this is the smaller. */
const MB = 1_000_000;
const captioned = { longestCaption: 1024, takesProviderMediaId: true } as const;

const pictures = { contentTypes: ["image/jpeg", "image/png"], largestBytes: 5 * MB };
const films = { contentTypes: ["video/mp4", "video/3gpp"], largestBytes: 16 * MB };

/**
 * Limits of the Cloud API
 * (https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages). Free replies for
 * 24 hours after the customer last wrote.
 */
export const capabilities: Capabilities = {
  carries: {
    text: { longestText: 4096 },
    image: { ...captioned, files: [pictures] },
    video: { ...captioned, files: [films] },
    audio: {
      takesProviderMediaId: true,
      files: [
        {
          contentTypes: ["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"],
          largestBytes: 16 * MB,
        },
      ],
    },
    document: { ...captioned, files: [{ contentTypes: ["*/*"], largestBytes: 100 * MB }] },
    // One that does not move may have 100 kB; nothing tells the two apart before Meta looks into the file.
    sticker: { takesProviderMediaId: true, files: [{ contentTypes: ["image/webp"], largestBytes: 0.5 * MB }] },
    location: {},
    contacts: {},
    buttons: { longestText: 1024, mostButtons: 3, longestTitle: 20, longestId: 256, uniqueTitles: true },
    list: {
      longestText: 4096,
      longestListButton: 20,
      mostSections: 10,
      mostRows: 10,
      longestSectionTitle: 24,
      longestTitle: 24,
      longestDescription: 72,
      longestId: 200,
    },
    link: { longestText: 1024, longestTitle: 20 },
    carousel: {
      longestText: 1024,
      fewestCards: 2,
      mostCards: 10,
      cardsNeedMedia: true,
      files: [pictures, films],
      takesProviderMediaId: true,
      longestCardText: 160,
      longestTitle: 20,
    },
    "location-request": { longestText: 1024 },
    template: { takesProviderMediaId: true },
    reaction: {},
  },
  windowHours: 24,
  receipts: ["sent", "delivered", "read", "played", "failed"],
  signals: ["read", "typing"],
  correlates: true,
  // Nothing interactive, no places, no cards.
  groups: {
    addressPrefix: "group:",
    kinds: ["text", "image", "video", "audio", "document", "sticker", "template"],
  },
};
