// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of Fn::Sub
import { describe, expect, it } from "vitest";
import { NO_VALUE, references, resolve, type Scope } from "../../../local/template/intrinsics.ts";

const scope: Scope = {
  reference: (name) =>
    ({ Queue: "https://queue", Stage: "local", "AWS::Region": "eu-west-1", "AWS::NoValue": NO_VALUE })[name],
  attribute: (logicalId, name) => `${logicalId}/${name}`,
  condition: (name) => name === "IsLocal",
};

describe("intrinsic functions", () => {
  it.each([
    ["Ref", { Ref: "Queue" }, "https://queue"],
    ["a pseudo parameter", { Ref: "AWS::Region" }, "eu-west-1"],
    ["Fn::GetAtt as a list", { "Fn::GetAtt": ["Table", "Arn"] }, "Table/Arn"],
    ["Fn::GetAtt as text", { "Fn::GetAtt": "Table.Stream.Arn" }, "Table/Stream.Arn"],
    [
      "Fn::Join over others",
      { "Fn::Join": ["-", ["a", { Ref: "Stage" }, { "Fn::GetAtt": ["T", "Arn"] }]] },
      "a-local-T/Arn",
    ],
    ["Fn::Sub", { "Fn::Sub": "${Stage}/${Table.Arn}/${!Literal}" }, "local/Table/Arn/${Literal}"],
    [
      "Fn::Sub with variables of its own",
      { "Fn::Sub": ["${Own}-${Stage}", { Own: { Ref: "Queue" } }] },
      "https://queue-local",
    ],
    ["Fn::Select over Fn::Split", { "Fn::Select": [1, { "Fn::Split": ["/", "a/b/c"] }] }, "b"],
    ["Fn::If", { "Fn::If": ["IsLocal", { Ref: "Stage" }, "far"] }, "local"],
    ["Fn::If, the other way", { "Fn::If": ["IsDeployed", { Ref: "Stage" }, "far"] }, "far"],
    [
      "conditions",
      { "Fn::And": [{ Condition: "IsLocal" }, { "Fn::Not": [{ "Fn::Equals": ["a", { Ref: "Stage" }] }] }] },
      true,
    ],
    ["what is inside lists and objects", { a: [{ b: { Ref: "Stage" } }] }, { a: [{ b: "local" }] }],
    [
      "AWS::NoValue, which leaves its property out",
      { a: { Ref: "AWS::NoValue" }, b: [{ Ref: "AWS::NoValue" }, 1] },
      { b: [1] },
    ],
    [
      "a policy statement's Condition",
      { Effect: "Deny", Condition: { Bool: { x: "false" } } },
      { Effect: "Deny", Condition: { Bool: { x: "false" } } },
    ],
  ])("%s", (_, value, expected) => {
    expect(resolve(value, scope)).toEqual(expected);
  });

  it("an unknown one fails by name, at any depth", () => {
    expect(() => resolve({ a: [{ "Fn::GetAZs": "" }] }, scope)).toThrow(/Fn::GetAZs/);
  });

  it("tells what a value names, so that it can be made first", () => {
    const value = {
      a: { "Fn::Join": ["", [{ Ref: "One" }, { "Fn::GetAtt": ["Two", "Arn"] }]] },
      b: { "Fn::Sub": ["${Three.Arn}${Own}${!Not}", { Own: { Ref: "Four" } }] },
    };
    expect(references(value)).toEqual([
      { name: "One" },
      { name: "Two", attribute: "Arn" },
      { name: "Three", attribute: "Arn" },
      { name: "Four" },
    ]);
  });
});
