/** What the account's one webhook is told, and how it proves where it comes from. */
import type { DeskDeed, DeskWebhook, Signature } from "../ticket-desk.ts";
import { AGENTS, type App, isInternal, shownMessages, truncated } from "./shown.ts";

/** Deeds that no trigger tells of, and what stays in the workspace, are none. */
export function webhooksOf(deed: DeskDeed, app: App, newId: () => string): DeskWebhook[] {
  const { active } = app;
  const batch = (events: readonly object[]) => batchOf(events, app, newId);
  const { ticket } = deed;
  if (deed.type === "message" && !isInternal(deed.message)) {
    // Who is an agent and who a bot is told in answers alone.
    const told = shownMessages(deed.message, ticket, app).map(
      ({ author: { subtypes: _, ...author }, ...message }: Shown) => ({
        type: "conversation:message",
        payload: { conversation: truncated(ticket, app), message: { ...message, author } },
      }),
    );
    return [batch(told)];
  }
  if (deed.type !== "state") return [];
  // With its ticket's state changes who has the conversation; that is what the trigger tells.
  if (ticket.status === "open") {
    if (!active.has(ticket.id)) active.set(ticket.id, AGENTS);
    return [batch([{ type: "switchboard:passControl", payload: { conversation: truncated(ticket, app) } }])];
  }
  active.delete(ticket.id);
  const payload = { conversation: truncated(ticket, app), reason: "ticketClosed" };
  return [batch([{ type: "switchboard:releaseControl", payload }])];
}

function batchOf(events: readonly object[], { id }: App, newId: () => string): DeskWebhook {
  const createdAt = new Date().toISOString();
  return {
    body: JSON.stringify({
      app: { id },
      webhook: { id: "5e554d2cac66fb73a3c01871", version: "v2" },
      events: events.map((event) => ({ id: newId(), createdAt, ...event })),
    }),
  };
}

/** Nothing is signed: the secret itself is the proof. */
export function keyHeader(secret: string, signature: Signature): Record<string, string> {
  switch (signature) {
    case "missing":
      return {};
    case "wrong":
      return { "x-api-key": "0".repeat(secret.length) };
    case "truncated":
      return { "x-api-key": secret.slice(0, -4) };
    default:
      return { "x-api-key": secret };
  }
}

type Shown = { author: { subtypes?: string[] } & object } & object;
