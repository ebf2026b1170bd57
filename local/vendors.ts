/** The built-in simulators, set up with the accounts of the configuration and their local secrets. */
import * as z from "zod";
import type { Config } from "../shared/config.ts";
import { localSecret, localSigningKey } from "./secrets.ts";
import { deskSimulators } from "./simulators/desks.ts";
import type { ServicePlace } from "./simulators/end-user-messaging/service.ts";
import { type SmsVoiceOptions, startSmsVoiceSimulator } from "./simulators/end-user-messaging/sms-voice.ts";
import { startSocialMessagingSimulator } from "./simulators/end-user-messaging/social-messaging.ts";
import { startGraphSimulator } from "./simulators/graph/index.ts";
import { startTelnyxSimulator } from "./simulators/telnyx/index.ts";
import { startTwilioSimulator } from "./simulators/twilio/index.ts";
import { startVonageSimulator } from "./simulators/vonage/index.ts";

export interface VendorOptions {
  config: Config;
  /** Public URL of the local run, which signatures cover, and where it really listens. No slash at the end. */
  publicUrl: string;
  frontUrl: string;
  environment: Readonly<Record<string, string | undefined>>;
  /** The same account of AWS, as its own messaging services see it. */
  aws: {
    place(service: MessagingService): ServicePlace;
    /** Of the topic that the connector listens to. */
    topicArn(connector: "whatsapp-aws" | "sms-aws"): string;
    /** What lies at `s3://<bucket>/<key>`. */
    fileAt: SmsVoiceOptions["fileAt"];
  };
}

/** Services of AWS that a simulator plays behind the gateway; functions find them as they find all of AWS. */
export type MessagingService = keyof typeof SERVICES;
const SERVICES = { "social-messaging": "socialmessaging", "sms-voice": "smsvoice" } as const;

export interface Vendors {
  /** Name below `/_simulators/` → address, of those that were started. */
  urls: Record<string, string>;
  /** `RECADO_<WORD>_URL` for the functions: of simulators, and of whatever the owner named in their place. */
  environment: Record<string, string>;
  /** Addresses of what plays a service of AWS. */
  services: Partial<Record<MessagingService, string>>;
  close(): Promise<void>;
}

/** A vendor whose URL is set in the environment is not simulated. */
export async function startVendors(options: VendorOptions): Promise<Vendors> {
  const { config, publicUrl, frontUrl, environment, aws } = options;
  const accountsOn = (connector: string) =>
    Object.entries(config.accounts)
      .filter(([, account]) => account.connector === connector)
      .map(([name, { settings }]) => ({
        name,
        settings,
        secret: (secret: string) => localSecret(name, secret, environment),
      }));

  const graph = () =>
    startGraphSimulator({
      webhookOrigin: frontUrl,
      phoneNumbers: accountsOn("whatsapp-cloud").map(({ settings, secret }) => {
        const { phoneNumberId, displayPhoneNumber } = WhatsAppNumber.parse(settings);
        return { id: phoneNumberId, displayPhoneNumber, ...metaSecrets(secret) };
      }),
      pages: accountsOn("messenger").map(({ settings, secret }) => ({
        id: Page.parse(settings).pageId,
        ...metaSecrets(secret),
      })),
      instagramAccounts: accountsOn("instagram").map(({ settings, secret }) => ({
        id: InstagramAccount.parse(settings).instagramId,
        ...metaSecrets(secret),
      })),
    });
  const twilio = () =>
    startTwilioSimulator({
      webhookUrl: `${publicUrl}/webhooks/sms-twilio`,
      deliverTo: `${frontUrl}/webhooks/sms-twilio`,
      accounts: accountsOn("sms-twilio").map(({ settings, secret }) => {
        const { accountSid, from, messagingServiceSid: sid } = TwilioNumber.parse(settings);
        return {
          accountSid,
          authToken: secret("authToken"),
          apiKey: secret("apiKey"),
          apiSecret: secret("apiSecret"),
          numbers: from === undefined ? [] : [from],
          services: sid === undefined ? [] : [{ sid, numbers: [from ?? POOL_NUMBER] }],
        };
      }),
    });
  const vonage = () =>
    startVonageSimulator({
      webhookUrl: `${publicUrl}/webhooks/sms-vonage`,
      deliverTo: `${frontUrl}/webhooks/sms-vonage`,
      accounts: accountsOn("sms-vonage").map(({ settings, secret }) => {
        const { apiKey, from, applicationId: id } = VonageNumber.parse(settings);
        return {
          apiKey,
          apiSecret: secret("apiSecret"),
          signatureSecret: secret("signatureSecret"),
          numbers: [from],
          ...(id !== undefined && { application: { id, key: secret("privateKey") } }),
        };
      }),
    });
  const telnyx = () =>
    startTelnyxSimulator({
      webhookUrl: `${publicUrl}/webhooks/sms-telnyx`,
      deliverTo: `${frontUrl}/webhooks/sms-telnyx`,
      accounts: accountsOn("sms-telnyx").map(({ name, settings, secret }) => {
        const { from = POOL_NUMBER, messagingProfileId } = TelnyxNumber.parse(settings);
        return {
          apiKey: secret("apiKey"),
          signingKey: localSigningKey(name),
          profileId: messagingProfileId ?? `profile of ${name}`,
          numbers: [from],
        };
      }),
    });

  const socialmessaging = () =>
    startSocialMessagingSimulator({
      place: aws.place("social-messaging"),
      numbers: accountsOn("whatsapp-aws").map(({ settings }) => {
        const { phoneNumberId: id, ...number } = LinkedNumber.parse(settings);
        return { id, ...number, topicArn: aws.topicArn("whatsapp-aws") };
      }),
    });
  const smsvoice = () =>
    startSmsVoiceSimulator({
      place: aws.place("sms-voice"),
      fileAt: aws.fileAt,
      numbers: accountsOn("sms-aws").map(({ settings }) => {
        const { from: number, originationIdentity: identity, configurationSet } = AwsNumber.parse(settings);
        return {
          number,
          topicArn: aws.topicArn("sms-aws"),
          ...(identity !== undefined && { identity }),
          ...(configurationSet !== undefined && { configurationSet }),
        };
      }),
    });

  const desks = Object.entries(config.helpdesks).map(([name, { helpdesk, settings }]) => {
    const played = {
      settings,
      secret: (secret: string) => localSecret(name, secret, environment, helpdesk),
      webhookUrl: `${publicUrl}/helpdesks/${name}`,
      deliverTo: `${frontUrl}/helpdesks/${name}`,
    };
    return [name, () => deskSimulators[helpdesk](played)] as const;
  });

  const named = Object.entries(environment).flatMap(([name, value]) =>
    /^RECADO_[A-Z0-9_]+_URL$/.test(name) && value ? [[name, value] as const] : [],
  );
  const isConfigured = (connector: string) => accountsOn(connector).length > 0;
  const simulators = {
    graph,
    twilio,
    // Only where somebody uses them.
    ...(isConfigured("sms-vonage") && { vonage }),
    ...(isConfigured("sms-telnyx") && { telnyx }),
    ...(isConfigured("whatsapp-aws") && { socialmessaging }),
    ...(isConfigured("sms-aws") && { smsvoice }),
  };
  const taken = desks.find(([name]) => name in simulators || name === "public");
  if (taken) throw new Error(`The local run has another use for the word ${taken[0]}: call the helpdesk otherwise.`);
  const all = [...Object.entries(simulators), ...desks];
  const simulated = all.filter(([name]) => !environment[variableOf(name)]);
  const servers = await Promise.all(simulated.map(async ([name, start]) => ({ name, ...(await start()) })));
  const urls: Record<string, string> = Object.fromEntries(servers.map(({ name, url }) => [name, url]));
  const services = Object.entries(SERVICES).flatMap(([service, name]) => {
    const url = environment[variableOf(name)] ?? urls[name];
    return url === undefined ? [] : [[service, url]];
  });
  const isService = (name: string) => Object.values<string>(SERVICES).includes(name);
  const standIns = Object.entries(urls).filter(([name]) => !isService(name));
  return {
    urls,
    environment: {
      ...Object.fromEntries(named),
      ...Object.fromEntries(standIns.map(([name, url]) => [variableOf(name), url])),
    },
    services: Object.fromEntries(services),
    async close() {
      await Promise.all(servers.map(({ close }) => close()));
    },
  };
}

/** What a simulator needs of the settings; each connector has checked its own. */
const WhatsAppNumber = z.object({ phoneNumberId: z.string(), displayPhoneNumber: z.string().default("+15550000000") });
const Page = z.object({ pageId: z.string() });
const InstagramAccount = z.object({ instagramId: z.string() });
const TwilioNumber = z.object({
  accountSid: z.string(),
  from: z.string().optional(),
  messagingServiceSid: z.string().optional(),
});
const VonageNumber = z.object({ apiKey: z.string(), from: z.string(), applicationId: z.string().optional() });
const TelnyxNumber = z.object({ from: z.string().optional(), messagingProfileId: z.string().optional() });
const LinkedNumber = WhatsAppNumber.extend({ originationPhoneNumberId: z.string() });
const AwsNumber = z.object({
  from: z.string(),
  originationIdentity: z.string().optional(),
  configurationSet: z.string().optional(),
});

/** The one number in the pool of an account that names a pool alone. */
const POOL_NUMBER = "+15550000009";

function metaSecrets(secret: (name: string) => string) {
  return { accessToken: secret("accessToken"), appSecret: secret("appSecret"), verifyToken: secret("verifyToken") };
}

function variableOf(simulator: string): string {
  return `RECADO_${simulator.replaceAll("-", "_").toUpperCase()}_URL`;
}
