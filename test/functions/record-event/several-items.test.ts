/** A body of the mailbox may hold several items: what one webhook told about one conversation. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Ports, takeItem } from "../../../functions/record-event/take-item.ts";
import type { MailboxItem } from "../../../shared/domain/mailbox.ts";
import { WorldFault } from "../../../shared/ports.ts";
import { inboundText } from "../../fakes/arrivals.ts";
import { MemoryObjects } from "../../fakes/memory-objects.ts";
import { world } from "../../fakes/world.ts";

beforeEach(() => vi.spyOn(console, "error").mockReturnValue());
afterEach(() => vi.restoreAllMocks());

const ids = ["wamid.1", "wamid.2", "wamid.3"];
const items = ids.map((id) => inboundText(id));
const log = items[0]?.log ?? "";
const place = { group: log, deduplicationId: "d" };

function taking() {
  const here = world();
  const parked: { body: { parked: string }; deduplicationId: string }[] = [];
  const deadLetters = { park: async (poison: (typeof parked)[number]) => void parked.push(poison) };
  const ports: Ports = { ...here.ports, objects: new MemoryObjects(), deadLetters };
  const keysRecorded = () => here.table.logs.get(log)?.map(({ key }) => key);
  return { here, ports, parked, keysRecorded };
}

const bodyOf = (several: readonly unknown[]) => JSON.stringify({ items: several });
const keysOf = (several: readonly MailboxItem[]) => several.map(({ key }) => key);

describe("a body with several items", () => {
  it("is recorded in its order", async () => {
    const { ports, keysRecorded } = taking();
    expect(await takeItem(bodyOf(items), place, ports)).toMatchObject({ kind: "appended" });
    expect(keysRecorded()).toEqual(keysOf(items));
  });

  it("that comes back after a fault goes on where it ended, and records nothing twice", async () => {
    const { here, ports, keysRecorded } = taking();
    let rings = 0;
    const doorbells = {
      ring: async () => {
        rings++;
        if (rings === 2) throw new WorldFault("throttled");
      },
    };
    await expect(takeItem(bodyOf(items), place, { ...ports, doorbells })).rejects.toThrow(WorldFault);
    expect(here.table.logs.get(log)).toHaveLength(2);
    await takeItem(bodyOf(items), place, ports);
    expect(keysRecorded()).toEqual(keysOf(items));
  });

  it("loses nothing to one that is poison: that one is parked by itself, each under an id of its own", async () => {
    const { ports, parked, keysRecorded } = taking();
    const [first, second, third] = items;
    await takeItem(bodyOf([{ odd: 1 }, first, { odd: 2 }, second, third]), place, ports);
    expect(keysRecorded()).toEqual(keysOf(items));
    expect(parked.map(({ body }) => JSON.parse(body.parked))).toEqual([{ odd: 1 }, { odd: 2 }]);
    expect(new Set(parked.map(({ deduplicationId }) => deduplicationId)).size).toBe(2);
  });
});
