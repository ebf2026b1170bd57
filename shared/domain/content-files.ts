/** The files of a content, wherever its kind holds them. */
import type { Content } from "./content.ts";

export type File = Extract<Content, { type: "image" }>["media"];

/** Every file with the field that holds it, e.g. `cards.0.media`. */
export function filesIn(content: Content): { field: string; file: File }[] {
  switch (content.type) {
    case "image":
    case "video":
    case "audio":
    case "document":
    case "sticker":
      return [{ field: "media", file: content.media }];
    case "carousel":
      return content.cards.flatMap(({ media }, index) =>
        media ? [{ field: `cards.${index}.media`, file: media }] : [],
      );
    case "template":
      return typeof content.header === "object" ? [{ field: "header", file: content.header }] : [];
    default:
      return [];
  }
}

/** The same content with other files: by the field of each, as `filesIn` names it. */
export function withFiles(content: Content, files: ReadonlyMap<string, File>): Content {
  switch (content.type) {
    case "image":
    case "video":
    case "audio":
    case "document":
    case "sticker":
      return { ...content, media: files.get("media") ?? content.media };
    case "carousel":
      return {
        ...content,
        cards: content.cards.map((card, index) => {
          const media = files.get(`cards.${index}.media`) ?? card.media;
          return { ...card, ...(media && { media }) };
        }),
      };
    case "template": {
      const header = files.get("header") ?? content.header;
      return { ...content, ...(header !== undefined && { header }) };
    }
    default:
      return content;
  }
}
