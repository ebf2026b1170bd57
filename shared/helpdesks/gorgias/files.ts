/** Files on their way in: Gorgias wants them uploaded first, and then by the address that it gave them. */
import type { SayingFile } from "../../domain/telling.ts";
import { multipart } from "../../http/multipart.ts";
import { type Asked, harmless, type Refusal } from "../ask.ts";
import type { Place } from "../helpdesk.ts";
import { askGorgias } from "./api.ts";
import { Upload } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";

/** A file that Gorgias has. */
export interface Attachment {
  url: string;
  name: string;
  content_type: string;
  size: number;
}

/**
 * One after another, since all of them lie in memory. What is uploaded and not attached is seen by nobody.
 * @returns a line for each that is not to be had or was not taken
 */
export async function uploadFiles(
  files: readonly SayingFile[],
  place: Place<Settings, Secrets>,
): Promise<{ attachments: Attachment[]; losses: string[] } | Refusal> {
  const attachments: Attachment[] = [];
  const losses: string[] = [];
  for (const { id, fileName, contentType } of files) {
    const bytes = await place.files.read(id);
    if (!bytes) {
      losses.push(`⚠️ ${fileName}: the file is not there any more.`);
      continue;
    }
    const form = multipart([{ name: "file", fileName, contentType, bytes }]);
    const headers = { "content-type": form.contentType };
    const question = { method: "POST", path: "/upload?type=attachment", headers, body: form.body } as const;
    const asked = await askGorgias(place, question);
    if (!asked.isOk && asked.outcome.kind === "refused") {
      losses.push(`⚠️ ${fileName}: Gorgias did not take the file (${asked.outcome.detail}).`);
      continue;
    }
    if (!asked.isOk) return harmless(asked.outcome);
    const url = uploadedUrl(asked);
    if (url === undefined) return { kind: "unavailable", detail: "an uploaded file has no address" };
    attachments.push({ url, name: fileName, content_type: contentType, size: bytes.length });
  }
  return { attachments, losses };
}

/** Some have got a list of files, others the one. */
function uploadedUrl({ json }: Extract<Asked, { isOk: true }>): string | undefined {
  return Upload.safeParse(Array.isArray(json) ? json[0] : json).data?.url;
}
