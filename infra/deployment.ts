/** What the configuration means for the stack: which connectors are in use, and which accounts are on each. */
import type { ConnectorName } from "../shared/channels/registry.ts";
import type { Config } from "../shared/config.ts";

/** The document with the secret behind ids and keys, read by whoever makes ids. */
export const DEPLOYMENT_DOCUMENT = "deployment";

export interface Deployment {
  config: Config;
  stage: string;
}

export function secretsPath(stage: string): string {
  return `/recado/${stage}`;
}

/** Each once, in the order in which the accounts name them. */
export function connectorsInUse({ accounts }: Config): ConnectorName[] {
  return [...new Set(Object.values(accounts).map(({ connector }) => connector))];
}

/** As the functions of the connector take them: `[{ "name": …, "settings": … }]`. */
export function accountsOn(
  { accounts }: Config,
  connector: ConnectorName,
): { name: string; settings: Record<string, unknown> }[] {
  return Object.entries(accounts)
    .filter(([, account]) => account.connector === connector)
    .map(([name, { settings }]) => ({ name, settings }));
}
