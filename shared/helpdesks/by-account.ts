/** A setting that is one for all accounts, or each account's own by the account's name. */
type ByAccount = string | Readonly<Record<string, string>>;

/** Undefined where the setting names none for this account. */
export function forAccount(setting: ByAccount | undefined, account: string): string | undefined {
  if (setting === undefined || typeof setting === "string") return setting;
  return Object.hasOwn(setting, account) ? setting[account] : undefined;
}
