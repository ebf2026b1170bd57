/** The approved templates of the simulated business, and how Meta refuses a send that does not fit one. */
import type { Answer } from "../http.ts";
import { metaError } from "./errors.ts";
import type { WhatsAppSend } from "./whatsapp-request.ts";

interface Template {
  languages: readonly string[];
  category: "utility" | "marketing";
  /** What the headline has a place for. */
  header?: "text" | "image" | "document";
  /** How many places the text has, or their names. */
  body: number | readonly string[];
  buttons: readonly ("quick_reply" | "url" | "copy_code")[];
}

/** The first is one that every new WhatsApp Business account has. */
const TEMPLATES: ReadonlyMap<string, Template> = new Map<string, Template>([
  ["hello_world", { languages: ["en_US"], category: "utility", body: 0, buttons: [] }],
  // For what is said too late: one place, for all of it.
  ["conversation_update", { languages: ["en_US"], category: "utility", body: 1, buttons: [] }],
  [
    "order_update",
    { languages: ["en_US", "pt_PT"], category: "utility", header: "image", body: 2, buttons: ["quick_reply", "url"] },
  ],
  [
    "spring_sale",
    {
      languages: ["pt_BR"],
      category: "marketing",
      header: "text",
      body: ["customer", "discount"],
      buttons: ["copy_code"],
    },
  ],
]);

type Send = Extract<WhatsAppSend, { type: "template" }>["template"];
type Component = NonNullable<Send["components"]>[number];

export function categoryOf(name: string): string {
  return TEMPLATES.get(name)?.category ?? "utility";
}

/** Undefined for what can be sent. */
export function templateFault({ name, language, components = [] }: Send): Answer | undefined {
  const template = TEMPLATES.get(name);
  if (!template?.languages.includes(language.code)) {
    return metaError({
      status: 404,
      code: 132001,
      message: "(#132001) Template name does not exist in the translation",
      details: `template name (${name}) does not exist in ${language.code}`,
    });
  }
  const valuesOf = (type: Component["type"]) =>
    components.filter((one) => one.type === type).flatMap(({ parameters = [] }) => parameters);
  const header = valuesOf("header");
  const body = valuesOf("body");
  const places = typeof template.body === "number" ? template.body : template.body.length;
  const headers = template.header ? 1 : 0;
  if (header.length !== headers) return miscounted("header", header.length, headers);
  if (body.length !== places) return miscounted("body", body.length, places);
  if (template.header && header[0]?.type !== template.header) return misshapen("header", template.header);
  if (body.some(({ type, text }) => type !== "text" || typeof text !== "string" || text === "")) {
    return misshapen("body", "text");
  }
  const names = body.map(({ parameter_name: named }) => named);
  const expected = typeof template.body === "number" ? names.map(() => undefined) : template.body;
  if (expected.some((one) => !names.includes(one))) {
    return misshapen("body", typeof template.body === "number" ? "positional parameters" : "named parameters");
  }
  return buttonsFault(
    template,
    components.filter(({ type }) => type === "button"),
  );
}

function buttonsFault({ buttons }: Template, given: readonly Component[]): Answer | undefined {
  for (const { index, sub_type: type, parameters = [] } of given) {
    const expected = buttons[Number(index)];
    if (expected === undefined || type !== expected) return misshapen(`button at index ${index}`, expected ?? "none");
    const value = parameters[0]?.[VALUES[expected]];
    if (parameters.length !== 1 || typeof value !== "string" || value === "") {
      return misshapen(`button at index ${index}`, VALUES[expected]);
    }
  }
  // A quick reply may go without a payload; an open end of an address or a code may not.
  const open = buttons.findIndex(
    (type, index) => type !== "quick_reply" && !given.some((one) => Number(one.index) === index),
  );
  return open === -1 ? undefined : misshapen(`button at index ${open}`, VALUES[buttons[open] ?? "url"]);
}

const VALUES = { quick_reply: "payload", url: "text", copy_code: "coupon_code" } as const;

function miscounted(where: string, given: number, expected: number): Answer {
  return metaError({
    code: 132000,
    message: "(#132000) Number of parameters does not match the expected number of params",
    details: `${where}: number of localizable_params (${given}) does not match the expected number of params (${expected})`,
  });
}

function misshapen(where: string, expected: string): Answer {
  return metaError({
    code: 132012,
    message: "(#132012) Parameter format does not match format in the created template",
    details: `${where}: Format mismatch, expected ${expected.toUpperCase()}`,
  });
}
