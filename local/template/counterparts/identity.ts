/** @module AWS::IAM::Role, AWS::IAM::Policy, AWS::IAM::ManagedPolicy */
import * as z from "zod";
import { counterpart, PolicyDocumentProperty, physicalName, unplayed, type World } from "../counterpart.ts";
import type { PolicyDocument, Role } from "../stack.ts";

/** AWS's own policies that the stack may name, by ARN. Contents as published in the AWS managed policy reference. */
const AWS_MANAGED_POLICIES: Readonly<Record<string, PolicyDocument>> = {
  "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole": {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], Resource: "*" },
    ],
  },
};

const TrustStatement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.literal("Allow"),
  Action: z.literal("sts:AssumeRole"),
  Principal: z.strictObject({ Service: z.union([z.string(), z.array(z.string())]) }),
  /** Which schedule or rule may take the role on; the local run has one account and one stack. */
  Condition: unplayed,
});

export const role = counterpart(
  {
    RoleName: z.string().optional(),
    Description: unplayed,
    Path: unplayed,
    MaxSessionDuration: unplayed,
    AssumeRolePolicyDocument: z.strictObject({ Version: z.string().optional(), Statement: z.array(TrustStatement) }),
    ManagedPolicyArns: z.array(z.string()).optional(),
    Policies: z.array(z.strictObject({ PolicyName: z.string(), PolicyDocument: PolicyDocumentProperty })).optional(),
  },
  (properties, { logicalId, world }) => {
    const name = physicalName(properties.RoleName, logicalId, world);
    const made: Role = {
      name,
      arn: `arn:aws:iam::${world.accountId}:role/${name}`,
      trusts: properties.AssumeRolePolicyDocument.Statement.flatMap(({ Principal }) => Principal.Service),
      policies: [
        ...(properties.ManagedPolicyArns ?? []).map((policyArn) => managedPolicyDocument(policyArn, world)),
        ...(properties.Policies ?? []).map(({ PolicyDocument }) => PolicyDocument),
      ],
    };
    world.stack.roles.push(made);
    return { reference: name, attributes: { Arn: made.arn, RoleId: `AROA${logicalId.toUpperCase()}` } };
  },
);

function managedPolicyDocument(policyArn: string, world: World): PolicyDocument {
  const known = AWS_MANAGED_POLICIES[policyArn] ?? world.stack.managedPolicies[policyArn];
  if (!known) throw new Error(`names the managed policy ${policyArn}, which the local run does not know`);
  return known;
}

export const policy = counterpart(
  { PolicyName: z.string(), PolicyDocument: PolicyDocumentProperty, Roles: z.array(z.string()) },
  ({ PolicyDocument, Roles }, { logicalId, world }) => {
    attach(PolicyDocument, Roles, world);
    return { reference: logicalId };
  },
);

export const managedPolicy = counterpart(
  {
    ManagedPolicyName: z.string().optional(),
    Description: unplayed,
    Path: unplayed,
    PolicyDocument: PolicyDocumentProperty,
    Roles: z.array(z.string()).optional(),
  },
  ({ ManagedPolicyName, PolicyDocument, Roles = [] }, { logicalId, world }) => {
    const policyArn = `arn:aws:iam::${world.accountId}:policy/${physicalName(ManagedPolicyName, logicalId, world)}`;
    world.stack.managedPolicies[policyArn] = PolicyDocument;
    attach(PolicyDocument, Roles, world);
    return { reference: policyArn, attributes: { PolicyArn: policyArn } };
  },
);

function attach(document: PolicyDocument, roleNames: readonly string[], world: World): void {
  for (const roleName of roleNames) {
    const found = world.stack.roles.find(({ name }) => name === roleName);
    if (!found) throw new Error(`is attached to the role ${roleName}, which is not in the template`);
    found.policies.push(document);
  }
}
