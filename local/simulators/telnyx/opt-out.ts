/**
 * Telnyx's own handling of opt-out words: it answers them, and blocks or unblocks the customer for the whole messaging
 * profile. The message itself still reaches the webhook, with the word's kind in it.
 */
const STOP = new Set(["STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"]);
const START = new Set(["START", "UNSTOP"]);

interface Heard {
  kind: "STOP" | "START" | "HELP";
  answer: string;
}

export interface OptOuts {
  isBlocked(profile: string, customer: string): boolean;
  /** Takes note of what a customer wrote; undefined when it was no such word. */
  hear(profile: string, customer: string, text: string): Heard | undefined;
}

export function createOptOuts(): OptOuts {
  const blocked = new Set<string>();
  return {
    isBlocked: (profile, customer) => blocked.has(`${profile} ${customer}`),
    hear(profile, customer, text) {
      const word = text.trim().toUpperCase();
      if (STOP.has(word)) {
        blocked.add(`${profile} ${customer}`);
        return {
          kind: "STOP",
          answer: "You will not receive any more messages from this sender. Reply START to resubscribe.",
        };
      }
      if (START.has(word)) {
        blocked.delete(`${profile} ${customer}`);
        return {
          kind: "START",
          answer: "You will receive messages from this sender again. Reply STOP to unsubscribe.",
        };
      }
      return word === "HELP" ? { kind: "HELP", answer: "Reply STOP to unsubscribe." } : undefined;
    },
  };
}
