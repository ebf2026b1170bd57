import type { DeskHappening } from "../../domain/desk-happening.ts";
import { notNow } from "../ask.ts";
import type { DeskReconciler } from "../helpdesk.ts";
import { askZendesk, baseOf, credentials, query } from "./api.ts";
import { happeningsOf, timeOf } from "./message.ts";
import { Message, MessagePage } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";

/** Of 100 messages each. */
const MOST_PAGES = 5;

/** Its webhooks do not tell agents from bots; the list of messages does. */
export const reconciler: DeskReconciler<Settings, Secrets> = {
  /** `upTo` is the id of the last message; the list comes from the newest page backwards until that one is found. */
  async heard({ id }, { after, since }, reach) {
    const messages: Message[] = [];
    let before: string | undefined;
    for (let page = 0; page < MOST_PAGES; page++) {
      const path = `/conversations/${encodeURIComponent(id)}/messages`;
      const listed = await askZendesk(reach, {
        method: "GET",
        path: before === undefined ? path : `${path}${query({ "page[before]": before })}`,
      });
      // Nobody does anything in a conversation that is gone.
      if (!listed.isOk && listed.status === 404) return { kind: "heard", happenings: [] };
      if (!listed.isOk) return notNow(listed.outcome);
      const { data } = MessagePage.safeParse(listed.json);
      if (!data) return { kind: "unavailable", detail: "the messages cannot be read" };
      const older = data.messages.flatMap((one) => Message.safeParse(one).data ?? []);
      messages.unshift(...older);
      const [oldest] = older;
      const isAllSeen = older.some((one) => one.id === after) || (oldest && !isSince(oldest, since));
      before = data.meta?.hasMore ? (data.meta.beforeCursor ?? oldest?.id) : undefined;
      if (isAllSeen || before === undefined) break;
    }
    const inOrder = messages.toSorted((one, other) => (timeOf(one).at ?? 0) - (timeOf(other).at ?? 0));
    const fresh = inOrder.slice(inOrder.findIndex((one) => one.id === after) + 1);
    const happenings: DeskHappening[] = fresh
      .filter((message) => isSince(message, since))
      .flatMap((message) => happeningsOf(message, id, "list"));
    const upTo = inOrder.at(-1)?.id ?? after;
    return { kind: "heard", happenings, ...(upTo !== undefined && { upTo }) };
  },

  /** With private attachments switched on, Zendesk hands files out to the key alone; to anybody else's address it does not go. */
  async locate({ url }, { desk }) {
    const headers = credentials(desk.secrets);
    const { origin } = new URL(baseOf(desk.settings));
    if (!headers || URL.parse(url)?.origin !== origin) return { kind: "found", url };
    return { kind: "found", url, credentials: { origins: [origin], headers } };
  },
};

function isSince(message: Message, since: number): boolean {
  const { at } = timeOf(message);
  return at === undefined || at >= since;
}
