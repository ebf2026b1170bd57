/** Judges a request by IAM's policies, as "Policy evaluation logic" in the IAM user guide has it for one account. */
import { type Condition, type Matcher, type PolicyDocument, readPolicy, type Statement } from "./policy.ts";

export type { PolicyDocument } from "./policy.ts";

export interface PermissionRequest {
  /** `sqs:SendMessage` */
  action: string;
  /** ARN */
  resource: string;
  /** Condition keys of the request and their values; a key that the request does not have is absent. */
  conditionKeys: Record<string, string[]>;
  /** ARN of the caller's role, or the name of a service (`sns.amazonaws.com`). */
  principalArn: string;
}

export interface Judgement {
  allowed: boolean;
  /** For a refusal AWS's own words, to follow "is not authorized to perform: … on resource: …". */
  reason: string;
}

/**
 * Whether the policies of the caller and the policy of the resource allow the request. Pure.
 * @throws Error when a document has an element that cannot be judged.
 */
export function isAllowed(
  request: PermissionRequest,
  identity: readonly PolicyDocument[],
  resourcePolicy?: PolicyDocument,
): Judgement {
  return judge(
    request,
    identity.flatMap((document) => readPolicy(document, "identity")),
    resourcePolicy ? readPolicy(resourcePolicy, "resource") : [],
  );
}

/** The same for documents that were read before. */
export function judge(
  request: PermissionRequest,
  identity: readonly Statement[],
  resource: readonly Statement[],
): Judgement {
  const isMeant = (statement: Statement) => isPrincipal(statement, request.principalArn);
  const inPolicies = [
    { kind: "an identity-based", statements: identity.filter((statement) => concerns(statement, request)) },
    {
      kind: "a resource-based",
      statements: resource.filter((statement) => isMeant(statement) && concerns(statement, request)),
    },
  ];
  for (const { kind, statements } of inPolicies) {
    if (statements.some((statement) => statement.effect === "Deny" && holds(statement, request))) {
      return { allowed: false, reason: `with an explicit deny in ${kind} policy` };
    }
  }
  for (const { kind, statements } of inPolicies) {
    const granting = statements.find(
      (statement) =>
        statement.effect === "Allow" && holds(statement, request) && grantsByItself(statement, request, kind),
    );
    if (granting) return { allowed: true, reason: `allowed by ${kind} policy` };
  }
  // A service has no policies of its own: what it delivers to must let it.
  const lacking = request.principalArn.startsWith("arn:") ? "identity-based" : "resource-based";
  const reason = `because no ${lacking} policy allows the ${request.action} action${hint(inPolicies, request)}`;
  return { allowed: false, reason };
}

/** The account itself as principal of a resource policy only lets the identity policies decide. */
function grantsByItself({ principals }: Statement, { principalArn }: PermissionRequest, kind: string): boolean {
  if (kind === "an identity-based" || principals === "everyone") return true;
  return principals.aws.includes(principalArn) || principals.services.includes(principalArn);
}

function isPrincipal({ principals }: Statement, principalArn: string): boolean {
  if (principals === "everyone") return true;
  const account = principalArn.split(":")[4];
  return (
    principals.services.includes(principalArn) ||
    principals.aws.some((name) => name === principalArn || name === account || name === `arn:aws:iam::${account}:root`)
  );
}

function concerns({ actions, resources }: Statement, { action, resource }: PermissionRequest): boolean {
  return (
    matches(actions, (pattern) => isLike(action.toLowerCase(), pattern.toLowerCase())) &&
    matches(resources, (pattern) => isArnLike(resource, pattern))
  );
}

function matches({ patterns, isInverted }: Matcher, isMatch: (pattern: string) => boolean): boolean {
  return patterns.some(isMatch) !== isInverted;
}

function holds({ conditions }: Statement, { conditionKeys }: PermissionRequest): boolean {
  return conditions.every((condition) => isMet(condition, conditionKeys[condition.key]));
}

function isMet(condition: Condition, present: readonly string[] | undefined): boolean {
  const { operator, quantifier, holdsIfAbsent, values } = condition;
  if (operator === "Null") return values.some((value) => (value.toLowerCase() === "true") === (present === undefined));
  if (present === undefined)
    return holdsIfAbsent || quantifier === "all" || (quantifier === "one" && operator.includes("Not"));
  const isAccepted = (value: string) => isValueAccepted(operator, value, values);
  return quantifier === "all" ? present.every(isAccepted) : present.some(isAccepted);
}

function isValueAccepted(operator: Condition["operator"], value: string, values: readonly string[]): boolean {
  switch (operator) {
    case "StringEquals":
      return values.includes(value);
    case "StringNotEquals":
      return !values.includes(value);
    case "StringEqualsIgnoreCase":
    case "Bool":
      return values.some((one) => one.toLowerCase() === value.toLowerCase());
    case "StringNotEqualsIgnoreCase":
      return !values.some((one) => one.toLowerCase() === value.toLowerCase());
    case "StringLike":
      return values.some((pattern) => isLike(value, pattern));
    case "StringNotLike":
      return !values.some((pattern) => isLike(value, pattern));
    case "ArnEquals":
    case "ArnLike":
      return values.some((pattern) => isArnLike(value, pattern));
    case "ArnNotEquals":
    case "ArnNotLike":
      return !values.some((pattern) => isArnLike(value, pattern));
    case "Null":
      return false;
  }
}

/** A star in one part of an ARN stays within it, but for the last part. */
function isArnLike(arn: string, pattern: string): boolean {
  if (pattern === "*") return true;
  const [parts, patterns] = [split(arn), split(pattern)];
  return parts.length === patterns.length && parts.every((part, index) => isLike(part, patterns[index] ?? ""));
}

function split(arn: string): string[] {
  const parts = arn.split(":");
  return [...parts.slice(0, 5), parts.slice(5).join(":")];
}

const likes = new Map<string, RegExp>();

function isLike(text: string, pattern: string): boolean {
  if (!/[*?]/.test(pattern)) return text === pattern;
  let regexp = likes.get(pattern);
  if (!regexp) {
    const source = pattern
      .replace(/[\\^$.+()|[\]{}]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".");
    regexp = new RegExp(`^${source}$`, "s");
    likes.set(pattern, regexp);
  }
  return regexp.test(text);
}

/** Which condition a statement that names this action and resource fails on; AWS leaves the reader to guess. */
function hint(policies: readonly { statements: readonly Statement[] }[], { conditionKeys }: PermissionRequest): string {
  const nearly = policies.flatMap(({ statements }) => statements).filter(({ effect }) => effect === "Allow");
  const failed = nearly.flatMap(({ conditions }) => conditions.filter((one) => !isMet(one, conditionKeys[one.key])));
  return failed.length > 0 ? ` (a statement names it, but its condition on ${failed[0]?.key} does not hold)` : "";
}
