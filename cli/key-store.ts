/** Where keys are kept: in the table of the local run, or of a deployed stack. */
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { checkStage, physicalName } from "../infra/parts/names.ts";
import { worldly } from "../shared/aws/faults.ts";
import { KeyTable } from "../shared/aws/key-table.ts";
import { type KeyRing, WorldFault } from "../shared/ports.ts";
import { Failure } from "./failure.ts";
import { localAccess } from "./local-access.ts";

/** Names of the accounts that are configured. @throws Failure when the configuration cannot be used */
export async function knownAccounts(): Promise<string[]> {
  try {
    const { readConfig } = await import("../infra/config-file.ts");
    return Object.keys((await readConfig(process.env.RECADO_CONFIG)).accounts);
  } catch (error) {
    throw new Failure(`${process.env.RECADO_CONFIG ?? "recado.config.ts"} cannot be used. ${(error as Error).message}`);
  }
}

/**
 * The keys of the local run in this data directory, or of the stack of a stage, whose table is found by its name.
 * What is done with them ends with a sentence where the store cannot be reached.
 * @throws Failure when there is no store to be reached
 */
export async function withKeys(
  { stage, table, dataDir }: { stage?: string | undefined; table?: string | undefined; dataDir: string },
  work: (found: { keys: KeyRing; stage: string }) => Promise<void>,
): Promise<void> {
  try {
    if (stage === undefined && table === undefined) {
      const { tableName, client } = localAccess(dataDir, "--stage");
      await work({ keys: new KeyTable({ tableName, client: new DynamoDBClient(client ?? {}) }), stage: "local" });
      return;
    }
    if (stage === undefined) throw new Failure("--table needs --stage: the stage stands in every key.");
    const client = new DynamoDBClient({});
    const tableName = table ?? (await tableOf(checkedStage(stage), client));
    await work({ keys: new KeyTable({ tableName, client }), stage: checkedStage(stage) });
  } catch (error) {
    if (error instanceof Failure) throw error;
    if (error instanceof WorldFault) throw new Failure(`The store cannot be reached. ${error.message}`);
    // The SDK itself ends so without credentials or region, before it asks anybody.
    if (error instanceof Error && /credential|region/i.test(`${error.name} ${error.message}`))
      throw new Failure(`The store cannot be reached with your AWS credentials. ${error.message}`);
    throw error;
  }
}

function checkedStage(stage: string): string {
  try {
    return checkStage(stage);
  } catch (error) {
    throw new Failure((error as Error).message);
  }
}

/** CloudFormation names it `<stack>-Table<hash>-<random>`. */
async function tableOf(stage: string, client: DynamoDBClient): Promise<string> {
  const prefix = physicalName(stage, "Table");
  const found: string[] = [];
  let from: string | undefined;
  do {
    const command: ListTablesCommand = new ListTablesCommand({ ExclusiveStartTableName: from });
    const { TableNames = [], LastEvaluatedTableName } = await worldly(() => client.send(command));
    found.push(...TableNames.filter((name) => name.startsWith(prefix)));
    from = LastEvaluatedTableName;
  } while (from !== undefined);
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only;
  const what = only === undefined ? "no table" : `${found.length} tables`;
  throw new Failure(
    `There is ${what} of the stage ${stage} in this account and region. Name it with --table (output TableName of the stack).`,
  );
}
