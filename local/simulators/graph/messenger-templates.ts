/** The approved utility templates of the simulated Page, and how Meta refuses a send that does not fit one. */
import * as z from "zod";
import type { Answer } from "../http.ts";
import { metaError } from "./errors.ts";

const Text = z.strictObject({
  type: z.literal("text"),
  text: z.string().min(1),
  parameter_name: z.string().min(1).optional(),
});
const Picture = z.strictObject({ type: z.literal("image"), image: z.strictObject({ link: z.url() }) });

/** What stands in a message's place for `text` and `attachment`. */
export const UtilityTemplate = z.strictObject({
  name: z.string().min(1).max(512),
  language: z.strictObject({ code: z.string().min(2) }),
  components: z
    .array(
      z.discriminatedUnion("type", [
        z.strictObject({ type: z.literal("header"), parameters: z.array(z.union([Picture, Text])).length(1) }),
        z.strictObject({ type: z.literal("body"), parameters: z.array(Text).min(1) }),
      ]),
    )
    .optional(),
});
type Send = z.infer<typeof UtilityTemplate>;

interface Approved {
  languages: readonly string[];
  header?: "image";
  /** How many places the text has, or their names. */
  body: number | readonly string[];
}

const APPROVED: ReadonlyMap<string, Approved> = new Map<string, Approved>([
  ["order_update", { languages: ["en_US", "pt_PT"], header: "image", body: 2 }],
  ["appointment", { languages: ["pt_BR"], body: ["customer", "day"] }],
]);

/** Undefined for what can be sent. */
export function utilityFault({ name, language, components = [] }: Send): Answer | undefined {
  const approved = APPROVED.get(name);
  if (!approved?.languages.includes(language.code)) return refused(`Template ${name} is not approved in this language`);
  const header = components.find(({ type }) => type === "header")?.parameters[0]?.type;
  if (header !== approved.header) return refused(`The header of template ${name} does not match`);
  const given = components.flatMap((one) => (one.type === "body" ? one.parameters : []));
  const names = given.map((parameter) => parameter.parameter_name);
  const { body } = approved;
  const isFitting =
    typeof body === "number"
      ? given.length === body && names.every((one) => one === undefined)
      : given.length === body.length && body.every((one) => names.includes(one));
  return isFitting ? undefined : refused(`The parameters of template ${name} do not match`);
}

function refused(sentence: string): Answer {
  return metaError({ code: 100, message: `(#100) ${sentence}` });
}
