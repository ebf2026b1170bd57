import { everyKey } from "../../domain/rotating-secret.ts";
import { hubChallenge, verifyHubSignature } from "../../http/websub.ts";
import type { Account, Verdict, WebhookReply, WebhookRequest } from "../connector.ts";
import type { Secrets, Settings } from "./settings.ts";

type OurAccount = Account<Settings, Secrets>;

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

/** Meta counts anything but 200 as a failure and sends the webhook again. */
export function reply(): WebhookReply {
  return { status: 200, contentType: "text/plain", body: "" };
}
