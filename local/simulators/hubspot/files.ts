/** The file manager: uploads as forms, and signed links to what is private. */
import type { Answer, Incoming } from "../http.ts";
import { parseJson } from "../http.ts";
import { type DeskStore, filePath } from "../ticket-desk.ts";
import { invalid, notFound } from "./errors.ts";
import { UploadOptions } from "./request.ts";
import { iso, signedLink } from "./shapes.ts";

const FIELDS = new Set(["file", "fileName", "folderPath", "folderId", "options", "charsetHunch"]);
const DEFAULT_SECONDS = 3600;

/** `POST /files/v3/files` */
export async function upload({ bytes, headers }: Incoming, store: DeskStore, newId: () => string): Promise<Answer> {
  const { "content-type": contentType = "" } = headers;
  if (!contentType.startsWith("multipart/form-data")) return invalid("The request has to be multipart/form-data.");
  const form = await new Response(new Uint8Array(bytes), { headers: { "content-type": contentType } }).formData();
  const unknown = [...form.keys()].find((name) => !FIELDS.has(name));
  if (unknown !== undefined) return invalid(`Unknown form field: ${unknown}`);
  const file = form.get("file");
  if (!(file instanceof File)) return invalid("The form has no file.");
  if (!form.has("folderPath") && !form.has("folderId")) return invalid("Either folderId or folderPath is required.");
  const options = UploadOptions.safeParse(parseJson(String(form.get("options"))));
  if (!options.success) return invalid("options: access is required.");
  const given = form.get("fileName");
  const added = store.addFile({
    id: newId(),
    contentType: file.type,
    fileName: typeof given === "string" ? given : file.name,
    bytes: new Uint8Array(await file.arrayBuffer()),
  });
  const now = iso(Date.now());
  return {
    status: 201,
    body: {
      ...{ id: added.id, name: added.fileName, size: added.bytes.length, access: options.data.access },
      ...{ createdAt: now, updatedAt: now, archived: false },
    },
  };
}

/** `GET /files/v3/files/{fileId}/signed-url` */
export function signedUrl(id: string, { query }: Incoming, { files }: DeskStore): Answer {
  const file = files.get(id);
  if (!file) return notFound("The file");
  const seconds = Number(query.get("expirationSeconds") ?? DEFAULT_SECONDS);
  const expiresAt = Date.now() + seconds * 1000;
  const [type] = file.contentType.split("/");
  return {
    status: 200,
    body: {
      ...{ url: signedLink(filePath(file), expiresAt), expiresAt: iso(expiresAt), name: file.fileName },
      ...{ extension: file.fileName.split(".").at(-1) ?? "", size: file.bytes.length },
      type: type === "image" ? "IMG" : "DOCUMENT",
    },
  };
}
