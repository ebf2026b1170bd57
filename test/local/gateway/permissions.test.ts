import { describe, expect, it } from "vitest";
import { isAllowed, type PermissionRequest } from "../../../local/gateway/permissions.ts";

const ROLE = "arn:aws:iam::123456789012:role/record-event";
const QUEUE = "arn:aws:sqs:eu-west-1:123456789012:mailbox.fifo";
const send: PermissionRequest = {
  action: "sqs:SendMessage",
  resource: QUEUE,
  conditionKeys: { "aws:SecureTransport": ["true"] },
  principalArn: ROLE,
};
const put: PermissionRequest = {
  action: "dynamodb:PutItem",
  resource: "arn:aws:dynamodb:eu-west-1:123456789012:table/log",
  conditionKeys: { "dynamodb:LeadingKeys": ["CONV#1", "CONV#2"], "dynamodb:Attributes": ["pk", "sk"] },
  principalArn: ROLE,
};

function identity(...Statement: object[]) {
  return [{ Version: "2012-10-17", Statement }];
}
const allowing = (Condition: object, of: PermissionRequest = put) =>
  isAllowed(of, identity({ Effect: "Allow", Action: of.action, Resource: of.resource, Condition })).allowed;

describe("identity policies", () => {
  it("deny what no statement names, in AWS's words", () => {
    expect(isAllowed(send, [])).toEqual({
      allowed: false,
      reason: "because no identity-based policy allows the sqs:SendMessage action",
    });
  });

  it.each([
    ["the action itself", { Action: "sqs:SendMessage", Resource: QUEUE }, true],
    ["another case, as IAM ignores it", { Action: "sqs:sendmessage", Resource: QUEUE }, true],
    ["a star in the action", { Action: ["sqs:Send*"], Resource: QUEUE }, true],
    ["another action", { Action: "sqs:ReceiveMessage", Resource: QUEUE }, false],
    ["everything but that action", { NotAction: "sqs:SendMessage", Resource: QUEUE }, false],
    ["everything but another action", { NotAction: "sqs:DeleteQueue", Resource: QUEUE }, true],
    ["another queue", { Action: "sqs:SendMessage", Resource: `${QUEUE}x` }, false],
    ["a star in the name", { Action: "sqs:*", Resource: QUEUE.replace("mailbox", "*") }, true],
    ["everything but another queue", { Action: "sqs:*", NotResource: `${QUEUE}x` }, true],
  ])("with %s", (_, statement, allowed) => {
    expect(isAllowed(send, identity({ Effect: "Allow", ...statement })).allowed).toBe(allowed);
  });

  it("let an explicit deny win", () => {
    const both = identity(
      { Effect: "Allow", Action: "*", Resource: "*" },
      { Effect: "Deny", Action: "sqs:*", Resource: "*" },
    );
    expect(isAllowed(send, both)).toEqual({
      allowed: false,
      reason: "with an explicit deny in an identity-based policy",
    });
  });

  it("say which condition a fitting statement fails on", () => {
    const Condition = { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["ADDRESS#*"] } };
    const statement = { Effect: "Allow", Action: put.action, Resource: put.resource, Condition };
    expect(isAllowed(put, identity(statement)).reason).toBe(
      "because no identity-based policy allows the dynamodb:PutItem action (a statement names it, but its condition on dynamodb:LeadingKeys does not hold)",
    );
  });
});

describe("conditions", () => {
  it.each([
    [
      "every value is like one of them",
      { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["CONV#*", "X#*"] } },
      true,
    ],
    ["one value is not", { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["CONV#1"] } }, false],
    ["one of the values is enough", { "ForAnyValue:StringLike": { "dynamodb:LeadingKeys": ["CONV#1"] } }, true],
    ["every value is listed", { "ForAllValues:StringEquals": { "dynamodb:Attributes": ["pk", "sk", "at"] } }, true],
    [
      "a star is no pattern to StringEquals",
      { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["CONV#*"] } },
      false,
    ],
    [
      "a key that the request lacks holds for all its values",
      { "ForAllValues:StringLike": { "events:source": ["x"] } },
      true,
    ],
    ["but not for any", { "ForAnyValue:StringLike": { "events:source": ["x"] } }, false],
    ["nor for a single one", { StringEquals: { "s3:prefix": "media/" } }, false],
    ["unless IfExists", { StringEqualsIfExists: { "s3:prefix": "media/" } }, true],
    ["or negated", { StringNotEquals: { "s3:prefix": "media/" } }, true],
    ["two conditions, one of which fails", { Null: { "s3:prefix": "true", "dynamodb:Attributes": "true" } }, false],
    ["a key that must be there", { Null: { "dynamodb:LeadingKeys": false } }, true],
  ])("where %s", (_, condition, allowed) => {
    expect(allowing(condition)).toBe(allowed);
  });

  it("compare ARNs part by part, and booleans by their text", () => {
    const from = (source: string) => ({ ...send, conditionKeys: { ...send.conditionKeys, "aws:SourceArn": [source] } });
    const topic = "arn:aws:sns:eu-west-1:123456789012:inbound";
    expect(allowing({ ArnEquals: { "aws:SourceArn": topic } }, from(topic))).toBe(true);
    expect(allowing({ ArnLike: { "aws:SourceArn": "arn:aws:sns:*:*:in*" } }, from(topic))).toBe(true);
    expect(allowing({ ArnLike: { "aws:SourceArn": "arn:aws:sns:*:other" } }, from(topic))).toBe(false);
    expect(allowing({ ArnNotLike: { "aws:SourceArn": "arn:aws:sns:*:*:in*" } }, from(topic))).toBe(false);
    expect(allowing({ Bool: { "aws:SecureTransport": true } }, send)).toBe(true);
    expect(allowing({ Bool: { "aws:SecureTransport": "false" } }, send)).toBe(false);
  });
});

describe("resource policies", () => {
  const policy = (statement: object) => ({ Statement: [{ Action: "sqs:SendMessage", Resource: QUEUE, ...statement }] });
  const everything = identity({ Effect: "Allow", Action: "sqs:*", Resource: "*" });

  it("deny over every allow", () => {
    const insecure = { ...send, conditionKeys: { "aws:SecureTransport": ["false"] } };
    const secureOnly = policy({
      Effect: "Deny",
      Principal: "*",
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    });
    expect(isAllowed(send, everything, secureOnly).allowed).toBe(true);
    expect(isAllowed(insecure, everything, secureOnly)).toEqual({
      allowed: false,
      reason: "with an explicit deny in a resource-based policy",
    });
  });

  it("allow a role of the account by themselves, but leave the account as a whole to its own policies", () => {
    expect(isAllowed(send, [], policy({ Effect: "Allow", Principal: { AWS: ROLE } })).allowed).toBe(true);
    expect(isAllowed(send, [], policy({ Effect: "Allow", Principal: { AWS: `${ROLE}-other` } })).allowed).toBe(false);
    const account = policy({ Effect: "Allow", Principal: { AWS: "arn:aws:iam::123456789012:root" } });
    expect(isAllowed(send, [], account).allowed).toBe(false);
    expect(isAllowed(send, everything, account).allowed).toBe(true);
  });

  it("allow a service for the source that they name", () => {
    const topic = "arn:aws:sns:eu-west-1:123456789012:inbound";
    const delivery = { ...send, principalArn: "sns.amazonaws.com", conditionKeys: { "aws:SourceArn": [topic] } };
    const allow = (source: string) =>
      policy({
        Effect: "Allow",
        Principal: { Service: "sns.amazonaws.com" },
        Condition: { ArnEquals: { "aws:SourceArn": source } },
      });
    expect(isAllowed(delivery, [], allow(topic)).allowed).toBe(true);
    expect(isAllowed(delivery, [], allow(`${topic}2`)).allowed).toBe(false);
    expect(isAllowed(delivery, []).reason).toBe("because no resource-based policy allows the sqs:SendMessage action");
  });
});

describe("what cannot be judged", () => {
  const good = { Sid: "Good", Effect: "Allow", Action: "sqs:SendMessage", Resource: QUEUE };
  it.each([
    ["operator", { ...good, Condition: { NumericLessThan: { "aws:SourceAccount": "1" } } }, /operator NumericLessThan/],
    ["key", { ...good, Condition: { StringEquals: { "aws:userid": "x" } } }, /condition key aws:userid/],
    ["element", { ...good, Prinzipal: "*" }, /Prinzipal/],
    ["effect", { ...good, Effect: "Permit" }, /Effect/],
    ["service", { ...good, Action: "sqz:SendMessage" }, /sqz:SendMessage/],
    ["resource", { ...good, Resource: "mailbox.fifo" }, /mailbox.fifo is not an ARN/],
    ["intrinsic left over", { ...good, Resource: { "Fn::GetAtt": ["Queue", "Arn"] } }, /Resource/],
    ["variable", { ...good, Resource: `${QUEUE}\${aws:username}` }, /variables/],
    ["statement without an action", { Effect: "Allow", Resource: QUEUE }, /either Action or NotAction/],
    ["principal in a role's policy", { ...good, Principal: "*" }, /no Principal/],
    [
      "key of several values without a quantifier",
      { ...good, Condition: { StringLike: { "dynamodb:LeadingKeys": "CONV#*" } } },
      /needs ForAllValues: or ForAnyValue:/,
    ],
  ])("%s is refused by name", (_, statement, message) => {
    expect(() => isAllowed(send, identity(statement))).toThrow(message);
  });
});
