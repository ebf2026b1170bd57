/** The secrets of the local run: what is set in the environment, else the name that the documentation gives them. */
import { connectors } from "../shared/channels/registry.ts";
import type { Config } from "../shared/config.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The value of an account's secret: `RECADO_SECRET_<ACCOUNT>_<SECRET>`, or `local-<account>-<secret>`. */
export function localSecret(account: string, secret: string, environment: Environment): string {
  return environment[`RECADO_SECRET_${constantCase(account)}_${constantCase(secret)}`] ?? `local-${account}-${secret}`;
}

/** The SSM documents of the stage `local`: name below its path → JSON. */
export function secretDocuments({ accounts }: Config, environment: Environment): Record<string, string> {
  const ofAccounts = Object.entries(accounts).map(([account, { connector }]) => {
    const fields = connectors[connector].secrets.map(({ name, rotates }) => {
      const value = localSecret(account, name, environment);
      return [name, rotates ? [value] : value] as const;
    });
    return [account, JSON.stringify(Object.fromEntries(fields))] as const;
  });
  const deployment = JSON.stringify({ idSecret: localSecret("deployment", "idSecret", environment) });
  return { ...Object.fromEntries(ofAccounts), deployment };
}

/** `appSecret` → `APP_SECRET`, `my-account` → `MY_ACCOUNT` */
function constantCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll("-", "_")
    .toUpperCase();
}
