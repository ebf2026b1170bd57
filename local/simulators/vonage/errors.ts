import { randomUUID } from "node:crypto";
import type { Answer } from "../http.ts";

/** Titles and words of the Messages API's codes (https://developer.vonage.com/en/api-errors/messages). */
const WORDS: Record<number, readonly [title: string, detail: string]> = {
  1000: ["Throttled", "You have exceeded the submission capacity allowed on this account."],
  1010: ["Missing params", "The request is incomplete and misses mandatory parameters."],
  1020: ["Invalid params", "The value of one or more parameters is invalid."],
  1120: ["Illegal Sender Address", "The sender that was set in `from` was not accepted."],
  1170: ["Invalid recipient", "The `to` parameter is missing or no valid number."],
  1240: ["Illegal Number", "The user has sent an opt-out message and wants no messages."],
  1330: ["Delivery failed", "The provider returned an unknown permanent failure."],
  1440: ["Invalid message type", "The message type is not supported for the given channel."],
  1450: ["Invalid client reference", "The client reference can be a string of up to 100 characters."],
};

/** What stands in answers and, of failures, in statuses. */
export function vonageProblem(code: number): { type: string; title: string; detail: string; instance: string } {
  const [title, detail] = WORDS[code] ?? ["Error", "Unknown error"];
  const type = `https://developer.vonage.com/api-errors/messages#${code}`;
  return { type, title, detail, instance: randomUUID() };
}

export function vonageError(status: number, code: number, detail?: string): Answer {
  const problem = { ...vonageProblem(code), ...(detail !== undefined && { detail }) };
  return { status, headers: { "content-type": "application/problem+json" }, body: problem };
}

export const unauthorized: Answer = {
  status: 401,
  headers: { "content-type": "application/problem+json" },
  body: {
    type: "https://developer.vonage.com/api-errors#unauthorized",
    title: "You did not provide correct credentials.",
    detail: "Check that you're using the correct credentials, and that your account has this feature enabled",
    instance: "bf0ca0bf927b3b52e3cb03217e1a1ddf",
  },
};
