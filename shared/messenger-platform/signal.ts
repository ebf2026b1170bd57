/** The body of the Send API by which a customer sees that we have read, or are writing: alone in its request. */
import type { Signalling } from "../channels/connector.ts";

export function signalBody({ to, signal }: Omit<Signalling, "settings">): Record<string, unknown> {
  return { recipient: { id: to }, sender_action: signal === "typing" ? "typing_on" : "mark_seen" };
}
