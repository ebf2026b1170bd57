/** Takes away what lists and profiles show of the contact, looks once more for what came late, and ends the erasure. */
import type { Entry } from "../../shared/domain/conversation-log.ts";
import { counted, type Erasure, type Found, NOTHING_FOUND, sumOf } from "../../shared/domain/erasure.ts";
import { spelledAlike } from "../../shared/domain/phone-number.ts";
import { emptyAll } from "./empty.ts";
import type { Ports, TakeStep } from "./ports.ts";
import { isFilled } from "./survey.ts";
import { conversationsOf, untie } from "./tell.ts";

/** Whoever was fetching a file when it was announced has ended by then, and finds no message to fetch another for. */
const FETCHED_MS = 5 * 60_000;
/** Within that whoever has recorded something has done what follows from it. */
const AGAIN_SECONDS = 5;
const PAGE = 100;

export const remove: TakeStep = async (erasure, _, ports) => {
  const { announcedAt = 0, lateFiles } = erasure;
  const isLate = lateFiles.length > 0 && ports.clock.now() < announcedAt + FETCHED_MS;
  if (isLate) return { erasure, afterSeconds: (announcedAt + FETCHED_MS - ports.clock.now()) / 1000 };
  for (const id of lateFiles) {
    await ports.objects.remove(`incoming/${id}`);
    await ports.objects.remove(`media/${id}`);
  }

  const conversations = conversationsOf(erasure);
  for (const { log, upTo } of conversations) await ports.places.emptySummary(log, upTo);
  for (const contact of erasure.contacts) await ports.places.emptyProfile(contact);
  const written = await emptyWritten(erasure, ports);
  const emptied = counted(erasure, written.found);
  // Whoever recorded it may be about to show it in the profile.
  if (written.isNews) return { erasure: emptied, afterSeconds: AGAIN_SECONDS };
  const desks = await untieAgain(erasure, ports);
  for (const { log, upTo } of conversations) await restore(log, upTo, ports);
  const places = {
    ...{ conversations: conversations.length, contacts: erasure.contacts.length },
    // Once there is no more: whoever ended behind the emptying of some has counted none of them.
    entries: written.late,
  };
  return { erasure: { ...counted(emptied, places), desks, step: "done", finishedAt: ports.clock.now() } };
};

/**
 * What the business wrote of the contacts while they were being erased, up to the real end of their own logs.
 * @returns what was removed with it; whether anything of it was not empty yet; how many entries it is in all
 */
async function emptyWritten({ contacts, logs }: Erasure, ports: Ports) {
  let found: Found = NOTHING_FOUND;
  let isNews = false;
  let late = 0;
  for (const contact of contacts) {
    const upTo = logs[contact]?.upTo ?? 0;
    for (let from = 0, isMore = true; isMore; ) {
      const entries = await ports.table.entries(contact, from, PAGE);
      isNews ||= entries.some(isFilled);
      late += entries.filter(({ sequence, type }) => sequence > upTo && type !== "contact.erased").length;
      found = sumOf(found, await emptyAll(contact, entries, ports));
      from = entries.at(-1)?.sequence ?? from;
      isMore = entries.length === PAGE;
    }
  }
  return { found, isNews, late };
}

/** A helpdesk that was behind may have opened a ticket since it was waited for, the first one of the contact's too. */
async function untieAgain(erasure: Erasure, ports: Ports): Promise<Erasure["desks"]> {
  const desks = { ...erasure.desks };
  for (const desk of new Set([...Object.keys(desks), ...ports.desks])) {
    const late = await untie(desk, conversationsOf(erasure), ports);
    const known = desks[desk] ?? (late > 0 ? { removed: 0, told: false } : undefined);
    if (known) desks[desk] = { ...known, removed: known.removed + late };
  }
  return desks;
}

/** Who has written again since is not erased: what that message told of them went away with the rest. */
async function restore(log: string, upTo: number, ports: Ports): Promise<void> {
  let told: Entry | undefined;
  for (let from = upTo, isMore = true; isMore; ) {
    const entries = await ports.table.entries(log, from, PAGE);
    told = entries.findLast(({ profile }) => profile) ?? told;
    from = entries.at(-1)?.sequence ?? from;
    isMore = entries.length === PAGE;
  }
  const { account, address, channel, profile, after } = told ?? {};
  if (!account || !channel || address === undefined || after?.contact === undefined) return;
  const { name, aliases = [] } = profile ?? {};
  await ports.table.putContact({
    ...{ id: after.contact, conversation: log, channel, account, address },
    ...(name !== undefined && { name }),
  });
  for (const alias of aliases) await ports.table.putAlias(account, spelledAlike(channel, alias.address), log);
}
