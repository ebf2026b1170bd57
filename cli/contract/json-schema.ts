/**
 * Shapes as JSON Schema. What Recado gives stays open for fields to come, so that nobody's client breaks on an addition;
 * what it takes says which fields it knows, because it refuses all others.
 */
import { readFileSync } from "node:fs";
import * as z from "zod";
import * as apiShapes from "../../shared/domain/api-shapes.ts";
import * as batchShapes from "../../shared/domain/batch-shapes.ts";
import * as contactShapes from "../../shared/domain/contact-shapes.ts";
import { Content, Media, TemplateContent } from "../../shared/domain/content.ts";
import { ContactCard, ContentToSend, FileToSend, TemplateToSend } from "../../shared/domain/content-to-send.ts";
import * as erasureShapes from "../../shared/domain/erasure-shapes.ts";
import { Author, Channel, Failure, MessageReference, ReplyTo, StoredMedia } from "../../shared/domain/event.ts";
import { EventMessage } from "../../shared/domain/event-shapes.ts";
import * as subscriptionShapes from "../../shared/domain/subscription-shapes.ts";
import { expanded, joined, readComments, stepInto } from "./comments.ts";

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type JsonObject = { [name: string]: Json };

export type Dialect = "draft-2020-12" | "draft-07" | "draft-04";

/** A shape under the name that the contract gives it. */
export interface Named {
  name: string;
  shape: z.ZodType;
  /** Where its comments are: the const it is written in, and the place in it. */
  source: string;
}

/** What stands in several other shapes, and is named so that the contract says it once. */
export const PARTS_GIVEN: readonly Named[] = [
  { name: "Author", shape: Author, source: "Author" },
  { name: "Channel", shape: Channel, source: "Channel" },
  { name: "Content", shape: Content, source: "Content" },
  { name: "EventMessage", shape: EventMessage, source: "EventMessage" },
  { name: "Failure", shape: Failure, source: "Failure" },
  { name: "File", shape: Media, source: "Media" },
  { name: "MessageReference", shape: MessageReference, source: "MessageReference" },
  { name: "ReplyTo", shape: ReplyTo, source: "ReplyTo" },
  { name: "StoredFile", shape: StoredMedia, source: "StoredMedia" },
  { name: "TemplateContent", shape: TemplateContent, source: "TemplateContent" },
];
export const PARTS_TAKEN: readonly Named[] = [
  { name: "ContactCard", shape: ContactCard, source: "ContactCard" },
  { name: "ContentToSend", shape: ContentToSend, source: "ContentToSend" },
  { name: "FileToSend", shape: FileToSend, source: "FileToSend" },
  { name: "TemplateToSend", shape: TemplateToSend, source: "TemplateToSend" },
];

const FILES = [
  ...["api-shapes", "batch-shapes", "contact-shapes", "content", "content-to-send", "envelope", "erasure-shapes"],
  ...["event", "event-shapes", "subscription-shapes"],
];
/** What requests carry and answers say; route.ts knows the same by type. */
const SHAPES: Readonly<Record<string, unknown>> = {
  ...apiShapes,
  ...batchShapes,
  ...contactShapes,
  ...erasureShapes,
  ...subscriptionShapes,
};
const comments = joined(
  FILES.map((name) => readComments(readFileSync(new URL(`../../shared/domain/${name}.ts`, import.meta.url), "utf8"))),
);

/** By the name that it is exported under, a shape as the contract calls it. */
export function shapeNamed(name: string): Named {
  const shape = SHAPES[name];
  if (!(shape instanceof z.ZodType)) throw new Error(`There is no shape ${name}`);
  return { name: name.replace(/^Api(?=[A-Z])/, ""), shape, source: name };
}

/** The name under which a shape is exported. */
export function nameOfShape(shape: z.ZodType): string {
  const [name] = Object.entries(SHAPES).find(([, known]) => known === shape) ?? [];
  if (name === undefined) throw new Error("A route takes a shape that is not among those of requests");
  return name;
}

/**
 * Schemas that refer to each other by name, sorted.
 * @param io `input` for what Recado takes, `output` for what it gives
 * @param refer from a name to what stands in `$ref`
 */
export function schemasOf(
  named: readonly Named[],
  { io, dialect, refer }: { io: "input" | "output"; dialect: Dialect; refer: (name: string) => string },
): Record<string, JsonObject> {
  const registry = z.registry<{ id: string }>();
  for (const { name, shape } of named) registry.add(shape, { id: name });
  const { schemas } = z.toJSONSchema(registry, {
    io,
    target: dialect,
    uri: refer,
    override: ({ jsonSchema }) => plain(jsonSchema as JsonObject, io),
  });
  const sorted = named.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return Object.fromEntries(
    sorted.map(({ name, source }) => {
      const { $schema: _, $id: __, id: ___, ...schema } = schemas[name] as JsonObject;
      describe(schema, expanded(comments.sameAs, [source]), dialect);
      return [name, schema];
    }),
  );
}

/** A shape that stands for itself alone. */
export function schemaOf(shape: z.ZodType, source: string, io: "input" | "output"): JsonObject {
  const { it } = schemasOf([{ name: "it", shape, source }], { io, dialect: "draft-2020-12", refer: (name) => name });
  return it ?? {};
}

/** The same schema, in which no field may stand that it does not name: for tests, since what is given stays open. */
export function closed(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, closed(value)]));
  return "properties" in inner && !("additionalProperties" in inner) && typeof inner.properties === "object"
    ? { ...inner, additionalProperties: false }
    : inner;
}

/** Without what a reader has no use for. */
function plain(schema: JsonObject, io: "input" | "output"): void {
  if (schema.format === "date-time" || schema.format === "uri") delete schema.pattern;
  // Zod's own word and no format of JSON Schema; the pattern beside it says the same.
  if (schema.format === "starts_with") delete schema.format;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (io === "output" && schema.additionalProperties === false) delete schema.additionalProperties;
  // Any further field, which nobody has to be told of an open schema.
  if (io === "output" && isEmpty(schema.additionalProperties) && "properties" in schema) {
    schema.additionalProperties = true;
  }
  if (schema.default === "") delete schema.default;
  if (JSON.stringify(schema.propertyNames) === '{"type":"string"}') delete schema.propertyNames;
}

function isEmpty(value: Json | undefined): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

/** @param places all that the shape is made of, as the comments name it */
function describe(schema: JsonObject, places: readonly string[], dialect: Dialect): void {
  const isReference = "$ref" in schema;
  // What a reference leads to is described there.
  const looked = isReference ? places.slice(0, 1) : places;
  const said = looked.map((place) => comments.words.get(place)).find((words) => words !== undefined);
  // Before 2020 nothing beside a reference counts.
  if (said !== undefined && !(isReference && dialect !== "draft-2020-12")) schema.description = said;
  if (isReference) return;
  for (const [label, inner] of Object.entries(objectIn(schema.properties))) {
    describe(objectIn(inner), stepInto(comments, places, label), dialect);
  }
  for (const inner of [schema.items, schema.additionalProperties]) {
    if (inner) describeInside(inner, places, dialect);
  }
  const choices = [schema.anyOf, schema.oneOf].flatMap((list) => (Array.isArray(list) ? list : []));
  const isNullable = choices.some((choice) => objectIn(choice).type === "null");
  for (const [place, choice] of choices.entries()) {
    if (isNullable) describeInside(choice, places, dialect);
    else describe(objectIn(choice), stepInto(comments, places, `#${place}`), dialect);
  }
}

/** Of what is already described from outside, only the fields. */
function describeInside(inner: Json, places: readonly string[], dialect: Dialect): void {
  const schema = objectIn(inner);
  const { description } = schema;
  describe(schema, places, dialect);
  const isOuters = places.some((place) => !place.includes("#") && comments.words.get(place) === schema.description);
  if (description === undefined && isOuters) delete schema.description;
}

/** Nothing where it is no object. */
export function objectIn(value: Json | undefined): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}
