import type { Content } from "../../shared/domain/content.ts";
import { type File, filesIn, withFiles } from "../../shared/domain/content-files.ts";
import { isMediaId } from "../../shared/domain/ids.ts";
import { PublicError } from "./problem.ts";
import type { Ports } from "./route.ts";

/**
 * What a caller wants to send, with what the bucket knows of the files that are named by their ids. The provider's own
 * id and address of such a file, as they came in with a customer's message, are left behind: they are good for that
 * account alone, and not for ever.
 * @param where the field that holds the content
 * @throws PublicError `media_unknown`, `invalid_body`
 */
export async function withStoredFiles(
  content: Content,
  ports: Pick<Ports, "files">,
  where = "content",
): Promise<Content> {
  const found = await Promise.all(
    filesIn(content).map(async ({ field, file }): Promise<[string, File]> => {
      return [field, await described(file, `${where}.${field}`, ports)];
    }),
  );
  return withFiles(content, new Map(found));
}

async function described(file: File, field: string, { files }: Pick<Ports, "files">): Promise<File> {
  const { id, fileName } = file;
  if (id === undefined) {
    if (file.contentType !== "") return file;
    throw new PublicError("invalid_body", "The field must be given, unless the file is named by its id.", {
      field: `${field}.contentType`,
    });
  }
  const kept = isMediaId(id) ? await files.find(id) : undefined;
  if (!kept) {
    const detail = "There is no file with this id. One that was announced is there once it is uploaded.";
    throw new PublicError("media_unknown", detail, { field: `${field}.id` });
  }
  // A name that the caller gives is what the customer shall see.
  return { id, ...kept, ...(fileName !== undefined && { fileName }) };
}
