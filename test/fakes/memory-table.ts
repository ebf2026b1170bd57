/** The table's ports in memory, for stories under test. One instance plays all of them, as one table does. */
import { activityKey } from "../../shared/domain/activity.ts";
import type { Consent } from "../../shared/domain/consent.ts";
import {
  contactAmong,
  type KeptContact,
  kinOn,
  NOTHING_WRITTEN,
  personBehind,
  type Written,
} from "../../shared/domain/contact.ts";
import { byBytes, placeInList, shownAt } from "../../shared/domain/contact-list.ts";
import type { Entry } from "../../shared/domain/conversation-log.ts";
import type {
  ActivityIndex,
  AskedEvent,
  AskedEvents,
  Cancellations,
  Claim,
  Claims,
  ContactList,
  Contacts,
  Conversations,
  Cursors,
  Idempotency,
  KnownKeys,
  LogWriter,
  MessagePlace,
  MessagePlaces,
  Pauses,
  Projections,
  ProviderMessages,
  Reconciliations,
  Summary,
  Whereabouts,
} from "../../shared/ports.ts";

type Ours = { conversation: string; message: string; part: number };

export class MemoryTable
  implements
    LogWriter,
    Projections,
    ProviderMessages,
    Cursors,
    Claims,
    Cancellations,
    MessagePlaces,
    AskedEvents,
    Pauses,
    Conversations,
    ActivityIndex,
    Contacts,
    ContactList,
    Idempotency,
    KnownKeys,
    Reconciliations
{
  readonly logs = new Map<string, Entry[]>();
  readonly summaries = new Map<string, Summary>();
  readonly profiles = new Map<string, KeptContact>();
  readonly changes = new Map<string, number>();
  readonly aliases = new Map<string, { conversation: string; was?: string }>();
  readonly providerMessages = new Map<string, Ours>();
  readonly cursors = new Map<string, number>();
  readonly claims = new Map<string, Claim>();
  readonly places = new Map<string, MessagePlace>();
  readonly asked = new Map<string, AskedEvent>();
  readonly pauses = new Map<string, number>();
  readonly reconciliations = new Map<string, number>();
  readonly answers = new Map<string, { bodyHash: string; answer: string }>();

  async newest(log: string) {
    return structuredClone(this.logs.get(log)?.at(-1));
  }
  async entry(log: string, sequence: number) {
    return structuredClone(this.logs.get(log)?.find((entry) => entry.sequence === sequence));
  }
  async entries(log: string, after: number, limit: number) {
    const behind = (this.logs.get(log) ?? []).filter(({ sequence }) => sequence > after);
    return structuredClone(behind.slice(0, limit));
  }
  async find(log: string, key: string) {
    return structuredClone(this.logs.get(log)?.find((entry) => entry.key === key));
  }
  async put(log: string, entry: Entry): Promise<"written" | "taken"> {
    const entries = this.logs.get(log) ?? [];
    if (entries.some(({ sequence }) => sequence === entry.sequence)) return "taken";
    this.logs.set(log, [...entries, structuredClone(entry)]);
    return "written";
  }

  async putSummary(summary: Summary) {
    const known = this.summaries.get(summary.conversation);
    if (!known || known.sequence <= summary.sequence) this.summaries.set(summary.conversation, summary);
  }
  async putContact({ id, name, ...place }: { id: string; name?: string } & Whereabouts) {
    const known = this.profiles.get(id) ?? { id, conversations: [] };
    const others = known.conversations.filter(({ conversation }) => conversation !== place.conversation);
    this.profiles.set(id, { ...known, ...(name !== undefined && { name }), conversations: [...others, place] });
  }
  async mergeContact({ id, into, conversation }: { id: string; into: string; conversation: string }) {
    const { conversations, ...known } = this.profiles.get(id) ?? { id, conversations: [] };
    const others = conversations.filter((place) => place.conversation !== conversation);
    this.profiles.set(id, { ...known, mergedInto: into, conversations: others });
  }
  async putConsent(id: string, consent: Consent) {
    const known = this.profiles.get(id) ?? { id, conversations: [] };
    const isSame = ({ channel, topic }: Consent) => channel === consent.channel && topic === consent.topic;
    const [before, others] = [known.consents?.find(isSame), known.consents?.filter((one) => !isSame(one)) ?? []];
    const last = before && before.at > consent.at ? before : consent;
    this.profiles.set(id, { ...known, consents: [...others, last] });
  }
  async written(contact: string) {
    return this.profiles.get(contact)?.written ?? NOTHING_WRITTEN;
  }
  async putWritten(id: string, before: Written, after: Written) {
    const known = this.profiles.get(id) ?? { id, conversations: [] };
    if ((known.written ?? NOTHING_WRITTEN).changed !== before.changed) return false;
    this.profiles.set(id, { ...known, written: after });
    return true;
  }
  async noteChange(contact: string, at: number) {
    this.changes.set(contact, Math.max(at, this.changes.get(contact) ?? 0));
  }
  async aliasOf(account: string, address: string) {
    return this.aliases.get(`${account} ${address}`)?.conversation;
  }
  async putAlias(account: string, address: string, conversation: string, was?: string) {
    this.aliases.set(`${account} ${address}`, { conversation, ...(was !== undefined && { was }) });
  }

  async lookUp(account: string, providerMessageId: string) {
    return this.providerMessages.get(`${account} ${providerMessageId}`);
  }
  async remember(account: string, providerMessageId: string, ours: Ours) {
    this.providerMessages.set(`${account} ${providerMessageId}`, ours);
  }
  async answered(key: string) {
    return this.answers.get(key);
  }
  async answerOnce(key: string, first: { bodyHash: string; answer: string }) {
    const known = this.answers.get(key);
    if (!known) this.answers.set(key, first);
    return known ?? ("new" as const);
  }

  async holds(log: string, key: string) {
    return (await this.find(log, key)) !== undefined;
  }
  async reconciledUntil(account: string) {
    return this.reconciliations.get(account);
  }
  async reconciled(account: string, until: number) {
    this.reconciliations.set(account, Math.max(until, this.reconciliations.get(account) ?? 0));
  }

  async cursor(consumer: string, log: string) {
    return this.cursors.get(`${consumer} ${log}`) ?? 0;
  }
  async moveCursor(consumer: string, log: string, from: number, to: number) {
    if ((this.cursors.get(`${consumer} ${log}`) ?? 0) !== from) return false;
    this.cursors.set(`${consumer} ${log}`, to);
    return true;
  }

  async claim(message: string, part: number) {
    return this.claims.get(`${message} ${part}`);
  }
  async takeClaim(message: string, part: number, now: number, via?: string): Promise<"taken" | Claim> {
    const held = this.claims.get(`${message} ${part}`);
    if (held && held.state !== "released") return held;
    this.claims.set(`${message} ${part}`, { state: "claimed", at: now, ...(via && { via }) });
    return "taken";
  }
  async releaseClaim(message: string, part: number, now: number) {
    this.claims.set(`${message} ${part}`, { state: "released", at: now });
  }
  async finishClaim(message: string, part: number, done: Extract<Claim, { state: "done" }>) {
    this.claims.set(`${message} ${part}`, done);
  }

  async cancelClaim(message: string, part: number, { at, failure }: { at: number; until: number; failure: unknown }) {
    const held = this.claims.get(`${message} ${part}`);
    if (held && held.state !== "released") return held;
    this.claims.set(`${message} ${part}`, { state: "done", at, outcome: "rejected", failure });
    return "cancelled" as const;
  }

  async noteAsked(contact: string, asked: AskedEvent) {
    this.asked.set(contact, asked);
  }
  async lastAsked(contact: string) {
    return this.asked.get(contact);
  }
  async noteMessage(message: string, place: MessagePlace) {
    this.places.set(message, place);
  }
  async messagePlace(message: string) {
    return this.places.get(message);
  }

  async pausedUntil(account: string) {
    return this.pauses.get(account);
  }
  async pause(account: string, until: number) {
    this.pauses.set(account, until);
  }

  async summary(conversation: string) {
    return this.summaries.get(conversation);
  }
  readonly activityShards = 2;
  async activity(shard: number, { after, limit }: { after: string; limit: number }) {
    const conversations = [...this.summaries.values()].map(({ conversation: log, lastActivityAt: at }) =>
      activityKey({ at, log }),
    );
    const contacts = [...this.changes].map(([log, at]) => activityKey({ at, log }));
    const behind = [conversations, contacts][shard]?.filter((key) => key > after).sort() ?? [];
    const keys = behind.slice(0, limit);
    const upTo = keys[limit - 1];
    return { keys, ...(upTo !== undefined && { upTo }) };
  }
  #kin(accounts: ReadonlySet<string> | undefined) {
    return accounts ? kinOn(this.profiles, accounts) : this.profiles;
  }
  async contact(contact: string, accounts?: ReadonlySet<string>) {
    return structuredClone(contactAmong(this.#kin(accounts), contact));
  }
  async person(contact: string, accounts?: ReadonlySet<string>) {
    return this.contact(personBehind(this.profiles, contact), accounts);
  }
  async consentsOf(contact: string) {
    return (await this.person(contact))?.consents ?? [];
  }
  async contacts(wanted: { beginning: string; limit: number; cursor?: string; accounts?: ReadonlySet<string> }) {
    const { beginning, limit, cursor = "", accounts } = wanted;
    const rows = [...this.profiles.values()]
      .filter(({ mergedInto }) => mergedInto === undefined)
      .map(({ id, name, written }) => ({ id, row: placeInList(id, written?.name ?? name) }))
      .filter(({ row }) => row.startsWith(beginning))
      .filter(({ row }) => byBytes(row, cursor) > 0)
      .sort((a, b) => byBytes(a.row, b.row));
    const page = rows.slice(0, limit);
    const shown = page.flatMap(({ id }) => shownAt(this.#kin(accounts), id, beginning) ?? []);
    const last = page.at(-1);
    return { contacts: structuredClone(shown), ...(last && rows.length > limit && { nextCursor: last.row }) };
  }
  /** A cursor is a time, or what the table makes of a conversation's. */
  async conversations({ limit, cursor }: { limit: number; cursor?: string }) {
    const listed = [...this.summaries.values()]
      .map((summary) => ({
        summary,
        active: `${String(summary.lastActivityAt).padStart(13, "0")}#${summary.conversation}`,
      }))
      .filter(({ active }) => cursor === undefined || active < cursor)
      .sort((a, b) => (a.active < b.active ? 1 : -1));
    const page = listed.slice(0, limit);
    const last = page.at(-1);
    const summaries = page.map(({ summary }) => summary);
    return { summaries, ...(last && listed.length > limit && { nextCursor: last.active }) };
  }
}
