/** Which inbox is whose. Apart from the settings' schema, which the door does not carry. */
import type { Settings } from "./settings.ts";

export type Inbox = NonNullable<Settings["inbox"]>;

/** Undefined where the settings name none for this account. */
export function inboxOf({ inbox, inboxes = {} }: Settings, account: string): Inbox | undefined {
  return Object.hasOwn(inboxes, account) ? inboxes[account] : inbox;
}

/** The ids of all of them, each once. */
export function inboxIds({ inbox, inboxes = {} }: Settings): number[] {
  const all = [...(inbox ? [inbox] : []), ...Object.values(inboxes)];
  return [...new Set(all.map(({ id }) => id))];
}
