import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  ApplicationLogLevel,
  Architecture,
  type Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { type Duration, RemovalPolicy, Stack, Token, Validations } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import { physicalName } from "./names.ts";
import type { Permission } from "./permissions.ts";

/** Lambda's limit for all variables of a function together. */
const LARGEST_ENVIRONMENT_BYTES = 4096;
/** Stands for a value that only the deployment knows; a queue's URL is the longest of ours. */
const LONGEST_UNKNOWN = 130;

export interface HouseFunctionProps {
  stage: string;
  /** Under functions/. */
  folder: string;
  /** Where there is one function per connector. */
  connector?: string;
  /** Where there is one per helpdesk. */
  helpdesk?: string;
  /** Where there is one per stream, but for the first. */
  stream?: string;
  description: string;
  code: Code;
  memoryMb: number;
  timeout: Duration;
  environment: Record<string, string>;
  permissions: readonly Permission[];
}

/** A function as we run all of them: Node 24 on arm64, JSON logs of warnings and worse, and a role of its own. */
export class HouseFunction extends Construct {
  readonly lambda: LambdaFunction;

  constructor(scope: Construct, id: string, props: HouseFunctionProps) {
    super(scope, id);
    const { stage, folder, description, code, memoryMb, timeout, environment, permissions } = props;
    const instance = props.connector ?? props.helpdesk ?? props.stream;
    const name = instance ? `${folder}-${instance}` : folder;
    checkEnvironment(this, name, environment);
    const logGroup = new LogGroup(this, "Log", {
      logGroupName: `/recado/${stage}/${name}`,
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const writesItsLog = new PolicyStatement({
      actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
      resources: [logGroup.logGroupArn],
    });
    const role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      description: `What ${name} may do, and nothing else`,
      // Part of the role itself, so that no event source can start before its permissions are there.
      inlinePolicies: {
        permissions: new PolicyDocument({
          statements: [writesItsLog, ...permissions.map(({ statement }) => statement)],
        }),
      },
    });
    for (const { acknowledgement } of permissions) {
      if (acknowledgement) Validations.of(role).acknowledge(acknowledgement);
    }
    this.lambda = new LambdaFunction(this, "Function", {
      functionName: physicalName(stage, name),
      description,
      code,
      handler: "index.handler",
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: memoryMb,
      timeout,
      environment,
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      applicationLogLevelV2: ApplicationLogLevel.WARN,
      systemLogLevelV2: SystemLogLevel.WARN,
    });
  }
}

/** Refused here, with a sentence, rather than by Lambda in the middle of a deployment. */
function checkEnvironment(scope: Construct, name: string, environment: Record<string, string>): void {
  const bytes = Object.entries(environment).reduce((sum, [key, value]) => sum + key.length + sizeOf(scope, value), 0);
  if (bytes <= LARGEST_ENVIRONMENT_BYTES) return;
  const largest = Object.keys(environment).reduce((one, other) =>
    sizeOf(scope, environment[one] ?? "") >= sizeOf(scope, environment[other] ?? "") ? one : other,
  );
  throw new Error(
    `The environment of ${name} would be about ${bytes} bytes, and Lambda takes ${LARGEST_ENVIRONMENT_BYTES}. Most of it is ${largest}: configure fewer accounts on one connector, fewer helpdesks or fewer templates, or split them over two stages.`,
  );
}

function sizeOf(scope: Construct, value: string): number {
  if (!Token.isUnresolved(value)) return Buffer.byteLength(value);
  const resolved: unknown = Stack.of(scope).resolve(value);
  const parts = (resolved as { "Fn::Join"?: [string, unknown[]] })["Fn::Join"]?.[1] ?? [resolved];
  return parts.reduce<number>(
    (sum, part) => sum + (typeof part === "string" ? Buffer.byteLength(part) : LONGEST_UNKNOWN),
    0,
  );
}
