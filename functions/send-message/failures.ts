/** Why a message fails without a provider having said so: our own verdicts, in words that an agent understands. */
import type { Failure } from "../../shared/domain/event.ts";
import type { Plan } from "../../shared/domain/plan.ts";

export const EXPIRED: Failure = {
  class: "expired",
  code: "expired",
  reason: "The message could not be sent within the time it was given, and was not sent.",
};

export const INTERNAL: Failure = {
  class: "unknown",
  code: "internal",
  reason: "The message was not sent because of an error inside Recado.",
};

/** Of an account that stands in for another. */
export const NOT_TAKEN: Failure = {
  class: "payload",
  code: "not_carried",
  reason: "No other account can carry the message as it is.",
};

export function notConfigured(account: string): Failure {
  return { class: "account", code: "not_configured", reason: `No account named ${account} is configured any more.` };
}

/** What the plan of this moment forbids. */
export function refusal({ reasons }: Plan): Failure {
  const [first] = reasons;
  const reason = reasons.map(({ text }) => text).join(" ");
  return { class: CLASSES.get(first?.code) ?? "payload", ...(first && { code: first.code }), reason };
}

const CLASSES = new Map<string | undefined, Failure["class"]>([
  ["window_closed", "window"],
  ["opted_out", "opted_out"],
  ["quiet_hours", "policy"],
]);
