import { withoutFile } from "../../http/media-place.ts";
import { callOnce, isNamed } from "../../http/sdk-handler.ts";
import type { MediaSource } from "../connector.ts";
import { socialMessaging } from "./client.ts";
import { metaCodeIn } from "./errors.ts";
import type { Secrets, Settings } from "./settings.ts";

/** Meta's code for an id that it does not know, or no longer: a file is kept for seven days. */
const UNKNOWN_ID = "100";
const LINK_SECONDS = 300;

/**
 * AWS fetches the file from Meta and puts it where it is told. Told a bucket and a key, it adds the file's id and an ending
 * of its own to the key; a signed link names the place to the letter.
 */
export const media: MediaSource<Settings, Secrets> = {
  async locate({ providerMediaId: mediaId, contentType }, { settings }, { http, destination }) {
    if (mediaId === undefined) return { kind: "gone", detail: "no id" };
    const { originationPhoneNumberId } = settings;
    const called = await callOnce(http, async (options) => {
      const { sdk, client } = await socialMessaging();
      const url = await linkToWrite(destination);
      const destinationS3PresignedUrl = { url, headers: { "Content-Type": contentType } };
      const input = { mediaId, originationPhoneNumberId, destinationS3PresignedUrl };
      return client.send(new sdk.GetWhatsAppMessageMediaCommand(input), options);
    });
    const { answer, output, error } = called;
    if (!answer) return { kind: "unavailable", detail: error instanceof Error ? error.name : "not asked" };
    if (output) {
      const { mimeType } = output;
      return { kind: "delivered", ...(mimeType !== undefined && { contentType: mimeType }) };
    }
    if (isNamed(error) && metaCodeIn(error.message) === UNKNOWN_ID) return { kind: "gone", detail: "unknown to Meta" };
    // AWS says 404 of its own number, too, which may come back.
    const isOfNumber = answer.kind === "answer" && answer.status === 404;
    const fault = isOfNumber ? undefined : withoutFile(answer);
    return fault ?? { kind: "unavailable", detail: isNamed(error) ? error.name : "an answer that cannot be read" };
  },
};

async function linkToWrite({ bucket, key }: { bucket: string; key: string }): Promise<string> {
  const [{ PutObjectCommand, S3Client }, { getSignedUrl }] = await Promise.all([
    import("@aws-sdk/client-s3"),
    import("@aws-sdk/s3-request-presigner"),
  ]);
  // A checksum that nobody asked for would be one of an empty body, and signed.
  const client = new S3Client({ forcePathStyle: true, requestChecksumCalculation: "WHEN_REQUIRED" });
  return getSignedUrl(client, new PutObjectCommand({ Bucket: bucket, Key: key }), { expiresIn: LINK_SECONDS });
}
