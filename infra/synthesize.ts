import { App } from "aws-cdk-lib/core";
import type { Config } from "../shared/config.ts";
import { checkStage } from "./parts/names.ts";
import { RecadoStack } from "./stack.ts";

/** The part of a CloudFormation template that a reader of ours needs. */
export interface CloudFormationTemplate {
  Resources: Record<
    string,
    { Type: string; Properties?: Record<string, unknown>; DependsOn?: string | string[]; Condition?: string }
  >;
  Outputs?: Record<string, { Value: unknown }>;
  Conditions?: Record<string, unknown>;
}

/**
 * The template as `cdk synth` makes it, without a child process and without cdk-nag. Below `outdir` are the bundles:
 * `asset.<hash>/index.js`, which a Lambda's `Code.S3Key` names `<hash>.zip`.
 * @throws Error with a sentence for the owner when the configuration cannot be deployed
 */
export function synthesize(options: {
  config: Config;
  stage: string;
  outdir: string;
  region: string;
  accountId: string;
}): {
  template: CloudFormationTemplate;
  outdir: string;
} {
  const { config, outdir, region, accountId } = options;
  const stage = checkStage(options.stage);
  // What only helps a person who reads the output of `cdk synth`, which checks all of it, is left out here.
  const app = new App({
    outdir,
    analyticsReporting: false,
    treeMetadata: false,
    stackTraces: false,
    builtinCloudFormationValidation: false,
  });
  const stack = new RecadoStack(app, `recado-${stage}`, { config, stage, env: { account: accountId, region } });
  const assembly = app.synth();
  return { template: assembly.getStackByName(stack.stackName).template, outdir: assembly.directory };
}
