/** The door of the Messenger Platform, which Messenger and Instagram share. */
import type { Account, Verdict, WebhookReply, WebhookRequest } from "../channels/connector.ts";
import { everyKey } from "../domain/rotating-secret.ts";
import { hubChallenge, verifyHubSignature } from "../http/websub.ts";
import type { Secrets } from "./secrets.ts";

type OurAccount = Account<unknown, Secrets>;

export function challenge(request: WebhookRequest, accounts: readonly OurAccount[]): string | undefined {
  return hubChallenge(
    request,
    accounts.flatMap(({ secrets }) => everyKey(secrets.verifyToken)),
  );
}

export function verify(request: WebhookRequest, { secrets }: OurAccount): Verdict {
  const others = [...everyKey(secrets.verifyToken), ...everyKey(secrets.accessToken)];
  return verifyHubSignature(request, everyKey(secrets.appSecret), others);
}

/** Anything but 200 is a failure; after an hour of failures Meta unsubscribes the app from the account. */
export function reply(): WebhookReply {
  return { status: 200, contentType: "text/plain", body: "" };
}
