import { missedIn, PAUSE_MS } from "../../messenger-platform/reconcile.ts";
import type { Reconciler } from "../connector.ts";
import { PRODUCT } from "./parse.ts";
import { INSTAGRAM_LOGIN_HOST, type Secrets, type Settings } from "./settings.ts";

/**
 * What the account's inbox holds, and whether it is still told. Where the account is linked to a Page, the Page's
 * subscription carries it, by whatever field; with Instagram's own login the account has one of its own.
 */
export const reconciler: Reconciler<Settings, Secrets> = {
  pauseMs: PAUSE_MS,
  missed(asked, http) {
    const { host, graphVersion, instagramId } = asked.account.settings;
    const isOwnLogin = host === INSTAGRAM_LOGIN_HOST;
    const inbox = {
      product: PRODUCT,
      platform: "instagram" as const,
      api: `https://${host}/${graphVersion}`,
      node: isOwnLogin ? instagramId : "me",
      business: instagramId,
      subscription: isOwnLogin ? ["messages", "messaging_postbacks", "messaging_seen"] : ["messages"],
    };
    return missedIn(inbox, asked, http);
  },
};
