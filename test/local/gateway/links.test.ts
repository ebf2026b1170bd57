/** Links that S3 presigns, made by the product's own code: they let in whoever has them, to just that. */
import { createHash, randomBytes } from "node:crypto";
import { CreateBucketCommand, GetObjectCommand, HeadObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { S3MediaLinks } from "../../../shared/aws/media-links.ts";
import { startWorld, type World } from "./world.ts";

const Bucket = "files";
let world: World;
let links: S3MediaLinks;
let blind: S3MediaLinks;

function linksOf(client: S3Client): S3MediaLinks {
  client.config.requestChecksumCalculation = async () => "WHEN_REQUIRED";
  client.config.forcePathStyle = true;
  return new S3MediaLinks({ bucket: Bucket, client });
}

beforeAll(async () => {
  world = await startWorld();
  await world.admin.s3.send(new CreateBucketCommand({ Bucket }));
  const objects = `arn:aws:s3:::${Bucket}/media/*`;
  const statements = [
    { Effect: "Allow", Action: ["s3:GetObject", "s3:PutObject"], Resource: objects },
    { Effect: "Allow", Action: "s3:ListBucket", Resource: `arn:aws:s3:::${Bucket}` },
  ];
  links = linksOf(world.role("writer", statements, "session-token").s3);
  blind = linksOf(world.role("blind", [{ Effect: "Allow", Action: "s3:ListBucket", Resource: "*" }]).s3);
});
afterAll(() => world.close());

const photo = { contentType: "image/png", size: 5, fileName: "Öl & Brot.png" };
const put = (url: string, headers: Record<string, string>, body: string | Buffer<ArrayBuffer>) =>
  fetch(url, { method: "PUT", headers, body }).then(told);
const get = (url: string) => fetch(url).then(told);

async function told(response: Response) {
  const body = await response.text();
  const [, code] = /<Code>(\w+)<\/Code>/.exec(body) ?? [];
  return { status: response.status, code, body, headers: Object.fromEntries(response.headers) };
}

describe("a link to write", () => {
  it("takes exactly the file that was announced, and only once", async () => {
    const { url, headers } = await links.linkToWrite("med_once", photo, { seconds: 60 });
    expect(await put(url, headers, "longer")).toMatchObject({ status: 403, code: "SignatureDoesNotMatch" });
    const asHtml = { ...headers, "content-type": "text/html" };
    expect(await put(url, asHtml, "12345")).toMatchObject({ status: 403, code: "SignatureDoesNotMatch" });
    for (const name of Object.keys(headers)) {
      const fewer = Object.fromEntries(Object.entries(headers).filter(([one]) => one !== name));
      expect(await put(url, fewer, "12345"), name).toMatchObject({ status: 403, code: "SignatureDoesNotMatch" });
    }
    const more = { ...headers, "x-amz-acl": "public-read" };
    expect(await put(url, more, "12345")).toMatchObject({ status: 403, code: "AccessDenied" });
    expect(await links.find("med_once")).toBeUndefined();

    expect(await put(url, headers, "12345")).toMatchObject({ status: 200 });
    expect(await links.find("med_once")).toEqual(photo);
    expect(await put(url, headers, "54321")).toMatchObject({ status: 412, code: "PreconditionFailed" });
    expect(await get(await links.linkToRead("med_once", { seconds: 60 }))).toMatchObject({ body: "12345" });
  });

  it("takes no other bytes where their hash was announced", async () => {
    const sha256 = createHash("sha256").update("12345").digest("hex");
    const { url, headers } = await links.linkToWrite("med_hash", { ...photo, sha256 }, { seconds: 60 });
    expect(await put(url, headers, "54321")).toMatchObject({ status: 400, code: "BadDigest" });
    expect(await put(url, headers, "12345")).toMatchObject({ status: 200 });
  });

  it("takes a file that is larger than the emulator takes at once", async () => {
    const body = randomBytes(21 * 1024 * 1024);
    const large = { contentType: "video/mp4", size: body.byteLength };
    const { url, headers } = await links.linkToWrite("med_large", large, { seconds: 60 });
    expect(await put(url, headers, body)).toMatchObject({ status: 200 });
    expect(await links.find("med_large")).toEqual(large);
    const read = await fetch(await links.linkToRead("med_large", { seconds: 60 }));
    expect(Buffer.from(await read.arrayBuffer()).equals(body)).toBe(true);
  });
});

describe("a link to read", () => {
  beforeAll(async () => {
    const { url, headers } = await links.linkToWrite("med_read", photo, { seconds: 60 });
    await put(url, headers, "12345");
  });

  it("gives the file with the headers that its maker chose", async () => {
    const disposition = "attachment; filename=\"a b\"; filename*=UTF-8''a%20b";
    const { headers, body } = await get(await links.linkToRead("med_read", { seconds: 60, disposition }));
    expect(body).toBe("12345");
    expect(headers).toMatchObject({ "content-type": "image/png", "content-disposition": disposition });
  });

  it("is good for nothing else: another file, another way, more headers, other ends", async () => {
    const url = await links.linkToRead("med_read", { seconds: 60, disposition: "attachment" });
    const denied = { status: 403, code: "SignatureDoesNotMatch" };
    expect(await get(url.replace("med_read", "med_once"))).toMatchObject(denied);
    expect(await get(url.replace("=attachment", "=inline"))).toMatchObject(denied);
    expect(await get(url.replace("X-Amz-Expires=60", "X-Amz-Expires=600"))).toMatchObject(denied);
    expect(await put(url, {}, "12345")).toMatchObject(denied);
    expect((await fetch(url, { method: "HEAD" })).status).toBe(403);
    expect(await get(url.replace(/session-token/, "other-token"))).toMatchObject({ code: "InvalidAccessKeyId" });
  });

  it("ends, as S3 says it, and cannot be made to last for ever", async () => {
    const url = await links.linkToRead("med_read", { seconds: 60 });
    const old = url
      .replace(/X-Amz-Date=\d{8}T/, (date) => `${date.slice(0, -9)}20200101T`)
      .replace(/%2F\d{8}%2F/, "%2F20200101%2F");
    expect(await get(old)).toMatchObject({ status: 403, code: "AccessDenied" });
    const wrong = { status: 400, code: "AuthorizationQueryParametersError" };
    expect(await get(url.replace("X-Amz-Expires=60", "X-Amz-Expires=604801"))).toMatchObject(wrong);
    expect(await get(url.replace("X-Amz-Expires=60&", ""))).toMatchObject(wrong);
    expect(await get(url.replace(/X-Amz-Signature=\w+&/, ""))).toMatchObject(wrong);
  });

  it("lets nobody do what its maker may not", async () => {
    world.takeCalls();
    expect(await get(await blind.linkToRead("med_read", { seconds: 60 }))).toMatchObject({ code: "AccessDenied" });
    const { url, headers } = await blind.linkToWrite("med_blind", photo, { seconds: 60 });
    expect(await put(url, headers, "12345")).toMatchObject({ status: 403, code: "AccessDenied" });
    expect(world.takeCalls()).toMatchObject([
      { principal: "blind", action: "s3:GetObject", allowed: false },
      { principal: "blind", action: "s3:PutObject", allowed: false },
    ]);
  });
});

it("what is not there is told from what may not be read", async () => {
  const read = new GetObjectCommand({ Bucket, Key: "media/med_never" });
  await expect(world.admin.s3.send(read)).rejects.toMatchObject({ name: "NoSuchKey" });
  const head = new HeadObjectCommand({ Bucket, Key: "media/med_never" });
  await expect(world.admin.s3.send(head)).rejects.toMatchObject({ name: "NotFound" });
  expect(await links.find("med_never")).toBeUndefined();
  await expect(blind.find("med_once")).rejects.toMatchObject({ name: "WorldFault" });
});
