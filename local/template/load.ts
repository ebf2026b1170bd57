/** Makes every resource of a template, each after those that it names. */
import type { Made, World } from "./counterpart.ts";
import { counterparts } from "./counterparts/index.ts";
import { NO_VALUE, references, resolve, type Scope } from "./intrinsics.ts";
import type { CloudFormationTemplate, TemplateResource } from "./template.ts";

export interface LoadedTemplate {
  /** Values of the stack's outputs. */
  outputs: Record<string, string>;
  /** Paths below the public URL that outputs give to function URLs: logical id of the URL → paths, without a slash at either end. */
  functionUrlPaths: ReadonlyMap<string, readonly string[]>;
}

/**
 * What the resources amount to is noted down in `world.stack`. Independent resources are made at the same time.
 *
 * @throws Error in one sentence naming the resource, and the type, property or intrinsic function that is not known.
 */
export async function loadTemplate(template: CloudFormationTemplate, world: World): Promise<LoadedTemplate> {
  const made = new Map<string, Made>();
  const scope = scopeOf(template, made, world);
  const resources = Object.entries(template.Resources).filter(
    ([, { Condition }]) => Condition === undefined || scope.condition(Condition),
  );
  for (const [logicalId, { Type }] of resources) {
    if (!(Type in counterparts))
      throw new Error(`The local run does not know the resource type ${Type} (${logicalId})`);
  }

  for (const wave of inWaves(new Map(resources))) {
    await Promise.all(
      wave.map(async ([logicalId, { Type, Properties = {} }]) => {
        try {
          const properties = resolve(Properties, scope) as Record<string, unknown>;
          made.set(logicalId, (await counterparts[Type]?.(logicalId, properties, world)) ?? { reference: logicalId });
        } catch (error) {
          throw new Error(`The resource ${logicalId} (${Type}) cannot be made: ${messageOf(error)}`, { cause: error });
        }
      }),
    );
  }
  return loadOutputs(template, scope, world.publicUrl);
}

function scopeOf(template: CloudFormationTemplate, made: ReadonlyMap<string, Made>, world: World): Scope {
  const pseudo: Readonly<Record<string, unknown>> = {
    "AWS::AccountId": world.accountId,
    "AWS::Region": world.region,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": world.stackName,
    "AWS::StackId": `arn:aws:cloudformation:${world.region}:${world.accountId}:stack/${world.stackName}/local`,
    "AWS::NoValue": NO_VALUE,
  };
  const resource = (logicalId: string): Made => {
    const found = made.get(logicalId);
    if (!found) throw new Error(`names ${logicalId}, which is not in the template`);
    return found;
  };
  const scope: Scope = {
    reference: (name) => pseudo[name] ?? template.Parameters?.[name]?.Default ?? resource(name).reference,
    attribute: (logicalId, name) => {
      const value = resource(logicalId).attributes?.[name];
      if (value === undefined)
        throw new Error(`names the attribute ${logicalId}.${name}, which the local run does not know`);
      return value;
    },
    condition: (name) => {
      const condition = template.Conditions?.[name];
      if (condition === undefined) throw new Error(`names the condition ${name}, which is not in the template`);
      return resolve(condition, scope) === true;
    },
  };
  return scope;
}

type Named = [logicalId: string, resource: TemplateResource];

/** Resources in groups: each group needs only those before it. */
function inWaves(resources: ReadonlyMap<string, TemplateResource>): Named[][] {
  const needs = new Map(
    [...resources].map(([logicalId, { Properties, DependsOn = [] }]) => {
      const named = [...references(Properties).map(({ name }) => name), ...[DependsOn].flat()];
      return [logicalId, new Set(named.filter((name) => resources.has(name)))] as const;
    }),
  );
  const waves: Named[][] = [];
  const done = new Set<string>();
  while (done.size < resources.size) {
    const wave = [...resources].filter(
      ([id]) => !done.has(id) && [...(needs.get(id) ?? [])].every((need) => done.has(need)),
    );
    if (wave.length === 0) {
      const stuck = [...resources.keys()].filter((id) => !done.has(id));
      throw new Error(`Resources of the template depend on each other in a circle: ${stuck.join(", ")}`);
    }
    waves.push(wave);
    for (const [id] of wave) done.add(id);
  }
  return waves;
}

function loadOutputs(template: CloudFormationTemplate, scope: Scope, publicUrl: string): LoadedTemplate {
  const outputs: Record<string, string> = {};
  const functionUrlPaths = new Map<string, string[]>();
  for (const [name, { Value, Condition }] of Object.entries(template.Outputs ?? {})) {
    if (Condition !== undefined && !scope.condition(Condition)) continue;
    const value = String(resolve(Value, scope));
    outputs[name] = value;
    for (const { name: logicalId, attribute } of references(Value)) {
      if (attribute !== "FunctionUrl") continue;
      const path = value.slice(`${publicUrl}/`.length).replace(/\/+$/, "");
      functionUrlPaths.set(logicalId, [...(functionUrlPaths.get(logicalId) ?? []), path]);
    }
  }
  return { outputs, functionUrlPaths };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
