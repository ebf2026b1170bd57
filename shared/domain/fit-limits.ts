/** Whether what has a form of its own, or a file, is within the provider's limits for it. */
import type { Limits } from "./capabilities.ts";
import type { Media, Of } from "./fitted.ts";
import { optionsOf } from "./options.ts";

export function isWithin(content: Of<"buttons" | "list" | "link" | "carousel">, limits: Limits | undefined): boolean {
  if (!limits) return false;
  const { longestTitle, longestId, longestDescription } = limits;
  const areOptionsShort = optionsOf(content).every(
    ({ id, title, description }) =>
      isAtMost(title, longestTitle) && isAtMost(id, longestId) && isAtMost(description, longestDescription),
  );
  if (!areOptionsShort) return false;
  switch (content.type) {
    case "buttons":
      return content.buttons.length <= most(limits.mostButtons) && isUnique(content, limits);
    case "list": {
      const rows = optionsOf(content).length;
      return (
        rows > 0 &&
        rows <= most(limits.mostRows) &&
        content.sections.length <= most(limits.mostSections) &&
        content.sections.every(({ title }) => isAtMost(title, limits.longestSectionTitle)) &&
        isAtMost(content.button, limits.longestListButton) &&
        isUnique(content, limits)
      );
    }
    case "link":
      return isAtMost(content.title, longestTitle);
    case "carousel":
      return areCardsWithin(content, limits);
  }
}

function areCardsWithin({ cards }: Of<"carousel">, limits: Limits): boolean {
  const kinds = new Set(cards.map(({ media }) => (media ? isFilm(media) : "none")));
  return (
    cards.length >= (limits.fewestCards ?? 1) &&
    cards.length <= most(limits.mostCards) &&
    cards.every(
      ({ title, text, media }) =>
        isAtMost(title, limits.longestTitle) &&
        isAtMost(text, limits.longestCardText) &&
        (media === undefined || takes(limits, media)),
    ) &&
    (!limits.cardsNeedMedia || (kinds.size === 1 && !kinds.has("none")))
  );
}

function isUnique(content: Of<"buttons" | "list">, { uniqueTitles }: Limits): boolean {
  const titles = optionsOf(content).map(({ title }) => title);
  return !uniqueTitles || new Set(titles).size === titles.length;
}

function isAtMost(text: string | undefined, longest: number | undefined): boolean {
  return (text ?? "").length <= most(longest);
}

function most(limit: number | undefined): number {
  return limit ?? Number.POSITIVE_INFINITY;
}

/** Whether the provider can fetch the file and takes its type and size, where those are known. */
export function takes(limits: Limits, media: Media): boolean {
  const { files } = limits;
  if (!isReachable(limits, media)) return false;
  if (!files) return true;
  // Parameters such as `; codecs=opus` and the spelling do not make another type.
  const type = media.contentType.split(";")[0]?.trim().toLowerCase() ?? "";
  return files.some(
    ({ contentTypes, largestBytes = Number.POSITIVE_INFINITY }) =>
      (media.size ?? 0) <= largestBytes &&
      contentTypes.some(
        (one) => one === type || (one.endsWith("/*") && (one === "*/*" || type.startsWith(one.slice(0, -1)))),
      ),
  );
}

/** A file of ours gets its address when it is sent. */
function isReachable({ storedOnly, takesProviderMediaId }: Limits, { id, url, providerMediaId }: Media): boolean {
  if (id !== undefined) return true;
  if (storedOnly) return false;
  return url !== undefined || (takesProviderMediaId === true && providerMediaId !== undefined);
}

export function isFilm({ contentType }: Media): boolean {
  return contentType.startsWith("video/");
}
