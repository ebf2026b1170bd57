/**
 * Requests held to a vendor's own description of its API (OpenAPI). Descriptions are not part of this repository:
 * SPECS_DIR names the folder that they are in.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import { describe, it } from "vitest";
import { parse as parseYaml } from "yaml";
import type { HttpRequest } from "../../shared/ports.ts";

export type Json = Record<string, unknown>;

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  style?: string;
  schema?: Json;
}

/** What of a description a request asks for. */
export interface Operation {
  /** Its path as the description writes it. */
  template: string;
  definition: Json;
  /** Those of the query. */
  query: Parameter[];
  /** Of its body, by content type. */
  body: Record<string, Json>;
}

/** @param tests what can be tested with the description in hand; `read` takes its place below SPECS_DIR */
export function describeWithSpecs(title: string, tests: (read: (...path: string[]) => Json) => void): void {
  const folder = process.env.SPECS_DIR;
  describe(title, () => {
    if (!folder) return it.skip("is not at hand: without SPECS_DIR no request is held to it", () => {});
    tests((...path) => {
      const text = readFileSync(join(folder, ...path), "utf8");
      return (path.at(-1)?.endsWith(".json") ? JSON.parse(text) : parseYaml(text)) as Json;
    });
  });
}

/** @param components the description's, as far as they are right @returns what judges by a schema of the same description */
export function judgeBy(components: unknown): (schema: unknown) => ValidateFunction {
  const ajv = new Ajv({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: "spec", components: referring(components) });
  return (schema) => ajv.compile(referring(schema) as Json);
}

/** @param base where the description's paths begin @returns undefined for a request that it does not know */
export function operationFor(spec: Json, { method, url }: HttpRequest, base = ""): Operation | undefined {
  const { pathname } = new URL(url);
  if (!pathname.startsWith(base)) return undefined;
  const path = pathname.slice(base.length);
  const found = Object.entries(spec.paths as Record<string, Json>)
    .filter(([template, item]) => isPath(template, path) && method.toLowerCase() in item)
    // Words before places for any word.
    .toSorted(([one], [other]) => one.split("{").length - other.split("{").length)[0];
  if (!found) return undefined;
  const [template, item] = found;
  const definition = item[method.toLowerCase()] as Json;
  const parameters = [item.parameters, definition.parameters].flatMap((list) => (list ?? []) as Json[]);
  const query = parameters.map((one) => resolved(one, spec) as Json & Parameter).filter((one) => one.in === "query");
  const content = (at(definition, "requestBody", "content") ?? {}) as Record<string, { schema: Json }>;
  const body = Object.fromEntries(Object.entries(content).map(([type, { schema }]) => [type, schema]));
  return { template, definition, query, body };
}

/** A body as what it says, a form too: `sender[handle]` is the handle of the sender, files are their names. */
export async function bodyOf({ body, headers }: HttpRequest): Promise<Json> {
  const contentType = headers["content-type"] ?? "";
  if (!contentType.startsWith("multipart/")) return JSON.parse(String(body)) as Json;
  const form = await new Response(new Uint8Array(body as Uint8Array), {
    headers: { "content-type": contentType },
  }).formData();
  const read: Json = {};
  for (const [name, value] of form)
    put(read, name.split(/[[\]]+/).filter(Boolean), typeof value === "string" ? value : value.name);
  return read;
}

export function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((parent, name) => (parent as Json | undefined)?.[name], value);
}

/** What a reference leads to; anything else is itself. */
export function resolved(value: Json, spec: Json): Json {
  const { $ref: reference } = value;
  return typeof reference === "string" ? (at(spec, ...reference.replace("#/", "").split("/")) as Json) : value;
}

function referring(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema ?? {}).replaceAll('"#/components', '"spec#/components'));
}

function isPath(template: string, path: string): boolean {
  const parts = template.replace(/\/$/, "").split("/");
  const given = path.split("/");
  return parts.length === given.length && parts.every((part, index) => part.startsWith("{") || part === given[index]);
}

function put(into: Json, [key = "", ...rest]: string[], value: unknown): void {
  if (rest.length === 0) {
    into[key] = value;
    return;
  }
  into[key] ??= /^\d+$/.test(rest[0] ?? "") ? [] : {};
  put(into[key] as Json, rest, value);
}
