/**
 * Twilio's default handling of opt-out words on long codes: it answers them itself, and blocks or unblocks one pair of
 * numbers. The message itself still reaches the webhook.
 */
const STOP = new Set(["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE"]);
const START = new Set(["START", "UNSTOP", "YES"]);
const HELP = new Set(["HELP", "INFO"]);

export interface OptOuts {
  /** `number`: the sender, or the Messaging Service that blocks for its whole pool. */
  isBlocked(number: string, customer: string): boolean;
  /** Takes note of what a customer wrote; gives the text that Twilio answers, if it answers. */
  hear(number: string, customer: string, body: string): string | undefined;
}

/** What Advanced Opt-Out adds to the webhook. */
export function optOutType(body: string): { OptOutType?: string } {
  const word = body.trim().toUpperCase();
  const kinds = { STOP, START, HELP };
  const [kind] = Object.entries(kinds).find(([, words]) => words.has(word)) ?? [];
  return kind === undefined ? {} : { OptOutType: kind };
}

export function createOptOuts(): OptOuts {
  const blocked = new Set<string>();
  return {
    isBlocked: (number, customer) => blocked.has(`${number} ${customer}`),
    hear(number, customer, body) {
      const pair = `${number} ${customer}`;
      const word = body.trim().toUpperCase();
      if (STOP.has(word)) {
        if (blocked.has(pair)) return undefined;
        blocked.add(pair);
        return "You have successfully been unsubscribed. You will not receive any more messages from this number. Reply START to resubscribe.";
      }
      if (HELP.has(word)) return blocked.has(pair) ? undefined : "Reply STOP to unsubscribe. Msg&Data Rates May Apply.";
      if (START.has(word) && blocked.delete(pair)) {
        return "You have successfully been re-subscribed to messages from this number. Reply HELP for help. Reply STOP to unsubscribe. Msg&Data Rates May Apply.";
      }
      return undefined;
    },
  };
}
