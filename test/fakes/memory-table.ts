/** The table's ports in memory, for stories under test. One instance plays all of them, as one table does. */
import type { Entry } from "../../shared/domain/conversation-log.ts";
import type {
  ApiKeys,
  Claim,
  Claims,
  Contacts,
  Conversations,
  Cursors,
  Idempotency,
  LogWriter,
  Pauses,
  Projections,
  ProviderMessages,
  Scope,
  Summary,
} from "../../shared/ports.ts";

type Ours = { conversation: string; message: string; part: number };

export class MemoryTable
  implements
    LogWriter,
    Projections,
    ProviderMessages,
    Cursors,
    Claims,
    Pauses,
    Conversations,
    Contacts,
    ApiKeys,
    Idempotency
{
  readonly logs = new Map<string, Entry[]>();
  readonly summaries = new Map<string, Summary>();
  readonly profiles = new Map<string, { id: string; name?: string }>();
  readonly aliases = new Map<string, { conversation: string; was?: string }>();
  readonly providerMessages = new Map<string, Ours>();
  readonly cursors = new Map<string, number>();
  readonly claims = new Map<string, Claim>();
  readonly pauses = new Map<string, number>();
  readonly keys = new Map<string, { id: string; scopes: Scope[] }>();
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
  async putContact(contact: { id: string; name?: string }) {
    this.profiles.set(contact.id, { id: contact.id, ...(contact.name !== undefined && { name: contact.name }) });
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
  async takeClaim(message: string, part: number, now: number): Promise<"taken" | Claim> {
    const held = this.claims.get(`${message} ${part}`);
    if (held && held.state !== "released") return held;
    this.claims.set(`${message} ${part}`, { state: "claimed", at: now });
    return "taken";
  }
  async releaseClaim(message: string, part: number, now: number) {
    this.claims.set(`${message} ${part}`, { state: "released", at: now });
  }
  async finishClaim(message: string, part: number, done: Extract<Claim, { state: "done" }>) {
    this.claims.set(`${message} ${part}`, done);
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
  async contact(contact: string) {
    return this.profiles.get(contact);
  }
  async conversations({ limit, cursor }: { limit: number; cursor?: string }) {
    const newestFirst = [...this.summaries.values()].sort((a, b) => b.lastActivityAt - a.lastActivityAt);
    const start = cursor ? newestFirst.findIndex(({ conversation }) => conversation === cursor) + 1 : 0;
    const summaries = newestFirst.slice(start, start + limit);
    const last = summaries.at(-1);
    return { summaries, ...(last && start + limit < newestFirst.length && { nextCursor: last.conversation }) };
  }

  async apiKey(sha256: string) {
    return this.keys.get(sha256);
  }
}
