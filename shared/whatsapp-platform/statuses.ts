/** What became of the business's own messages, and the errors that Meta reports beside them. */

import type { Parsed } from "../channels/connector.ts";
import type { Failure } from "../domain/event.ts";
import { failureOf } from "../domain/provider-error.ts";
import { isRecord, keptRaw } from "../domain/raw-element.ts";
import { wordsIn } from "../http/graph.ts";
import { addressed, groupOf } from "./addresses.ts";
import { classes } from "./errors.ts";
import { notice, timed } from "./notice.ts";
import { Status } from "./payload.ts";

const RECEIPTS = ["sent", "delivered", "read", "played"] as const;

/** One receipt. Groups have one of each kind for every participant. */
export function ofStatus(raw: unknown, { account }: { account: string | undefined }): Parsed {
  const status = Status.safeParse(raw).data;
  const type = RECEIPTS.find((word) => word === status?.status);
  if (!status?.id || !(type || status.status === "failed")) return notice(account, "unreadable_status", raw);
  const { id, biz_opaque_callback_data: correlation } = status;
  const participant = status.recipient_participant_user_id ?? status.recipient_participant_id;
  const customer =
    status.recipient_type === "group" && status.recipient_id
      ? groupOf(status.recipient_id)
      : addressed([status.recipient_user_id, status.recipient_parent_user_id, status.recipient_id]);
  const pricing = keptRaw(status.pricing);
  const receipt = { providerMessageId: id, ...(participant && { participant }) };
  return {
    account,
    subject: [id, `#${type ?? "failed"}`, participant ? `#${participant}` : ""].join(""),
    ...timed(status.timestamp),
    ...customer,
    ...(correlation !== undefined && { correlation }),
    happening: type
      ? { type: `message.${type}`, receipt: { ...receipt, ...(isRecord(pricing) && { pricing }) } }
      : { type: "message.failed", receipt, failure: failureIn(status.errors?.find(isRecord)) },
  };
}

/** An error of Meta's in our words and in theirs. */
export function failureIn(error: Record<string, unknown> | undefined): Failure {
  const code = error?.code;
  const codes = typeof code === "number" || typeof code === "string" ? [String(code).slice(0, 40)] : [];
  return failureOf({ classes }, codes, error && wordsIn(error));
}
