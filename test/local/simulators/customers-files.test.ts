/** A file of a customer at every simulated vendor: found by the connector and fetched as store-media does, or ill in one way. */
import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startGraphSimulator } from "../../../local/simulators/graph/index.ts";
import type { Server } from "../../../local/simulators/http.ts";
import { startTelnyxSimulator } from "../../../local/simulators/telnyx/index.ts";
import { signingKeyOf } from "../../../local/simulators/telnyx/keys.ts";
import { startTwilioSimulator } from "../../../local/simulators/twilio/index.ts";
import { startVonageSimulator } from "../../../local/simulators/vonage/index.ts";
import { connectors } from "../../../shared/channels/registry.ts";
import { createFetchFile } from "../../../shared/http/download.ts";
import { createHttp } from "../../../shared/http/request.ts";
import { ask, type Receiver, startReceiver } from "./receiver.ts";

const META = { appSecret: "secret", verifyToken: "word" };
const NUMBER = "+15550000001";
const SID = "AC00000000000000000000000000000001";
const APPLICATION = "00000000-0000-4000-8000-000000000000";
const privateKey = generateKeyPairSync("rsa", { modulusLength: 2048 })
  .privateKey.export({ type: "pkcs8", format: "pem" })
  .toString();

let business: Receiver;
let servers: Record<"graph" | "twilio" | "telnyx" | "vonage", Server>;

beforeAll(async () => {
  business = await startReceiver();
  const at = (connector: string) => ({
    webhookUrl: `https://recado.example/webhooks/${connector}`,
    deliverTo: `${business.url}/webhooks/${connector}`,
  });
  const application = { id: APPLICATION, key: privateKey };
  servers = {
    graph: await startGraphSimulator({
      webhookOrigin: business.url,
      phoneNumbers: [{ id: "1", displayPhoneNumber: NUMBER, accessToken: "number", ...META }],
      pages: [{ id: "2", accessToken: "page", ...META }],
      instagramAccounts: [{ id: "3", accessToken: "instagram", ...META }],
    }),
    twilio: await startTwilioSimulator({
      ...at("sms-twilio"),
      accounts: [{ accountSid: SID, authToken: "token", apiKey: "key", apiSecret: "secret", numbers: [NUMBER] }],
    }),
    telnyx: await startTelnyxSimulator({
      ...at("sms-telnyx"),
      accounts: [{ apiKey: "key", signingKey: signingKeyOf("seed"), profileId: "profile", numbers: [NUMBER] }],
    }),
    vonage: await startVonageSimulator({
      ...at("sms-vonage"),
      accounts: [{ apiKey: "key", apiSecret: "secret", signatureSecret: "word", numbers: [NUMBER], application }],
    }),
  };
});
afterAll(() => Promise.all([...Object.values(servers), business].map((server) => server.close())));

const VENDORS = {
  "whatsapp-cloud": {
    server: "graph",
    to: { phoneNumberId: "1" },
    settings: { graphVersion: "v26.0", phoneNumberId: "1" },
    secrets: { accessToken: "number" },
  },
  messenger: { server: "graph", to: { pageId: "2" }, settings: {}, secrets: {} },
  instagram: { server: "graph", to: { instagramId: "3" }, settings: {}, secrets: {} },
  "sms-twilio": { server: "twilio", to: { to: NUMBER }, settings: {}, secrets: { apiKey: "key", apiSecret: "secret" } },
  "sms-telnyx": { server: "telnyx", to: { to: NUMBER }, settings: {}, secrets: {} },
  "sms-vonage": {
    server: "vonage",
    to: { to: NUMBER },
    settings: { apiKey: "key", applicationId: APPLICATION },
    secrets: { privateKey },
  },
} as const;
type Vendor = keyof typeof VENDORS;

/** A customer sends a picture; gives what the webhook says of it, and the vendor's control surface. */
async function pictureBy(connector: Vendor, fault?: string) {
  const { server, to, settings, secrets } = VENDORS[connector];
  const control = `${servers[server].url}/_simulator`;
  if (fault) await ask("POST", `${control}/faults`, { kind: fault });
  const before = business.received.length;
  const from = connector.startsWith("sms") || connector === "whatsapp-cloud" ? "+351910000001" : "77";
  expect(await ask("POST", `${control}/messages`, { ...to, from, kind: "image" })).toMatchObject({ status: 200 });
  const body = await vi.waitFor(() => {
    const [one] = business.received.slice(before);
    if (!one) throw new Error("no webhook came");
    return decodeURIComponent(one.body).replaceAll("\\/", "/");
  });
  const [, providerMediaId] = /"image":\{[^}]*"id":"(\d+)"/.exec(body) ?? [];
  const [, url] = /(?:"url":"|MediaUrl0=)(https:[^"&\s]+(?:&oh=[^"]+|&signature=[^"]+)?)/.exec(body) ?? [];
  const { vendor, media } = connectors[connector];
  const by = servers[server].url;
  const standIn = { origins: [vendor.origin, ...(vendor.otherOrigins ?? [])], by };
  const http = createHttp({ timeoutMs: 5000, replaces: standIn });
  const locate = () =>
    media?.locate(
      { contentType: "image/jpeg", ...(providerMediaId !== undefined && { providerMediaId }), ...(url && { url }) },
      { name: "one", settings: settings as never, secrets: secrets as never },
      { http, destination: { bucket: "bucket", key: "key" } },
    );
  const fetchFile = createFetchFile({ standIns: [standIn] });
  /** What comes of fetching it now. */
  const fetched = async () => {
    const place = await locate();
    if (place?.kind !== "found") return { place: place?.kind };
    const { kind: _, ...found } = place;
    const result = await fetchFile({ ...found, largestBytes: 1_000_000 });
    if (result.kind !== "fetched") return result;
    await result.file.close();
    return { kind: "fetched", sha256: result.file.sha256, told: place.sha256, contentType: result.file.contentType };
  };
  return { body, place: await locate(), fetched, url, fetchFile };
}

describe.each(Object.keys(VENDORS) as Vendor[])("a picture by %s", (connector) => {
  it("is found and fetched", async () => {
    const { fetched } = await pictureBy(connector);
    expect(await fetched()).toMatchObject({ kind: "fetched", contentType: "image/jpeg" });
  });

  it("leads nowhere inside when it redirects there", async () => {
    const { fetched } = await pictureBy(connector, "link_inside");
    expect(await fetched()).toMatchObject({ kind: "forbidden_address" });
  });

  it("is there again when its link was dead once", async () => {
    const { fetched } = await pictureBy(connector, "dead_link");
    expect(await fetched()).toMatchObject({ kind: "dead" });
    expect(await fetched()).toMatchObject({ kind: "fetched" });
  });

  it("never ends, or is said to be huge", async () => {
    for (const fault of ["endless_file", "file_announced_huge"]) {
      const { fetched } = await pictureBy(connector, fault);
      expect(await fetched()).toEqual({ kind: "too_large" });
    }
  });
});

it("has the checksum that the vendor tells, unless it is another file", async () => {
  const { fetched, body } = await pictureBy("whatsapp-cloud");
  const { sha256, told } = (await fetched()) as { sha256: string; told: string };
  expect(told).toBe(sha256);
  expect(body).toContain(Buffer.from(sha256, "hex").toString("base64"));
  const other = (await (await pictureBy("whatsapp-cloud", "other_file")).fetched()) as { sha256: string; told: string };
  expect(other.told).not.toBe(other.sha256);
  const telnyx = await pictureBy("sms-telnyx");
  expect(telnyx.body).toContain(((await telnyx.fetched()) as { sha256: string }).sha256);
});

it("is not given without the token where one is wanted", async () => {
  const { place, fetchFile } = await pictureBy("whatsapp-cloud");
  const url = place?.kind === "found" ? place.url : "";
  expect(await fetchFile({ url, largestBytes: 10_000 })).toMatchObject({ kind: "dead", status: 401 });
  const vonage = await pictureBy("sms-vonage");
  expect(await vonage.fetchFile({ url: vonage.url ?? "", largestBytes: 10_000 })).toMatchObject({
    kind: "dead",
    status: 401,
  });
});

it("may be slower than its webhook at Twilio", async () => {
  // Asked for once already when it is told.
  const { place, fetched } = await pictureBy("sms-twilio", "file_not_ready");
  expect(place).toMatchObject({ kind: "unavailable" });
  expect(await fetched()).toMatchObject({ kind: "fetched" });
});
