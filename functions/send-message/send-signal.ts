/**
 * What a customer is shown that is no message: that we have read, that somebody is writing. Best effort: no claim, no
 * event, one short try; worth nothing once it is late.
 */
import type { SignalRequest } from "../../shared/domain/mailbox.ts";
import { log } from "../../shared/log.ts";
import type { Next } from "../../shared/ports.ts";
import { DONE, type Ports } from "./ports.ts";

/** @param ports `http` with so little patience that the messages behind the signal do not wait for it */
export async function sendSignal(
  { signal, log: name, account, address, providerMessageId, expiresAt }: SignalRequest,
  { sender, http, clock, table, ...ports }: Pick<Ports, "sender" | "http" | "clock" | "table" | "account">,
): Promise<Next> {
  if (!sender.signal || clock.now() >= expiresAt) return DONE;
  const state = await ports.account(account);
  if (state.kind !== "ready" || ((await table.pausedUntil(account)) ?? 0) > clock.now()) return DONE;
  const { settings } = state.account;
  const request = sender.signal({ to: address, signal, providerMessageId, settings });
  const outcome = await sender.send(request, state.account, http);
  if (outcome.kind !== "sent") log("warn", "signal_failed", { log: name, account, signal, outcome: outcome.kind });
  return DONE;
}
