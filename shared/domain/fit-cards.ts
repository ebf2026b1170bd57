/** Carousels: with the words above them, or card by card. */
import { isFilm } from "./fit-limits.ts";
import { fitMedia } from "./fit-media.ts";
import { asText, fitText, lines, roomFor, withBody } from "./fit-text.ts";
import { asItIs, type Carries, changed, type Fitted, type Of, together } from "./fitted.ts";

/** Cards as they are; where there is no place for words above them, those go before. */
export function withHeading(content: Of<"carousel">, carries: Carries): Fitted {
  const { text, ...cards } = content;
  if (text === undefined || text.trim() === "") return asItIs(cards);
  if (roomFor(carries.carousel ?? {}).most > 0) return withBody({ ...content, text }, carries);
  return changed(together([fitText({ type: "text", text }, carries), asItIs(cards)]), {
    code: "caption_apart",
    text: "The text above the cards goes out as a message of its own, before them.",
  });
}

/** Each card by itself where it has a picture; cards of text alone share one text. */
export function cardsApart(content: Of<"carousel">, carries: Carries): Fitted {
  const words = "The cards go out one below the other, with the addresses of their pages.";
  const texts = content.cards.map(({ title, text, url }) => lines(text, `${title}: ${url}`));
  if (content.cards.every(({ media }) => media === undefined)) {
    return asText(lines(content.text, ...texts.map((text) => `\n${text}`)).trimStart(), words, carries);
  }
  const heading = content.text?.trim() ? [fitText({ type: "text", text: content.text }, carries)] : [];
  const cards = content.cards.map(({ media }, index): Fitted => {
    const caption = texts[index] ?? "";
    if (!media) return fitText({ type: "text", text: caption }, carries);
    return fitMedia({ type: isFilm(media) ? "video" : "image", media, caption }, carries);
  });
  return changed(together([...heading, ...cards]), { code: "as_text", text: words });
}
