/** A batch from the API to its end: the queue of send-batch, its worker, the mailbox with its recorder, and a clock. */
import { expect } from "vitest";
import { type Ports, sendBatch } from "../../../functions/send-batch/send-batch.ts";
import type { Entry } from "../../../shared/domain/conversation-log.ts";
import type { BatchRequest } from "../../../shared/domain/mailbox.ts";
import { WorldFault } from "../../../shared/ports.ts";
import { SECRET } from "../../fakes/arrivals.ts";
import { Faults } from "../../fakes/faults.ts";
import { apiWorld } from "../api/api-world.ts";

const VISIBILITY_SECONDS = 360;
const MOST_TURNS = 10_000;

export const number = (index: number) => `+351912${String(100_000 + index)}`;
export const bySms = (index: number) => ({ account: "sms", address: number(index) });
export const byWhatsApp = (index: number) => ({ account: "whatsapp", address: number(index) });
export const toMany = (count: number) => Array.from({ length: count }, (_, index) => ({ to: bySms(index) }));
export const message = { content: { type: "text", text: "Abrimos no domingo." }, topic: "marketing" };

export function batchWorld(overrides: Parameters<typeof apiWorld>[0] = {}) {
  const here = apiWorld(overrides);
  const { batches, batchQueue, objects, mailbox, clock, table, ports } = here;
  const working: Ports = { ...ports, table, batches, objects, mailbox, perSecond: 10, idSecret: SECRET };

  /** One delivery of what is first in the queue. @returns whether it is done with it */
  async function work(faults = new Faults(), more: Partial<Ports> = {}): Promise<boolean> {
    const [batch = ""] = batchQueue.waiting;
    const isDone = await deliver({ batch }, faults, more);
    if (isDone) batchQueue.waiting.shift();
    return isDone;
  }

  /** One delivery of the first stop, whatever else waits or runs. */
  async function stop(faults = new Faults()): Promise<boolean> {
    const [batch = ""] = batchQueue.stops;
    const isDone = await deliver({ batch, stop: true }, faults);
    if (isDone) batchQueue.stops.shift();
    return isDone;
  }

  async function deliver(request: BatchRequest, faults: Faults, more: Partial<Ports> = {}): Promise<boolean> {
    const faulty = Object.fromEntries(
      (["table", "batches", "objects", "mailbox"] as const).map((name) => [name, faults.on(working[name])]),
    );
    const run = () => sendBatch(request, { ...working, ...faulty, ...more });
    const next = await faults.invocation(run).catch((cause: unknown) => {
      if (!(cause instanceof WorldFault) && !(cause instanceof TypeError)) throw cause;
      return { kind: "retry", afterSeconds: 5 } as const;
    });
    if (next === "crashed" || next.kind === "retry") {
      const seconds = next === "crashed" ? VISIBILITY_SECONDS : Math.max(next.afterSeconds, 1);
      clock.time += seconds * 1000;
      return false;
    }
    return true;
  }

  return {
    ...here,
    working,
    work,
    stop,
    async begin(body: object, headers: Record<string, string> = {}): Promise<string> {
      const answer = await here.ask("POST", "/v1/batches", { body, headers });
      expect(answer).toMatchObject({ status: 202, json: { batch: { status: "running" } } });
      return answer.json.batch.id;
    },
    async untilDone(): Promise<void> {
      for (let turn = 0; batchQueue.waiting.length > 0; turn++) {
        if (turn > MOST_TURNS) throw new Error("it never comes to an end");
        await work();
      }
      while (batchQueue.stops.length > 0) await stop();
      await here.record();
    },
    head: async (id: string) => (await here.ask("GET", `/v1/batches/${id}`)).json.batch,
    /** Of all pages. */
    async recipients(id: string) {
      const rows: { index: number; status: string; message?: { id: string; status: string }; refusal?: object }[] = [];
      for (let cursor: string | null = ""; cursor !== null; ) {
        const query: string = cursor === "" ? "" : `&cursor=${cursor}`;
        const { json } = await here.ask("GET", `/v1/batches/${id}/recipients?limit=100${query}`);
        rows.push(...json.data);
        cursor = json.nextCursor;
      }
      return rows;
    },
    /** What was queued to customers, over all conversations. */
    queued: (): Entry[] => [...table.logs.values()].flat().filter(({ type }) => type === "message.queued"),
  };
}
