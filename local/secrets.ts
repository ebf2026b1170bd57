/** The secrets of the local run: what is set in the environment, else the name that the documentation gives them. */
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { connectors } from "../shared/channels/registry.ts";
import type { Config } from "../shared/config.ts";
import { type HelpdeskName, helpdesks } from "../shared/helpdesks/registry.ts";
import { publicKeyOf as freshchatPublicKeyOf } from "./simulators/freshchat/keys.ts";
import { publicKeyOf, signingKeyOf } from "./simulators/telnyx/keys.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The value of an account's or a helpdesk's secret: `RECADO_SECRET_<ACCOUNT>_<SECRET>`, or `local-<account>-<secret>`.
 * @param kind of helpdesk, where it is one's
 */
export function localSecret(account: string, secret: string, environment: Environment, kind?: HelpdeskName): string {
  const set = environment[`RECADO_SECRET_${constantCase(account)}_${constantCase(secret)}`];
  return set ?? KEYS[secret]?.(account, kind) ?? `local-${account}-${secret}`;
}

/** What the simulator of Telnyx signs with; its public half is the account's `publicKey`. */
export function localSigningKey(account: string): KeyObject {
  return signingKeyOf(`local-${account}-publicKey`);
}

/** Secrets that are keys of a form, so that no word can stand for them. */
const KEYS: Readonly<Record<string, (account: string, kind: HelpdeskName | undefined) => string>> = {
  publicKey: (account, kind) =>
    (kind === "freshchat" ? freshchatPublicKeyOf : publicKeyOf)(`local-${account}-publicKey`),
  privateKey: (account) => {
    const pem = privateKeys.get(account) ?? generateKeyPairSync("rsa", RSA).privateKey;
    privateKeys.set(account, pem);
    return pem;
  },
};

const RSA = {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
} as const;
/** Another one at every start: the functions are told it, and nobody else has to know it. */
const privateKeys = new Map<string, string>();

/** The SSM documents of the stage `local`: name below its path → JSON. An account without secrets has none. */
export function secretDocuments(
  { accounts, helpdesks: desks }: Config,
  environment: Environment,
): Record<string, string> {
  const owners: { name: string; kind?: HelpdeskName; secrets: readonly { name: string; rotates: boolean }[] }[] = [
    ...Object.entries(accounts).map(([name, { connector }]) => ({ name, secrets: connectors[connector].secrets })),
    ...Object.entries(desks).map(([name, { helpdesk: kind }]) => ({ name, kind, secrets: helpdesks[kind].secrets })),
  ];
  const documents = owners
    .filter(({ secrets }) => secrets.length > 0)
    .map(({ name: owner, kind, secrets }) => {
      const fields = secrets.map(({ name, rotates }) => {
        const value = localSecret(owner, name, environment, kind);
        return [name, rotates ? [value] : value] as const;
      });
      return [owner, JSON.stringify(Object.fromEntries(fields))] as const;
    });
  const deployment = JSON.stringify({ idSecret: localSecret("deployment", "idSecret", environment) });
  return { ...Object.fromEntries(documents), deployment };
}

/** `appSecret` → `APP_SECRET`, `my-account` → `MY_ACCOUNT` */
function constantCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll("-", "_")
    .toUpperCase();
}
