import type { Content } from "../../shared/domain/content.ts";
import { type File, filesIn, withFiles } from "../../shared/domain/content-files.ts";
import { linkCode, placeholderOf } from "../../shared/domain/media-link.ts";
import type { Ports } from "./ports.ts";

/** Providers fetch a file when they get to it, which may be hours later. The most that any signature allows here. */
const FETCHED_WITHIN_SECONDS = 43_200;

type Needs = Pick<Ports, "files" | "capabilities" | "clock" | "idSecret" | "linksUrl">;

/**
 * The part as the provider gets it, with addresses for the files that are known by their ids: made at the last moment
 * and never kept.
 * @param whole what the message says: in a text only links to files of its own are filled in
 */
export async function withAddresses(part: Content, whole: Content, ports: Needs): Promise<Content> {
  if (part.type === "text") return { ...part, text: withLinks(part.text, whole, ports) };
  const isStoredOnly = ports.capabilities.carries[part.type]?.storedOnly === true;
  const reached = await Promise.all(
    filesIn(part).map(async ({ field, file }): Promise<[string, File]> => {
      if (file.id === undefined) return [field, file];
      const url = isStoredOnly
        ? ports.files.placeOf(file.id)
        : await ports.files.linkToRead(file.id, { seconds: FETCHED_WITHIN_SECONDS });
      return [field, { ...file, url }];
    }),
  );
  return withFiles(part, new Map(reached));
}

function withLinks(text: string, whole: Content, { clock, idSecret, linksUrl }: Needs): string {
  return filesIn(whole).reduce((linked, { file: { id } }) => {
    if (id === undefined) return linked;
    return linked.replaceAll(placeholderOf(id), `${linksUrl}/${linkCode(idSecret, id, clock.now())}`);
  }, text);
}
