/**
 * Size and start-up of every function of the synthesized stack: a fresh process loads the bundle with the variables that
 * the template gives it, as Lambda does in its INIT phase. Beside them an empty handler, the SQS client of the AWS SDK
 * alone and the peer's bot, bundled by the same code.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { AssetCode } from "aws-cdk-lib/aws-lambda";
import * as z from "zod";
import { bundle } from "../infra/parts/bundle.ts";
import { synthesize } from "../infra/synthesize.ts";
import { resolve } from "../local/template/intrinsics.ts";
import sample from "../recado.config.ts";
import { checkConfig } from "../shared/config.ts";
import { median } from "./numbers.ts";
import { PEER_ENTRY } from "./peers.ts";

export interface BundleRow {
  name: string;
  isOurs: boolean;
  minifiedBytes: number;
  gzipBytes: number;
  /** Median of fresh processes. */
  startMs: number;
  /** `startMs` / that of the SQS client alone, in the same run. */
  ofSqsClient: number;
}

const SAMPLES = 15;
const SQS_CLIENT = "SQS client alone";

const COMPARED = {
  "empty handler": "export const handler = async () => ({});",
  [SQS_CLIENT]: [
    `import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";`,
    "const sqs = new SQSClient({});",
    "export const handler = (event) => sqs.send(new SendMessageCommand(event));",
  ].join("\n"),
  "peer's WhatsApp bot": PEER_ENTRY,
};

interface Candidate {
  name: string;
  isOurs: boolean;
  file: string;
  environment: Record<string, string>;
}

/** @param folder an empty one, for the synthesized assembly */
export function measureBundles(folder: string): BundleRow[] {
  const candidates = [
    ...Object.entries(COMPARED).map(([name, entry]) => ({
      name,
      isOurs: false,
      file: built(name, entry),
      environment: {},
    })),
    ...functionsOfTheStack(folder),
  ];
  const times = new Map(candidates.map(({ name }) => [name, [] as number[]]));
  // One after another and in turn, so that a slow moment of the machine meets all of them.
  for (let sample = 0; sample < SAMPLES; sample++) {
    for (const candidate of candidates) times.get(candidate.name)?.push(startUpMs(candidate));
  }
  const sqsClientMs = median(times.get(SQS_CLIENT) ?? []);
  return candidates.map(({ name, isOurs, file }) => {
    const code = readFileSync(file);
    const startMs = median(times.get(name) ?? []);
    const sizes = { minifiedBytes: code.length, gzipBytes: gzipSync(code).length };
    return { name, isOurs, ...sizes, startMs, ofSqsClient: startMs / sqsClientMs };
  });
}

function built(name: string, entry: string): string {
  const code = bundle(`bench-${name.replace(/\W+/g, "-")}`, entry);
  if (!(code instanceof AssetCode)) throw new Error(`The bundle of ${name} is no folder`);
  return join(code.path, "index.js");
}

const FunctionProperties = z.looseObject({
  FunctionName: z.string(),
  Code: z.object({ S3Key: z.string() }),
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
});

function functionsOfTheStack(folder: string): Candidate[] {
  const config = checkConfig(sample);
  const place = { config, stage: "bench", region: "us-east-1", accountId: "000000000000" };
  const { template, outdir } = synthesize({ ...place, outdir: folder });
  return Object.values(template.Resources)
    .filter(({ Type }) => Type === "AWS::Lambda::Function")
    .map(({ Properties }) => {
      const { FunctionName, Code, Environment } = FunctionProperties.parse(Properties);
      return {
        name: FunctionName.replace("recado-bench-", ""),
        isOurs: true,
        file: join(outdir, `asset.${Code.S3Key.replace(/\.zip$/, "")}`, "index.js"),
        environment: z.record(z.string(), z.string()).parse(resolve(Environment.Variables, HARMLESS)),
      };
    });
}

/** What only a deployment knows is read at start-up, and not looked at more closely. */
const HARMLESS = {
  reference: () => "bench",
  attribute: () => "bench",
  condition: () => true,
};

const LAMBDA = { AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "bench", AWS_SECRET_ACCESS_KEY: "bench" };
const loader = fileURLToPath(new URL("start-up.cjs", import.meta.url));

/** @throws Error when the bundle cannot be loaded */
function startUpMs({ name, file, environment }: Candidate): number {
  const env = { ...LAMBDA, ...environment };
  const { status, stdout, stderr } = spawnSync(process.execPath, [loader, file], { env, encoding: "utf8" });
  if (status !== 0) throw new Error(`${name} does not start: ${stderr}`);
  return Number(stdout);
}
