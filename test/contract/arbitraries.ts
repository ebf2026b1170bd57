/** Requests made from the OpenAPI document: such as it allows, and such as it forbids in one way each. */
import fc from "fast-check";
import { type Json, type JsonObject, objectIn } from "../../cli/contract/json-schema.ts";
import type { Contract, Operation, Parameter } from "./operations.ts";

/** Of what the document says nothing about; small, and without what JSON can say but no message may hold. */
const anything = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.integer(), { maxLength: 2 }),
  fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), fc.integer(), { maxKeys: 2 }),
) as fc.Arbitrary<Json>;

/** RFC 3339, which the format is, has four digits for the year. */
const dates = fc.date({
  min: new Date("0000-01-01T00:00:00.000Z"),
  max: new Date("9999-12-31T23:59:59.999Z"),
  noInvalidDate: true,
});

const KEYWORDS = new Set(
  "$ref additionalProperties anyOf const default description enum exclusiveMinimum format items maxItems maxLength maximum minItems minLength minimum oneOf pattern properties propertyNames required type".split(
    " ",
  ),
);

/** What the schema allows. @throws Error for a keyword that it would have to know and does not */
function allowedBy(contract: Contract, written: Json | undefined, known: Known = {}): fc.Arbitrary<Json> {
  const schema = contract.resolve(written);
  const strange = Object.keys(schema).find((keyword) => !KEYWORDS.has(keyword));
  if (strange !== undefined) throw new Error(`No request can be made from the keyword ${strange}`);
  const { const: only, enum: several, oneOf, anyOf, type } = schema;
  if (only !== undefined) return fc.constant(only);
  if (Array.isArray(several)) return fc.constantFrom(...several);
  const choices = oneOf ?? anyOf;
  if (Array.isArray(choices)) return fc.oneof(...choices.map((choice) => allowedBy(contract, choice, known)));
  switch (type) {
    case "object":
      return objects(contract, schema, known);
    case "array":
      return fc.array(allowedBy(contract, schema.items, known), {
        minLength: Number(schema.minItems ?? 0),
        maxLength: Math.min(Number(schema.maxItems ?? 3), 3),
      });
    case "string":
      return strings(schema);
    case "integer":
    case "number":
      return numbers(schema);
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    default:
      return anything;
  }
}

/** A field that is called like something in paths mostly names one that is there. */
function objects(
  contract: Contract,
  { properties, required, additionalProperties }: JsonObject,
  known: Known,
): fc.Arbitrary<Json> {
  const fields = Object.fromEntries(
    Object.entries(objectIn(properties)).map(([name, schema]) => {
      const any = allowedBy(contract, schema, known);
      const isText = contract.resolve(schema).type === "string";
      return [name, isText ? mostly(known[name] ?? [], any as fc.Arbitrary<string>) : any];
    }),
  );
  const requiredKeys = (Array.isArray(required) ? required : []).map(String);
  const optional = Object.keys(fields).filter((name) => !requiredKeys.includes(name));
  // With one of them alone, too: several ways to say a thing often exclude each other.
  const sparse = optional.map((name) => {
    const keys = [...requiredKeys, name];
    return fc.record(Object.fromEntries(Object.entries(fields).filter(([key]) => keys.includes(key))));
  });
  const full = fc.record(fields, { requiredKeys });
  const named = sparse.length > 1 ? fc.oneof({ weight: sparse.length, arbitrary: full }, ...sparse) : full;
  if (typeof additionalProperties !== "object" || properties !== undefined) return named as fc.Arbitrary<Json>;
  return fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), allowedBy(contract, additionalProperties), { maxKeys: 3 });
}

function strings({ format, pattern, minLength = 0, maxLength = 1_000 }: JsonObject): fc.Arbitrary<string> {
  if (format === "uri") return fc.webUrl({ validSchemes: ["https"] });
  if (format === "date-time") return dates.map((date) => date.toISOString());
  const [least, most] = [Number(minLength), Number(maxLength)];
  const free = fc.string({ unit: "grapheme", minLength: least, maxLength: Math.min(most, 40) });
  if (typeof pattern !== "string") return free.filter((text) => text.length <= most);
  const expression = new RegExp(pattern, "u");
  const isRight = (text: string) => expression.test(text) && text.length >= least && text.length <= most;
  const matching = fc.stringMatching(expression).filter((text) => isRight(text) && isText(text));
  // Characters that the expression only excludes are drawn from all that there are.
  return pattern.includes("[^") ? fc.oneof(matching, free.filter(isRight)) : matching;
}

/** Neither NUL nor half of a character: no message may hold them, which JSON Schema cannot say. */
function isText(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}

function numbers({ type, minimum, maximum, exclusiveMinimum }: JsonObject): fc.Arbitrary<number> {
  const least = exclusiveMinimum === undefined ? Number(minimum ?? -1_000_000) : Number(exclusiveMinimum) + 1;
  const most = Math.min(Number(maximum ?? 1_000_000_000), 1_000_000_000);
  return type === "integer"
    ? fc.integer({ min: least, max: most })
    : fc.double({ min: least, max: most, noNaN: true }).map((number) => (number === 0 ? 0 : number));
}

/** A request as a client would send it. */
export interface Asked {
  method: string;
  /** With its query. */
  url: string;
  headers: Record<string, string>;
  body?: string;
}

export interface Case {
  asked: Asked;
  /** What is wrong with it; undefined when nothing is. */
  wrong?: string;
  query: Record<string, string>;
  body?: Json;
}

/** Values for the names in paths: such as are there. */
export type Known = Readonly<Record<string, readonly string[]>>;

const KEY = { authorization: "Bearer local-api-key" };

/** A request as the document allows it. */
export function allowedRequest(contract: Contract, operation: Operation, known: Known): fc.Arbitrary<Case> {
  const of = (place: Parameter["in"]) => operation.parameters.filter((parameter) => parameter.in === place);
  const parameters = (place: Parameter["in"]) =>
    fc.record(
      Object.fromEntries(of(place).map(({ name, schema }) => [name, allowedBy(contract, schema).map(String)])),
      { requiredKeys: of(place).flatMap(({ name, isRequired }) => (isRequired ? [name] : [])) },
    );
  const path = fc
    .record(Object.fromEntries(of("path").map((parameter) => [parameter.name, nameFor(contract, parameter, known)])))
    .map((names) => operation.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(names[name] ?? "")));
  const { body } = operation;
  const written = body
    ? body.isRequired
      ? allowedBy(contract, body.schema, known)
      : fc.option(allowedBy(contract, body.schema, known), { nil: undefined })
    : fc.constant(undefined);
  // Of several ways to ask one excludes the others: all at once say little about any of them.
  const optional = of("query").flatMap(({ name, isRequired }) => (isRequired ? [] : [name]));
  const query = fc.tuple(parameters("query"), fc.boolean(), fc.nat()).map(([drawn, isWhole, chosen]) => {
    const left = isWhole ? optional : optional.slice(chosen % optional.length).slice(0, 1);
    const kept = Object.entries(drawn).filter(([name]) => left.includes(name) || !optional.includes(name));
    return Object.fromEntries(kept);
  });
  return fc.record({ path, query, headers: parameters("header"), body: written }).map((drawn) => ({
    query: drawn.query,
    ...(drawn.body !== undefined && { body: drawn.body }),
    asked: {
      method: operation.method,
      url: withQuery(drawn.path, drawn.query),
      headers: {
        ...(operation.scopes.length > 0 && KEY),
        ...drawn.headers,
        ...(drawn.body !== undefined && { "content-type": "application/json" }),
      },
      ...(drawn.body !== undefined && { body: JSON.stringify(drawn.body) }),
    },
  }));
}

/** Mostly one that is there. */
function nameFor(contract: Contract, { name, schema }: Parameter, known: Known): fc.Arbitrary<string> {
  const strange = allowedBy(contract, schema).map(String).filter(isSegment);
  return mostly(known[name] ?? [], strange);
}

function mostly(there: readonly string[], strange: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return there.length === 0 ? strange : fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...there) }, strange);
}

/** What a client takes for a way up or down is none. */
function isSegment(text: string): boolean {
  return text !== "" && text !== "." && text !== "..";
}

function withQuery(path: string, query: Readonly<Record<string, string>>, more = ""): string {
  const written = [new URLSearchParams(query).toString(), more].filter((part) => part !== "").join("&");
  return written === "" ? path : `${path}?${written}`;
}

/** A request that is wrong in one way, which the document forbids. */
export function forbiddenRequest(contract: Contract, operation: Operation, known: Known): fc.Arbitrary<Case> {
  const right = allowedRequest(contract, operation, known);
  const ways = [
    ...(operation.scopes.length > 0 ? [withoutKey(right), withWrongKey(right), withMoreQuery(right)] : []),
    ...(operation.parameters.some(({ in: place }) => place === "path") ? [elsewhere(right, operation)] : []),
    ...operation.parameters.flatMap((parameter) => wrongParameter(right, parameter)),
    ...(operation.body ? wrongBodies(contract, right, operation.body) : []),
  ];
  return fc.oneof(...ways);
}

/** Whether there is any such request. */
export function canBeWrong({ scopes, parameters, body }: Operation): boolean {
  return scopes.length > 0 || parameters.length > 0 || body !== undefined;
}

type Cases = fc.Arbitrary<Case>;

function changed(right: Cases, wrong: string, change: (asked: Asked) => Asked): Cases {
  return right.map((one) => ({ ...one, wrong, asked: change(one.asked) }));
}

function withoutKey(right: Cases): Cases {
  return changed(right, "no key", ({ headers: { authorization: _, ...headers }, ...asked }) => ({ ...asked, headers }));
}

function withWrongKey(right: Cases): Cases {
  return fc
    .tuple(right, fc.constantFrom("Bearer recado_wrong", "Basic local-api-key", "Bearer", "local-api-key"))
    .map(([one, authorization]) => ({
      ...one,
      wrong: "a wrong key",
      asked: { ...one.asked, headers: { ...one.asked.headers, authorization } },
    }));
}

function withMoreQuery(right: Cases): Cases {
  return fc.tuple(right, fc.constantFrom("zzz=1", "Limit=1", "__proto__=1", "limit=1&limit=2")).map(([one, more]) => {
    const [path = "", query = ""] = one.asked.url.split("?");
    const url = withQuery(path, Object.fromEntries(new URLSearchParams(query)), more);
    return { ...one, wrong: "a parameter that is not there", asked: { ...one.asked, url } };
  });
}

function elsewhere(right: Cases, { path }: Operation): Cases {
  const odd = fc.oneof(
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 }).filter(isSegment),
    fc.constantFrom("__proto__", "constructor", "null", "0", "conv_", "%", "' or 1=1", "😀"),
  );
  return fc.tuple(right, odd).map(([one, name]) => {
    const query = one.asked.url.split("?")[1];
    const url = path.replace(/\{\w+\}/, encodeURIComponent(name)) + (query === undefined ? "" : `?${query}`);
    return { ...one, wrong: "an id that is nobody's", asked: { ...one.asked, url } };
  });
}

function wrongParameter(right: Cases, { name, in: place, schema }: Parameter): Cases[] {
  if (place === "header") {
    const wrong = fc.constantFrom("k".repeat(256), "a\tb");
    return [
      fc.tuple(right, wrong).map(([one, value]) => ({
        ...one,
        wrong: `the header ${name}`,
        asked: { ...one.asked, headers: { ...one.asked.headers, [name]: value } },
      })),
    ];
  }
  if (place !== "query" || (schema.type === "string" && !schema.enum && !schema.pattern)) return [];
  const values = ["", "-1", "1e3", "0x10", "ten", "1.5", "999999999999999", " 1", "null", "TRUE"];
  return [
    fc.tuple(right, fc.constantFrom(...values)).map(([one, value]) => {
      const [path = ""] = one.asked.url.split("?");
      const { [name]: _, ...query } = one.query;
      return {
        ...one,
        wrong: `the parameter ${name}`,
        asked: { ...one.asked, url: withQuery(path, { ...query, [name]: value }) },
      };
    }),
  ];
}

function wrongBodies(
  contract: Contract,
  right: Cases,
  { schema, isRequired }: NonNullable<Operation["body"]>,
): Cases[] {
  const withBody = right.filter(({ body }) => body !== undefined);
  const send = (one: Case, wrong: string, body: string): Case => ({ ...one, wrong, asked: { ...one.asked, body } });
  const broken = fc
    .tuple(withBody, fc.nat(), anything, fc.constantFrom("drop", "replace", "add"))
    .map(([one, at, value, how]) =>
      send(one, `a body to which somebody did ${how}`, mutated(one.body, { at, value, how })),
    )
    .filter(({ asked }) => contract.faults(schema, JSON.parse(asked.body ?? "null")).length > 0);
  const noJson = fc
    .tuple(withBody, fc.constantFrom("{", '{"content":', "content=x", "\u0000", "{'a':1}", "[".repeat(5_000)))
    .map(([one, text]) => send(one, "a body that is no JSON", text));
  const otherType = fc
    .tuple(withBody, fc.constantFrom("text/plain", "application/x-www-form-urlencoded", "application/xml"))
    .map(([one, type]) => ({
      ...one,
      wrong: "a body of another type",
      asked: { ...one.asked, headers: { ...one.asked.headers, "content-type": type } },
    }));
  const none = changed(right, "no body", ({ body: _, ...asked }) => asked);
  return [broken, broken, noJson, otherType, ...(isRequired ? [none] : [])];
}

/** The value with one of its fields dropped, replaced or joined by another. */
function mutated(body: Json | undefined, { at, value, how }: { at: number; value: Json; how: string }): string {
  const copy = structuredClone(body ?? null);
  const places: [JsonObject, string][] = [];
  const visit = (inner: Json): void => {
    if (typeof inner !== "object" || inner === null) return;
    for (const [name, deeper] of Object.entries(inner)) {
      places.push([inner as JsonObject, name]);
      visit(deeper);
    }
  };
  visit(copy);
  const place = places[at % Math.max(places.length, 1)];
  if (how === "add" || !place) return JSON.stringify({ ...objectIn(copy), unheardOf: value });
  const [holder, name] = place;
  if (how === "drop") delete holder[name];
  else holder[name] = value;
  return JSON.stringify(copy);
}
