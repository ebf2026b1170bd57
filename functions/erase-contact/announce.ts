/**
 * Tells every log of the contact that they are erased, once: developers and helpdesks hear of it by the log like of
 * anything else, and its number is the end of what is emptied. Whatever came before it has been worked through by then.
 */
import type { Erasure } from "../../shared/domain/erasure.ts";
import { eventKey } from "../../shared/domain/ids.ts";
import type { MailboxItem } from "../../shared/domain/mailbox.ts";
import type { Ports, TakeStep } from "./ports.ts";
import { type Survey, survey } from "./survey.ts";

const AGAIN_SECONDS = 1;

export const announce: TakeStep = async (erasure, _, ports) => {
  const told = erasure.announcedAt === undefined ? erasure : await withNumbers(erasure, ports);
  const isToldToAll = Object.values(told.logs).every(({ upTo }) => upTo !== undefined);
  if (told.announcedAt !== undefined && !isToldToAll) return { erasure: told, afterSeconds: AGAIN_SECONDS };

  // What was known of them a moment ago may have led to another log since.
  const found = await survey(erasure.contact, ports);
  const news = [...found.logs].filter(([log]) => !told.logs[log]);
  const desks = Object.fromEntries([...found.desks].map((desk) => [desk, { removed: 0, told: false }]));
  const known = { ...told, contacts: found.contacts, desks };
  if (news.length === 0) return { erasure: { ...known, announcedAt: ports.clock.now(), step: "tell" } };

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
  return {
    erasure: { ...known, announcedAt: ports.clock.now(), logs: { ...told.logs, ...logs } },
    afterSeconds: AGAIN_SECONDS,
  };
};

function erasedKey(erasure: Erasure, log: string, account: string, { idSecret }: Ports): string {
  return eventKey(idSecret, account, `${erasure.id}#erased#${log}`);
}

async function withNumbers(erasure: Erasure, ports: Ports): Promise<Erasure> {
  const logs = await Promise.all(
    Object.entries(erasure.logs).map(async ([log, known]) => {
      if (known.upTo !== undefined) return [log, known] as const;
      const entry = await ports.table.find(log, erasedKey(erasure, log, known.account, ports));
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
  return { token: Buffer.from(random(12)).toString("base64url"), at: { received: clock.now() } };
}
