import type { MediaSource } from "../connector.ts";

/** https://developers.telnyx.com/docs/messaging/messages/receive-message: an address that is signed in itself. */
export const media: MediaSource = {
  async locate({ url }) {
    return url === undefined ? { kind: "gone", detail: "no address" } : { kind: "found", url };
  },
};
