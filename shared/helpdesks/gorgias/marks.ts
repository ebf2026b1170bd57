/** By what our tickets and messages are known again: ids in `external_id`, of which Gorgias makes no use itself. */

const BEGINNING = "recado:";

/** Of the ticket that is opened by a saying. */
export function ticketMark(conversation: string, saying: string): string {
  return `${BEGINNING}${conversation}:${saying}`;
}

/** Of the message that a saying becomes. */
export function messageMark(saying: string): string {
  return `${BEGINNING}${saying}`;
}

export function isOurs(externalId: string | undefined): boolean {
  return externalId?.startsWith(BEGINNING) ?? false;
}
