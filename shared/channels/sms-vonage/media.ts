import type { MediaSource } from "../connector.ts";
import { accessOf } from "./access.ts";
import type { Secrets, Settings } from "./settings.ts";

/** Where Vonage keeps files, by region. */
export const FILES = ["https://api-us.nexmo.com", "https://api-eu.nexmo.com", "https://api-ap.nexmo.com"];

/**
 * https://developer.vonage.com/en/messages/concepts/secure-inbound-media: an address that is good for two days, and
 * that, where the application says so, is opened only to a token of the application.
 */
export const media: MediaSource<Settings, Secrets> = {
  async locate({ url }, account) {
    if (url === undefined) return { kind: "gone", detail: "no address" };
    const access = accessOf(account);
    if (account.settings.applicationId === undefined || !access.ok) return { kind: "found", url };
    const origins = ["https://api.nexmo.com", ...FILES];
    return { kind: "found", url, credentials: { origins, headers: { authorization: access.authorization } } };
  },
};
