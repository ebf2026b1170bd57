import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it, test } from "vitest";
import type { MediaPlace } from "../../shared/channels/connector.ts";
import { mediaSources } from "../../shared/channels/media.ts";
import { type ConnectorName, connectors } from "../../shared/channels/registry.ts";
import type { HttpAnswer, HttpRequest } from "../../shared/ports.ts";

const answer = (status: number, body: unknown = {}, headers: Record<string, string> = {}): HttpAnswer => ({
  kind: "answer",
  status,
  headers,
  body: JSON.stringify(body),
});

/** What the connector makes of a file when the provider answers so, and what it had asked. */
async function located(
  connector: ConnectorName,
  media: { providerMediaId?: string; url?: string },
  given: { settings?: object; secrets?: object; answer?: HttpAnswer } = {},
): Promise<{ place: MediaPlace | undefined; asked: HttpRequest[] }> {
  const asked: HttpRequest[] = [];
  const http = async (request: HttpRequest) => {
    asked.push(request);
    return given.answer ?? answer(500);
  };
  const account = { name: "one", settings: given.settings ?? {}, secrets: given.secrets ?? {} };
  const reach = { http, destination: { bucket: "bucket", key: "incoming/1" } };
  const place = await mediaSources[connector]?.locate({ contentType: "image/jpeg", ...media }, account, reach);
  return { place, asked };
}

test("every connector that has files is in the registry of those that have", () => {
  const having = Object.values(connectors).flatMap(({ name, media }) => (media ? [[name, media] as const] : []));
  expect(Object.fromEntries(having)).toEqual(mediaSources);
});

describe("WhatsApp", () => {
  const settings = { graphVersion: "v26.0", phoneNumberId: "100" };
  const whatsApp = (found: HttpAnswer, secrets: object = { accessToken: "token" }) =>
    located(
      "whatsapp-cloud",
      { providerMediaId: "77", url: "https://lookaside.fbsbx.com/old" },
      { settings, secrets, answer: found },
    );
  const headers = { authorization: "Bearer token" };

  it("looks the file up by its id, and gives the token to Meta's two hosts", async () => {
    const told = { url: "https://lookaside.fbsbx.com/new", mime_type: "image/jpeg", sha256: "ab", file_size: "12" };
    const { place, asked } = await whatsApp(answer(200, told));
    expect(asked).toEqual([{ method: "GET", url: "https://graph.facebook.com/v26.0/77?phone_number_id=100", headers }]);
    const credentials = { origins: ["https://graph.facebook.com", "https://lookaside.fbsbx.com"], headers };
    const { url, mime_type: contentType, sha256 } = told;
    expect(place).toEqual({ kind: "found", url, contentType, sha256, size: 12, credentials });
  });

  it.each<[string, HttpAnswer, string]>([
    [
      "an unknown id",
      answer(400, { error: { code: 100, error_subcode: 33, message: "Unsupported get request" } }),
      "gone",
    ],
    ["nothing there", answer(404), "gone"],
    ["a bad token", answer(401, { error: { code: 190, message: "Invalid" } }), "unavailable"],
    ["too much", answer(429), "unavailable"],
    ["an outage", answer(500), "unavailable"],
    ["no answer", { kind: "interrupted", detail: "no answer in time" }, "unavailable"],
    ["an answer without an address", answer(200, {}), "unavailable"],
  ])("makes %s of what it says", async (_, found, kind) => {
    expect((await whatsApp(found)).place).toMatchObject({ kind });
  });

  it("waits for its token", async () => {
    expect(await whatsApp(answer(200), {})).toMatchObject({ place: { kind: "unavailable" }, asked: [] });
  });

  it("takes the address of the webhook where there is no id", async () => {
    const secrets = { accessToken: "token" };
    const { place, asked } = await located(
      "whatsapp-cloud",
      { url: "https://lookaside.fbsbx.com/1" },
      { settings, secrets },
    );
    expect(place).toMatchObject({ kind: "found", url: "https://lookaside.fbsbx.com/1", credentials: { headers } });
    expect(asked).toEqual([]);
  });
});

describe.each(["messenger", "instagram", "sms-telnyx"] as const)("%s", (connector) => {
  it("gives the address as it is, and nobody's credentials", async () => {
    const { place, asked } = await located(connector, { url: "https://cdn.example/1" }, { secrets: { apiKey: "key" } });
    expect(place).toEqual({ kind: "found", url: "https://cdn.example/1" });
    expect(asked).toEqual([]);
    expect((await located(connector, {})).place).toMatchObject({ kind: "gone" });
  });
});

describe("Twilio", () => {
  const url = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1";
  const headers = { authorization: `Basic ${Buffer.from("SK1:secret").toString("base64")}` };
  const secrets = { apiKey: "SK1", apiSecret: "secret" };
  const twilio = (found: HttpAnswer, at = url) => located("sms-twilio", { url: at }, { secrets, answer: found });

  it("asks the API with the key, and goes where that sends without", async () => {
    const { place, asked } = await twilio(answer(307, {}, { location: "https://media.twiliocdn.com/AC1/1" }));
    expect(asked).toEqual([{ method: "GET", url, headers }]);
    expect(place).toEqual({ kind: "found", url: "https://media.twiliocdn.com/AC1/1" });
  });

  it("fetches from the API what the API gives out itself", async () => {
    const found = { kind: "found", url, credentials: { origins: ["https://api.twilio.com"], headers } };
    expect((await twilio(answer(200))).place).toEqual(found);
    expect((await twilio({ kind: "interrupted", detail: "answer over 1 MB" })).place).toEqual(found);
  });

  it("waits for a file that is slower than its webhook, and for a key that is let in", async () => {
    for (const status of [404, 401, 429, 500])
      expect((await twilio(answer(status))).place).toMatchObject({ kind: "unavailable" });
    expect(await located("sms-twilio", { url })).toMatchObject({ place: { kind: "unavailable" }, asked: [] });
  });

  it("shows its key to nobody else", async () => {
    const elsewhere = "https://api.twilio.com.example/Media/ME1";
    expect(await twilio(answer(200), elsewhere)).toEqual({ place: { kind: "found", url: elsewhere }, asked: [] });
  });
});

describe("Vonage", () => {
  const url = "https://api-us.nexmo.com/v3/media/1";
  const applicationId = "00000000-0000-4000-8000-000000000000";
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const secrets = { privateKey: privateKey.export({ type: "pkcs8", format: "pem" }) };

  it("shows a token of the application to Vonage alone, where there is one", async () => {
    const { place } = await located("sms-vonage", { url }, { settings: { applicationId }, secrets });
    expect(place).toMatchObject({
      url,
      credentials: { headers: { authorization: expect.stringMatching(/^Bearer \S+\./) } },
    });
    const origins = place?.kind === "found" ? (place.credentials?.origins ?? []) : [];
    expect(origins).toContain(new URL(url).origin);
    expect(origins.every((origin) => origin.endsWith(".nexmo.com"))).toBe(true);
  });

  it("opens the address as it is for an account without one", async () => {
    const { place } = await located("sms-vonage", { url }, { secrets: { apiSecret: "secret" } });
    expect(place).toEqual({ kind: "found", url });
  });
});
