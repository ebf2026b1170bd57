import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import type { RemovableObjects } from "../ports.ts";
import { worldly } from "./faults.ts";
import { S3Objects } from "./objects.ts";
import { PATIENCE } from "./patience.ts";

/** So many can be read one after the other within an invocation, however large they are. */
const PAGE = 100;

/** The bucket, for whoever may also look through it and remove from it. */
export class S3RemovableObjects extends S3Objects implements RemovableObjects {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor({
    bucket,
    client = new S3Client({ ...PATIENCE, forcePathStyle: true }),
  }: { bucket: string; client?: S3Client }) {
    super({ bucket, client });
    this.#client = client;
    this.#bucket = bucket;
  }

  async list(prefix: string, after?: string): Promise<{ keys: string[]; isMore: boolean }> {
    const command = new ListObjectsV2Command({
      Bucket: this.#bucket,
      Prefix: prefix,
      MaxKeys: PAGE,
      ...(after && { StartAfter: after }),
    });
    const { Contents = [], IsTruncated = false } = await worldly(() => this.#client.send(command));
    return { keys: Contents.flatMap(({ Key }) => Key ?? []), isMore: IsTruncated };
  }
}
