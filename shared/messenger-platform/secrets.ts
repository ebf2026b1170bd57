/** As they stand in the account's document; nothing is certain until it was looked at. */
export interface Secrets {
  appSecret?: unknown;
  verifyToken?: unknown;
  accessToken?: unknown;
}
