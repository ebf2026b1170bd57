/** The stack of the sample configuration, synthesized once, and ways to ask questions about it. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { readConfig } from "../../infra/config-file.ts";
import { type CloudFormationTemplate, synthesize } from "../../infra/synthesize.ts";
import { type Config, checkConfig } from "../../shared/config.ts";

export const STAGE = "dev";
export const sample = await readConfig(undefined);

export function templateOf(config: Config): { template: CloudFormationTemplate; outdir: string } {
  const outdir = mkdtempSync(join(tmpdir(), "recado-synth-"));
  return synthesize({ config, stage: STAGE, outdir, region: "us-east-1", accountId: "000000000000" });
}

/** The sample with other accounts or policies, checked like the owner's own. */
export function configured(changes: Record<string, unknown>): Config {
  const accounts = Object.fromEntries(
    Object.entries(sample.accounts).map(([name, { connector, settings }]) => [name, { connector, ...settings }]),
  );
  const helpdesks = Object.fromEntries(
    Object.entries(sample.helpdesks).map(([name, { settings, ...policies }]) => [name, { ...policies, ...settings }]),
  );
  return checkConfig({ ...sample, accounts, helpdesks, ...changes });
}

export interface Resource {
  id: string;
  properties: Record<string, unknown>;
}

export function all(template: CloudFormationTemplate, type: string): Resource[] {
  return Object.entries(template.Resources)
    .filter(([, resource]) => resource.Type === type)
    .map(([id, { Properties = {} }]) => ({ id, properties: Properties }));
}

const oneOrMany = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const Statement = z.object({
  Effect: z.enum(["Allow", "Deny"]),
  Action: oneOrMany,
  Resource: z.unknown().transform((value) => [value].flat().map(written)),
  Condition: z.record(z.string(), z.record(z.string(), oneOrMany)).optional(),
});
type Statement = z.output<typeof Statement>;

const Role = z.object({
  Policies: z.array(z.object({ PolicyDocument: z.object({ Statement: z.array(Statement) }) })),
  ManagedPolicyArns: z.array(z.unknown()).optional(),
});

const LambdaFunction = z.object({
  FunctionName: z.string(),
  Runtime: z.string(),
  Architectures: z.array(z.string()),
  MemorySize: z.number(),
  Timeout: z.number(),
  Description: z.string(),
  Role: z.object({ "Fn::GetAtt": z.tuple([z.string(), z.literal("Arn")]) }),
  LoggingConfig: z.record(z.string(), z.unknown()),
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
  Code: z.object({ S3Key: z.string() }),
});

export interface Deployed extends z.output<typeof LambdaFunction> {
  id: string;
  /** Without `recado-<stage>-`. */
  name: string;
  /** Folder under functions/. */
  folder: string;
  statements: Statement[];
  hasManagedPolicies: boolean;
}

/** Every Lambda with what its role lets it do. */
export function functionsOf(template: CloudFormationTemplate): Deployed[] {
  return all(template, "AWS::Lambda::Function").map(({ id, properties }) => {
    const deployed = LambdaFunction.parse(properties);
    const [roleId] = deployed.Role["Fn::GetAtt"];
    const role = Role.parse(template.Resources[roleId]?.Properties);
    const name = deployed.FunctionName.slice(`recado-${STAGE}-`.length);
    const folder = /^(receive-webhook|send-message|post-to-helpdesk|publish-event)-/.exec(name)?.[1] ?? name;
    const statements = role.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    return { ...deployed, id, name, folder, statements, hasManagedPolicies: role.ManagedPolicyArns !== undefined };
  });
}

export const LEADING_KEYS = "dynamodb:LeadingKeys";

/** The partition keys on which the function may do this to the table. */
export function keysFor({ statements }: Deployed, action: string): string[] {
  return statements
    .filter(({ Action }) => Action.includes(`dynamodb:${action}`))
    .flatMap(({ Condition }) => Condition?.["ForAllValues:StringLike"]?.[LEADING_KEYS] ?? ["anything"]);
}

/** What the function may do this to. */
export function targetsOf({ statements }: Deployed, action: string): string[] {
  return statements.filter(({ Action }) => Action.includes(action)).flatMap(({ Resource }) => Resource);
}

/** An intrinsic as one readable line: `{Mailbox.Arn}`, joins put together. */
export function written(value: unknown): string {
  if (typeof value === "string") return value;
  const intrinsic = z
    .union([
      z.object({ Ref: z.string() }).transform(({ Ref }) => `{${Ref}}`),
      z
        .object({ "Fn::GetAtt": z.tuple([z.string(), z.string()]) })
        .transform((get) => `{${get["Fn::GetAtt"].join(".")}}`),
      z.object({ "Fn::Join": z.tuple([z.string(), z.array(z.unknown())]) }).transform((join) => {
        const [separator, parts] = join["Fn::Join"];
        return parts.map(written).join(separator);
      }),
    ])
    .safeParse(value);
  return intrinsic.success ? intrinsic.data : JSON.stringify(value);
}
