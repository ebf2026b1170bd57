/** IAM documents taken apart into the smallest things that could be removed from them. */
import * as z from "zod";
import { judge, type PermissionRequest } from "../../../local/gateway/permissions.ts";
import { readPolicy, type Statement } from "../../../local/gateway/policy.ts";
import type { PolicyDocument } from "../../../local/template/stack.ts";

const Texts = z.union([z.string().transform((text) => [text]), z.array(z.string())]);
const Conditions = z.record(z.string(), z.record(z.string(), Texts));
type Conditions = z.output<typeof Conditions>;
/** Strict: an element that this does not take apart would never be removed. */
const Element = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(["Allow", "Deny"]),
  Principal: z.unknown().optional(),
  Action: Texts,
  Resource: Texts,
  Condition: Conditions.default({}),
});
type Element = z.output<typeof Element>;
const Document = z.object({ Statement: z.union([z.array(Element), Element.transform((one) => [one])]) });

/** One action on one resource under one value of each condition: a statement that grants or denies nothing more. */
export interface Cell {
  element: Element;
  statement: Statement;
  /** For people: action, resource and condition. */
  text: string;
}

export function elementsOf({ Statement }: PolicyDocument): Element[] {
  return Document.parse({ Statement }).Statement;
}

export function cellsOf(document: PolicyDocument, kind: "identity" | "resource"): Cell[] {
  return elementsOf(document).flatMap((element) =>
    element.Action.flatMap((Action) =>
      element.Resource.flatMap((Resource) =>
        oneValueEach(element.Condition).map((Condition) => {
          const cell = { ...element, Action: [Action], Resource: [Resource], Condition };
          return { element: cell, statement: read(cell, kind), text: textOf(cell) };
        }),
      ),
    ),
  );
}

/** An element as the judge takes it, without its condition on `key` where one is named. */
export function read(element: Element, kind: "identity" | "resource", without?: string): Statement {
  const { Principal, ...rest } = element;
  const Condition = Object.fromEntries(
    Object.entries(element.Condition).map(([operator, keys]) => [
      operator,
      Object.fromEntries(Object.entries(keys).filter(([key]) => key !== without)),
    ]),
  );
  const whole = { ...rest, ...(kind === "resource" && { Principal }), Condition };
  const [statement] = readPolicy({ Statement: [whole] }, kind);
  if (!statement) throw new Error("A statement was lost");
  return statement;
}

export function isGranted(
  request: PermissionRequest,
  identity: readonly Statement[],
  resource: readonly Statement[] = [],
): boolean {
  return judge(request, identity, resource).allowed;
}

function oneValueEach(conditions: Conditions): Conditions[] {
  return Object.entries(conditions).reduce<Conditions[]>(
    (all, [operator, keys]) =>
      Object.entries(keys).reduce(
        (those, [key, values]) =>
          those.flatMap((chosen) =>
            values.map((value) => ({ ...chosen, [operator]: { ...chosen[operator], [key]: [value] } })),
          ),
        all,
      ),
    [{}],
  );
}

function textOf({ Action, Resource, Condition }: Element): string {
  const conditions = Object.values(Condition).flatMap((keys) =>
    Object.entries(keys).map(([key, values]) => ` where ${key} is ${values.join()}`),
  );
  return `${Action.join()} on ${Resource.join()}${conditions.join("")}`;
}
