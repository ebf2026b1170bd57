import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { nameInMetadata } from "../domain/file-name.ts";
import type { KeptFile, MediaLinks } from "../ports.ts";
import { worldly } from "./faults.ts";
import { PATIENCE } from "./patience.ts";

/** Files of messages at `media/<id>`. Needs s3:ListBucket to tell what is not there from what it may not read. */
export class S3MediaLinks implements MediaLinks {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor({
    bucket,
    // A checksum that nobody asked for would be one of an empty body, and signed.
    client = new S3Client({ ...PATIENCE, forcePathStyle: true, requestChecksumCalculation: "WHEN_REQUIRED" }),
  }: { bucket: string; client?: S3Client }) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async find(id: string): Promise<KeptFile | undefined> {
    const command = new HeadObjectCommand(this.#object(id));
    try {
      const { ContentType, ContentLength, Metadata } = await worldly(() => this.#client.send(command), ["NotFound"]);
      const fileName = decoded(Metadata?.filename);
      return {
        contentType: ContentType ?? "application/octet-stream",
        size: ContentLength ?? 0,
        ...(fileName && { fileName }),
      };
    } catch (cause) {
      if (cause instanceof Error && cause.name === "NotFound") return undefined;
      throw cause;
    }
  }

  /** The whole file; undefined where it is not there any more. */
  async read(id: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const command = new GetObjectCommand(this.#object(id));
    try {
      const { Body } = await worldly(() => this.#client.send(command), ["NoSuchKey"]);
      return Body && new Uint8Array(await worldly(() => Body.transformToByteArray()));
    } catch (cause) {
      if (cause instanceof Error && cause.name === "NoSuchKey") return undefined;
      throw cause;
    }
  }

  linkToRead(
    id: string,
    { seconds, disposition }: { seconds: number; disposition?: string | undefined },
  ): Promise<string> {
    const override = disposition !== undefined && { ResponseContentDisposition: disposition };
    const command = new GetObjectCommand({ ...this.#object(id), ...override });
    return getSignedUrl(this.#client, command, { expiresIn: seconds });
  }

  async linkToWrite(
    id: string,
    { contentType, size, fileName, sha256 }: KeptFile & { sha256?: string | undefined },
    { seconds }: { seconds: number },
  ): Promise<{ url: string; headers: Record<string, string> }> {
    const checksum = sha256 && Buffer.from(sha256, "hex").toString("base64");
    const headers = {
      "content-type": contentType,
      // What a message was checked against must not change under it.
      "if-none-match": "*",
      ...(fileName !== undefined && { "x-amz-meta-filename": nameInMetadata(fileName) }),
      ...(checksum && { "x-amz-checksum-sha256": checksum }),
    };
    const command = new PutObjectCommand({
      ...this.#object(id),
      ContentType: contentType,
      ContentLength: size,
      IfNoneMatch: "*",
      ...(fileName !== undefined && { Metadata: { filename: nameInMetadata(fileName) } }),
      ...(checksum && { ChecksumSHA256: checksum }),
    });
    const signed = new Set(["host", "content-length", ...Object.keys(headers)]);
    // As headers, where S3 holds the upload to them; in the query they would say nothing about it.
    const options = { expiresIn: seconds, signableHeaders: signed, unhoistableHeaders: signed };
    return { url: await getSignedUrl(this.#client, command, options), headers };
  }

  placeOf(id: string): string {
    return `s3://${this.#bucket}/media/${id}`;
  }

  #object(id: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: `media/${id}` };
  }
}

function decoded(name: string | undefined): string | undefined {
  try {
    return name && decodeURIComponent(name);
  } catch {
    return name;
  }
}
