import { missedIn, PAUSE_MS } from "../../messenger-platform/reconcile.ts";
import type { Reconciler } from "../connector.ts";
import { PRODUCT } from "./parse.ts";
import type { Secrets, Settings } from "./settings.ts";

const SUBSCRIPTION = ["messages", "messaging_postbacks", "message_deliveries", "message_reads", "message_echoes"];

/** What the Page's inbox holds, and whether the Page still tells of it. */
export const reconciler: Reconciler<Settings, Secrets> = {
  pauseMs: PAUSE_MS,
  missed(asked, http) {
    const { pageId, graphVersion } = asked.account.settings;
    const inbox = {
      product: PRODUCT,
      platform: "messenger" as const,
      api: `https://graph.facebook.com/${graphVersion}`,
      node: pageId,
      business: pageId,
      subscription: SUBSCRIPTION,
    };
    return missedIn(inbox, asked, http);
  },
};
