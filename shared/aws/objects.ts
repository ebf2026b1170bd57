import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { PassingObjects } from "../ports.ts";
import { worldly } from "./faults.ts";
import { PATIENCE } from "./patience.ts";

/** The bucket beside the table. */
export class S3Objects implements PassingObjects {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor({
    bucket,
    client = new S3Client({ ...PATIENCE, forcePathStyle: true }),
  }: { bucket: string; client?: S3Client }) {
    this.#bucket = bucket;
    this.#client = client;
  }

  async put(key: string, body: string | Uint8Array, contentType: string): Promise<void> {
    const command = new PutObjectCommand({ Bucket: this.#bucket, Key: key, Body: body, ContentType: contentType });
    await worldly(() => this.#client.send(command));
  }

  async get(key: string): Promise<string | undefined> {
    const command = new GetObjectCommand({ Bucket: this.#bucket, Key: key });
    try {
      const { Body } = await worldly(() => this.#client.send(command), ["NoSuchKey"]);
      return await Body?.transformToString();
    } catch (cause) {
      if (cause instanceof Error && cause.name === "NoSuchKey") return undefined;
      throw cause;
    }
  }

  async remove(key: string): Promise<void> {
    const command = new DeleteObjectCommand({ Bucket: this.#bucket, Key: key });
    await worldly(() => this.#client.send(command));
  }
}
