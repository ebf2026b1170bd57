/** Opens what was given up before it could be recorded, and removes what is of the contact's logs. */
import * as z from "zod";
import { counted, type Erasure } from "../../shared/domain/erasure.ts";
import { jsonIn } from "../../shared/domain/json.ts";
import { mentions, spellingsOf } from "../../shared/domain/mentions.ts";
import { HIDDEN_LETTERS_MS } from "../../shared/ports.ts";
import type { Ports, TakeStep } from "./ports.ts";
import { survey } from "./survey.ts";

/** An invocation that has come to it late looks so long all the same. */
const LOOKING_MS = 20_000;

/**
 * Who looks at a letter hides it from everybody for a minute: so one looks at a time, and says so before. Whoever ended
 * while they looked is waited for as long as what they have seen may be hidden.
 */
export const open: TakeStep = async (erasure, until, ports) => {
  const theirs = await theirsOf(erasure, ports);
  const now = ports.clock.now();
  const end = Math.max(until, now + LOOKING_MS);
  const lent = end + HIDDEN_LETTERS_MS;
  const freeAt = await ports.erasures.takeLetters(now, lent);
  if (freeAt !== undefined) return { erasure, afterSeconds: Math.max((freeAt - now) / 1000, 1) };

  const { removed, isAll, isHidden } = await removeLetters(theirs, end, ports);
  const opened = counted(erasure, { deadLetters: removed });
  if (!isAll) return { erasure: opened, afterSeconds: HIDDEN_LETTERS_MS / 1000 };
  const freed = ports.clock.now();
  await ports.erasures.returnLetters(lent, isHidden ? freed + HIDDEN_LETTERS_MS : freed);
  return { erasure: { ...opened, step: "empty" } };
};

const Parked = z.object({ parked: z.string() });
const Reference = z.object({ reference: z.string() });
const Items = z.object({ items: z.array(z.unknown()) });
const Item = z.object({ log: z.string() });

/** By which a letter is known to be the contact's. */
interface Theirs {
  logs: ReadonlySet<string>;
  /** Spellings of their addresses, for what goes to a lane: only its words tell whose it is. */
  named: readonly string[];
}

async function theirsOf({ contact, logs }: Erasure, ports: Ports): Promise<Theirs> {
  const { addresses, spellings } = await survey(contact, ports);
  const known = [...Object.keys(logs), ...spellings.map(({ conversation }) => conversation)];
  return { logs: new Set(known), named: [...addresses].flatMap(spellingsOf) };
}

/** Until no other is left to be looked at. `isHidden`: some were, and are somebody else's. */
async function removeLetters(theirs: Theirs, until: number, ports: Ports) {
  let removed = 0;
  let isHidden = false;
  while (ports.clock.now() < until) {
    const letters = await ports.deadLetters.look();
    if (letters.length === 0) return { removed, isAll: true, isHidden };
    for (const { body, receipt } of letters) {
      const { items, references } = await opened(body, ports);
      if (!isTheirs(items, theirs)) {
        isHidden = true;
        continue;
      }
      for (const reference of references) await ports.objects.remove(reference);
      await ports.deadLetters.remove(receipt);
      removed += 1;
    }
  }
  return { removed, isAll: false, isHidden };
}

function isTheirs(items: readonly unknown[], { logs, named }: Theirs): boolean {
  const isToThem = items.some((item) => logs.has(Item.safeParse(item).data?.log ?? ""));
  return isToThem || mentions(JSON.stringify(items), named);
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
