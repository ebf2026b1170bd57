/** How a saying reads in Front. */
import type { Saying, SayingFile } from "../../domain/telling.ts";
import type { Place } from "../helpdesk.ts";
import type { Secrets, Settings } from "./settings.ts";

/** What one request carries of files; Front takes 25 MB. */
const MOST_BYTES = 25_000_000;

export interface Written {
  text: string;
  files: { file: SayingFile; bytes: Uint8Array<ArrayBuffer> }[];
}

/** The words, which are never none since Front wants some, and the files that go with them. The others become links. */
export async function written(saying: Saying, { files: bucket }: Place<Settings, Secrets>): Promise<Written> {
  const lines = [saying.text];
  const files: Written["files"] = [];
  let room = MOST_BYTES;
  for (const file of saying.files) {
    if (file.size > room) {
      lines.push(`${file.fileName}: ${await bucket.link(file)}`);
      continue;
    }
    const bytes = await bucket.read(file.id);
    if (!bytes) {
      lines.push(`${file.fileName}: this file is not there any more.`);
      continue;
    }
    room -= bytes.length;
    files.push({ file, bytes });
  }
  const text = lines.filter((line) => line !== "").join("\n");
  return { text: text || files.map(({ file }) => file.fileName).join(", "), files };
}

/** What was written, without what Front may have made of it. Good for comparing alone. */
export function bareText(body: string): string {
  return body
    .replace(/<[^>]*>/g, " ")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
    .replace(/\s+/g, " ")
    .trim();
}
