/** What DynamoDB's expressions name, without judging them: the table does that. */
import type { AttributeValue } from "./item-size.ts";

type Names = Readonly<Record<string, string>>;
type Values = Readonly<Record<string, AttributeValue>>;

const TOKEN = /(\.?)\s*([#:]?[A-Za-z_][\w-]*|#\w+)(\s*\()?/g;
const KEYWORDS = new Set(["AND", "OR", "NOT", "BETWEEN", "IN", "SET", "REMOVE", "ADD", "DELETE"]);

/** Top-level attributes that an expression names. */
export function attributesIn(expression: string, names: Names): string[] {
  return tokens(expression)
    .filter((token) => !token.startsWith(":") && !KEYWORDS.has(token.toUpperCase()))
    .map((token) => names[token] ?? token);
}

/** The value that a key condition sets equal to the attribute. */
export function equalTo(
  attribute: string,
  expression: string,
  names: Names,
  values: Values,
): AttributeValue | undefined {
  for (const [, left = "", right = ""] of expression.matchAll(/([#\w.-]+)\s*=\s*(:\w+)/g)) {
    if ((names[left] ?? left) === attribute) return values[right];
  }
  return undefined;
}

/** The placeholders that an expression uses; naming others is an error. */
export function used<Value>(placeholders: Readonly<Record<string, Value>>, expression: string): Record<string, Value> {
  const present = new Set(expression.match(/[#:]\w+/g));
  return Object.fromEntries(Object.entries(placeholders).filter(([name]) => present.has(name)));
}

/** Names and placeholders in order; parts below a dot and functions are left out. */
function tokens(expression: string): string[] {
  return [...expression.matchAll(TOKEN)].flatMap(([, dot, token = "", call]) => {
    const isFunction = call !== undefined && !KEYWORDS.has(token.toUpperCase());
    return dot || isFunction ? [] : [token];
  });
}
