import { notNow } from "../ask.ts";
import type { DeskReconciler } from "../helpdesk.ts";
import { originOf } from "./addresses.ts";
import { credentialsOf } from "./api.ts";
import { lookUpUrl, placeIn } from "./file-id.ts";
import { messagesFrom } from "./listing.ts";
import { addressOf, contentOf, replyOf } from "./message.ts";
import { timeIn } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";

/** A message may come to light behind a later one: so much of what was heard before is heard again, under the same ids. */
const OVERLAP_MS = 60_000;

/**
 * There is no list of the conversations in which anything happened: whoever wants to know asks about those that are open.
 */
export const reconciler: DeskReconciler<Settings, Secrets> = {
  /** Replies alone: that a conversation was resolved, opened or given to somebody shows in no list with its time. */
  async heard({ id: ticket }, { after, since }, reach) {
    const upTo = Number(after ?? 0) || 0;
    const list = await messagesFrom(ticket, Math.max(since, upTo - OVERLAP_MS), reach);
    // Deleted there: nobody will answer in it.
    if (!list.isOk && list.status === 404)
      return { kind: "heard", happenings: [], ...(after !== undefined && { upTo: after }) };
    if (!list.isOk) return notNow(list.outcome);
    const { settings } = reach.desk;
    const newest = Math.max(upTo, ...list.messages.map(({ created_time: created }) => timeIn(created) ?? 0));
    return {
      kind: "heard",
      happenings: list.messages.flatMap((message) => replyOf(message, ticket, settings) ?? []),
      ...(newest > 0 && { upTo: String(newest) }),
    };
  },

  /** Its address as the list of messages has it now; the one that was told, where the list has none. */
  async locate({ id, url }, reach) {
    const { settings } = reach.desk;
    const authorization = credentialsOf(reach.desk);
    const found = (address: string) => ({
      kind: "found" as const,
      url: address,
      ...(authorization !== undefined && {
        credentials: { origins: [originOf(settings)], headers: { authorization } },
      }),
    });
    const place = id === undefined ? undefined : placeIn(id);
    if (!place) return found(url);
    const list = await messagesFrom(
      place.ticket,
      place.at === undefined ? 0 : Math.max(place.at - OVERLAP_MS, 0),
      reach,
    );
    if (!list.isOk && list.outcome.kind !== "refused") return notNow(list.outcome);
    const message = list.isOk ? list.messages.find((one) => one.id === place.message) : undefined;
    const media = message && contentOf(message).files[place.index];
    const address = media && addressOf(media);
    if (address !== undefined) return found(address);
    if (url !== lookUpUrl(place.ticket, settings)) return found(url);
    return { kind: "gone", detail: "no message tells where the file is" };
  },
};
