/**
 * The entries of WhatsApp's webhooks → what happened. Up to a thousand updates come in one body, of several numbers and kinds; each
 * element stands for itself, so that an odd one costs no other.
 */

import type { Parsed } from "../channels/connector.ts";
import { isRecord } from "../domain/raw-element.ts";
import { wordsIn } from "../http/graph.ts";
import { peopleIn } from "./addresses.ts";
import { ofCall } from "./calls.ts";
import { ofHistory } from "./history.ts";
import { ofNewUserId, ofPreference } from "./identity.ts";
import { type Around, ofEcho, ofMessage } from "./messages.ts";
import { newsOf } from "./news.ts";
import { notice } from "./notice.ts";
import { About, Change, Entry } from "./payload.ts";
import { failureIn, ofStatus } from "./statuses.ts";

/** A number of the business: what its webhooks call it, and the account that it is. */
interface BusinessNumber {
  account: string;
  phoneNumberId: string;
  displayPhoneNumber?: string | undefined;
}
type Numbers = readonly BusinessNumber[];

/** @param numbers of the accounts that may have what the entries tell */
export function readEntries(entries: readonly unknown[], numbers: Numbers): Parsed[] {
  return entries.flatMap((entry) => ofEntry(entry, numbers));
}

function ofEntry(raw: unknown, numbers: Numbers): Parsed[] {
  const { changes = [], ...entry } = Entry.safeParse(raw).data ?? {};
  if (changes.length === 0) return [notice(numbers[0]?.account, "unreadable_entry", raw)];
  return changes.flatMap((change) => ofChange(change, entry, numbers));
}

type Read = (raw: unknown, around: Around) => Parsed;

const ofError: Read = (error, { account, envelope }) => {
  const known = isRecord(error) ? error : {};
  const words = wordsIn(known)?.slice(0, 300) ?? "it does not say which.";
  const reason = `WhatsApp reports an error (${failureIn(known).code}): ${words}`;
  return notice(account, "whatsapp_error", { ...envelope, error }, reason);
};
const MESSAGES: Readonly<Record<string, Read>> = {
  messages: ofMessage,
  message_echoes: ofEcho,
  statuses: ofStatus,
  errors: ofError,
};

/** What the lists of a field hold. In `calls`, for one, `statuses` are something else than in `messages`. */
const LISTS: ReadonlyMap<string, Readonly<Record<string, Read>>> = new Map([
  ["messages", MESSAGES],
  ["smb_message_echoes", MESSAGES],
  ["standby", MESSAGES],
  ["calls", { calls: ofCall, errors: ofError }],
  ["user_preferences", { user_preferences: ofPreference }],
  ["user_id_update", { user_id_update: ofNewUserId }],
]);
const PHONE_APP = new Set(["smb_message_echoes", "history"]);

function ofChange(raw: unknown, entry: Omit<Entry, "changes">, numbers: Numbers): Parsed[] {
  const { field, value: outer } = Change.safeParse(raw).data ?? {};
  if (field === undefined || !isRecord(outer))
    return [notice(numbers[0]?.account, "unreadable_change", { entry, change: raw })];
  // When another app has the conversation, everything comes one level deeper.
  const inner = field === "standby" ? outer.standby : undefined;
  const value = isRecord(inner) ? { metadata: outer.metadata, ...inner } : outer;
  const lists = LISTS.get(field);
  const about = About.parse(value);
  const account = accountOf(about, numbers, lists !== undefined || field === "history");
  const around: Around = {
    account,
    envelope: { entry, metadata: { phone_number_id: about.metadata?.phone_number_id } },
    people: peopleIn(about.contacts),
    business: about.metadata?.display_phone_number?.replace(/\D/g, ""),
    origin: PHONE_APP.has(field) ? "phone_app" : "other_app",
  };
  if (field === "history") return ofHistory(value, around);
  if (field === "smb_app_state_sync") return [addressBook(account, entry.id)];
  // The entry's time is Meta's own mark of an account's news; without it the same news could never come twice.
  const news = () =>
    notice(account, codeOf(field), { entry, change: raw }, newsOf(field, { ...(raw as object), ...value }));
  if (!lists) return [news()];

  const told = Object.entries(lists).flatMap(([list, read]) => {
    const elements = value[list];
    return Array.isArray(elements) ? elements.map((element) => read(element, around)) : [];
  });
  const isWhole = Object.entries(value).every(
    ([name, member]) => (name === "contacts" || Object.hasOwn(lists, name)) === Array.isArray(member),
  );
  return isWhole && told.length > 0 ? told : [...told, news()];
}

/** The phone app shares every entry of its address book: people who never wrote, and so none of ours. Said once. */
function addressBook(account: string | undefined, business: string | undefined): Parsed {
  const reason = "The phone app shares its address book, which Recado leaves alone.";
  return {
    account,
    subject: `address_book#${business || "unknown"}`,
    happening: { type: "account.alert", code: "whatsapp_smb_app_state_sync", reason, raw: null },
  };
}

/**
 * News of the whole WhatsApp account names no number and goes to the first account that verified the body. A message
 * without a number is nobody's, unless there is only one to have it.
 */
function accountOf(
  { metadata, recipient, display_phone_number: dialled }: About,
  numbers: Numbers,
  isMessage: boolean,
): string | undefined {
  const id = metadata?.phone_number_id ?? recipient?.phone_number_id;
  if (id !== undefined) return numbers.find(({ phoneNumberId }) => phoneNumberId === id)?.account;
  if (isMessage) return numbers.length > 1 ? undefined : numbers[0]?.account;
  const digits = dialled?.replace(/\D/g, "");
  const owner = numbers.find(({ displayPhoneNumber }) => digits && displayPhoneNumber?.replace(/\D/g, "") === digits);
  return (owner ?? numbers[0])?.account;
}

function codeOf(field: string): string {
  return /^[a-z_]{1,60}$/.test(field) ? `whatsapp_${field}` : "whatsapp_unknown";
}
