/** What goes out to AWS as it is on the wire, and what its answers mean. */
import { once } from "node:events";
import * as http from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { verifySignature } from "../../local/gateway/signature.ts";
import type { Connector, Rendering } from "../../shared/channels/connector.ts";
import { connectors } from "../../shared/channels/registry.ts";
import { createHttp } from "../../shared/http/request.ts";
import type { HttpAnswer } from "../../shared/ports.ts";
import { SAMPLE } from "../contracts/provider.ts";

const CORRELATION = "conv_AAAAAAAAAAAAAAAAAAAAAA.msg_01kat1n2v3w4x5y6z7a8b9c0d1.0";
const SIGNER = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "the function's own", sessionToken: "session" };
const REGION = "eu-west-1";

type Name = "whatsapp-aws" | "sms-aws";

const rendering = (name: Name, about: Partial<Rendering> = {}): Rendering => ({
  to: "+351912345678",
  content: { type: "text", text: "Olá 😀" },
  author: { type: "agent" },
  settings: SAMPLE[name].settings,
  correlation: CORRELATION,
  ...about,
});
const bodyOf = (name: Name, about: Partial<Rendering> = {}) => {
  const { sender }: Connector = connectors[name];
  return JSON.parse(String(sender.render(rendering(name, about)).body));
};

beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) vi.stubEnv(name, undefined);
  vi.stubEnv("AWS_REGION", REGION);
  vi.stubEnv("AWS_ACCESS_KEY_ID", SIGNER.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", SIGNER.secretAccessKey);
  vi.stubEnv("AWS_SESSION_TOKEN", SIGNER.sessionToken);
});

const open: http.Server[] = [];
afterEach(() => {
  vi.unstubAllEnvs();
  for (const server of open.splice(0)) server.close().closeAllConnections();
});

/** A connector in a process of its own, as far as the SDK's client goes. */
async function fresh(name: Name): Promise<Connector> {
  vi.resetModules();
  const { connectors: anew } = await import("../../shared/channels/registry.ts");
  return anew[name];
}

interface Seen {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Buffer;
}

/** A server in AWS's place that does with each request what it is told; the list of those that came grows. */
async function inPlaceOfAws(react: (response: http.ServerResponse, socket: Socket) => void): Promise<Seen[]> {
  const seen: Seen[] = [];
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([key, value]) => [key, String(value)]));
    seen.push({ method: request.method ?? "", path: request.url ?? "", headers, body: Buffer.concat(chunks) });
    react(response, request.socket);
  });
  open.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  vi.stubEnv("AWS_ENDPOINT_URL", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return seen;
}

async function sent(name: Name, about: Partial<Rendering> = {}) {
  const { sender } = await fresh(name);
  return sender.send(sender.render(rendering(name, about)), SAMPLE[name], createHttp({ timeoutMs: 3000 }));
}

const ANSWERS = { "whatsapp-aws": '{"messageId":"aws-1"}', "sms-aws": '{"MessageId":"aws-1"}' };
const NAMES: Name[] = ["whatsapp-aws", "sms-aws"];

describe.each(NAMES)("a send by %s", (name) => {
  it("is one request, signed with what the function's environment holds", async () => {
    const seen = await inPlaceOfAws((response) => response.end(ANSWERS[name]));
    expect(await sent(name)).toEqual({ kind: "sent", providerMessageId: "aws-1" });
    expect(seen).toHaveLength(1);
    const [request = { method: "", path: "", headers: {}, body: Buffer.of() }] = seen;
    const judged = verifySignature(
      { ...request, query: "", isAbandoned: () => false },
      { region: REGION, signerOf: (id) => (id === SIGNER.accessKeyId ? SIGNER : undefined), now: Date.now() },
    );
    expect(judged).toMatchObject({ kind: "signed" });
  });

  it.each([
    ["a limit", 400, "ThrottlingException", "throttled"],
    ["a failed server", 500, name === "sms-aws" ? "InternalServerException" : "InternalServiceException", "uncertain"],
    ["a clock that is wrong", 403, "InvalidSignatureException", "unavailable"],
  ])("is not repeated for %s", async (_, status, code, kind) => {
    const seen = await inPlaceOfAws((response) =>
      response.writeHead(status, { "x-amzn-errortype": code }).end(JSON.stringify({ __type: code, message: "words" })),
    );
    expect(await sent(name)).toMatchObject({ kind });
    expect(seen).toHaveLength(1);
  });

  it("was certainly not taken when nobody answered the door, and perhaps when the line broke", async () => {
    const seen = await inPlaceOfAws((_, socket) => socket.destroy());
    expect(await sent(name)).toMatchObject({ kind: "uncertain" });
    expect(seen).toHaveLength(1);
    vi.stubEnv("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    expect(await sent(name)).toEqual({ kind: "unavailable", detail: "ECONNREFUSED" });
  });

  it("was perhaps taken when what brings it out fails half-way", async () => {
    const { sender } = connectors[name] as Connector;
    const failing = () => Promise.reject(new Error("a fault of ours"));
    const outcome = await sender.send(sender.render(rendering(name)), SAMPLE[name], failing);
    expect(outcome).toMatchObject({ kind: "uncertain" });
  });

  it("asks nobody without credentials, or without a Region", async () => {
    const seen = await inPlaceOfAws((response) => response.end(ANSWERS[name]));
    vi.stubEnv("AWS_REGION", undefined);
    vi.stubEnv("AWS_CONFIG_FILE", "/nowhere");
    expect(await sent(name)).toMatchObject({ kind: "unavailable" });
    vi.stubEnv("AWS_REGION", REGION);
    vi.stubEnv("AWS_ACCESS_KEY_ID", undefined);
    vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere");
    vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
    expect(await sent(name)).toEqual({ kind: "unavailable", detail: "CredentialsProviderError" });
    expect(seen).toEqual([]);
  });
});

/** The outcome of an answer that AWS gives to a text. */
async function outcome(name: Name, status: number, body: unknown, headers: Record<string, string> = {}) {
  const { sender } = connectors[name] as Connector;
  const answer: HttpAnswer = { kind: "answer", status, headers, body: JSON.stringify(body) };
  return sender.send(sender.render(rendering(name)), SAMPLE[name], async () => answer);
}

describe("whatsapp-aws", () => {
  it("hands Meta's own JSON to AWS, as bytes, from the account's number", async () => {
    const seen = await inPlaceOfAws((response) => response.end(ANSWERS["whatsapp-aws"]));
    await sent("whatsapp-aws", { to: "BR.4410000000000000001", replyToProviderMessageId: "wamid.IN1" });
    expect(seen[0]).toMatchObject({ method: "POST", path: "/v1/whatsapp/send" });
    const { message, ...rest } = JSON.parse(String(seen[0]?.body));
    expect(rest).toEqual({
      originationPhoneNumberId: "phone-number-id-0123456789abcdef0123456789abcdef",
      metaApiVersion: "v20.0",
    });
    expect(JSON.parse(Buffer.from(message, "base64").toString("utf8"))).toEqual({
      messaging_product: "whatsapp",
      recipient_type: "individual",
      recipient: "BR.4410000000000000001",
      type: "text",
      text: { body: "Olá 😀" },
      context: { message_id: "wamid.IN1" },
      biz_opaque_callback_data: CORRELATION,
    });
  });

  it("quotes no message that Meta has not told of yet", () => {
    const { message } = bodyOf("whatsapp-aws", { replyToProviderMessageId: "2abadc50-b548-4045-82d1-f5bdd677ea8d" });
    expect(message).not.toHaveProperty("context");
  });

  it("says by the same call what has been read, and that somebody writes", () => {
    const { sender }: Connector = connectors["whatsapp-aws"];
    const { settings } = SAMPLE["whatsapp-aws"];
    const said = (signal: "read" | "typing") =>
      sender.signal?.({ to: "5511987650000", signal, providerMessageId: "wamid.IN1", settings });
    expect(said("read")?.url).toBe(sender.render(rendering("whatsapp-aws")).url);
    const read = { messaging_product: "whatsapp", status: "read", message_id: "wamid.IN1" };
    expect(JSON.parse(String(said("read")?.body)).message).toEqual(read);
    expect(JSON.parse(String(said("typing")?.body)).message).toEqual({ ...read, typing_indicator: { type: "text" } });
  });

  it("takes AWS's id of the number or its ARN", () => {
    const { settings } = connectors["whatsapp-aws"];
    const fits = (originationPhoneNumberId: string) =>
      settings.safeParse({ phoneNumberId: "100000000000002", originationPhoneNumberId }).success;
    expect(fits("arn:aws:social-messaging:eu-west-1:111122223333:phone-number-id/0123456789abcdef")).toBe(true);
    expect(fits("100000000000002")).toBe(false);
    expect(fits("+15550000001")).toBe(false);
  });

  it.each([
    [400, "ThrottledRequestException", "", { kind: "throttled", scope: "account", retryAfterSeconds: 2 }],
    [400, "ThrottledRequest", "", { kind: "throttled", scope: "account" }],
    [403, "AccessDeniedException", "no", { kind: "rejected", failure: { class: "auth" } }],
    [403, "AccessDeniedByMetaException", "no", { kind: "rejected", failure: { class: "auth" } }],
    [404, "ResourceNotFoundException", "no", { kind: "rejected", failure: { class: "account" } }],
    [400, "ValidationException", "no", { kind: "rejected", failure: { class: "payload" } }],
    [400, "SomethingNewException", "no", { kind: "rejected", failure: { class: "unknown" } }],
    [502, "DependencyException", "Meta did not answer", { kind: "uncertain" }],
    [500, "InternalServiceException", "", { kind: "uncertain" }],
    [400, "InvalidParametersException", "(#131047) Re-engagement", { failure: { class: "window", code: "131047" } }],
    [502, "DependencyException", '{"error":{"code":131026,"message":"x"}}', { failure: { class: "unreachable" } }],
    [502, "DependencyException", 'Meta: {\\"error\\":{\\"code\\":131050}}', { failure: { class: "opted_out" } }],
    [400, "ValidationException", "Error code 132001: no template", { failure: { class: "template" } }],
    [502, "DependencyException", "(#131056) pair rate limit", { kind: "throttled", scope: "pair" }],
    [502, "DependencyException", "(#131016) overloaded", { kind: "unavailable" }],
    [400, "ValidationException", 'statusCode: 400, {"status":200}', { failure: { class: "payload" } }],
  ])("understands the answer %i %s: %s", async (status, type, message, expected) => {
    expect(await outcome("whatsapp-aws", status, { message }, { "x-amzn-errortype": type })).toMatchObject(expected);
  });

  it("has a customer's file put where it is wanted, by a link that only this may be written to", async () => {
    const seen = await inPlaceOfAws((response) => response.end('{"mimeType":"audio/ogg","fileSize":12}'));
    const { media } = await fresh("whatsapp-aws");
    const http = createHttp({ timeoutMs: 3000 });
    const destination = { bucket: "recado", key: "incoming/med_1" };
    const file = { providerMediaId: "1908647269898587", contentType: "audio/ogg; codecs=opus" };
    const place = await media?.locate(file, SAMPLE["whatsapp-aws"], { http, destination });
    expect(place).toEqual({ kind: "delivered", contentType: "audio/ogg" });
    expect(seen[0]?.path).toBe("/v1/whatsapp/media/get");
    const { destinationS3PresignedUrl: link, ...rest } = JSON.parse(String(seen[0]?.body));
    expect(rest).toEqual({
      mediaId: "1908647269898587",
      originationPhoneNumberId: "phone-number-id-0123456789abcdef0123456789abcdef",
    });
    const { pathname, search, host } = new URL(link.url);
    expect(pathname).toBe("/recado/incoming/med_1");
    // One over no bytes would refuse every file.
    expect(search).not.toMatch(/checksum/i);
    const upload = { method: "PUT", path: pathname, query: search.slice(1), body: Buffer.from("any file") };
    const judged = verifySignature(
      { ...upload, headers: { host, "content-type": link.headers["Content-Type"] }, isAbandoned: () => false },
      { region: REGION, signerOf: () => SIGNER, now: Date.now() },
    );
    expect(judged).toMatchObject({ kind: "signed" });
  });

  it.each([
    ["a file that Meta no longer has", 400, "(#100) Unsupported get request", "gone"],
    ["a file that is nowhere", 410, "", "gone"],
    ["a number that AWS does not know", 404, "", "unavailable"],
    ["a failed server", 500, "", "unavailable"],
  ])("tells of %s", async (_, status, message, kind) => {
    const { media }: Connector = connectors["whatsapp-aws"];
    const headers = { "x-amzn-errortype": "DependencyException" };
    const answer: HttpAnswer = { kind: "answer", status, headers, body: JSON.stringify({ message }) };
    const reach = { http: async () => answer, destination: { bucket: "recado", key: "incoming/med_1" } };
    const file = { providerMediaId: "1", contentType: "image/jpeg" };
    expect(await media?.locate(file, SAMPLE["whatsapp-aws"], reach)).toMatchObject({ kind });
    const never = { ...reach, http: () => Promise.reject(new Error("asked")) };
    expect(await media?.locate({ contentType: "image/jpeg" }, SAMPLE["whatsapp-aws"], never)).toMatchObject({
      kind: "gone",
    });
  });
});

describe("sms-aws", () => {
  it("sends a text from the account's identity, with our correlation as its context", async () => {
    const seen = await inPlaceOfAws((response) => response.end(ANSWERS["sms-aws"]));
    await sent("sms-aws");
    expect(seen[0]?.headers["x-amz-target"]).toBe("PinpointSMSVoiceV2.SendTextMessage");
    expect(JSON.parse(String(seen[0]?.body))).toEqual({
      DestinationPhoneNumber: "+351912345678",
      OriginationIdentity: "phone-0123456789abcdef0123456789abcdef",
      MessageBody: "Olá 😀",
      MessageType: "TRANSACTIONAL",
      ConfigurationSetName: "recado",
      Context: { recado: CORRELATION, from: "+15550000005" },
    });
  });

  it("sends a file out of the bucket, with its caption", async () => {
    const seen = await inPlaceOfAws((response) => response.end(ANSWERS["sms-aws"]));
    const picture = { url: "s3://recado/media/med_1", contentType: "image/jpeg" };
    const content = { type: "image", media: picture, caption: "Este?" } as const;
    expect(await sent("sms-aws", { content })).toEqual({ kind: "sent", providerMessageId: "aws-1" });
    expect(seen[0]?.headers["x-amz-target"]).toBe("PinpointSMSVoiceV2.SendMediaMessage");
    const body = JSON.parse(String(seen[0]?.body));
    expect(body).toMatchObject({ MediaUrls: ["s3://recado/media/med_1"], MessageBody: "Este?" });
    expect(body).toMatchObject({ Context: { recado: CORRELATION, from: "+15550000005" } });
    expect(body).not.toHaveProperty("MessageType");
    expect(bodyOf("sms-aws", { content: { type: "image", media: picture } })).not.toHaveProperty("MessageBody");
    const elsewhere = { ...content, media: { ...picture, url: "https://files.example.test/1.jpg" } };
    expect(() => bodyOf("sms-aws", { content: elsewhere })).toThrow(/image/);
    expect(() => bodyOf("sms-aws", { content: { type: "location", latitude: 1, longitude: 2 } })).toThrow(/location/);
  });

  it("sends from the number itself where no identity is named, and ends in time", () => {
    const settings = { from: "+15550000005", messageType: "PROMOTIONAL", timeToLiveSeconds: 600 };
    const body = bodyOf("sms-aws", { settings });
    expect(body).toMatchObject({ OriginationIdentity: "+15550000005", MessageType: "PROMOTIONAL", TimeToLive: 600 });
    expect(body).not.toHaveProperty("ConfigurationSetName");
  });

  it("takes a number, a short code or a sender id as its sender, and nothing else", () => {
    const { settings } = connectors["sms-aws"];
    for (const from of ["+351912345678", "68849", "LOJA-24"]) expect(settings.safeParse({ from }).success).toBe(true);
    for (const from of ["351912345678", "A name too long", "Loja 24", "+12"])
      expect(settings.safeParse({ from }).success).toBe(false);
  });

  it.each([
    [400, "ConflictException", "DESTINATION_PHONE_NUMBER_OPTED_OUT", { failure: { class: "opted_out" } }],
    [400, "ConflictException", "DESTINATION_PHONE_NUMBER_NOT_VERIFIED", { failure: { class: "account" } }],
    [400, "ConflictException", "NO_ORIGINATION_IDENTITIES_FOUND", { failure: { class: "account" } }],
    [
      400,
      "ConflictException",
      "DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION",
      { failure: { class: "policy" } },
    ],
    [402, "ServiceQuotaExceededException", "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT", { failure: { class: "account" } }],
    [403, "AccessDeniedException", "ACCOUNT_DISABLED", { failure: { class: "account", code: "ACCOUNT_DISABLED" } }],
    [400, "AccessDeniedException", undefined, { failure: { class: "auth" } }],
    [400, "ValidationException", "PRICE_OVER_THRESHOLD", { failure: { class: "policy" } }],
    [400, "ValidationException", "SENDER_ID_REQUIRES_REGISTRATION", { failure: { class: "account" } }],
    [400, "ValidationException", "SOMETHING_NEW", { failure: { class: "payload", code: "SOMETHING_NEW" } }],
    [404, "ResourceNotFoundException", undefined, { failure: { class: "account" } }],
    [400, "ThrottlingException", undefined, { kind: "throttled", scope: "account", retryAfterSeconds: 2 }],
    [500, "InternalServerException", undefined, { kind: "uncertain" }],
    [400, "SomethingNewException", undefined, { kind: "rejected", failure: { class: "unknown" } }],
  ])("understands the answer %i %s: %s", async (status, type, reason, expected) => {
    const body = { __type: `com.amazonaws.pinpointsmsvoicev2#${type}`, Message: "words of AWS", Reason: reason };
    const told = await outcome("sms-aws", status, body);
    expect(told).toMatchObject(expected);
    if (told.kind === "rejected") expect(told.failure.reason).toContain("words of AWS");
  });

  it("waits as long as AWS says", async () => {
    const body = { __type: "ThrottlingException", Message: "Rate exceeded" };
    expect(await outcome("sms-aws", 400, body, { "retry-after": "9" })).toMatchObject({ retryAfterSeconds: 9 });
  });
});
