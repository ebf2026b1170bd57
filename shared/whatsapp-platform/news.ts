/** News of the business's account, its numbers and its templates, in a sentence that its owner understands. */
import { isRecord } from "../domain/raw-element.ts";

const CUT_OFF = "Account and app are apart ({event}): nothing is sent or received any more.";

/**
 * By field, and news of the account by event too. In braces stand paths into the change, the first of several that is
 * there; a reason at the end is left out where Meta gives none.
 */
const SENTENCES: Readonly<Record<string, string>> = {
  message_template_status_update:
    "Template {message_template_name} ({message_template_language}) is now {event}. Reason: {rejection_info.reason|reason}.",
  message_template_quality_update:
    "Template {message_template_name}: quality {new_quality_score}, was {previous_quality_score}.",
  message_template_components_update: "Template {message_template_name} was changed.",
  template_category_update: "Template {message_template_name} is now charged as {new_category}.",
  phone_number_quality_update:
    "Number {display_phone_number}: {event}. It may write to {max_daily_conversations_per_business} customers a day.",
  phone_number_name_update:
    "Number {display_phone_number}: name {requested_verified_name} {decision}. Reason: {rejection_reason}.",
  account_update: "The account has changed: {event}.",
  ACCOUNT_RECONNECTED: "The number is connected again.",
  PARTNER_REMOVED: CUT_OFF,
  PARTNER_APP_UNINSTALLED: CUT_OFF,
  ACCOUNT_DELETED: CUT_OFF,
  ACCOUNT_OFFBOARDED: CUT_OFF,
  ACCOUNT_VIOLATION: "The account broke WhatsApp's rules: {violation_info.violation_type}.",
  ACCOUNT_RESTRICTION:
    "The account is restricted: {restriction_info.0.restriction_type}, until {restriction_info.0.expiration}.",
  DISABLED_UPDATE: "The account is switched off or on: {ban_info.waba_ban_state}, {ban_info.waba_ban_date}.",
  account_alerts: "{alert_info.alert_severity|alert_severity}: {alert_info.alert_description|alert_description}",
  account_review_update: "The account was reviewed: {decision}.",
  security: "Number {display_phone_number}, security: {event}.",
  business_capability_update: "The business may write to {max_daily_conversations_per_business} customers a day.",
  business_username_updates: "User name {username}: {status}.",
  messaging_handovers: "Another app passed or took a conversation ({type}).",
  calls: "A call goes on.",
  group: "Group {groups.0.subject|groups.0.group_id}: {groups.0.type}.",
};

/** @param value of the change, and whatever stands beside it */
export function newsOf(field: string, value: Record<string, unknown>): string {
  const name = field === "account_update" && typeof value.event === "string" ? value.event : field;
  const own = ownOf(SENTENCES, name) ?? ownOf(SENTENCES, field.replace(/^group_.*/, "group"));
  if (typeof own !== "string") return "WhatsApp has news about the account.";
  const said = own.replace(/\{([^}]+)\}/g, (_, paths: string) =>
    wordIn(paths.split("|").map((path) => path.split(".").reduce(ownOf, value))),
  );
  return `WhatsApp: ${said.replace(/ Reason: (\?|NONE)\.$/, "")}`;
}

function wordIn(values: readonly unknown[]): string {
  const value = values.find((one) => typeof one === "string" || typeof one === "number");
  // Larger than any count: Unix seconds.
  if (typeof value === "number" && value > 1e9 && value < 1e11)
    return new Date(value * 1000).toISOString().slice(0, 10);
  return String(value ?? "?").slice(0, 300);
}

function ownOf(parent: unknown, name: string): unknown {
  const isParent = isRecord(parent) || Array.isArray(parent);
  return isParent && Object.hasOwn(parent, name) ? (parent as Record<string, unknown>)[name] : undefined;
}
