/** Files on their way in: HubSpot wants them in its file manager first, and then by their id. */
import type { SayingFile } from "../../domain/telling.ts";
import { multipart } from "../../http/multipart.ts";
import type { Refusal } from "../ask.ts";
import type { Place } from "../helpdesk.ts";
import { askHubspot, filesPath } from "./api.ts";
import { Made } from "./payload.ts";
import type { Secrets, Settings } from "./settings.ts";

/** What is uploaded is told as private: it opens for users of the HubSpot account alone, and by signed links. */
const OPTIONS = JSON.stringify({ access: "PRIVATE" });
const FOLDER = "/recado";

/**
 * One after another, since all of them lie in memory.
 * @returns `missing`: the names of those that are not there any more, or that HubSpot does not take
 */
export async function upload(
  files: readonly SayingFile[],
  place: Place<Settings, Secrets>,
): Promise<{ kind: "uploaded"; files: { id: string; contentType: string }[]; missing: string[] } | Refusal> {
  const uploaded: { id: string; contentType: string }[] = [];
  const missing: string[] = [];
  for (const file of files) {
    const bytes = await place.files.read(file.id);
    if (!bytes) {
      missing.push(file.fileName);
      continue;
    }
    const { fileName, contentType } = file;
    const form = multipart([
      { name: "file", fileName, contentType, bytes },
      { name: "fileName", value: fileName },
      { name: "folderPath", value: FOLDER },
      { name: "options", value: OPTIONS },
    ]);
    const headers = { "content-type": form.contentType };
    const asked = await askHubspot(place, { method: "POST", url: filesPath(), headers, body: form.body });
    if (!asked.isOk && asked.outcome.kind === "refused") {
      missing.push(fileName);
      continue;
    }
    // A file that lies there twice is seen by nobody: as long as nothing was said, nothing is uncertain.
    if (!asked.isOk)
      return asked.outcome.kind === "uncertain" ? { ...asked.outcome, kind: "unavailable" } : asked.outcome;
    const made = Made.safeParse(asked.json);
    if (!made.success) return { kind: "unavailable", detail: "the uploaded file has no id" };
    uploaded.push({ id: made.data.id, contentType });
  }
  return { kind: "uploaded", files: uploaded, missing };
}
