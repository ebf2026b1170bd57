import { signalBody } from "../../whatsapp-platform/signal.ts";
import type { ProviderRequest, Signalling } from "../connector.ts";
import { request } from "./render.ts";
import type { Settings } from "./settings.ts";

/** By the same call as messages. */
export function signal({ settings, ...signalling }: Signalling<Settings>): ProviderRequest {
  return request(settings, signalBody(signalling));
}
