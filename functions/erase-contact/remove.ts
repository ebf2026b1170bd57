/** Takes away what lists and profiles show of the contact, looks once more for what came late, and ends the erasure. */
import type { Entry } from "../../shared/domain/conversation-log.ts";
import { counted } from "../../shared/domain/erasure.ts";
import { spelledAlike } from "../../shared/domain/phone-number.ts";
import type { Ports, TakeStep } from "./ports.ts";

/** Whoever was fetching a file when it was announced has ended by then, and finds no message to fetch another for. */
const FETCHED_MS = 5 * 60_000;
const PAGE = 100;

export const remove: TakeStep = async (erasure, _, ports) => {
  const { announcedAt = 0, lateFiles } = erasure;
  const isLate = lateFiles.length > 0 && ports.clock.now() < announcedAt + FETCHED_MS;
  if (isLate) return { erasure, afterSeconds: (announcedAt + FETCHED_MS - ports.clock.now()) / 1000 };
  for (const id of lateFiles) {
    await ports.objects.remove(`incoming/${id}`);
    await ports.objects.remove(`media/${id}`);
  }

  const conversations = Object.entries(erasure.logs).filter(([log]) => log.startsWith("conv_"));
  for (const [log, { upTo = 0 }] of conversations) await ports.places.emptySummary(log, upTo);
  for (const contact of erasure.contacts) await ports.places.emptyProfile(contact);
  for (const [log, { upTo = 0 }] of conversations) await restore(log, upTo, ports);
  const places = { conversations: conversations.length, contacts: erasure.contacts.length, files: lateFiles.length };
  return { erasure: { ...counted(erasure, places), step: "done", finishedAt: ports.clock.now() } };
};

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
