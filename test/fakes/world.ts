/**
 * A small world around record-event: a mailbox queue with groups, the table in memory, bells that are only counted.
 * Faults are injected at every call of a port: before it took effect, or after (it took effect, the answer was lost).
 */
import type { OptOut } from "../../functions/record-event/as-wish.ts";
import type { Doorbell, MailboxItem, MediaRequest, ProfileRequest, SendRequest } from "../../shared/domain/mailbox.ts";
import {
  type Clock,
  type Doorbells,
  type Mailbox,
  type MediaRequests,
  type ProfileRequests,
  type Schedule,
  type SendQueues,
  WorldFault,
} from "../../shared/ports.ts";
import { MemoryTable } from "./memory-table.ts";

/** The mailbox as a list: what was delivered and not yet taken, in order. */
export class MemoryMailbox implements Mailbox {
  readonly waiting: MailboxItem[] = [];
  async deliver(items: readonly MailboxItem[]) {
    this.waiting.push(...structuredClone(items));
  }
}

export class CountedBells implements Doorbells, SendQueues, Schedule, MediaRequests, ProfileRequests {
  readonly bells: Doorbell[] = [];
  readonly media: MediaRequest[] = [];
  readonly profiles: ProfileRequest[] = [];
  readonly requests: SendRequest[] = [];
  readonly scheduled: { request: SendRequest; at: number }[] = [];
  isServed = true;
  async ring(bell: Doorbell) {
    this.bells.push(bell);
  }
  async queue(request: SendRequest) {
    if (this.isServed) this.requests.push(request);
    return this.isServed;
  }
  async schedule(request: SendRequest, at: number) {
    this.scheduled.push({ request, at });
  }
  async requestMedia(request: MediaRequest) {
    this.media.push(request);
  }
  async requestProfile(request: ProfileRequest) {
    this.profiles.push(request);
  }
}

export class PlayedClock implements Clock {
  time: number;
  constructor(time = 1_795_000_000_000) {
    this.time = time;
  }
  now() {
    return this.time;
  }
}

/** No words but those that everybody knows, and no provider that acts by itself. */
export const OPT_OUT: OptOut = {
  stopWords: [],
  startWords: [],
  helpWords: [],
  confirmation: "Goodbye",
  byProvider: [],
};

export type Fault = "before" | "after";

/** Thrown in place of the rest of an invocation: the process is gone. */
export class Crash extends Error {
  override readonly name = "Crash";
}

/**
 * The same port with a fault at chosen calls. `choose` is asked with the running number of the call; `crash` ends the
 * invocation instead of answering with a fault of the world.
 */
export function faulty<Port extends object>(
  port: Port,
  choose: (call: number, method: string) => Fault | undefined,
  { count, crash = false }: { count: { calls: number }; crash?: boolean },
): Port {
  return new Proxy(port, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function" || typeof name !== "string") return method;
      return async (...args: unknown[]) => {
        const fault = choose(count.calls++, name);
        const failure = crash ? new Crash(name) : new WorldFault(`${name}: ${fault}`);
        if (fault === "before") throw failure;
        const answer: unknown = await Reflect.apply(method, target, args);
        if (fault === "after") throw failure;
        return answer;
      };
    },
  });
}

export function world() {
  const table = new MemoryTable();
  const mailbox = new MemoryMailbox();
  const bells = new CountedBells();
  const clock = new PlayedClock();
  const ports = {
    table,
    mailbox,
    doorbells: bells,
    sendQueues: bells,
    schedule: bells,
    mediaRequests: bells,
    profileRequests: bells,
    clock,
    optOut: OPT_OUT,
  };
  return { table, mailbox, bells, clock, ports };
}
