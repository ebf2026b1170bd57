/**
 * Looks through places that hold what is of all customers, for what names this one: bodies that nobody could read, and
 * events of accounts that belong to no conversation. It is found by the contact's addresses.
 */
import { counted } from "../../shared/domain/erasure.ts";
import { accountLog } from "../../shared/domain/mailbox.ts";
import { mentions, spellingsOf } from "../../shared/domain/mentions.ts";
import { removeLarge } from "./empty.ts";
import type { Ports, TakeStep } from "./ports.ts";
import { survey } from "./survey.ts";

const QUARANTINE = "quarantine/";
const PAGE = 100;
const AT_ONCE = 10;

export const search: TakeStep = async (erasure, until, ports) => {
  const { addresses, logs } = await survey(erasure.contact, ports);
  const spellings = [...addresses].flatMap(spellingsOf);
  const accounts = new Set([...logs.values()].map(({ account }) => account));
  let searched = erasure;
  // An invocation goes on by one portion at least, however late it has come to it.
  let hasGoneOn = false;
  const isOver = () => hasGoneOn && ports.clock.now() >= until;

  for (let isMore = spellings.length > 0; isMore; ) {
    if (isOver()) return { erasure: searched, afterSeconds: 0 };
    const { quarantine } = searched.searched;
    const page = await ports.objects.list(QUARANTINE, quarantine);
    const removed = await removeMentions(page.keys, spellings, ports);
    searched = counted(searched, { quarantine: removed });
    searched = { ...searched, searched: { ...searched.searched, quarantine: page.keys.at(-1) ?? quarantine ?? "" } };
    isMore = page.isMore;
    hasGoneOn ||= page.keys.length > 0;
  }
  for (const account of accounts) {
    for (let isMore = true; isMore; ) {
      if (isOver()) return { erasure: searched, afterSeconds: 0 };
      const from = searched.searched.accounts[account] ?? 0;
      const entries = await ports.table.entries(accountLog(account), from, PAGE);
      // One that says it was emptied holds nothing.
      const found = entries.filter((entry) => !entry.erased && mentions(JSON.stringify(entry), spellings));
      for (const entry of found) await ports.places.emptyEntry(accountLog(account), entry);
      await removeLarge(accountLog(account), [...found, ...entries.filter(({ erased }) => erased)], ports);
      searched = counted(searched, { accountEvents: found.length });
      const upTo = { ...searched.searched.accounts, [account]: entries.at(-1)?.sequence ?? from };
      searched = { ...searched, searched: { ...searched.searched, accounts: upTo } };
      isMore = entries.length === PAGE;
      hasGoneOn ||= entries.length > 0;
    }
  }
  return { erasure: { ...searched, step: "open" } };
};

async function removeMentions(keys: readonly string[], spellings: readonly string[], { objects }: Ports) {
  let removed = 0;
  for (let from = 0; from < keys.length; from += AT_ONCE) {
    const some = keys.slice(from, from + AT_ONCE);
    const texts = await Promise.all(some.map((key) => objects.get(key)));
    const theirs = some.filter((_, index) => mentions(texts[index] ?? "", spellings));
    for (const key of theirs) await objects.remove(key);
    removed += theirs.length;
  }
  return removed;
}
