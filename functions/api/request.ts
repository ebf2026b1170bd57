/** Reads query, body and keys of a request: strictly, so that a misspelt parameter is refused and not ignored. */
import type * as z from "zod";
import { LARGEST_REQUEST } from "../../shared/domain/api-shapes.ts";
import { PublicError } from "./problem.ts";
import type { ApiRequest } from "./route.ts";

/** No honest body nests deeper; a hostile one must not reach anything that recurses. */
const DEEPEST = 32;

/** @throws PublicError `bad_parameter` */
export function readQuery<Shape extends z.ZodObject>(
  { query }: Pick<ApiRequest, "query">,
  shape: Shape,
): z.output<Shape> {
  const parameters = [...new URLSearchParams(query)];
  const names = new Set<string>();
  for (const [name] of parameters) {
    if (!Object.hasOwn(shape.shape, name))
      throw new PublicError("bad_parameter", "There is no such parameter here.", { field: name });
    if (names.has(name)) throw new PublicError("bad_parameter", "The parameter is given twice.", { field: name });
    names.add(name);
  }
  const result = shape.safeParse(Object.fromEntries(parameters));
  if (result.success) return result.data;
  const { field, sentence } = fault(result.error);
  throw new PublicError("bad_parameter", `The parameter ${sentence}.`, { field });
}

/** @throws PublicError `too_large`, `unsupported_media_type`, `bad_json`, `invalid_body` */
export function readBody<Shape extends z.ZodType>({ body, headers }: ApiRequest, shape: Shape): z.output<Shape> {
  if (body.byteLength > LARGEST_REQUEST)
    throw new PublicError("too_large", `A body may have at most ${LARGEST_REQUEST} bytes.`);
  if (body.byteLength === 0) throw new PublicError("bad_json", "The body is empty; a JSON object is expected.");
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(headers["content-type"] ?? "")) {
    throw new PublicError("unsupported_media_type", "Send JSON, with the header Content-Type: application/json.", {
      field: "Content-Type",
    });
  }
  const parsed = parse(body, headers["content-length"]);
  refuseOddities(parsed);
  const result = shape.safeParse(parsed);
  if (result.success) return result.data;
  const { field, sentence } = fault(result.error);
  throw new PublicError("invalid_body", field ? `The field ${sentence}.` : `The body ${sentence}.`, { field });
}

/** @throws PublicError `bad_parameter` */
export function readIdempotencyKey({ headers }: Pick<ApiRequest, "headers">): string | undefined {
  const key = headers["idempotency-key"];
  if (key === undefined || /^[\x20-\x7e]{1,255}$/.test(key)) return key;
  throw new PublicError("bad_parameter", "An Idempotency-Key has 1 to 255 printable ASCII characters.", {
    field: "Idempotency-Key",
  });
}

function parse(body: Uint8Array, sentBytes: string | undefined): unknown {
  const refusal = new PublicError("bad_json", "The body is not JSON in UTF-8.");
  if (isPatched(body, sentBytes)) throw refusal;
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw refusal;
  }
}

/**
 * The gateway hands JSON over as text, with U+FFFD for what is no UTF-8. Only the length betrays that: most such bytes are
 * fewer than the three that stand for them. A text may hold the character itself.
 */
function isPatched(body: Uint8Array, sentBytes: string | undefined): boolean {
  return sentBytes !== undefined && Number(sentBytes) !== body.byteLength && Buffer.from(body).includes("\ufffd");
}

/** What JSON can say but no message of ours may hold. Goes level by level: recursion is what a deep body attacks. */
function refuseOddities(root: unknown): void {
  let level: [path: string, value: unknown][] = [["", root]];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) throw new PublicError("bad_json", `The body is nested deeper than ${DEEPEST} levels.`);
    level = level.flatMap(([path, value]) => {
      if (typeof value === "string") refuseText(path, value);
      if (typeof value !== "object" || value === null) return [];
      return Object.entries(value).map(([name, inner]): [string, unknown] => {
        if (name === "__proto__")
          throw new PublicError("bad_json", "A field must not be called __proto__.", { field: path });
        refuseText(path, name);
        return [path ? `${path}.${name}` : name, inner];
      });
    });
  }
}

function refuseText(field: string, text: string): void {
  if (text.includes("\0")) throw new PublicError("invalid_body", "A text must not hold the character NUL.", { field });
  if (!text.isWellFormed()) throw new PublicError("invalid_body", "A text holds half of a surrogate pair.", { field });
}

function fault({ issues }: z.ZodError): { field: string; sentence: string } {
  const [issue] = issues;
  const path = [...(issue?.path ?? []), ...(issue?.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [])];
  return {
    field: path.map(String).join("."),
    sentence: issue?.code === "unrecognized_keys" ? "is not known here" : sentenceOf(issue),
  };
}

function sentenceOf(issue: z.core.$ZodIssue | undefined): string {
  const message = issue?.message ?? "is not valid";
  return message.startsWith("must ") ? message : `is not valid: ${message}`;
}
