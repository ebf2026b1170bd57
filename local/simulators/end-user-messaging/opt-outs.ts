/**
 * AWS's own handling of opt-out words: a default keyword of a number, and of START, is answered, and the customer goes onto
 * the number's opt-out list or off it. The message itself still reaches the topic, with the word as its keyword.
 */
const STOP = new Set(["ARRET", "CANCEL", "END", "OPT-OUT", "OPTOUT", "QUIT", "REMOVE", "STOP", "TD", "UNSUBSCRIBE"]);
const START = new Set(["START", "UNSTOP"]);

interface OptedOut {
  OptedOutNumber: string;
  /** Seconds since 1970. */
  OptedOutTimestamp: number;
  /** By a word of their own. */
  EndUserOptedOut: boolean;
}

export interface OptOutList {
  has(number: string): boolean;
  add(number: string, isByEndUser: boolean): OptedOut;
  remove(number: string): OptedOut | undefined;
  all(): OptedOut[];
  /** Takes note of what a customer wrote: the keyword that AWS sees in it, and what it answers. */
  hear(number: string, text: string): { keyword: string; answer?: string };
}

export function createOptOutList(): OptOutList {
  const numbers = new Map<string, OptedOut>();
  const add = (number: string, isByEndUser: boolean) => {
    const one = {
      OptedOutNumber: number,
      OptedOutTimestamp: Math.floor(Date.now() / 1000),
      EndUserOptedOut: isByEndUser,
    };
    numbers.set(number, one);
    return one;
  };
  const remove = (number: string) => {
    const one = numbers.get(number);
    numbers.delete(number);
    return one;
  };
  return {
    has: (number) => numbers.has(number),
    add,
    remove,
    all: () => [...numbers.values()],
    hear(number, text) {
      const keyword = text.trim().toUpperCase();
      if (STOP.has(keyword)) {
        add(number, true);
        return { keyword, answer: "You are unsubscribed. No more messages will be sent. Reply START to resubscribe." };
      }
      if (START.has(keyword)) {
        remove(number);
        return { keyword, answer: "You are subscribed. Reply STOP to unsubscribe." };
      }
      if (keyword === "HELP") return { keyword, answer: "Reply STOP to unsubscribe." };
      // Whatever is no keyword of the number's goes by this one.
      return { keyword: "KEYWORD" };
    },
  };
}
