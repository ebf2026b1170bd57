/**
 * CloudFormation's intrinsic functions, over a template that is being loaded. Pure: what a name stands for is asked of
 * the scope.
 */

/** What names in a template stand for. Each may throw for a name that is not there. */
export interface Scope {
  /** `Ref`: of a resource, a parameter or a pseudo parameter. */
  reference(name: string): unknown;
  /** `Fn::GetAtt`. */
  attribute(logicalId: string, name: string): unknown;
  /** The verdict of a condition of the template. */
  condition(name: string): boolean;
}

/** What `Ref AWS::NoValue` gives: the property that holds it is left out. */
export const NO_VALUE = Symbol("AWS::NoValue");

/**
 * The value with every intrinsic function in it evaluated.
 *
 * @throws Error naming an intrinsic function that the local run does not know.
 */
export function resolve(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, scope)).filter((item) => item !== NO_VALUE);
  if (typeof value !== "object" || value === null) return value;
  const [entry, ...others] = Object.entries(value);
  if (entry && others.length === 0 && isIntrinsic(entry[0])) return evaluate(entry[0], entry[1], scope);
  const resolved = Object.entries(value).map(([name, item]) => [name, resolve(item, scope)] as const);
  return Object.fromEntries(resolved.filter(([, item]) => item !== NO_VALUE));
}

function isIntrinsic(name: string): boolean {
  return name === "Ref" || name === "Condition" || name.startsWith("Fn::");
}

function evaluate(name: string, argument: unknown, scope: Scope): unknown {
  switch (name) {
    case "Ref":
      return scope.reference(text(argument, name));
    case "Fn::GetAtt": {
      const [logicalId, attribute] = getAtt(argument);
      return scope.attribute(logicalId, attribute);
    }
    case "Fn::Sub":
      return substitute(argument, scope);
    case "Fn::Join": {
      const [separator, parts] = list(resolve(argument, scope), name);
      return list(parts, name)
        .map((part) => text(part, name))
        .join(text(separator, name));
    }
    case "Fn::Select": {
      const [index, items] = list(resolve(argument, scope), name);
      const item = list(items, name)[Number(index)];
      if (item === undefined) throw new Error(`Fn::Select: the list has no item ${String(index)}`);
      return item;
    }
    case "Fn::Split": {
      const [separator, source] = list(resolve(argument, scope), name);
      return text(source, name).split(text(separator, name));
    }
    case "Fn::If": {
      const [condition, whenTrue, whenFalse] = list(argument, name);
      return resolve(scope.condition(text(condition, name)) ? whenTrue : whenFalse, scope);
    }
    case "Fn::Equals": {
      const [left, right] = list(resolve(argument, scope), name);
      return left === right;
    }
    case "Fn::Not":
      return list(resolve(argument, scope), name)[0] !== true;
    case "Fn::And":
      return list(resolve(argument, scope), name).every((verdict) => verdict === true);
    case "Fn::Or":
      return list(resolve(argument, scope), name).some((verdict) => verdict === true);
    case "Condition":
      // Inside a policy statement `Condition` is a property with an operator below it; a condition's name is a string.
      return typeof argument === "string" ? scope.condition(argument) : { Condition: resolve(argument, scope) };
    default:
      throw new Error(`The local run does not know the intrinsic function ${name}`);
  }
}

const PLACEHOLDER = /\$\{(!?)([^}]+)\}/g;

function substitute(argument: unknown, scope: Scope): string {
  const [template, variables] = Array.isArray(argument) ? argument : [argument, {}];
  const own = resolve(variables ?? {}, scope) as Record<string, unknown>;
  return text(template, "Fn::Sub").replace(PLACEHOLDER, (_, literal: string, name: string) => {
    if (literal) return `\${${name}}`;
    if (name in own) return text(own[name], "Fn::Sub");
    const [logicalId = "", ...attribute] = name.split(".");
    const found = attribute.length > 0 ? scope.attribute(logicalId, attribute.join(".")) : scope.reference(name);
    return text(found, "Fn::Sub");
  });
}

/** Logical ids and pseudo parameters that a value names, in any intrinsic function at any depth. */
export function references(value: unknown): { name: string; attribute?: string }[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    if (key === "Ref" && typeof item === "string") return [{ name: item }];
    if (key === "Fn::GetAtt") {
      const [name, attribute] = getAtt(item);
      return [{ name, attribute }];
    }
    if (key === "Fn::Sub") return substituted(item);
    return references(item);
  });
}

function substituted(argument: unknown): { name: string; attribute?: string }[] {
  const [template, variables] = Array.isArray(argument) ? argument : [argument, {}];
  const own = Object.keys(variables ?? {});
  const names = [...text(template, "Fn::Sub").matchAll(PLACEHOLDER)].flatMap(([, literal, name = ""]) => {
    if (literal || own.includes(name)) return [];
    const [logicalId = "", ...attribute] = name.split(".");
    return [attribute.length > 0 ? { name: logicalId, attribute: attribute.join(".") } : { name: logicalId }];
  });
  return [...names, ...references(variables)];
}

function getAtt(argument: unknown): [string, string] {
  const [logicalId = "", ...attribute] =
    typeof argument === "string" ? argument.split(".") : list(argument, "Fn::GetAtt");
  return [text(logicalId, "Fn::GetAtt"), attribute.join(".")];
}

function list(value: unknown, intrinsic: string): unknown[] {
  if (!Array.isArray(value)) throw new Error(`${intrinsic} needs a list, not ${JSON.stringify(value)}`);
  return value;
}

function text(value: unknown, intrinsic: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new Error(`${intrinsic} needs text, not ${JSON.stringify(value)}`);
}
