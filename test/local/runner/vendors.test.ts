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

  it("are taken from the environment where they are set", () => {
    const documents = secretDocuments(config, { RECADO_SECRET_WHATSAPP_APP_SECRET: "from the app's settings" });
    expect(JSON.parse(documents.whatsapp ?? "")).toMatchObject({ appSecret: ["from the app's settings"] });
    expect(JSON.parse(documents.messenger ?? "")).toMatchObject({ appSecret: ["local-messenger-appSecret"] });
  });
});

describe("vendors of the local run", () => {
  const start = async (environment: Record<string, string>) => {
    const urls = { publicUrl: "http://localhost:3000", frontUrl: "http://127.0.0.1:3000" };
    const vendors = await startVendors({ config, ...urls, environment });
    onTestFinished(() => vendors.close());
    return vendors;
  };

  it("are simulated, and the functions are told where", async () => {
    const { urls, environment } = await start({ PATH: "/bin" });
    expect(Object.keys(urls)).toEqual(["graph", "twilio"]);
    expect(environment).toEqual({ RECADO_GRAPH_URL: urls.graph, RECADO_TWILIO_URL: urls.twilio });
  });

  it("are what the owner names in their place", async () => {
    const { urls, environment } = await start({ RECADO_GRAPH_URL: "http://127.0.0.1:4000" });
    expect(Object.keys(urls)).toEqual(["twilio"]);
    expect(environment).toEqual({ RECADO_GRAPH_URL: "http://127.0.0.1:4000", RECADO_TWILIO_URL: urls.twilio });
  });
});
