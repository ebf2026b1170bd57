/**
 * `{{name}}` in what is written to many: stands for what each recipient's `values` say under that name. Any text of the
 * content may hold one, also a template's parameter or the address of a page. Two braces mean nothing else, and a value
 * is put in as it is: nothing is escaped, and no placeholder is looked for in it.
 */
import type * as z from "zod";

/** A letter, then letters, digits and underscores. */
export const PLACEHOLDER_NAME = /^[A-Za-z][A-Za-z0-9_]{0,49}$/;
const PLACEHOLDER = /\{\{([A-Za-z][A-Za-z0-9_]{0,49})\}\}/g;

type Json = z.core.util.JSONType;

/** Names of the placeholders in `written`, in their order; `stray`: two braces that are none stand somewhere in it. */
export function placeholdersIn(written: unknown): { names: string[]; stray: boolean } {
  const texts = textsIn(written as Json);
  const names = texts.flatMap((text) => [...text.matchAll(PLACEHOLDER)].map(([, name = ""]) => name));
  return { names, stray: texts.some((text) => /\{\{|\}\}/.test(text.replace(PLACEHOLDER, ""))) };
}

/** `written` with its placeholders filled. A name that `values` lack stays as it stands. */
export function withValues<Written>(written: Written, values: Readonly<Record<string, string>>): Written {
  const valueFor = (whole: string, name: string) => (Object.hasOwn(values, name) ? (values[name] ?? whole) : whole);
  const fill = (text: string) => text.replace(PLACEHOLDER, valueFor);
  return mapped(written as Json, fill) as Written;
}

function textsIn(json: Json): string[] {
  if (typeof json === "string") return [json];
  return typeof json === "object" && json !== null ? Object.values(json).flatMap(textsIn) : [];
}

function mapped(json: Json, fill: (text: string) => string): Json {
  if (typeof json === "string") return fill(json);
  if (Array.isArray(json)) return json.map((inner) => mapped(inner, fill));
  if (typeof json !== "object" || json === null) return json;
  return Object.fromEntries(Object.entries(json).map(([name, inner]) => [name, mapped(inner, fill)]));
}
