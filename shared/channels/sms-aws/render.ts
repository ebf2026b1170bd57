import { fileIn } from "../../domain/media-kind.ts";
import type { ProviderRequest, Rendering } from "../connector.ts";
import type { Settings } from "./settings.ts";

/**
 * The URL names AWS's operation, `aws://<service>/<operation>`, and the body is that operation's input: the Region, and
 * with it the host, is the function's own. AWS gives the context back with every event.
 * @throws on content that `capabilities` do not carry, or a file outside a bucket: a bug of the caller
 */
export function render({ to, content, settings, correlation }: Rendering<Settings>): ProviderRequest {
  const { from, originationIdentity = from, configurationSet, messageType, timeToLiveSeconds } = settings;
  const common = {
    DestinationPhoneNumber: to,
    OriginationIdentity: originationIdentity,
    ...(configurationSet !== undefined && { ConfigurationSetName: configurationSet }),
    ...(timeToLiveSeconds !== undefined && { TimeToLive: timeToLiveSeconds }),
    Context: { recado: correlation, from },
  };
  if (content.type === "text")
    return asked("SendTextMessage", { ...common, MessageBody: content.text, MessageType: messageType });
  const { media, caption } = fileIn(content) ?? {};
  if (!media?.url?.startsWith("s3://")) throw new Error(`sms-aws does not carry this ${content.type}`);
  const said = caption !== undefined && { MessageBody: caption };
  return asked("SendMediaMessage", { ...common, ...said, MediaUrls: [media.url] });
}

function asked(operation: "SendTextMessage" | "SendMediaMessage", input: Record<string, unknown>): ProviderRequest {
  return {
    method: "POST",
    url: `aws://sms-voice/${operation}`,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(input),
  };
}
