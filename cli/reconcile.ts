/** `recado reconcile`: has the providers asked at once for what their webhooks did not tell. */
import { readConfig } from "../infra/config-file.ts";
import { reconciledAccounts } from "../infra/deployment.ts";
import { physicalName } from "../infra/parts/names.ts";
import { reach } from "./api.ts";
import { printable } from "./event-line.ts";
import { Failure } from "./failure.ts";

export interface ReconcileOptions {
  url: string;
  /** Of a deployed stack, which is not asked from here. */
  stage?: string;
}

/** What the function answers. Times are ms since 1970. */
interface Report {
  skipped?: string;
  since: number;
  until: number;
  isComplete: boolean;
  told: number;
  missed: Record<string, number>;
}

/** @throws Failure with a sentence that says what to do */
export async function reconcile(account: string | undefined, { url, stage }: ReconcileOptions): Promise<void> {
  const config = await readConfig(process.env.RECADO_CONFIG);
  const askable = reconciledAccounts(config);
  const wanted = askable.filter((one) => account === undefined || one.account === account);
  if (wanted.length === 0) throw new Failure(whyNone(account, config.accounts, askable));
  if (stage !== undefined) {
    console.log("With your AWS credentials, where the stack is:");
    for (const input of wanted) console.log(`  ${invocation(physicalName(stage, "reconcile"), input)}`);
    return;
  }
  for (const input of wanted) console.log(`${input.account}: ${await run(url, input.account)}`);
}

async function run(url: string, account: string): Promise<string> {
  const response = await reach(url, `/_schedules/${physicalName("local", `missed-${account}`)}`, { method: "POST" });
  if (response.status === 404)
    throw new Failure(
      `Recado at ${url} has no such schedule: this is for the local run, and --stage for a deployed stack.`,
    );
  const { answers } = (await response.json()) as { answers?: [Report] };
  const [report] = answers ?? [];
  if (!response.ok || !report)
    throw new Failure(`${account} could not be reconciled; the log of the local run says why.`);
  return sentence(report);
}

function sentence({ skipped, since, until, isComplete, told, missed }: Report): string {
  if (skipped !== undefined) return `left out, ${skipped}.`;
  const found = Object.entries(missed).map(([type, count]) => `${count} × ${type}`);
  const what = found.length === 0 ? "nothing was missing" : `was missing: ${found.join(", ")}`;
  const span = `${new Date(since).toISOString()} to ${new Date(until).toISOString()}`;
  const ending = isComplete ? "" : " The provider did not tell everything; the rest is asked for again the next time.";
  return printable(`${what} (the provider told of ${told}, from ${span}).${ending}`);
}

/** The payload in single quotes, as shells take it; a name of the configuration has none in it. */
function invocation(functionName: string, input: object): string {
  const payload = JSON.stringify(input).replaceAll("'", "'\\''");
  return `aws lambda invoke --function-name ${functionName} --cli-binary-format raw-in-base64-out --payload '${payload}' /dev/stdout`;
}

function whyNone(
  account: string | undefined,
  accounts: Readonly<Record<string, { connector: string }>>,
  askable: readonly { account: string }[],
): string {
  const known = account === undefined ? undefined : accounts[account];
  if (account !== undefined && !known)
    return `There is no account ${account}. There are: ${Object.keys(accounts).join(", ")}.`;
  const others = askable.length === 0 ? "none" : askable.map((one) => one.account).join(", ");
  return known
    ? `The provider of ${account} (${known.connector}) cannot be asked, or reconcileEveryMinutes is 0. Those that can: ${others}.`
    : "No provider can be asked, or reconcileEveryMinutes is 0.";
}
