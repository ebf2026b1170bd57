/** What a provider's answer about a file means where there is no file in it. */
import type { MediaPlace } from "../channels/connector.ts";
import type { HttpAnswer } from "../ports.ts";

/** @returns undefined for a success */
export function withoutFile(answer: HttpAnswer): MediaPlace | undefined {
  if (answer.kind !== "answer") return { kind: "unavailable", detail: answer.detail };
  const { status, headers } = answer;
  if (status < 400) return undefined;
  const detail = `HTTP ${status}`;
  if (status === 404 || status === 410) return { kind: "gone", detail };
  const seconds = Number(headers["retry-after"] ?? Number.NaN);
  return { kind: "unavailable", detail, ...(seconds > 0 && { retryAfterSeconds: seconds }) };
}
