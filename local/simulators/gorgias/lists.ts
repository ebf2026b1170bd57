/** A list as Gorgias gives it: by cursor, the newest first unless it is asked for otherwise. */
import type { Answer } from "../http.ts";
import { failure } from "./errors.ts";

const MOST_A_PAGE = 100;
const USUAL_PAGE = 30;
const ORDERS = /^(created_datetime|updated_datetime):(asc|desc)$/;

/** @param rows in the order in which they came about */
export function listed(rows: readonly Record<string, unknown>[], query: URLSearchParams): Answer {
  const limit = Number(query.get("limit") ?? USUAL_PAGE);
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= MOST_A_PAGE))
    return failure(400, "Invalid query parameters.", { limit: ["Must be between 1 and 100."] });
  const [, key = "", direction] = ORDERS.exec(query.get("order_by") ?? "created_datetime:desc") ?? [];
  if (key === "") return failure(400, "Invalid query parameters.", { order_by: ["Not a valid choice."] });
  const text = (row: Record<string, unknown>) => String(row[key] ?? "");
  const rising = rows.toSorted((one, other) => (text(one) < text(other) ? -1 : Number(text(one) > text(other))));
  const sorted = direction === "asc" ? rising : rising.toReversed();
  const from = Number(Buffer.from(query.get("cursor") ?? "", "base64url").toString() || 0);
  const page = sorted.slice(from, from + limit);
  const cursorOf = (at: number) => Buffer.from(String(at)).toString("base64url");
  const next_cursor = from + limit < sorted.length ? cursorOf(from + limit) : null;
  const prev_cursor = from > 0 ? cursorOf(Math.max(from - limit, 0)) : null;
  return { status: 200, body: { object: "list", uri: "", data: page, meta: { prev_cursor, next_cursor } } };
}
