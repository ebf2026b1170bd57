/** What a provider's error codes mean, as a connector tells it in data, and the words that an agent reads. */
import type { Failure } from "./event.ts";

export type FailureClass = Failure["class"];

/** Codes as text; a pair of code and subcode is written `10-2018278`. */
export interface ErrorTable {
  classes: Partial<Record<FailureClass, readonly string[]>>;
  /** Passing refusals: whom they concern, and for how long when the provider does not say. */
  waits: Readonly<Record<string, { scope: "pair" | "account"; seconds: number }>>;
  /** The provider answers these although the message may have gone out. */
  maybeSent?: readonly string[];
}

const SENTENCES: Record<FailureClass, string> = {
  window: "The customer wrote too long ago: the channel's window for free replies is closed.",
  rate: "The provider takes no more messages for now.",
  auth: "The provider refuses our access: the account's token or permissions have to be renewed.",
  account: "The business account is restricted, or not set up completely, at the provider.",
  policy: "The provider's rules keep this message from this customer.",
  template: "The template cannot be used as it is.",
  payload: "The provider cannot use this message as it is.",
  unreachable: "The customer cannot be reached at this address.",
  opted_out: "The customer does not want messages from this sender.",
  transient: "The provider could not deliver the message.",
  expired: "The message was not sent in time.",
  cancelled: "The message was cancelled before it went out.",
  unconfirmed: "Nobody confirmed that the message went out.",
  unknown: "The provider reports a failure without a known cause.",
};

/** The first of `codes` (most exact first) that the table classes. */
export function classedCode(
  table: Pick<ErrorTable, "classes">,
  codes: readonly string[],
): { code: string; class: FailureClass } | undefined {
  for (const code of codes) {
    for (const [name, members] of Object.entries(table.classes)) {
      if (members.includes(code)) return { code, class: name as FailureClass };
    }
  }
  return undefined;
}

/** @param codes most exact first @param words the provider's own, added in brackets */
export function failureOf(table: Pick<ErrorTable, "classes">, codes: readonly string[], words?: string): Failure {
  const classed = classedCode(table, codes);
  const name = classed?.class ?? "unknown";
  const [code] = codes;
  const reason = words ? `${SENTENCES[name]} (${words.slice(0, 300)})` : SENTENCES[name];
  return { class: name, ...(code !== undefined && { code }), reason };
}
