/**
 * The operator's way into a local run: credentials of its own that may read the table and the bucket, and make and
 * revoke API keys, as an owner's may when deployed. They lie in the data directory, readable by its owner alone, and are good until the next start.
 */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Gateway } from "./gateway/gateway.ts";

/** What a command needs to reach the store. */
export interface StoreAccess {
  tableName: string;
  bucket: string;
  /** Settings of an AWS SDK client; left out where the environment's own credentials serve. */
  client?: { region: string; endpoint: string; credentials: { accessKeyId: string; secretAccessKey: string } };
}

export function operatorFile(dataDir: string): string {
  return join(dataDir, "operator.json");
}

/** Lets the operator in. Gives the way to shut the door again. */
export function admitOperator(
  { gateway, outputs }: { gateway: Gateway; outputs: Readonly<Record<string, string>> },
  dataDir: string,
  newSecret: () => string,
): () => void {
  const { TableName: tableName = "", BucketName: bucket = "" } = outputs;
  const credentials = { accessKeyId: "ASIALOCALOPERATOR000", secretAccessKey: newSecret() };
  const Resource = ["arn:aws:dynamodb:*:*:table/*", `arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`];
  // S3 tells what is not there only to whoever may list the bucket.
  const Action = ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "s3:GetObject", "s3:ListBucket"];
  const ringOfKeys = {
    Effect: "Allow" as const,
    Action: ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"],
    Resource: "arn:aws:dynamodb:*:*:table/*",
    Condition: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["KEY#*", "KEYS#*"] } },
  };
  const principal = {
    name: "operator",
    roleArn: "arn:aws:iam::000000000000:role/operator",
    ...credentials,
    policies: [{ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource }, ringOfKeys] }],
  };
  gateway.addPrincipal(principal);
  const { region, endpoint } = gateway.clients(principal);
  const access: StoreAccess = { tableName, bucket, client: { region, endpoint, credentials } };
  const file = operatorFile(dataDir);
  writeFileSync(file, JSON.stringify(access), { mode: 0o600 });
  return () => rmSync(file, { force: true });
}
