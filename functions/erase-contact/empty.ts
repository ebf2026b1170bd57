/**
 * Empties the logs, from the end to the beginning: so whatever is still to be emptied stands before everything that is,
 * and the log can be proven at every moment. What hangs on an entry goes before its words do, which alone tell of it.
 */

import type { Entry } from "../../shared/domain/conversation-log.ts";
import { counted, type Found, NOTHING_FOUND, sumOf } from "../../shared/domain/erasure.ts";
import { spelledAlike } from "../../shared/domain/phone-number.ts";
import type { Ports, TakeStep } from "./ports.ts";
import { filesOf, referencesOf, type Told } from "./told.ts";

const WINDOW = 50;
/** What the mailbox had to carry by reference lies in the bucket for thirty days. */
const BODIES_MS = 31 * 86_400_000;
/** As large as data may be that lies in the bucket; smaller than any that does. */
const PERHAPS_LARGE = 100_000;

/** One window at a time, so that what was found in it is kept before the next one. */
export const empty: TakeStep = async (erasure, _, ports) => {
  for (const [log, known] of Object.entries(erasure.logs)) {
    const end = known.left ?? 0;
    if (end === 0) continue;
    const begin = Math.max(end - WINDOW, 0);
    const found = await emptyAll(log, await ports.table.entries(log, begin, end - begin), ports);
    const logs = { ...erasure.logs, [log]: { ...known, left: begin } };
    return { erasure: { ...counted(erasure, found), logs } };
  }
  return { erasure: { ...erasure, step: "remove" } };
};

/** @returns what was removed with them; entries and files are counted where they are surveyed */
export async function emptyAll(log: string, entries: readonly Entry[], ports: Ports): Promise<Found> {
  // An address stands in every entry, and a provider's id in several.
  const gone = new Set<string>();
  // It says what the receipt says, and nothing of anybody.
  const telling = entries.filter(({ type }) => type !== "contact.erased");
  const found = await Promise.all(telling.map((entry) => removeAround(entry, gone, ports)));
  for (const entry of telling.toReversed()) if (!entry.erased) await ports.places.emptyEntry(log, entry);
  await removeLarge(log, telling, ports);
  return found.reduce<Found>(sumOf, NOTHING_FOUND);
}

/** Behind the entries, which could not be read without them; and once more where an invocation ended in between. */
export async function removeLarge(log: string, entries: readonly Entry[], { objects }: Ports): Promise<void> {
  const large = entries.filter(({ erased, data }) => erased || JSON.stringify(data).length > PERHAPS_LARGE);
  await Promise.all(large.map(({ key }) => objects.remove(`entries/${log}/${key}`)));
}

async function removeAround(entry: Entry, gone: Set<string>, ports: Ports): Promise<Partial<Found>> {
  const bodies = await removeBodies(entry, ports);
  return entry.erased ? { bodies } : { ...(await removeHanging(entry, gone, ports)), bodies };
}

/** Whatever token they were brought under: a provider repeats itself. */
async function removeBodies({ key, at }: Entry, { objects, clock }: Ports): Promise<number> {
  if (at.recorded < clock.now() - BODIES_MS) return 0;
  const { keys } = await objects.list(`mailbox/${key}-`);
  for (const body of keys) await objects.remove(body);
  return keys.length;
}

async function removeHanging(entry: Entry, gone: Set<string>, ports: Ports): Promise<Found> {
  const { places, objects } = ports;
  const { account, channel, address, profile, type, once } = entry;
  const told = entry.data as Told;
  const counts = { ...NOTHING_FOUND };
  const first = (what: string) => !gone.has(what) && gone.add(what);

  for (const one of [address, ...(profile?.aliases ?? []).map((alias) => alias.address)]) {
    const spelling = one === undefined ? undefined : spelledAlike(channel, one);
    if (spelling !== undefined && first(`address ${account} ${spelling}`))
      counts.aliases += await places.removeAlias(account, spelling);
  }
  const providerId = told.message?.providerMessageId;
  if (type !== "message.received" && providerId !== undefined && first(`message ${account} ${providerId}`))
    counts.providerIds += await places.removeProviderMessage(account, providerId);
  if (once !== undefined) counts.answers += await places.removeAnswer(once);
  if (type === "message.queued" && told.message?.id !== undefined) {
    const { id } = told.message;
    counts.places += await places.removeMessagePlace(id);
    for (let part = 0; part < Math.max(told.parts?.length ?? 0, 1); part++) {
      const claim = await ports.table.claim(id, part);
      if (claim?.state === "done" && claim.providerMessageId !== undefined)
        counts.providerIds += await places.removeProviderMessage(claim.via ?? account, claim.providerMessageId);
      counts.claims += await places.removeClaim(id, part);
    }
  }
  if (told.helpdesk !== undefined && told.ticket !== undefined) await places.removeLink(told.helpdesk, told.ticket);

  for (const id of filesOf(entry).own) {
    await objects.remove(`incoming/${id}`);
    await objects.remove(`media/${id}`);
  }
  for (const reference of referencesOf(entry)) {
    await objects.remove(reference);
    counts.quarantine += 1;
  }
  return counts;
}
