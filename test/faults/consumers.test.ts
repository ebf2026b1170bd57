/** What hangs on the log: consumers with cursors of their own, and two releases at once during a deploy. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { publishEvents } from "../../functions/publish-event/publish-event.ts";
import type { After, Entry } from "../../shared/domain/conversation-log.ts";
import type { Envelope } from "../../shared/domain/envelope.ts";
import type { MailboxItem } from "../../shared/domain/mailbox.ts";
import { verifyLog } from "../../shared/domain/verify-log.ts";
import { WorldFault } from "../../shared/ports.ts";
import { inboundText } from "../fakes/arrivals.ts";
import { pump, seeded } from "../fakes/pump.ts";
import { Crash, faulty, world } from "../fakes/world.ts";

const RUNS = Number(process.env.RECADO_TEST_RUNS ?? 100);

/** Messages of three customers in turn. */
function messages(count: number): MailboxItem[] {
  return Array.from({ length: count }, (_, index) => inboundText(`in${index}`, { address: `55119876${index % 3}` }));
}

describe("a consumer", () => {
  test("has all of every log in order, whatever becomes of its bells and however often it dies", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 40 }), async (seed, count) => {
        const random = seeded(seed);
        const { table, mailbox, bells, ports } = world();
        mailbox.waiting.push(...messages(count));
        await pump(mailbox, () => ports);

        const published: Envelope[] = [];
        const stream = {
          fits: () => true,
          async publish(envelopes: readonly Envelope[]) {
            const accepted = Math.floor(random() * (envelopes.length + 1));
            published.push(...envelopes.slice(0, accepted));
            return accepted;
          },
        };
        // Lost, doubled, late and reordered; only the last of each log must come at some time.
        const last = new Map(bells.bells.map((bell) => [bell.log, bell]));
        const rung = bells.bells.flatMap((bell) => (random() < 0.3 ? [] : random() < 0.2 ? [bell, bell] : [bell]));
        const waiting = [...rung.toSorted(() => random() - 0.5), ...last.values()];
        for (let tries = 0; waiting.length > 0; tries++) {
          expect(tries).toBeLessThan(100_000);
          const workers = Array.from(
            { length: 1 + Math.floor(random() * 2) },
            () => waiting[Math.floor(random() * waiting.length)],
          );
          const isDone = await Promise.all(
            workers.map(async (bell) => {
              if (!bell) return false;
              const choose = () => (random() < 0.1 ? (random() < 0.5 ? "before" : "after") : undefined);
              const faults = { count: { calls: 0 }, crash: random() < 0.5 };
              try {
                const next = await publishEvents(bell, {
                  table: faulty(table, choose, faults),
                  stream: { fits: stream.fits, publish: faulty(stream, choose, faults).publish },
                  consumer: "publish-event",
                  epoch: 1,
                  remaining: () => 30_000,
                });
                return next.kind === "done";
              } catch (cause) {
                if (cause instanceof WorldFault || cause instanceof Crash) return false;
                throw cause;
              }
            }),
          );
          for (const [worker, bell] of workers.entries()) {
            if (isDone[worker] && bell && waiting.includes(bell)) waiting.splice(waiting.indexOf(bell), 1);
          }
        }

        for (const [log, entries] of table.logs) {
          const first = new Map<string, number>();
          for (const [at, envelope] of published.entries()) {
            if (envelope.subject === log && !first.has(envelope.sequence)) first.set(envelope.sequence, at);
          }
          expect(first.size, "nothing is missing").toBe(entries.length);
          const order = [...first].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, at]) => at);
          expect(order, "nothing came before what precedes it").toEqual(order.toSorted((a, b) => a - b));
          expect(await table.cursor("publish-event", log)).toBe(entries.length);
        }
      }),
      { numRuns: RUNS },
    );
  });
});

describe("a release beside the next one", () => {
  test("each carries on what the other wrote into the state, and the log stays proven", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }), async (releases) => {
        const { table, mailbox, ports } = world();
        // The next release counts the messages in a key of the state that this one has never heard of.
        const next = Object.create(table) as typeof table;
        next.put = (log: string, entry: Entry) => {
          const after = entry.after as After & { counted?: number };
          return table.put(log, { ...entry, after: { ...after, counted: (after.counted ?? 0) + 1 } as After });
        };
        for (const [index, isNext] of releases.entries()) {
          mailbox.waiting.push(inboundText(`in${index}`));
          await pump(mailbox, () => ({ ...ports, table: isNext ? next : table }));
        }
        for (const [log, entries] of table.logs) {
          expect(verifyLog(log, entries)).toEqual([]);
          const counted = (entries.at(-1)?.after as { counted?: number } | undefined)?.counted ?? 0;
          expect(counted).toBe(releases.filter(Boolean).length);
        }
      }),
      { numRuns: RUNS },
    );
  });
});
