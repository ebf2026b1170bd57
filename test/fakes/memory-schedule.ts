import type { SendRequest } from "../../shared/domain/mailbox.ts";
import type { DueSends, Schedule, ScheduledSend } from "../../shared/ports.ts";

/** What is to be sent later, in memory. */
export class MemorySchedule implements Schedule, DueSends {
  readonly waiting = new Map<string, ScheduledSend>();
  minute: number | undefined;

  async schedule(request: SendRequest, at: number) {
    this.waiting.set(request.message, { request, at });
  }
  async due(minute: number, until: number, seen: readonly ScheduledSend[] = []) {
    const last = seen.at(-1);
    const due = [...this.waiting.values()].filter(({ at }) => Math.floor(at / 60_000) === minute && at <= until);
    const behind = due.filter((send) => last === undefined || inOrder(last, send) < 0);
    return [behind.sort(inOrder).slice(0, 2)];
  }
  async takeOff({ request }: ScheduledSend) {
    this.waiting.delete(request.message);
  }
  async handedOverUntil() {
    return this.minute;
  }
  async handedOver(minute: number) {
    this.minute = Math.max(minute, this.minute ?? 0);
  }
}

function inOrder(one: ScheduledSend, other: ScheduledSend): number {
  const [{ request: a }, { request: b }] = [one, other];
  return one.at - other.at || a.sequence - b.sequence || (a.message < b.message ? -1 : Number(a.message > b.message));
}
