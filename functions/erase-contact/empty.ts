/**
 * Empties the logs, from the end to the beginning: so whatever is still to be emptied stands before everything that is,
 * and the log can be proven at every moment. What hangs on an entry goes before its words do, which alone tell of it.
 */

import type { Content } from "../../shared/domain/content.ts";
import { filesIn } from "../../shared/domain/content-files.ts";
import type { Entry } from "../../shared/domain/conversation-log.ts";
import { counted, type Erasure, type Found, NOTHING_FOUND } from "../../shared/domain/erasure.ts";
import type { Message, MessageReference } from "../../shared/domain/event.ts";
import { spelledAlike } from "../../shared/domain/phone-number.ts";
import type { Ports, TakeStep } from "./ports.ts";

const WINDOW = 50;
/** What the mailbox had to carry by reference lies in the bucket for thirty days. */
const BODIES_MS = 31 * 86_400_000;
/** As large as data may be that lies in the bucket; smaller than any that does. */
const PERHAPS_LARGE = 100_000;

export const empty: TakeStep = async (erasure, until, ports) => {
  // An address stands in every entry, and a provider's id in several.
  const gone = new Set<string>();
  let now = erasure;
  for (const [log, known] of Object.entries(erasure.logs)) {
    for (let end = known.left ?? 0; end > 0; ) {
      if (ports.clock.now() >= until) return { erasure: now, afterSeconds: 0 };
      const begin = Math.max(end - WINDOW, 0);
      const entries = await ports.table.entries(log, begin, end - begin);
      for (const emptied of await emptyAll(log, entries, gone, ports)) now = withCounts(now, emptied);
      end = begin;
      now = { ...now, logs: { ...now.logs, [log]: { ...known, left: end } } };
    }
  }
  return { erasure: { ...now, step: "remove" } };
};

/** What was taken away with one entry. */
interface Emptied {
  found: Partial<Found>;
  /** Ids of files that others may have got, too. */
  uploads?: string[];
}

async function emptyAll(log: string, entries: readonly Entry[], gone: Set<string>, ports: Ports): Promise<Emptied[]> {
  // It says what the receipt says, and nothing of anybody.
  const telling = entries.filter(({ type }) => type !== "contact.erased");
  const emptied = await Promise.all(telling.map((entry) => removeAround(entry, gone, ports)));
  for (const entry of telling.toReversed()) if (!entry.erased) await ports.places.emptyEntry(log, entry);
  // Behind the entries, which could not be read without them; and once more where an invocation ended in between.
  const large = telling.filter(({ erased, data }) => erased || JSON.stringify(data).length > PERHAPS_LARGE);
  await Promise.all(large.map(({ key }) => ports.objects.remove(`entries/${log}/${key}`)));
  return emptied;
}

async function removeAround(entry: Entry, gone: Set<string>, ports: Ports): Promise<Emptied> {
  const bodies = await removeBodies(entry, ports);
  if (entry.erased) return { found: { bodies } };
  const { found, uploads } = await removeHanging(entry, gone, ports);
  return { found: { ...found, bodies, entries: 1 }, uploads };
}

/** Whatever token they were brought under: a provider repeats itself. */
async function removeBodies({ key, at }: Entry, { objects, clock }: Ports): Promise<number> {
  if (at.recorded < clock.now() - BODIES_MS) return 0;
  const { keys } = await objects.list(`mailbox/${key}-`);
  for (const body of keys) await objects.remove(body);
  return keys.length;
}

/** What an entry's data may tell of other places. */
interface Told {
  message?: Partial<Message> & MessageReference;
  media?: { id: string };
  content?: Content;
  parts?: Content[];
  fallback?: Content;
  helpdesk?: string;
  ticket?: string;
  /** Of an element that was too large for the log. */
  reference?: string;
}

async function removeHanging(entry: Entry, gone: Set<string>, ports: Ports): Promise<Required<Emptied>> {
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

  const contents = [told.message?.content, told.content, told.fallback, ...(told.parts ?? [])].flatMap(
    (one) => one ?? [],
  );
  const ids = [...contents.flatMap(filesIn).map(({ file }) => file.id), told.media?.id].flatMap((id) => id ?? []);
  for (const id of new Set(ids.filter((one) => !isUpload(one)))) {
    await objects.remove(`incoming/${id}`);
    await objects.remove(`media/${id}`);
    counts.files += 1;
  }
  for (const reference of referencesIn(told, contents)) {
    await objects.remove(reference);
    counts.quarantine += 1;
  }
  return { found: counts, uploads: ids.filter(isUpload) };
}

/** One that a caller has uploaded, which may be sent to many; any other is of one message alone. */
function isUpload(file: string): boolean {
  return file.length === "med_".length + 26;
}

function referencesIn({ reference }: Told, contents: readonly Content[]): string[] {
  const raw = contents.map((content) => (content.type === "unsupported" ? content.raw : undefined));
  const inside = raw.map((one) => (one as { reference?: unknown } | null | undefined)?.reference);
  return [reference, ...inside].filter((key) => typeof key === "string").filter((key) => key.startsWith("quarantine/"));
}

function withCounts(erasure: Erasure, { found, uploads = [] }: Emptied): Erasure {
  return { ...counted(erasure, found), uploads: [...new Set([...erasure.uploads, ...uploads])] };
}
