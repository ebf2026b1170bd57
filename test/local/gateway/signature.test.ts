import { request } from "node:http";
import { ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { ListQueuesCommand } from "@aws-sdk/client-sqs";
import aws4 from "aws4";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { administrator, clientsFor, REGION, startWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

/** One raw request; gives status and body. */
function raw(options: { method?: string; path?: string; headers?: object; body?: string }) {
  const { host } = new URL(world.gateway.url);
  const { method = "POST", path = "/", headers = {}, body = "" } = options;
  const [hostname, port] = host.split(":");
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const outgoing = request({ hostname, port, method, path, headers: { host, ...headers } }, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

function signed(body: string, change: { date?: string; region?: string } = {}) {
  const { host } = new URL(world.gateway.url);
  const headers = {
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Target": "AmazonSQS.ListQueues",
    ...(change.date && { "X-Amz-Date": change.date }),
  };
  const options = { host, path: "/", method: "POST", service: "sqs", region: change.region ?? REGION, body, headers };
  return aws4.sign(options, administrator).headers ?? {};
}

describe("who may call at all", () => {
  it("refuses a request without a signature, in the form of each protocol", async () => {
    const json = await raw({ headers: { "x-amz-target": "DynamoDB_20120810.ListTables" }, body: "{}" });
    expect(json.status).toBe(400);
    expect(JSON.parse(json.body).__type).toMatch(/#MissingAuthenticationTokenException$/);
    const s3 = await raw({ method: "GET", path: "/bucket/key" });
    expect(s3.status).toBe(403);
    expect(s3.body).toContain("<Code>AccessDenied</Code>");
  });

  it("refuses a wrong secret and an unknown key", async () => {
    const wrongSecret = clientsFor(world.gateway, { ...administrator, secretAccessKey: "guessed" });
    await expect(wrongSecret.dynamodb.send(new ListTablesCommand({}))).rejects.toMatchObject({
      name: "InvalidSignatureException",
    });
    await expect(wrongSecret.s3.send(new GetObjectCommand({ Bucket: "b", Key: "k" }))).rejects.toMatchObject({
      name: "SignatureDoesNotMatch",
    });
    const unknown = clientsFor(world.gateway, { ...administrator, accessKeyId: "AKIANOBODY" });
    await expect(unknown.dynamodb.send(new ListTablesCommand({}))).rejects.toMatchObject({
      name: "UnrecognizedClientException",
    });
  });

  it("takes what aws4 signs, and refuses it once body, time or region are others", async () => {
    const headers = signed("{}");
    expect(await raw({ headers, body: "{}" })).toMatchObject({ status: 200 });
    expect(await raw({ headers, body: "[]" })).toMatchObject({ status: 403 });
    const old = await raw({ headers: signed("{}", { date: "20200101T000000Z" }), body: "{}" });
    expect(old.body).toContain("Signature expired");
    const elsewhere = await raw({ headers: signed("{}", { region: "us-west-2" }), body: "{}" });
    expect(elsewhere.body).toContain(`valid region, ${REGION}`);
  });

  it("refuses an x-amz header that the signature leaves out", async () => {
    const headers = { ...signed("{}"), "x-amz-security-token": "", "x-amz-extra": "1" };
    expect(await raw({ headers, body: "{}" })).toMatchObject({ status: 403 });
  });

  it("wants the session token of a principal that has one", async () => {
    const statements = [{ Effect: "Allow", Action: "sqs:ListQueues", Resource: "*" }];
    const withToken = world.role("session", statements, "token-1");
    await withToken.sqs.send(new ListQueuesCommand({}));
    const principal = {
      ...administrator,
      name: "session",
      accessKeyId: "AKIASESSION",
      secretAccessKey: "secret-of-session",
    };
    const without = clientsFor(world.gateway, principal);
    await expect(without.sqs.send(new ListQueuesCommand({}))).rejects.toMatchObject({ name: "InvalidClientTokenId" });
  });

  it("takes keys with every kind of character, and presigned links until they expire", async () => {
    const Key = "a b/ü+(1)'~!*&=.txt";
    await world.admin.s3.send(new CreateBucketCommand({ Bucket: "signed-links" }));
    await world.admin.s3.send(new PutObjectCommand({ Bucket: "signed-links", Key, Body: "Olá" }));
    const { Body } = await world.admin.s3.send(new GetObjectCommand({ Bucket: "signed-links", Key }));
    expect(await Body?.transformToString()).toBe("Olá");

    const { host } = new URL(world.gateway.url);
    const link = (date?: string) => {
      const dated = date ? `&X-Amz-Date=${date}` : "";
      const path = `/signed-links/${Key.split("/").map(encodeURIComponent).join("/")}?X-Amz-Expires=60${dated}`;
      const options = { host, path, service: "s3", region: REGION, signQuery: true, headers: {} };
      return aws4.sign(options, administrator).path ?? "";
    };
    expect(await raw({ method: "GET", path: link() })).toEqual({ status: 200, body: "Olá" });
    expect(await raw({ method: "GET", path: link("20200101T000000Z") })).toMatchObject({ status: 403 });
    expect(await raw({ method: "GET", path: link().replace("a%20b", "other") })).toMatchObject({ status: 403 });
  });
});
