/** The CDK app that `cdk` runs. A finding of cdk-nag fails the synthesis. */
import { App, Validations } from "aws-cdk-lib/core";
import { AwsSolutionsChecks } from "cdk-nag";
import { readConfig } from "./config-file.ts";
import { checkStage } from "./parts/names.ts";
import { RecadoStack } from "./stack.ts";

const app = new App();
const stage = checkStage(app.node.tryGetContext("stage") ?? process.env.RECADO_STAGE ?? "dev");
const account = process.env.CDK_DEFAULT_ACCOUNT;
const region = process.env.CDK_DEFAULT_REGION;

new RecadoStack(app, `recado-${stage}`, {
  stage,
  config: await readConfig(process.env.RECADO_CONFIG),
  ...(account && region && { env: { account, region } }),
});
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
