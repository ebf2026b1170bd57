/**
 * Policy documents of IAM, checked once. What the judge cannot judge (an element, operator, condition key, variable or
 * service that it does not know) is refused here, so that a local run never passes what AWS would refuse.
 */
import * as z from "zod";

/** As in CloudFormation after its intrinsics are resolved. */
export interface PolicyDocument {
  Version?: string;
  Statement: unknown;
}

export interface Statement {
  sid: string | undefined;
  effect: "Allow" | "Deny";
  actions: Matcher;
  resources: Matcher;
  /** Resource policies alone have them. */
  principals: "everyone" | { aws: readonly string[]; services: readonly string[] };
  conditions: readonly Condition[];
}

/** `isInverted` for NotAction and NotResource. */
export interface Matcher {
  patterns: readonly string[];
  isInverted: boolean;
}

export interface Condition {
  operator: Operator;
  quantifier: "one" | "all" | "any";
  /** `…IfExists`: holds when the request does not have the key. */
  holdsIfAbsent: boolean;
  key: string;
  values: readonly string[];
}

type Operator = (typeof OPERATORS)[number];

const OPERATORS = [
  "StringEquals",
  "StringNotEquals",
  "StringEqualsIgnoreCase",
  "StringNotEqualsIgnoreCase",
  "StringLike",
  "StringNotLike",
  "ArnEquals",
  "ArnNotEquals",
  "ArnLike",
  "ArnNotLike",
  "Bool",
  "Null",
] as const;

/** Keys that the gateway fills in where AWS does; the value says whether a request may have several values. */
const CONDITION_KEYS: Readonly<Record<string, "single" | "several">> = {
  "aws:PrincipalAccount": "single",
  "aws:PrincipalArn": "single",
  "aws:RequestedRegion": "single",
  "aws:ResourceAccount": "single",
  "aws:SecureTransport": "single",
  "aws:SourceAccount": "single",
  "aws:SourceArn": "single",
  "dynamodb:Attributes": "several",
  "dynamodb:EnclosingOperation": "single",
  "dynamodb:LeadingKeys": "several",
  "dynamodb:ReturnValues": "single",
  "dynamodb:Select": "single",
  "events:detail-type": "several",
  "events:source": "several",
  "s3:prefix": "single",
};

/** The services of the gateway, and those whose permissions a stack names although the local run never asks for them. */
const SERVICES: ReadonlySet<string> = new Set([
  ...["dynamodb", "sqs", "s3", "ssm", "events", "sns", "social-messaging", "sms-voice"],
  ...["cloudwatch", "execute-api", "kms", "lambda", "logs", "scheduler", "sts", "xray"],
]);

const Texts = z.union([z.string().transform((text) => [text]), z.array(z.string())]);
const Scalar = z.union([z.string(), z.boolean(), z.number()]).transform(String);
const PrincipalElement = z.union([
  z.literal("*"),
  z.strictObject({ AWS: Texts.optional(), Service: Texts.optional() }),
]);

const StatementElement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(["Allow", "Deny"]),
  Action: Texts.optional(),
  NotAction: Texts.optional(),
  Resource: Texts.optional(),
  NotResource: Texts.optional(),
  Principal: PrincipalElement.optional(),
  Condition: z
    .record(z.string(), z.record(z.string(), z.union([Scalar.transform((text) => [text]), z.array(Scalar)])))
    .optional(),
});

const Document = z.strictObject({
  Version: z.enum(["2012-10-17", "2008-10-17"]).optional(),
  Id: z.string().optional(),
  Statement: z.array(StatementElement),
});

/**
 * Statements of a policy attached to a role (`identity`) or to a queue, bucket, topic or bus (`resource`).
 * @throws Error that names the element which cannot be judged.
 */
export function readPolicy(document: PolicyDocument, kind: "identity" | "resource"): readonly Statement[] {
  const { Statement } = document;
  const parsed = Document.safeParse({ ...document, Statement: Array.isArray(Statement) ? Statement : [Statement] });
  if (!parsed.success)
    throw new Error(`policy with an element that cannot be judged: ${z.prettifyError(parsed.error)}`);
  return parsed.data.Statement.map((statement) => readStatement(statement, kind));
}

function readStatement(element: z.output<typeof StatementElement>, kind: "identity" | "resource"): Statement {
  const { Sid, Effect, Action, NotAction, Resource, NotResource, Principal, Condition = {} } = element;
  const fail = (what: string) => new Error(`policy statement ${Sid ?? "without Sid"}: ${what}`);
  if ((kind === "resource") !== (Principal !== undefined)) {
    throw fail(kind === "resource" ? "a resource policy needs Principal" : "an identity policy has no Principal");
  }
  if ((Action === undefined) === (NotAction === undefined)) throw fail("needs either Action or NotAction");
  if ((Resource === undefined) === (NotResource === undefined)) throw fail("needs either Resource or NotResource");
  const actions = Action ?? NotAction ?? [];
  const resources = Resource ?? NotResource ?? [];
  for (const action of actions) {
    const [, service] = /^([a-z0-9-]+):[A-Za-z0-9*?]+$/.exec(action) ?? [];
    if (action !== "*" && !(service && SERVICES.has(service))) throw fail(`does not know the action ${action}`);
  }
  for (const resource of resources) {
    if (resource !== "*" && !/^arn:[^:]+:[^:]+:[^:]*:[^:]*:./.test(resource)) throw fail(`${resource} is not an ARN`);
    if (resource.includes("${")) throw fail(`does not know variables, as in ${resource}`);
  }
  return {
    sid: Sid,
    effect: Effect,
    actions: { patterns: actions, isInverted: Action === undefined },
    resources: { patterns: resources, isInverted: Resource === undefined },
    principals: readPrincipal(Principal),
    conditions: Object.entries(Condition).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) => readCondition(operator, key, values, fail)),
    ),
  };
}

function readPrincipal(element: z.output<typeof PrincipalElement> | undefined): Statement["principals"] {
  if (element === undefined || element === "*") return "everyone";
  const { AWS = [], Service = [] } = element;
  return AWS.includes("*") ? "everyone" : { aws: AWS, services: Service };
}

function readCondition(written: string, key: string, values: string[], fail: (what: string) => Error): Condition {
  const [, quantifier, name, ifExists] = /^(ForAllValues:|ForAnyValue:)?(.+?)(IfExists)?$/.exec(written) ?? [];
  const operator = OPERATORS.find((known) => known === name);
  if (!operator) throw fail(`does not know the condition operator ${written}`);
  const known = Object.entries(CONDITION_KEYS).find(([name]) => name.toLowerCase() === key.toLowerCase());
  if (!known) throw fail(`does not know the condition key ${key}`);
  if (operator !== "Null" && (known[1] === "several") !== (quantifier !== undefined)) {
    const need =
      known[1] === "several" ? "needs ForAllValues: or ForAnyValue:" : "takes no ForAllValues: or ForAnyValue:";
    throw fail(`the condition key ${key} ${need}`);
  }
  if (values.some((value) => value.includes("${")))
    throw fail(`does not know variables, as in the condition on ${key}`);
  if ((operator === "Bool" || operator === "Null") && values.some((value) => !/^(true|false)$/i.test(value))) {
    throw fail(`the condition operator ${written} takes true or false`);
  }
  return {
    operator,
    quantifier: quantifier === undefined ? "one" : quantifier === "ForAllValues:" ? "all" : "any",
    holdsIfAbsent: ifExists !== undefined,
    key: known[0],
    values,
  };
}
