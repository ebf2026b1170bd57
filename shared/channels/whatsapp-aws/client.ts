import type { SocialMessagingClient } from "@aws-sdk/client-socialmessaging";
import { callersHttp } from "../../http/sdk-handler.ts";

let client: SocialMessagingClient | undefined;

/**
 * The SDK and its one client of this process. Loaded by who calls alone: everything that reads the configuration knows
 * every connector. Region and credentials are the function's own.
 */
export async function socialMessaging() {
  const sdk = await import("@aws-sdk/client-socialmessaging");
  client ??= new sdk.SocialMessagingClient({ maxAttempts: 1, requestHandler: callersHttp });
  return { sdk, client };
}
