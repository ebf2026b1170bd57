/** `recado start`: the local run, from configuration to Ctrl-C. */
import { randomBytes } from "node:crypto";
import { createWriteStream, type WriteStream } from "node:fs";
import { join, resolve } from "node:path";
import { readConfig } from "../infra/config-file.ts";
import type { Connector } from "../shared/channels/connector.ts";
import { type ConnectorName, connectors } from "../shared/channels/registry.ts";
import type { Config } from "../shared/config.ts";
import { Failure } from "./failure.ts";

const NODE = 24;

/** @throws Failure for another Node, a bad configuration or a bad PORT */
export async function start(
  environment: Record<string, string | undefined>,
  node = process.versions.node,
): Promise<void> {
  const [major] = node.split(".");
  if (Number(major) !== NODE) {
    throw new Failure(`Recado runs on Node ${NODE}; this is ${node}. npm start brings the right one.`);
  }
  const config = await configuration(environment.RECADO_CONFIG);
  const port = portOf(environment.PORT);
  const publicUrl = environment.RECADO_PUBLIC_URL?.replace(/\/+$/, "");
  const { startLocal } = await import("../local/start.ts");
  const { admitOperator } = await import("../local/operator.ts");
  const dataDir = resolve(environment.RECADO_DATA_DIR ?? ".recado");
  const logFile = join(dataDir, "recado.log");
  const log = openLog(logFile);
  console.log("Starting …");
  const running = await startLocal({
    ...(port !== undefined && { port }),
    dataDir,
    config,
    ...(publicUrl && { publicUrl }),
    environment,
    log,
  }).catch((error: unknown) => {
    // Plain errors are sentences for the owner (port taken, folder in use); any other kind is a bug and keeps its stack.
    if (error instanceof Error && error.constructor === Error)
      throw new Failure(`Recado cannot start. ${error.message}`);
    throw error;
  });
  const dismissOperator = admitOperator(running, dataDir, () => randomBytes(30).toString("base64"));
  console.log(readyScreen({ ...running, logFile, config }));

  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
  console.log("Stopping …");
  dismissOperator();
  await running.stop();
}

interface Ready {
  url: string;
  publicUrl: string;
  logFile: string;
  config: Pick<Config, "accounts" | "helpdesks">;
}

/** Where the provider posts, or publishes. */
function doorOf(connector: ConnectorName, publicUrl: string): string {
  const { transport }: Connector = connectors[connector];
  return transport === "sns" ? `the topic recado-local-${connector}` : `${publicUrl}/webhooks/${connector}`;
}

/** What somebody needs who sees it run for the first time. Webhooks are shown as the providers must call them. */
export function readyScreen({ url, publicUrl, logFile, config: { accounts, helpdesks } }: Ready): string {
  const names = Object.keys(accounts);
  const width = Math.max(0, ...names.map((name) => name.length));
  const webhooks = Object.entries(accounts).map(
    ([name, { connector }]) => `    ${name.padEnd(width)}  ${doorOf(connector, publicUrl)}`,
  );
  const desks = Object.keys(helpdesks).map((name) => `    ${name.padEnd(width)}  ${publicUrl}/helpdesks/${name}`);
  return [
    "",
    `Recado is running at ${url}`,
    "",
    `  API       ${url}/v1/conversations`,
    "  API key   local-api-key",
    "  Webhooks",
    ...webhooks,
    ...(desks.length > 0 ? ["  Helpdesks", ...desks] : []),
    `  Log       ${logFile}`,
    "",
    "Try next, in another terminal:",
    `  npx recado simulate ${names[0] ?? "<account>"} "Olá!" --reply "Olá, em que posso ajudar?"`,
    "  npx recado tail",
    "  npx recado verify",
    "",
    "Ctrl-C stops it; everything is kept for the next start.",
    "",
  ].join("\n");
}

async function configuration(file: string | undefined): Promise<Config> {
  try {
    return await readConfig(file);
  } catch (error) {
    throw new Failure(`${file ?? "recado.config.ts"} cannot be used. ${(error as Error).message}`);
  }
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Failure(`PORT is ${text}: a port is a number up to 65535.`);
  return port;
}

/**
 * Everything goes to the file, anew with each start; the terminal gets what is not ordinary. Opened with the first line:
 * a start that finds the folder in use leaves the other one's log alone.
 */
function openLog(file: string): (line: string) => void {
  let opened: WriteStream | undefined;
  return (line) => {
    opened ??= createWriteStream(file);
    opened.write(`${line}\n`);
    if (!isOrdinary(line)) console.log(line);
  };
}

/** A line of JSON, after the name of the function that wrote it, which is neither a warning nor an error. */
export function isOrdinary(line: string): boolean {
  const json = /^(?:[\w-]+: )?(\{.*\})$/.exec(line)?.[1];
  return json !== undefined && !/"level":"(warn|error|fatal)"/i.test(json);
}
