/**
 * The conversation log: entries numbered 1, 2, 3 … and the small state after each. `advance` is what append uses, one
 * step at a time; `fold` says the same plainly over the whole log. A property holds the two equal.
 */
import { createHash } from "node:crypto";
import type * as z from "zod";
import type { Channel, EventType, eventData } from "./event.ts";
import type { Alias } from "./mailbox.ts";
import { asksInNumbers } from "./options.ts";

/** What a channel told about the customer beside the message. */
export interface Profile {
  name?: string;
  aliases?: Alias[];
}

/** One entry of a log. Immutable, but for erasure. Times are ms since 1970. */
export interface Entry {
  sequence: number;
  key: string;
  /** Random bytes of whoever put it into the mailbox: tells our own unfinished work from the provider's repetition. */
  token: string;
  type: EventType;
  account: string;
  channel: Channel;
  address?: string;
  /** Contact and profile stand only where they differ from what the log knew before; `after` has the contact always. */
  contact?: string;
  /** Beside `contact`: it is a person's, known by their number. */
  contactBy?: "number";
  profile?: Profile;
  at: { provider?: number | undefined; received: number; recorded: number };
  /** Shaped by `eventData[type]`. */
  data: unknown;
  late?: true;
  /** The hash under which the answer to its caller is kept, which holds what they wrote: `IDEMPOTENCY#<once>`. */
  once?: string;
  /** Its personal data was removed on request; number, key and state stayed. */
  erased?: true;
  after: After;
}

/** An entry before it has its place. */
export type Arrival = Omit<Entry, "sequence" | "after" | "erased">;

/** What the next decision needs, and nothing else: at most about 300 bytes as JSON. */
export interface After {
  /** Version of this shape. */
  v: 1;
  /** The entry's own number. */
  n: number;
  status: "open" | "closed";
  contact?: string;
  /** The contact is a person's, known by their number: it stays, whatever the channel tells from now on. */
  byNumber?: true;
  /** When the customer last wrote, by the provider's clock: the 24-hour window counts from here. */
  inbound?: number;
  /** Messages of ours up to these provider times are delivered, read. */
  delivered?: number;
  read?: number;
  /**
   * When SUMMARY was last due: at the first message, at every change of status, else at most every ten minutes. 0 while
   * the log holds no message, or none since the customer was erased: a receipt opens no conversation that anybody should
   * see.
   */
  summarised: number;
  /** Fingerprint of the last profile and the entry that brought it. */
  known?: string;
  /** The conversation that took over from this one. */
  moved?: string;
  /** The last entry at which the customer was erased: everything before it is emptied. */
  erased?: number;
  /** The entry that reopened the conversation. */
  reopened?: number;
  /** The message of ours whose options went out as numbered text, until anybody says something more or it fails. */
  asked?: number;
  /** Topics that the customer wants to hear nothing about, sorted; `all` is everything. */
  optedOut?: string[];
  /** Digest over this entry and all before it: a change by hand shows exactly where it was made. */
  chain: string;
}

const SUMMARY_EVERY_MS = 10 * 60_000;

/** The known keys of `After`. What else stands there was written by a later release and is copied forward untouched. */
export const KNOWN_KEYS: ReadonlySet<string> = new Set<keyof After>([
  "v",
  "n",
  "status",
  "contact",
  "byNumber",
  "inbound",
  "delivered",
  "read",
  "summarised",
  "known",
  "moved",
  "erased",
  "reopened",
  "asked",
  "optedOut",
  "chain",
]);

/** The entry that an arrival becomes behind `before` (undefined: it opens the log). */
export function advance(before: After | undefined, arrival: Arrival): Entry {
  const sequence = (before?.n ?? 0) + 1;
  const { profile, contact, contactBy, ...rest } = arrival;
  const isOther = contact !== undefined && isOtherContact(before, arrival);
  const isNews = profile !== undefined && (isOther || isNewProfile(before?.known, profile));
  const placed: Omit<Entry, "after"> = {
    sequence,
    ...rest,
    ...(isOther && { contact, ...(contactBy && { contactBy }) }),
    ...(isNews && { profile }),
  };
  return { ...placed, after: step(before, placed) };
}

function step(before: After | undefined, entry: Omit<Entry, "after">): After {
  const wasOpen = before ? before.status : "open";
  const status = statusAfter(wasOpen, entry);
  const summarised = before?.summarised ?? 0;
  // The keys that go away again.
  const { asked, known, optedOut, ...kept } = before ?? {};
  const isErasure = entry.type === "contact.erased";
  const isDue = summarised === 0 ? bringsMessage(entry) : status !== before?.status || isTimeFor(summarised, entry);
  return {
    ...kept,
    v: 1,
    n: entry.sequence,
    status,
    ...defined({
      contact: entry.contact ?? before?.contact,
      byNumber: entry.contactBy ? true : before?.byNumber,
      inbound: later(before?.inbound, opensWindow(entry) ? inboundMoment(entry) : undefined),
      delivered: later(before?.delivered, entry.type === "message.delivered" ? watermarkOf(entry) : undefined),
      read: later(before?.read, entry.type === "message.read" ? watermarkOf(entry) : undefined),
      known: isErasure ? undefined : entry.profile ? `${fingerprint(entry.profile)}.${entry.sequence}` : known,
      moved: movedTo(entry) ?? before?.moved,
      erased: isErasure ? entry.sequence : before?.erased,
      reopened: wasOpen === "closed" && entry.type === "message.received" ? entry.sequence : before?.reopened,
      asked: isErasure ? undefined : answersOrAsks(entry) ? askedBy(entry) : asked,
      optedOut: optedOutAfter(optedOut, entry),
    }),
    // The next message lists the conversation anew.
    summarised: isErasure ? 0 : isDue ? entry.at.recorded : summarised,
    chain: chain(before?.chain, entry),
  };
}

/** The state after the last of `entries`, written without regard to steps: for `verify`, and to hold `advance` to. */
export function fold(entries: readonly Omit<Entry, "after">[]): Omit<After, "chain"> | undefined {
  if (entries.length === 0) return undefined;
  const statuses: After["status"][] = [];
  for (const entry of entries) statuses.push(statusAfter(statuses.at(-1) ?? "open", entry));
  const newestOf = (type: EventType, time: (entry: Omit<Entry, "after">) => number | undefined): number | undefined => {
    const times = entries.filter((entry) => entry.type === type).flatMap((entry) => time(entry) ?? []);
    return times.length ? Math.max(...times) : undefined;
  };
  const erasure = entries.findLast((entry) => entry.type === "contact.erased");
  // Who writes again after an erasure is met for the first time.
  const ofCustomer = entries.slice(erasure?.sequence ?? 0);
  const withProfile = ofCustomer.findLast((entry) => entry.profile);
  const listed = ofCustomer.findIndex(bringsMessage);
  const summarised = ofCustomer.slice(listed === -1 ? ofCustomer.length : listed).reduce((at, entry) => {
    const hasChanged = statuses[entry.sequence - 1] !== (statuses[entry.sequence - 2] ?? "open");
    return at === 0 || hasChanged || isTimeFor(at, entry) ? entry.at.recorded : at;
  }, 0);
  const reopening = entries.findLast(
    (entry, index) => entry.type === "message.received" && statuses[index - 1] === "closed",
  );
  return {
    v: 1,
    n: entries.length,
    status: statuses.at(-1) ?? "open",
    summarised,
    ...defined({
      contact: entries.findLast((entry) => entry.contact)?.contact,
      byNumber: entries.some((entry) => entry.contactBy) || undefined,
      inbound: entries.filter(opensWindow).map(inboundMoment).reduce<number | undefined>(later, undefined),
      delivered: newestOf("message.delivered", watermarkOf),
      read: newestOf("message.read", watermarkOf),
      known: withProfile?.profile && `${fingerprint(withProfile.profile)}.${withProfile.sequence}`,
      moved: entries.flatMap((entry) => movedTo(entry) ?? []).at(-1),
      erased: erasure?.sequence,
      reopened: reopening?.sequence,
      asked: ofCustomer.filter(answersOrAsks).map(askedBy).at(-1),
      optedOut: optedOutBy(entries),
    }),
  };
}

/** Whether this entry is one at which SUMMARY is rewritten. */
export function summaryDue(entry: Entry): boolean {
  return entry.after.summarised === entry.at.recorded;
}

/** Whether this entry brought a profile that the log did not know. */
export function profileDue(entry: Entry): boolean {
  return entry.profile !== undefined;
}

/** Whether an entry brings a whole message, not only word of one. */
function bringsMessage({ data }: Pick<Entry, "data">): boolean {
  return (data as { message?: { content?: unknown } }).message?.content !== undefined;
}

/**
 * Whether what was asked before this entry is not the last word after it. What goes out later has not been said yet, and
 * when it has, nothing tells so here.
 */
function answersOrAsks(entry: Pick<Entry, "type" | "data">): boolean {
  const isForLater = (entry.data as { sendAt?: number }).sendAt !== undefined;
  return (bringsMessage(entry) && !isForLater) || entry.type === "message.failed";
}

function askedBy(entry: Pick<Entry, "sequence" | "type" | "data">): number | undefined {
  return asksInNumbers(entry) ? entry.sequence : undefined;
}

type Consented = Partial<z.infer<(typeof eventData)["consent.changed"]>>;

/** An entry that was erased says nothing any more. */
function optedOutAfter(before: string[] | undefined, { type, data }: Pick<Entry, "type" | "data">) {
  const { topic, state } = data as Consented;
  if (type !== "consent.changed" || topic === undefined) return before;
  const others = (before ?? []).filter((one) => one !== topic);
  const topics = state === "opted_out" ? [...others, topic].sort() : others;
  return topics.length > 0 ? topics : undefined;
}

/** The topics about which the last word is no. */
function optedOutBy(entries: readonly Pick<Entry, "type" | "data">[]): string[] | undefined {
  const words = entries.filter(({ type }) => type === "consent.changed").map(({ data }) => data as Consented);
  const last = new Map(words.map(({ topic, state }) => [topic, state]));
  const topics = [...last].flatMap(([topic, state]) => (topic !== undefined && state === "opted_out" ? [topic] : []));
  return topics.length > 0 ? topics.sort() : undefined;
}

function isTimeFor(summarised: number, { at }: Pick<Entry, "at">): boolean {
  return at.recorded - summarised >= SUMMARY_EVERY_MS;
}

/** The first one names the customer; only the person, once the number is told, takes the place of a mere address. */
function isOtherContact(before: After | undefined, { contactBy }: Arrival): boolean {
  return before?.contact === undefined || (contactBy !== undefined && !before.byNumber);
}

/** The first one always, even if it is empty: it says that the contact is to be kept. */
function isNewProfile(known: string | undefined, profile: Profile): boolean {
  if (known === undefined) return true;
  const isEmpty = profile.name === undefined && profile.aliases === undefined;
  return !isEmpty && fingerprint(profile) !== known.split(".")[0];
}

/** The digest over an entry and, through `previous`, over all before it. */
export function chain(previous: string | undefined, entry: Omit<Entry, "after">): string {
  const { sequence, key, token, type, account, channel, address, contact, contactBy, profile, at, data, late } = entry;
  const times = [at.provider, at.received, at.recorded];
  const written = [
    previous,
    sequence,
    key,
    token,
    type,
    account,
    channel,
    address,
    contact,
    profile,
    times,
    data,
    late,
    ...(contactBy ? [contactBy] : []),
  ];
  return createHash("sha256").update(JSON.stringify(written)).digest().subarray(0, 9).toString("base64url");
}

/**
 * What the customer writes reopens. That it did is announced by an event of its own, which may come after somebody has
 * closed the conversation again, and so changes nothing.
 */
function statusAfter(before: After["status"], { type, data }: Pick<Entry, "type" | "data">): After["status"] {
  if (type === "message.received") return "open";
  if (type === "conversation.opened") return (data as { by: string }).by === "contact" ? before : "open";
  return type === "conversation.closed" ? "closed" : before;
}

/** What a customer writes does on every channel; on Messenger a reaction does too, and taking it back does not. */
function opensWindow({ type, channel, data }: Pick<Entry, "type" | "channel" | "data">): boolean {
  if (type === "message.received") return true;
  if (type !== "message.reacted" || channel !== "messenger") return false;
  const { emoji, author } = data as { emoji?: string; author?: { type: string } };
  return emoji !== undefined && author?.type === "contact";
}

/** A provider's clock may run ahead of ours: a message from the future must not hold the window open for longer. */
function inboundMoment({ at }: Pick<Entry, "at">): number {
  return Math.min(at.provider ?? at.received, at.recorded);
}

function watermarkOf({ data }: Pick<Entry, "data">): number | undefined {
  return (data as { watermark?: number }).watermark;
}

/** A contact that is merged with another goes nowhere: its log is its own. */
function movedTo({ type, data }: Pick<Entry, "type" | "data">): string | undefined {
  const { into } = data as { into?: string };
  return type === "contact.merged" && into?.startsWith("conv_") ? into : undefined;
}

/** Short, and over keyed ids, so that nothing can be guessed back from it. */
function fingerprint({ name, aliases }: Profile): string {
  const written = JSON.stringify([name, aliases?.map(({ conversation }) => conversation).sort()]);
  return createHash("sha256").update(written).digest().subarray(0, 6).toString("base64url");
}

function later(first: number | undefined, second: number | undefined): number | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return Math.max(first, second);
}

/** Without the keys that have no value: they take no room in the table. */
function defined<Shape extends object>(shape: Shape): { [Key in keyof Shape]: Exclude<Shape[Key], undefined> } {
  const kept = Object.entries(shape).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as { [Key in keyof Shape]: Exclude<Shape[Key], undefined> };
}
