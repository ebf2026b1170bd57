/** What the configuration means for the stack: which connectors are in use, and which accounts are on each. */
import { type ConnectorName, connectors } from "../shared/channels/registry.ts";
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

/** Account → the accounts that stand in for it, of those accounts that may be carried by this connector. */
export function standInsOn({ accounts }: Config, connector: ConnectorName): Record<string, string[]> {
  const isHere = (name: string) => accounts[name]?.connector === connector;
  const chosen = Object.entries(accounts).flatMap(([name, { failover = [] }]): [string, string[]][] =>
    failover.length > 0 && [name, ...failover].some(isHere) ? [[name, failover]] : [],
  );
  return Object.fromEntries(chosen);
}

/** Names of the SSM documents that a function of this connector reads; where it has no secrets, its accounts have none. */
export function documentsOf(config: Config, connector: ConnectorName): string[] {
  const hasSecrets = connectors[connector].secrets.length > 0;
  return [...(hasSecrets ? accountsOn(config, connector).map(({ name }) => name) : []), DEPLOYMENT_DOCUMENT];
}

/** Whether the provider publishes to a topic of ours, where others post to a URL. */
export function isByTopic(connector: ConnectorName): boolean {
  return connectors[connector].transport === "sns";
}

/** Accounts whose provider can be asked for what it did not tell, as their schedules name them; none where nobody is to be asked. */
export function reconciledAccounts(config: Config): {
  account: string;
  connector: ConnectorName;
  settings: Record<string, unknown>;
  others: { name: string; settings: Record<string, unknown> }[];
}[] {
  if (config.policies.reconcileEveryMinutes === 0) return [];
  return Object.entries(config.accounts).flatMap(([account, { connector, settings }]) => {
    if (!connectors[connector].reconciler) return [];
    const others = accountsOn(config, connector).filter(({ name }) => name !== account);
    return [{ account, connector, settings, others }];
  });
}

/**
 * The owner's words to stop and start messages, and those at which a provider stops and confirms by itself, with the
 * accounts that it does it for.
 */
export function optOutOf({ accounts, policies }: Config) {
  const confirmed = Object.entries(accounts).filter(([, { connector, settings }]) => {
    const { confirmsOptOut } = connectors[connector].capabilities;
    const isShortCode = typeof settings.from === "string" && /^\d{3,8}$/.test(settings.from);
    return confirmsOptOut === true || (confirmsOptOut === "unless_short_code" && !isShortCode);
  });
  const byConnector = Map.groupBy(confirmed, ([, { connector }]) => connector);
  const byProvider = [...byConnector].map(([connector, members]) => {
    const { stop, start } = connectors[connector].capabilities.optOutWords ?? { stop: [], start: [] };
    return { accounts: members.map(([name]) => name), stop, start };
  });
  return { ...policies.optOut, byProvider };
}
