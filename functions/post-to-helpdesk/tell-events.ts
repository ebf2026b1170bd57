/** A desk that is told the events themselves: one entry, one request, under the event's id. */
import type { Entry } from "../../shared/domain/conversation-log.ts";
import { toEnvelope } from "../../shared/domain/envelope.ts";
import type { Desk, EventWay } from "../../shared/helpdesks/helpdesk.ts";
import { laterOrNever } from "./again-later.ts";
import type { Ports, Teller } from "./ports.ts";

const ON = { kind: "on" } as const;

export function tellEvents(
  { log, epoch, received, reached }: { log: string; epoch: number; received: number; reached: Desk },
  way: EventWay,
  ports: Ports,
): Teller {
  const { desk, http, clock } = ports;
  return {
    async tell(entry) {
      // Whoever would not take an event would not take the word of that either.
      if (isOwnFailure(entry, desk.name)) return ON;
      const outcome = await way.post(toEnvelope(log, epoch, entry), reached, { http, now: clock.now() });
      if (outcome.kind === "posted") return ON;
      return (await laterOrNever(outcome, { entry, log, received }, ports)) ?? ON;
    },
    caughtUp: async () => ON,
  };
}

function isOwnFailure({ type, data }: Entry, desk: string): boolean {
  const { helpdesk, event } = data as { helpdesk?: string; event?: string };
  return type === "helpdesk.failed" && helpdesk === desk && event !== undefined;
}
