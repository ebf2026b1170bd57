import type { Content } from "../domain/content.ts";
import { fileOf } from "./file.ts";

type Template = Extract<Content, { type: "template" }>;

/** Values for the places of an approved template. Meta refuses one too many or too few (132000). */
export function templateOf({ name, language, header, parameters, buttons = [] }: Template): Record<string, unknown> {
  const components = [
    ...(header === undefined ? [] : [{ type: "header", parameters: [headerValue(header)] }]),
    ...bodyValues(parameters),
    ...buttons.map(({ index, type, value }) => ({
      type: "button",
      sub_type: type,
      index: String(index),
      parameters: [buttonValue(type, value)],
    })),
  ];
  return { name, language: { code: language }, ...(components.length > 0 && { components }) };
}

function headerValue(header: NonNullable<Template["header"]>): Record<string, unknown> {
  if (typeof header === "string") return { type: "text", text: header };
  const [family = ""] = header.contentType.split("/");
  const type = family === "image" || family === "video" ? family : "document";
  return { type, [type]: { ...fileOf(header), filename: type === "document" ? header.fileName : undefined } };
}

function bodyValues(parameters: Template["parameters"] = []): Record<string, unknown>[] {
  const values = Array.isArray(parameters)
    ? parameters.map((text) => ({ type: "text", text }))
    : Object.entries(parameters).map(([name, text]) => ({ type: "text", parameter_name: name, text }));
  return values.length > 0 ? [{ type: "body", parameters: values }] : [];
}

function buttonValue(type: "quick_reply" | "url" | "copy_code", value: string): Record<string, unknown> {
  switch (type) {
    case "quick_reply":
      return { type: "payload", payload: value };
    case "url":
      return { type: "text", text: value };
    case "copy_code":
      return { type: "coupon_code", coupon_code: value };
  }
}
