import { describe, expect, it, onTestFinished } from "vitest";
import { secretDocuments } from "../../../local/secrets.ts";
import { startVendors } from "../../../local/vendors.ts";
import sample from "../../../recado.config.ts";
import { checkConfig } from "../../../shared/config.ts";

const config = checkConfig(sample);

describe("secrets of the local run", () => {
  it("have the values that the documentation names, those that rotate as lists", () => {
    const documents = secretDocuments(config, {});
    expect(JSON.parse(documents.whatsapp ?? "")).toEqual({
      appSecret: ["local-whatsapp-appSecret"],
      verifyToken: ["local-whatsapp-verifyToken"],
      accessToken: "local-whatsapp-accessToken",
    });
    expect(JSON.parse(documents.sms ?? "")).toEqual({
      authToken: ["local-sms-authToken"],
      apiKey: "local-sms-apiKey",
      apiSecret: "local-sms-apiSecret",
    });
    expect(JSON.parse(documents.deployment ?? "")).toEqual({ idSecret: "local-deployment-idSecret" });
  });

  it("are none where the connector has none", () => {
    const accounts = { sms: { connector: "sms-aws", from: "+15550000006" } };
    expect(Object.keys(secretDocuments(checkConfig({ accounts }), {}))).toEqual(["deployment"]);
  });

  it("are taken from the environment where they are set", () => {
    const documents = secretDocuments(config, { RECADO_SECRET_WHATSAPP_APP_SECRET: "from the app's settings" });
    expect(JSON.parse(documents.whatsapp ?? "")).toMatchObject({ appSecret: ["from the app's settings"] });
    expect(JSON.parse(documents.messenger ?? "")).toMatchObject({ appSecret: ["local-messenger-appSecret"] });
  });
});

describe("secrets that are keys", () => {
  const accounts = { telnyx: { connector: "sms-telnyx", from: "+15550000004" } };
  const vonage = { connector: "sms-vonage", apiKey: "abcd1234", from: "+15550000003" };

  it("are keys of their form in the local run, too", () => {
    const documents = secretDocuments(checkConfig({ accounts: { ...accounts, vonage } }), {});
    const { publicKey, apiKey } = JSON.parse(documents.telnyx ?? "");
    expect(publicKey).toEqual([expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/)]);
    expect(apiKey).toBe("local-telnyx-apiKey");
    expect(JSON.parse(documents.vonage ?? "")).toEqual({
      signatureSecret: ["local-vonage-signatureSecret"],
      apiSecret: "local-vonage-apiSecret",
      privateKey: expect.stringContaining("BEGIN PRIVATE KEY"),
    });
  });

  it("are of the helpdesk's form where a connector calls another one the same", () => {
    const desk = { helpdesk: "freshchat", domain: "acme", channelIds: "topic", agentId: "agent" };
    const documents = secretDocuments(checkConfig({ accounts, helpdesks: { desk } }), {});
    const { publicKey, apiToken } = JSON.parse(documents.desk ?? "");
    expect(publicKey).toEqual([expect.stringMatching(/^-----BEGIN RSA PUBLIC KEY----- /)]);
    expect(apiToken).toBe("local-desk-apiToken");
  });

  it("are taken from the environment where they are set", () => {
    const documents = secretDocuments(checkConfig({ accounts }), { RECADO_SECRET_TELNYX_PUBLIC_KEY: "mine" });
    expect(JSON.parse(documents.telnyx ?? "")).toMatchObject({ publicKey: ["mine"] });
  });
});

const place = {
  publicUrl: "http://localhost:3000",
  frontUrl: "http://127.0.0.1:3000",
  aws: {
    place: () => ({
      accountId: "000000000000",
      sns: {
        region: "eu-west-1",
        endpoint: "http://127.0.0.1:9",
        credentials: { accessKeyId: "none", secretAccessKey: "none" },
      },
    }),
    fileAt: async () => undefined,
    topicArn: (connector: string) => `arn:aws:sns:eu-west-1:000000000000:${connector}`,
  },
};

describe("vendors of the local run", () => {
  const start = async (environment: Record<string, string>) => {
    const vendors = await startVendors({ config, ...place, environment });
    onTestFinished(() => vendors.close());
    return vendors;
  };

  it("are simulated, and the functions are told where", async () => {
    const { urls, environment } = await start({ PATH: "/bin" });
    expect(Object.keys(urls)).toEqual(["graph", "twilio", "desk"]);
    expect(environment).toEqual({
      RECADO_GRAPH_URL: urls.graph,
      RECADO_TWILIO_URL: urls.twilio,
      RECADO_DESK_URL: urls.desk,
    });
  });

  it("of SMS beside Twilio are simulated where an account is on them, unless the owner names another", async () => {
    const accounts = {
      vonage: { connector: "sms-vonage", apiKey: "abcd1234", from: "+15550000003" },
      telnyx: { connector: "sms-telnyx", from: "+15550000004" },
    };
    const environment = { RECADO_TELNYX_URL: "http://127.0.0.1:4000" };
    const vendors = await startVendors({ config: checkConfig({ accounts }), ...place, environment });
    onTestFinished(() => vendors.close());
    expect(Object.keys(vendors.urls)).toEqual(["graph", "twilio", "vonage"]);
    expect(vendors.environment).toMatchObject({
      RECADO_TELNYX_URL: "http://127.0.0.1:4000",
      RECADO_VONAGE_URL: vendors.urls.vonage,
    });
  });

  it("that are services of AWS stand behind all of AWS, and no function is told where", async () => {
    const accounts = { sms: { connector: "sms-aws", from: "+15550000006" } };
    const vendors = await startVendors({ config: checkConfig({ accounts }), ...place, environment: {} });
    onTestFinished(() => vendors.close());
    expect(vendors.services).toEqual({ "sms-voice": vendors.urls.smsvoice });
    expect(Object.keys(vendors.environment)).toEqual(["RECADO_GRAPH_URL", "RECADO_TWILIO_URL"]);
  });

  it("are what the owner names in their place", async () => {
    const named = { RECADO_GRAPH_URL: "http://127.0.0.1:4000", RECADO_DESK_URL: "http://127.0.0.1:4001" };
    const { urls, environment } = await start(named);
    expect(Object.keys(urls)).toEqual(["twilio"]);
    expect(environment).toEqual({ ...named, RECADO_TWILIO_URL: urls.twilio });
  });

  it("leave a helpdesk no name that is theirs", async () => {
    const helpdesks = { graph: { helpdesk: "generic", url: "https://desk.example.com/recado" } };
    const starting = startVendors({ config: checkConfig({ accounts: {}, helpdesks }), ...place, environment: {} });
    await expect(starting).rejects.toThrow("another use for the word graph");
  });
});
