/** What each code of a problem means, for those who handle it, and one of each as it is answered. */
import { type ProblemCode, PublicError, problem } from "../../functions/api/problem.ts";
import type { JsonObject } from "./json-schema.ts";

export const PROBLEM_WORDS: Record<ProblemCode, string> = {
  bad_parameter: "A parameter is not known here, given twice or not valid; so are a cursor or an Idempotency-Key.",
  bad_json: "The body is missing, or no JSON in UTF-8.",
  unauthorized: "There is no API key, or none that is known.",
  scope_missing: "The API key lacks the scope that is needed.",
  account_limited: "The API key is limited to some accounts, and what was asked for is of all of them.",
  not_found: "There is nothing with this id, or nothing at this path.",
  method_not_allowed: "The path takes other methods, which the header `allow` names.",
  idempotency_key_reused: "The same Idempotency-Key came with another body before.",
  not_cancellable: "The message has gone out, has failed, or is on its way.",
  not_recorded_yet: "What it is about was accepted a moment ago; `retry-after` says when to ask again.",
  contact_merged: "The contact is part of another one, which its `mergedInto` names.",
  not_merged: "The two contacts were not merged.",
  changed_meanwhile: "Somebody else changed the same thing at the same moment.",
  replay_under_way: "A replay of the same kind is not through yet.",
  subscription_disabled: "Nothing is delivered to the subscription now.",
  too_large: "The body is larger than any that is read.",
  unsupported_media_type: "The body is not said to be JSON.",
  invalid_body: "A field is missing, unknown or not valid; `field` names it.",
  reply_to_unknown: "`replyTo` names no message that can be answered or reacted to.",
  contact_unknown: "There is no contact with this id.",
  too_many_contacts: "The person would be made of more contacts than a person may.",
  too_many_attributes: "The contact would have more attributes than a contact may.",
  too_many_topics: "The customer would have stopped more topics than there is room for.",
  media_unknown: "There is no file with this id, or not yet.",
  account_unknown: "The account is not configured, or not any more.",
  address_invalid: "The address is none that the account's channel knows.",
  recipient_unknown: "The contact has no conversation there, or the customer has to write first.",
  window_closed: "The customer wrote too long ago for a free reply; a template is possible where the channel has them.",
  opted_out: "The customer does not want such messages.",
  quiet_hours: "Nothing that the business begins goes out at this hour.",
  not_carried: "The channel does not carry this, and nothing that could stand in for it.",
  too_long: "The message is longer than the channel carries.",
  empty: "The message says nothing.",
  url_forbidden:
    "The URL is none that webhooks may go to: it does not begin with https, holds credentials, or leads inside a network.",
  url_not_found: "The name in the URL leads nowhere.",
  too_many_subscriptions: "There are as many subscriptions as there may be.",
  rate_limited: "The API key has made as many requests as it may; `retry-after` says when to ask again.",
  internal_error: "A fault of Recado's. The request id finds it in the logs.",
  unavailable: "A service that Recado runs on did not answer. Try again with the same Idempotency-Key.",
};

const SAID: Partial<Record<ProblemCode, { detail: string; field?: string }>> = {
  bad_parameter: { detail: "The parameter must be a whole number from 1 to 100.", field: "limit" },
  bad_json: { detail: "The body is empty; a JSON object is expected." },
  unauthorized: { detail: "This API key is not known.", field: "Authorization" },
  scope_missing: { detail: "This API key lacks the scope send.", field: "Authorization" },
  not_found: { detail: "There is no conversation with this id." },
  idempotency_key_reused: {
    detail: "This Idempotency-Key came with another message before. Use a new key for each message.",
    field: "Idempotency-Key",
  },
  unsupported_media_type: {
    detail: "Send JSON, with the header Content-Type: application/json.",
    field: "Content-Type",
  },
  invalid_body: { detail: "The field is not known here.", field: "reply_to" },
  media_unknown: {
    detail: "There is no file with this id. One that was announced is there once it is uploaded.",
    field: "content.media.id",
  },
  reply_to_unknown: {
    detail: "replyTo names no message among the newest of this conversation.",
    field: "replyTo",
  },
  window_closed: {
    detail:
      "The customer last wrote more than 24 hours ago. Only an approved template can open the conversation again.",
    field: "content",
  },
};

/** As the API itself would write it. */
export function problemExample(code: ProblemCode): JsonObject {
  const { detail = PROBLEM_WORDS[code], field } = SAID[code] ?? {};
  const error = new PublicError(code, detail, field === undefined ? {} : { field });
  return JSON.parse(problem(error, "8f2a3c44-1d0b-4b0e-9b62-0a3f7f1c2d5e").body) as JsonObject;
}
