/**
 * Whether programs that were written for one version of the contract work with a later one. They break where something
 * they ask for is gone or refused, or where an answer lacks what they rely on. What is only added breaks nobody: the
 * contract says that additions come.
 */
import { type Json, type JsonObject, objectIn } from "./json-schema.ts";

/** Where, and what a program would stumble over; sorted, empty when nobody does. */
export type Breakages = string[];

/** Who writes a value: the caller, or Recado. */
type Side = "taken" | "given";

/** @param before of an OpenAPI document; @param after of a later one */
export function openApiBreakages(before: JsonObject, after: JsonObject): Breakages {
  const found: Breakages = [];
  const compare = new Comparison(before, after, found);
  for (const [path, item] of Object.entries(objectIn(before.paths))) {
    const later = objectIn(objectIn(after.paths)[path]);
    for (const [method, operation] of Object.entries(objectIn(item))) {
      if (method === "parameters") continue;
      const where = `${method.toUpperCase()} ${path}`;
      if (!(method in later)) found.push(`${where}: the operation is gone`);
      else compare.operation(where, [objectIn(item), objectIn(operation)], [later, objectIn(later[method])]);
    }
  }
  return [...new Set(found)].sort();
}

/** @param before of an AsyncAPI document; @param after of a later one */
export function asyncApiBreakages(before: JsonObject, after: JsonObject): Breakages {
  const found: Breakages = [];
  const compare = new Comparison(before, after, found);
  for (const [name, channel] of Object.entries(objectIn(before.channels))) {
    const later = objectIn(objectIn(after.channels)[name]);
    if (Object.keys(later).length === 0) found.push(`${name}: the channel is gone`);
    else if (later.address !== objectIn(channel).address) found.push(`${name}: the channel has another address`);
    else compare.messages(name, objectIn(objectIn(channel).messages), objectIn(later.messages));
  }
  return [...new Set(found)].sort();
}

class Comparison {
  readonly #before: JsonObject;
  readonly #after: JsonObject;
  readonly #found: Breakages;
  /** Pairs of references that are compared already, or are being compared. */
  readonly #seen = new Set<string>();

  constructor(before: JsonObject, after: JsonObject, found: Breakages) {
    this.#before = before;
    this.#after = after;
    this.#found = found;
  }

  operation(where: string, [item, operation]: JsonObject[], [laterItem, later]: JsonObject[]): void {
    if (operation?.operationId !== later?.operationId) this.#say(where, "the operation has another name");
    this.#security(where, operation ?? {}, later ?? {});
    this.#parameters(
      where,
      this.#parametersOf(this.#before, item, operation),
      this.#parametersOf(this.#after, laterItem, later),
    );
    this.#body(where, operation?.requestBody, later?.requestBody);
    const answers = objectIn(later?.responses);
    for (const [status, response] of Object.entries(objectIn(operation?.responses))) {
      // A refusal that does not happen any more is missed by nobody.
      if (!(status in answers)) {
        if (status < "400") this.#say(where, `the answer ${status} is gone`);
        continue;
      }
      this.#response(`${where} → ${status}`, resolved(this.#before, response), resolved(this.#after, answers[status]));
    }
  }

  messages(where: string, before: JsonObject, after: JsonObject): void {
    for (const [name, message] of Object.entries(before)) {
      if (!(name in after)) {
        this.#say(where, `the message ${name} is gone`);
        continue;
      }
      const [one, other] = [resolved(this.#before, message), resolved(this.#after, after[name])];
      if (one.name !== other.name) this.#say(`${where} ${name}`, "the message has another name");
      if (one.contentType !== other.contentType) this.#say(`${where} ${name}`, "the message has another content type");
      this.schema(`${where} ${name}`, one.payload, other.payload, "given");
      this.schema(`${where} ${name} headers`, one.headers, other.headers, "given");
    }
  }

  schema(where: string, before: Json | undefined, after: Json | undefined, side: Side): void {
    const pair = `${side} ${JSON.stringify([before, after])}`;
    const isReference = "$ref" in objectIn(before);
    if (isReference && this.#seen.has(pair)) return;
    if (isReference) this.#seen.add(pair);
    const [one, other] = [resolved(this.#before, before), resolved(this.#after, after)];
    if (Object.keys(one).length === 0) {
      if (side === "taken" && Object.keys(other).some((keyword) => !WORDS_ALONE.has(keyword)))
        this.#say(where, "not everything is taken any more");
      return;
    }
    this.#values(where, one, other, side);
    this.#choices(where, one, other, side);
    this.#type(where, one, other, side);
    this.#limits(where, one, other, side);
    this.#properties(where, one, other, side);
    for (const inner of ["items", "additionalProperties"] as const) {
      if (typeof one[inner] === "object") this.schema(`${where}[]`, one[inner], other[inner] ?? {}, side);
    }
    if (side === "taken" && one.additionalProperties !== false && other.additionalProperties === false)
      this.#say(where, "further fields are refused now");
  }

  #say(where: string, what: string): void {
    this.#found.push(`${where}: ${what}`);
  }

  #security(where: string, operation: JsonObject, later: JsonObject): void {
    const [before, after] = [scopesOf(operation), scopesOf(later)];
    const more = after.filter((scope) => !before.includes(scope));
    if (more.length > 0) this.#say(where, `a key needs ${more.join(", ")} now`);
  }

  #parametersOf(document: JsonObject, item: JsonObject | undefined, operation: JsonObject | undefined): JsonObject[] {
    const [common, own] = [item?.parameters, operation?.parameters];
    return [...(Array.isArray(common) ? common : []), ...(Array.isArray(own) ? own : [])].map((one) =>
      resolved(document, one),
    );
  }

  #parameters(where: string, before: JsonObject[], after: JsonObject[]): void {
    const nameOf = ({ in: place, name }: JsonObject) =>
      `${place} ${place === "header" ? String(name).toLowerCase() : name}`;
    for (const parameter of before) {
      const later = after.find((one) => nameOf(one) === nameOf(parameter));
      if (!later) this.#say(where, `the parameter ${parameter.name} is gone`);
      else {
        if (later.required === true && parameter.required !== true)
          this.#say(where, `the parameter ${parameter.name} is required now`);
        this.schema(`${where} ?${parameter.name}`, parameter.schema, later.schema, "taken");
        if (objectIn(parameter.schema).default !== objectIn(later.schema).default)
          this.#say(where, `the parameter ${parameter.name} has another default`);
      }
    }
    const names = before.map(nameOf);
    for (const parameter of after) {
      if (parameter.required === true && !names.includes(nameOf(parameter)))
        this.#say(where, `the parameter ${parameter.name} is new and required`);
    }
  }

  #body(where: string, before: Json | undefined, after: Json | undefined): void {
    const [one, other] = [resolved(this.#before, before), resolved(this.#after, after)];
    if (other.required === true && one.required !== true) this.#say(where, "a body is required now");
    for (const [type, media] of Object.entries(objectIn(one.content))) {
      const later = objectIn(other.content)[type];
      if (later === undefined) this.#say(where, `a body of ${type} is not taken any more`);
      else this.schema(`${where} body`, objectIn(media).schema, objectIn(later).schema, "taken");
    }
  }

  #response(where: string, before: JsonObject, after: JsonObject): void {
    for (const name of Object.keys(objectIn(before.headers))) {
      if (!(name in objectIn(after.headers))) this.#say(where, `the header ${name} is gone`);
    }
    for (const [type, media] of Object.entries(objectIn(before.content))) {
      const later = objectIn(after.content)[type];
      if (later === undefined) this.#say(where, `it is not answered as ${type} any more`);
      else this.schema(where, objectIn(media).schema, objectIn(later).schema, "given");
    }
  }

  /** Values that a caller may write may only become more. One that Recado wrote and does not write any more is missed. */
  #values(where: string, before: JsonObject, after: JsonObject, side: Side): void {
    const [one, other] = [valuesOf(before), valuesOf(after)];
    if (one && other) {
      const gone = one.filter((value) => !other.includes(value));
      if (gone.length > 0) this.#say(where, `${gone.join(", ")} ${gone.length > 1 ? "are" : "is"} gone`);
    } else if (other && side === "taken") this.#say(where, "only some values are taken now");
    else if (one && side === "given" && after.type === undefined) this.#say(where, "the values are not named any more");
  }

  /** Alternatives are matched by what tells them apart: the value of `type`, a reference, or their place. */
  #choices(where: string, before: JsonObject, after: JsonObject, side: Side): void {
    const [one, other] = [choicesOf(before), choicesOf(after)];
    const later = new Map(other.map((choice, place) => [this.#labelOf(this.#after, choice, place), choice]));
    // Of several that it could be, it is always this one now.
    if (side === "given" && one.length > 0 && other.length === 0)
      later.set(this.#labelOf(this.#after, after, 0), after);
    for (const [place, choice] of one.entries()) {
      const label = this.#labelOf(this.#before, choice, place);
      const match = later.get(label);
      if (match === undefined) {
        if (!(side === "given" && label === "null")) this.#say(where, `the alternative ${label} is gone`);
      } else this.schema(`${where} ${label}`, choice, match, side);
    }
    if (side === "given" && one.length === 0 && other.length > 0 && before.type !== undefined)
      this.#say(where, "there are alternatives now");
    // One that may be null now, too, or a type more: a reader of the value before is not prepared for it.
    const isNullNow = other.some((choice) => objectIn(choice).type === "null");
    if (side === "given" && isNullNow && !one.some((choice) => objectIn(choice).type === "null"))
      this.#say(where, "it may be null now");
  }

  #labelOf(document: JsonObject, choice: Json, place: number): string {
    const schema = resolved(document, choice);
    const type = objectIn(objectIn(schema.properties).type).const;
    if (type !== undefined) return String(type);
    const { $ref } = objectIn(choice);
    if (typeof $ref === "string") return $ref.split("/").at(-1) ?? "";
    return schema.type !== undefined && schema.type !== "object" ? String(schema.type) : `#${place}`;
  }

  #type(where: string, before: JsonObject, after: JsonObject, side: Side): void {
    const [one, other] = [typesOf(before), typesOf(after)];
    const isFine =
      side === "taken"
        ? other === undefined ||
          (one ?? []).every((type) => other.includes(type) || (type === "integer" && other.includes("number")))
        : one === undefined ||
          (other ?? ["anything"]).every((type) => one.includes(type) || (type === "integer" && one.includes("number")));
    // What turned into alternatives is told of there.
    if (!isFine && choicesOf(after).length === 0)
      this.#say(
        where,
        `it is ${(other ?? ["anything"]).join(" or ")} now and was ${(one ?? ["anything"]).join(" or ")}`,
      );
  }

  /** Of what callers write, a limit may only be eased; of what Recado writes nobody relies on one but for its form. */
  #limits(where: string, before: JsonObject, after: JsonObject, side: Side): void {
    if (side === "given") {
      if (before.format !== undefined && after.format !== before.format)
        this.#say(where, `its form is not ${before.format} any more`);
      return;
    }
    for (const limit of ["maximum", "maxLength", "maxItems"] as const) {
      if (Number(after[limit] ?? Infinity) < Number(before[limit] ?? Infinity))
        this.#say(where, `${limit} is lower now`);
    }
    for (const limit of ["minimum", "exclusiveMinimum", "minLength", "minItems"] as const) {
      if (Number(after[limit] ?? -Infinity) > Number(before[limit] ?? -Infinity))
        this.#say(where, `${limit} is higher now`);
    }
    for (const form of ["pattern", "format"] as const) {
      if (after[form] !== undefined && after[form] !== before[form]) this.#say(where, `it has another ${form} now`);
    }
  }

  #properties(where: string, before: JsonObject, after: JsonObject, side: Side): void {
    const [one, other] = [objectIn(before.properties), objectIn(after.properties)];
    const [required, later] = [namesIn(before.required), namesIn(after.required)];
    const isOpen = after.additionalProperties !== false;
    for (const [name, schema] of Object.entries(one)) {
      const at = `${where} .${name}`;
      if (!(name in other)) {
        if (side === "given" || !isOpen) this.#say(at, "the field is gone");
        continue;
      }
      this.schema(at, schema, other[name], side);
      if (side === "given" && required.includes(name) && !later.includes(name))
        this.#say(at, "the field may be missing now");
    }
    if (side === "given") return;
    for (const name of later) {
      if (!required.includes(name)) this.#say(`${where} .${name}`, "the field is required now");
    }
  }
}

/** What changes nothing for a program. */
const WORDS_ALONE = new Set(["description", "title", "example", "examples", "default"]);

function resolved(document: JsonObject, value: Json | undefined): JsonObject {
  const { allOf, ...own } = objectIn(value);
  // Around a single reference, so that words may stand beside it.
  const object = Array.isArray(allOf) && allOf.length === 1 ? { ...objectIn(allOf[0]), ...own } : objectIn(value);
  const { $ref, ...beside } = object;
  if (typeof $ref !== "string") return object;
  const found = $ref
    .slice(2)
    .split("/")
    .reduce<Json | undefined>((inner, name) => objectIn(inner)[name], document);
  const target = resolved(document, found);
  // Beside a reference stand words, and properties that narrow those of the target.
  const { properties, ...rest } = beside;
  if (properties === undefined) return { ...target, ...rest };
  const merged = Object.entries(objectIn(properties)).map(([name, schema]) => {
    return [name, { ...resolved(document, objectIn(target.properties)[name]), ...objectIn(schema) }];
  });
  return { ...target, ...rest, properties: { ...objectIn(target.properties), ...Object.fromEntries(merged) } };
}

function scopesOf({ security }: JsonObject): string[] {
  return (Array.isArray(security) ? security : []).flatMap((one) => Object.values(objectIn(one)).flatMap(namesIn));
}

function valuesOf({ enum: several, const: only }: JsonObject): Json[] | undefined {
  if (Array.isArray(several)) return several;
  return only === undefined ? undefined : [only];
}

function typesOf({ type }: JsonObject): string[] | undefined {
  return type === undefined ? undefined : namesIn(Array.isArray(type) ? type : [type]);
}

function choicesOf({ oneOf, anyOf }: JsonObject): Json[] {
  const choices = oneOf ?? anyOf;
  return Array.isArray(choices) ? choices : [];
}

function namesIn(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
