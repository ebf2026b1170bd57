/** Opens what was given up before it could be recorded, and removes what is of the contact's logs. */
import * as z from "zod";
import { counted } from "../../shared/domain/erasure.ts";
import { jsonIn } from "../../shared/domain/json.ts";
import { HIDDEN_LETTERS_MS } from "../../shared/ports.ts";
import type { Ports, TakeStep } from "./ports.ts";

/**
 * Who looks at a letter hides it from everybody for a minute. An invocation that ended while it looked has hidden some
 * from the next one, which therefore waits for them; so that it knows, whoever is about to look says so first.
 */
export const open: TakeStep = async (erasure, until, ports) => {
  const { letters } = erasure.searched;
  const isOurTurn = letters === until;
  if (!isOurTurn) {
    const hiddenMs = (letters ?? 0) + HIDDEN_LETTERS_MS - ports.clock.now();
    if (hiddenMs > 0) return { erasure, afterSeconds: hiddenMs / 1000 };
    return { erasure: { ...erasure, searched: { ...erasure.searched, letters: until } } };
  }
  const { removed, isAll } = await removeLetters(new Set(Object.keys(erasure.logs)), until, ports);
  const now = counted(erasure, { deadLetters: removed });
  return isAll ? { erasure: { ...now, step: "empty" } } : { erasure: now, afterSeconds: 0 };
};

const Parked = z.object({ parked: z.string() });
const Reference = z.object({ reference: z.string() });
const Items = z.object({ items: z.array(z.unknown()) });
const Item = z.object({ log: z.string() });

/** Until no other is left to be looked at. */
async function removeLetters(logs: ReadonlySet<string>, until: number, ports: Ports) {
  let removed = 0;
  while (ports.clock.now() < until) {
    const letters = await ports.deadLetters.look();
    if (letters.length === 0) return { removed, isAll: true };
    for (const { body, receipt } of letters) {
      const { items, references } = await opened(body, ports);
      if (!items.some((item) => logs.has(Item.safeParse(item).data?.log ?? ""))) continue;
      for (const reference of references) await ports.objects.remove(reference);
      await ports.deadLetters.remove(receipt);
      removed += 1;
    }
  }
  return { removed, isAll: false };
}

/** The items in a body, however it is wrapped, and the objects that hold them. */
async function opened(body: string, ports: Ports): Promise<{ items: unknown[]; references: string[] }> {
  const written = jsonIn(body);
  const parked = Parked.safeParse(written).data;
  if (parked) return opened(parked.parked, ports);
  const reference = Reference.safeParse(written).data?.reference;
  if (reference !== undefined) {
    const inside = await opened((await ports.objects.get(reference)) ?? "null", ports);
    return { ...inside, references: [reference, ...inside.references] };
  }
  return { items: Items.safeParse(written).data?.items ?? [written], references: [] };
}
