/** The door of every product of Meta's: the handshake, and the signature with the app's secret. */
import type { Account, Verdict, WebhookRequest } from "../channels/connector.ts";
import { everyKey } from "../domain/rotating-secret.ts";
import { hubChallenge, verifyHubSignature } from "./websub.ts";

/** As they stand in the account's document; nothing is certain until it was looked at. */
interface HubSecrets {
  appSecret?: unknown;
  verifyToken?: unknown;
  accessToken?: unknown;
}
type HubAccount = Account<unknown, HubSecrets>;

export function challenge(request: WebhookRequest, accounts: readonly HubAccount[]): string | undefined {
  return hubChallenge(
    request,
    accounts.flatMap(({ secrets }) => everyKey(secrets.verifyToken)),
  );
}

export function verify(request: WebhookRequest, { secrets }: HubAccount): Verdict {
  const others = [...everyKey(secrets.verifyToken), ...everyKey(secrets.accessToken)];
  return verifyHubSignature(request, everyKey(secrets.appSecret), others);
}
