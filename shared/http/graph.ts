/** What the answers of Meta's Graph API have in common, whatever the product. */
import { isRecord } from "../domain/raw-element.ts";

/** The error of an answer: `error.code`, refined by `error.error_subcode` where there is one. */
export function graphErrorIn(body: Record<string, unknown>): { codes: string[]; words?: string } | undefined {
  const { error } = body;
  if (!isRecord(error) || typeof error.code !== "number") return undefined;
  const { code, error_subcode: subcode } = error;
  const words = wordsIn(error);
  const codes = typeof subcode === "number" ? [`${code}-${subcode}`, `*-${subcode}`, String(code)] : [String(code)];
  return { codes, ...(words !== undefined && { words }) };
}

/** The most telling of the sentences in a Graph error; titles are deprecated, and `details` stands in two places. */
export function wordsIn(error: Record<string, unknown>): string | undefined {
  const data = isRecord(error.error_data) ? error.error_data : {};
  const sentences = [data.details, error.details, error.message, error.title];
  return sentences.find((sentence) => typeof sentence === "string" && sentence !== "") as string | undefined;
}
