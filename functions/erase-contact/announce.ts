/**
 * Tells every log of the contact that they are erased, once: developers and helpdesks hear of it by the log like of
 * anything else, and its number is the end of what is emptied. Whatever came before it has been worked through by then.
 */
import { counted, type Erasure } from "../../shared/domain/erasure.ts";
import { eventKey, newToken } from "../../shared/domain/ids.ts";
import type { MailboxItem } from "../../shared/domain/mailbox.ts";
import { againSeconds } from "./again.ts";
import type { Ports, TakeStep } from "./ports.ts";
import { cancelAll } from "./settle.ts";
import { type Survey, survey } from "./survey.ts";

export const announce: TakeStep = async (erasure, _, ports) => {
  const told = erasure.announcedAt === undefined ? erasure : await withNumbers(erasure, ports);
  const isToldToAll = Object.values(told.logs).every(({ upTo }) => upTo !== undefined);
  if (told.announcedAt !== undefined && !isToldToAll) return { erasure: told, afterSeconds: again(told, ports) };

  // What was known of them a moment ago may have led to another log since.
  const found = await survey(erasure.contact, ports);
  const news = [...found.logs].filter(([log]) => !told.logs[log]);
  const desks = Object.fromEntries([...found.desks].map((desk) => [desk, { removed: 0, told: false }]));
  const known = { ...told, contacts: found.contacts, desks };
  if (news.length === 0) return settleLate(known, found, ports);

  for (const [log] of news) if (log.startsWith("conv_")) await ports.places.noteActivity(log, ports.clock.now());
  await ports.mailbox.deliver([
    ...keptWishes(erasure, found, ports),
    ...news.map(([log, { account, channel }]): MailboxItem => {
      const key = erasedKey(erasure, log, account, ports);
      const data = { erasure: erasure.id, contact: erasure.contact };
      return { ...made(ports), log, key, type: "contact.erased", account, channel, data };
    }),
  ]);
  const logs = Object.fromEntries(news.map(([log, { account }]) => [log, { account }]));
  const announcing = { ...known, announcedAt: ports.clock.now(), logs: { ...told.logs, ...logs } };
  return { erasure: announcing, afterSeconds: again(announcing, ports) };
};

/**
 * What was recorded since it was settled and before the logs were told is settled now. Nobody is told that it was: who
 * the message was to is erased. And what there is to be emptied is counted, before anything is.
 */
async function settleLate(erasure: Erasure, found: Survey, ports: Ports): ReturnType<TakeStep> {
  const isTheirs = <One extends { log: string; sequence: number }>({ log, sequence }: One) =>
    sequence < (erasure.logs[log]?.upTo ?? 0);
  const { isSending } = await cancelAll(found.unsettled.filter(isTheirs), ports);
  if (isSending) return { erasure, afterSeconds: again(erasure, ports) };

  const underWay = found.filesUnderWay.filter(isTheirs).map(({ id }) => id);
  const lateFiles = [...new Set([...erasure.lateFiles, ...underWay])];
  const filled = found.filled.filter(isTheirs);
  // One that was on its way may have come since.
  const files = new Set([...lateFiles, ...filled.flatMap((one) => one.files)]);
  const counts = { entries: filled.length, files: files.size };
  return {
    erasure: {
      ...counted(erasure, counts),
      announcedAt: ports.clock.now(),
      lateFiles,
      uploads: [...new Set(filled.flatMap(({ uploads }) => uploads))],
      step: "tell",
    },
  };
}

function again({ announcedAt, requestedAt }: Erasure, { clock }: Ports): number {
  return againSeconds(announcedAt ?? requestedAt, clock.now());
}

function erasedKey(erasure: Erasure, log: string, account: string, { idSecret }: Ports): string {
  return eventKey(idSecret, account, `${erasure.id}#erased#${log}`);
}

async function withNumbers(erasure: Erasure, ports: Ports): Promise<Erasure> {
  const logs = await Promise.all(
    Object.entries(erasure.logs).map(async ([log, known]) => {
      if (known.upTo !== undefined) return [log, known] as const;
      const entry = await ports.table.find(log, erasedKey(erasure, log, known.account, ports));
      // Whoever follows what happens, by the times at which it did, finds it there however long it took.
      if (entry && log.startsWith("conv_")) await ports.places.noteActivity(log, entry.at.recorded);
      return [log, entry ? { ...known, upTo: entry.sequence, left: entry.sequence - 1 } : known] as const;
    }),
  );
  return { ...erasure, logs: Object.fromEntries(logs) };
}

/**
 * The customer may write again under a spelling that has no log of its own and whose way to the conversation is about
 * to be forgotten: what they want to hear nothing about is noted under it, too.
 */
function keptWishes(erasure: Erasure, { spellings }: Survey, ports: Ports): MailboxItem[] {
  return spellings.flatMap(({ conversation, account, channel, optedOut }) =>
    optedOut.map(
      (topic): MailboxItem => ({
        ...made(ports),
        log: conversation,
        key: eventKey(ports.idSecret, account, `${erasure.id}#kept.${topic}#${conversation}`),
        type: "consent.changed",
        account,
        channel,
        data: { topic, state: "opted_out", source: "merged" },
      }),
    ),
  );
}

function made({ clock, random }: Ports): Pick<MailboxItem, "token" | "at"> {
  return { token: newToken(random), at: { received: clock.now() } };
}
