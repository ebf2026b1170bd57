/** By what a ticket and a comment of ours are known again. */

/** On every ticket of ours: triggers that write to customers leave it out by this tag. */
export const OUR_TAG = "recado";

/** In the metadata of an update's audit: the id of the saying that it was. */
export const SAYING_MARK = "recado_saying";

/** Whoever writes for Zendesk itself: triggers and automations. */
export const SYSTEM_USER = "-1";

const PREFIX = "recado:";

/** The conversation's first ticket has its id, each later one a number behind it. */
export function externalId(conversation: string, number: number): string {
  return number === 1 ? `${PREFIX}${conversation}` : `${PREFIX}${conversation}:${number}`;
}

export function isOurTicket(externalId: string | null | undefined): boolean {
  return externalId?.startsWith(PREFIX) ?? false;
}
