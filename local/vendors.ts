/** The built-in simulators, set up with the accounts of the configuration and their local secrets. */
import * as z from "zod";
import type { Config } from "../shared/config.ts";
import { localSecret } from "./secrets.ts";
import { startGraphSimulator } from "./simulators/graph/index.ts";
import { startTwilioSimulator } from "./simulators/twilio/index.ts";

export interface VendorOptions {
  config: Config;
  /** Public URL of the local run, which signatures cover, and where it really listens. No slash at the end. */
  publicUrl: string;
  frontUrl: string;
  environment: Readonly<Record<string, string | undefined>>;
}

export interface Vendors {
  /** Name below `/_simulators/` → address, of those that were started. */
  urls: Record<string, string>;
  /** `RECADO_<WORD>_URL` for the functions: of simulators, and of whatever the owner named in their place. */
  environment: Record<string, string>;
  close(): Promise<void>;
}

/** A vendor whose URL is set in the environment is not simulated. */
export async function startVendors({ config, publicUrl, frontUrl, environment }: VendorOptions): Promise<Vendors> {
  const accountsOn = (connector: string) =>
    Object.entries(config.accounts)
      .filter(([, account]) => account.connector === connector)
      .map(([name, { settings }]) => ({
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
    });
  const twilio = () =>
    startTwilioSimulator({
      webhookUrl: `${publicUrl}/webhooks/sms-twilio`,
      deliverTo: `${frontUrl}/webhooks/sms-twilio`,
      accounts: accountsOn("sms-twilio").map(({ settings, secret }) => {
        const { accountSid, from } = TwilioNumber.parse(settings);
        return {
          accountSid,
          authToken: secret("authToken"),
          apiKey: secret("apiKey"),
          apiSecret: secret("apiSecret"),
          numbers: from === undefined ? [] : [from],
        };
      }),
    });

  const named = Object.entries(environment).flatMap(([name, value]) =>
    /^RECADO_[A-Z0-9_]+_URL$/.test(name) && value ? [[name, value] as const] : [],
  );
  const simulated = Object.entries({ graph, twilio }).filter(([name]) => !environment[variableOf(name)]);
  const servers = await Promise.all(simulated.map(async ([name, start]) => ({ name, ...(await start()) })));
  return {
    urls: Object.fromEntries(servers.map(({ name, url }) => [name, url])),
    environment: {
      ...Object.fromEntries(named),
      ...Object.fromEntries(servers.map(({ name, url }) => [variableOf(name), url])),
    },
    async close() {
      await Promise.all(servers.map(({ close }) => close()));
    },
  };
}

/** What a simulator needs of the settings; each connector has checked its own. */
const WhatsAppNumber = z.object({ phoneNumberId: z.string(), displayPhoneNumber: z.string().default("+15550000000") });
const Page = z.object({ pageId: z.string() });
const TwilioNumber = z.object({ accountSid: z.string(), from: z.string().optional() });

function metaSecrets(secret: (name: string) => string) {
  return { accessToken: secret("accessToken"), appSecret: secret("appSecret"), verifyToken: secret("verifyToken") };
}

function variableOf(simulator: string): string {
  return `RECADO_${simulator.toUpperCase()}_URL`;
}
