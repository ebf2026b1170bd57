/** The environment of a function's processes: the template's variables and what Lambda itself adds. */
import type { FunctionDefinition } from "../template/stack.ts";

export interface Surroundings {
  region: string;
  /** The gateway: all of AWS. */
  endpoint: string;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string };
  /** `RECADO_<WORD>_URL` of vendors that stand elsewhere, and of the local run itself. */
  recadoUrls: Readonly<Record<string, string>>;
}

/** As the SDK's clients look for them. */
const SERVICES = [
  ...["DYNAMODB", "SQS", "S3", "SSM", "EVENTBRIDGE", "SNS"],
  ...["SOCIALMESSAGING", "PINPOINT_SMS_VOICE_V2"],
];

/** Nothing of the machine's own environment is in it. */
export function functionEnvironment(
  definition: FunctionDefinition,
  surroundings: Surroundings,
): Record<string, string> {
  const { region, endpoint, credentials, recadoUrls } = surroundings;
  return {
    ...definition.environment,
    AWS_LAMBDA_FUNCTION_NAME: definition.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMegabytes),
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    ...Object.fromEntries(SERVICES.map((service) => [`AWS_ENDPOINT_URL_${service}`, endpoint])),
    ...recadoUrls,
  };
}
