import { ofTicket } from "../ask.ts";
import type { TicketWay } from "../helpdesk.ts";
import { askHubspot, channelMessagesPath, threadPath } from "./api.ts";
import { comment } from "./comment.ts";
import { publish } from "./publish.ts";
import type { Secrets, Settings } from "./settings.ts";

/** A ticket here is a thread. What HubSpot's own tickets hold beside it is not touched. */
export const way: TicketWay<Settings, Secrets> = {
  say: (saying, place) =>
    saying.isPrivate || saying.from === "recado" ? comment(saying, place) : publish(saying, place),

  async status({ message, status, reason }, place) {
    const asked = await askHubspot(place, {
      method: "PATCH",
      url: channelMessagesPath(place.desk.settings, message),
      json: {
        statusType: STATUS[status],
        ...(status === "failed" && reason !== undefined && { errorMessage: reason }),
      },
    });
    return asked.isOk ? { kind: "told", ids: [] } : asked.outcome;
  },

  async state(state, place) {
    const { id } = place.ticket;
    if (id === undefined) return { kind: "closed", detail: "no thread is known" };
    const json = { status: state === "open" ? "OPEN" : "CLOSED" };
    const asked = await askHubspot(place, { method: "PATCH", url: threadPath(id), json });
    if (asked.isOk) return { kind: "told", ids: [] };
    return ofTicket(asked);
  },
};

/** There is no word of its own for what was delivered. */
const STATUS = { sent: "SENT", delivered: "SENT", read: "READ", failed: "FAILED" } as const;
