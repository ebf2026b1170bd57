import { Readable } from "node:stream";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { nameInMetadata } from "../domain/file-name.ts";
import type { Fetched, FetchedFile, MediaFiles, Spool } from "../ports.ts";
import { worldly } from "./faults.ts";
import { PATIENCE } from "./patience.ts";

/** A whole file takes longer than anything else that AWS is asked. */
const FILE_PATIENCE = { requestHandler: { ...PATIENCE.requestHandler, requestTimeout: 50_000 } };

/** The files of messages, each written in one streamed request. */
export class S3MediaFiles implements MediaFiles {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #spool: Spool;

  constructor({
    bucket,
    spool,
    client = new S3Client({
      ...FILE_PATIENCE,
      forcePathStyle: true,
      // The checksum is ours, and known before.
      requestChecksumCalculation: "WHEN_REQUIRED",
    }),
  }: {
    bucket: string;
    spool: Spool;
    client?: S3Client;
  }) {
    this.#client = client;
    this.#bucket = bucket;
    this.#spool = spool;
  }

  async keep(key: string, file: FetchedFile, about: { contentType: string; fileName?: string }): Promise<void> {
    const { contentType, fileName } = about;
    const command = new PutObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      Body: Readable.from(file.read(), { objectMode: false }),
      ContentLength: file.size,
      ContentType: contentType,
      ChecksumSHA256: Buffer.from(file.sha256, "hex").toString("base64"),
      ...(fileName !== undefined && { Metadata: { filename: nameInMetadata(fileName) } }),
    });
    await worldly(() => this.#client.send(command));
  }

  async fetchBack(key: string, largestBytes: number): Promise<Fetched> {
    const command = new GetObjectCommand({ Bucket: this.#bucket, Key: key });
    const fetching = worldly(async (): Promise<Fetched> => {
      const { Body, ContentType: contentType } = await this.#client.send(command);
      if (!(Body instanceof Readable)) return { kind: "unusable", detail: "no body" };
      const file = await this.#spool(Body, { largestBytes, contentType });
      return file ? { kind: "fetched", file } : { kind: "too_large" };
    }, ["NoSuchKey"]);
    return fetching.catch((cause: unknown) => {
      if (cause instanceof Error && cause.name === "NoSuchKey") return { kind: "unavailable", detail: "not delivered" };
      throw cause;
    });
  }
}
