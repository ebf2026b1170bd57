/** What customers decide about themselves apart from messages: which ids they have, what they want to get. */

import type { Parsed } from "../channels/connector.ts";
import { keptRaw, rawHash } from "../domain/raw-element.ts";
import { addressed } from "./addresses.ts";
import { notice, timed } from "./notice.ts";
import { NewUserId, Preference } from "./payload.ts";

/** The same customer may stop, resume and stop again, and nothing but the whole element tells one from another. */
export function ofPreference(raw: unknown, { account }: { account: string | undefined }): Parsed {
  const preference = Preference.safeParse(raw).data;
  const state = stateOf(preference?.value);
  const customer = addressed([preference?.user_id, preference?.parent_user_id, preference?.wa_id]);
  if (!preference?.category || !state || !customer) return notice(account, "unreadable_preference", raw);
  const topic = preference.category.replace(/_messages$/, "").slice(0, 60);
  return {
    account,
    subject: `${rawHash(raw)}#consent`,
    ...timed(preference.timestamp),
    ...customer,
    happening: { type: "consent.changed", topic, state, source: "provider" },
  };
}

function stateOf(value: string | undefined): "opted_out" | "opted_in" | undefined {
  if (value === "stop") return "opted_out";
  return value === "resume" || value === "signup" ? "opted_in" : undefined;
}

/** Some providers in between hand this on beside the system message that says the same. */
export function ofNewUserId(raw: unknown, { account }: { account: string | undefined }): Parsed {
  const { user_id: id, parent_user_id: parent, wa_id: number, timestamp } = NewUserId.safeParse(raw).data ?? {};
  const customer = addressed([id?.previous, parent?.previous, id?.current, parent?.current, number]);
  if (!id?.current || !customer) return notice(account, "unreadable_user_id", raw);
  return {
    account,
    subject: `${id.current}#updated#${id.previous ?? ""}`,
    ...timed(timestamp),
    ...customer,
    happening: { type: "contact.updated", change: "user_changed_user_id", text: "", raw: keptRaw(raw) },
  };
}
