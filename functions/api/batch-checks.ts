/**
 * What is wrong with a batch as it is written. Whatever can be said without looking anybody up is said here, before
 * anything of the batch is done; what becomes of each recipient is decided at their turn.
 */
import { LARGEST_MESSAGE } from "../../shared/domain/api-shapes.ts";
import { placeholdersIn, withValues } from "../../shared/domain/batch-placeholders.ts";
import type { BatchRecipient, BatchToSend, MessageToMany } from "../../shared/domain/batch-shapes.ts";
import { ContentToSend } from "../../shared/domain/content-to-send.ts";
import { iso } from "../../shared/domain/envelope.ts";
import type { Channel } from "../../shared/domain/event.ts";
import { spelledAlike } from "../../shared/domain/phone-number.ts";
import { quietUntil } from "../../shared/domain/quiet-hours.ts";
import { readSendAt } from "../../shared/sending/send-at.ts";
import { PublicError } from "./problem.ts";
import type { Ports } from "./route.ts";

/** Each is filled for each recipient while the caller waits. */
const MOST_PLACEHOLDERS = 50;

type Accounts = Pick<Ports, "accounts" | "addressing">;

/** @throws PublicError that names the field and, of a recipient, the index: `recipients.17.to` */
export function checkRecipients({ message, recipients }: BatchToSend, accounts: Accounts): void {
  const names = checkMessage(message);
  const seen = new Map<string, number>();
  for (const [index, recipient] of recipients.entries()) {
    const field = `recipients.${index}`;
    checkValues(recipient, names, field);
    checkAddresses(recipient, accounts, field);
    if (names.size > 0) checkFilled(message, recipient, field);
    const own = deliveries(recipient, names, accounts);
    const before = own.map((delivery) => seen.get(delivery)).find((at) => at !== undefined);
    if (before !== undefined)
      throw new PublicError("invalid_body", `This would be the same message as to recipients.${before}.`, { field });
    for (const delivery of own) seen.set(delivery, index);
  }
}

/** Whom it may reach and what differs in it, however they are written: what two recipients have in common comes twice. */
function deliveries({ to, values = {} }: BatchRecipient, names: ReadonlySet<string>, own: Accounts): string[] {
  const said = [...names].map((name) => values[name]);
  return [to].flat().flatMap((one) => {
    if (!("address" in one))
      return accountsFor(one, own).map((account) => JSON.stringify([said, account, one.contact]));
    const { channel, readAddress } = own.addressing.get(one.account) ?? {};
    const address = readAddress?.(one.address)?.address ?? one.address;
    return JSON.stringify([said, one.account, channel ? spelledAlike(channel, address) : address]);
  });
}

/** On which accounts a contact may be reached. */
function accountsFor(
  { account, channel }: { account?: string | undefined; channel?: Channel | undefined },
  { accounts, addressing }: Accounts,
): string[] {
  const isOn = (name: string) => channel === undefined || addressing.get(name)?.channel === channel;
  return [...accounts.keys()].filter((name) => (account ?? name) === name && isOn(name));
}

/** @returns the names of its placeholders */
function checkMessage({ content, template }: MessageToMany): ReadonlySet<string> {
  const field = "message";
  const said = { content, template };
  if (Buffer.byteLength(JSON.stringify(said)) > LARGEST_MESSAGE)
    throw new PublicError("too_long", "The message is too large to be sent as one.", { field });
  const { names, stray } = placeholdersIn(said);
  if (stray) {
    const detail =
      "Two braces stand for a placeholder such as {{name}}: a letter, then letters, digits and underscores, without blanks.";
    throw new PublicError("invalid_body", detail, { field });
  }
  if (names.length <= MOST_PLACEHOLDERS) return new Set(names);
  const detail = `The message has more than ${MOST_PLACEHOLDERS} placeholders.`;
  throw new PublicError("invalid_body", detail, { field });
}

/**
 * @returns when it is to go out (ms since 1970); undefined for at once
 * @throws PublicError `invalid_body`, `quiet_hours`
 */
export function checkTime({ sendAt }: MessageToMany, { clock, quietHours }: Ports): number | undefined {
  const now = clock.now();
  const field = "message.sendAt";
  const at = sendAt === undefined ? undefined : readSendAt(sendAt, now);
  if (sendAt !== undefined && at === undefined)
    throw new PublicError("invalid_body", "The time is over, or too far ahead.", { field });
  const quiet = quietHours && quietUntil(quietHours, at ?? now);
  if (quiet === undefined) return at;
  const detail = `It is too late or too early at the customers' for a message that we begin ourselves: possible from ${iso(quiet)}.`;
  throw new PublicError("quiet_hours", detail, { field });
}

function checkValues({ values = {} }: BatchRecipient, names: ReadonlySet<string>, field: string): void {
  const missing = [...names].find((name) => !Object.hasOwn(values, name));
  if (missing === undefined) return;
  const detail = "The message has a placeholder of this name, and this recipient no value for it.";
  throw new PublicError("invalid_body", detail, { field: `${field}.values.${missing}` });
}

function checkAddresses({ to }: BatchRecipient, { accounts, addressing }: Accounts, field: string): void {
  for (const [place, one] of [to].flat().entries()) {
    const at = Array.isArray(to) ? `${field}.to.${place}` : `${field}.to`;
    if (one.account === undefined) continue;
    const addresses = accounts.has(one.account) ? addressing.get(one.account) : undefined;
    if (!addresses)
      throw new PublicError("account_unknown", "No account of this name is configured.", { field: `${at}.account` });
    if (!("address" in one) || addresses.readAddress(one.address)) continue;
    const detail = `This is no address of a customer on this account, where they are written like ${addresses.example}.`;
    throw new PublicError("address_invalid", detail, { field: `${at}.address` });
  }
}

/** With the values in it, it must still be what it was: the address of a page, for example. */
function checkFilled({ content, template }: MessageToMany, { values = {} }: BatchRecipient, field: string): void {
  for (const one of [content, template]) {
    if (!one || ContentToSend.safeParse(withValues(one, values)).success) continue;
    const detail = "With these values in it the message is not valid any more.";
    throw new PublicError("invalid_body", detail, { field: `${field}.values` });
  }
}
