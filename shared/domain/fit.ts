/**
 * Turns a message into what a channel carries: as it is, or as the next best thing, said in words that an agent
 * understands. Nothing is left out without a word; what cannot be carried at all is refused as a whole.
 */
import type { Capabilities, Limits } from "./capabilities.ts";
import type { Content } from "./content.ts";
import { numbered, optionsOf } from "./options.ts";
import { networkText } from "./segments.ts";
import { type Room, splitText } from "./split-text.ts";

export interface Change {
  code:
    | "split"
    | "caption_apart"
    | "numbered"
    | "as_buttons"
    | "as_list"
    | "as_text"
    | "as_link"
    | "as_image"
    | "as_document";
  text: string;
}

export interface Refusal {
  code: "not_carried" | "too_long" | "empty";
  text: string;
}

export type Fitted = { kind: "fits"; parts: Content[]; changes: Change[] } | ({ kind: "refused" } & Refusal);

type Carries = Capabilities["carries"];
type Kind = Content["type"];
type Of<Type extends Kind> = Extract<Content, { type: Type }>;
type Media = Of<"image">["media"];

/** More messages than this nobody reads, and on SMS somebody pays for each. */
const MOST_PARTS = 20;

/** @returns the parts in the order in which they are to go out, one request to the provider each; at least one */
export function fitToChannel(content: Content, carries: Carries): Fitted {
  const fitted = fitKind(content, carries);
  if (fitted.kind === "refused" || fitted.parts.length <= MOST_PARTS) return fitted;
  return tooLong(fitted.parts.length);
}

function fitKind(content: Content, carries: Carries): Fitted {
  switch (content.type) {
    case "text":
      return fitText(content, carries);
    case "image":
    case "video":
    case "audio":
    case "document":
    case "sticker":
      return fitMedia(content, carries);
    case "buttons":
      return isWithin(content, carries.buttons) ? withBody(content, carries) : lessThanButtons(content, carries);
    case "list":
      return isWithin(content, carries.list) ? withBody(content, carries) : lessThanList(content, carries);
    case "link": {
      if (isWithin(content, carries.link)) return withBody(content, carries);
      const text = lines(content.text, `${content.title}: ${content.url}`);
      return asText(text, "The button that opens a page goes out as the address of the page.", carries);
    }
    case "location-request":
      if (carries["location-request"]) return withBody(content, carries);
      return asText(content.text, "The button that shares the location is left out: the text asks alone.", carries);
    case "carousel":
      return isWithin(content, carries.carousel) ? withHeading(content, carries) : cardsApart(content, carries);
    case "location":
      return carries.location
        ? asItIs(content)
        : asText(placeText(content), "The place goes out as a map link.", carries);
    case "contacts": {
      if (carries.contacts) return asItIs(content);
      const cards = content.contacts.map(cardText);
      if (cards.length === 0 || cards.includes("")) return notCarried(content.type);
      return asText(cards.join("\n\n"), "Contact cards go out as text: names, numbers and e-mail addresses.", carries);
    }
    default:
      return carries[content.type] ? asItIs(content) : notCarried(content.type);
  }
}

// Text.

function fitText(content: Of<"text">, { text: limits }: Carries): Fitted {
  if (!limits) return notCarried("text");
  // Providers refuse a text of blanks as they refuse none at all.
  if (content.text.trim() === "") return { kind: "refused", code: "empty", text: "The message has no text." };
  const text = limits.segmented ? networkText(content.text) : content.text;
  const room = roomFor(limits);
  if (room.size(text) <= room.most) return asItIs({ ...content, text });
  // Judged before it is cut: a text of a megabyte is not worth the work.
  if (room.size(text) > room.most * MOST_PARTS) return tooLong(Math.ceil(room.size(text) / room.most));
  const parts = splitText(text, room).map((part): Content => ({ type: "text", text: part }));
  return { kind: "fits", parts, changes: [splitInto(parts.length, limits)] };
}

/** The text that stands for something richer. */
function asText(text: string, words: string, carries: Carries, code: Change["code"] = "as_text"): Fitted {
  return changed(fitText({ type: "text", text }, carries), { code, text: words });
}

type WithBody = Of<"buttons" | "list" | "link" | "location-request"> | (Of<"carousel"> & { text: string });

/** A body that is too long begins as text; its end carries the buttons. */
function withBody(content: WithBody, carries: Carries): Fitted {
  if (content.text.trim() === "") return { kind: "refused", code: "empty", text: "The message has no text." };
  const limits = carries[content.type] ?? {};
  const room = roomFor(limits);
  if (room.size(content.text) <= room.most) return asItIs(content);
  if (room.size(content.text) > room.most * MOST_PARTS) return tooLong(Math.ceil(room.size(content.text) / room.most));
  const bodies = splitText(content.text, room);
  const before = bodies.slice(0, -1).map((text) => fitText({ type: "text", text }, carries));
  const last: Content = { ...content, text: bodies.at(-1) ?? "" };
  return changed(together([...before, asItIs(last)]), splitInto(bodies.length, limits));
}

function roomFor({ longestText, longestTextBytes }: Limits): Room {
  if (longestTextBytes !== undefined) return { most: longestTextBytes, size: (text) => Buffer.byteLength(text) };
  return { most: longestText ?? Number.POSITIVE_INFINITY, size: (text) => text.length };
}

function splitInto(count: number, { longestText, longestTextBytes }: Limits): Change {
  const most = longestTextBytes === undefined ? `${longestText} characters` : `${longestTextBytes} bytes`;
  return { code: "split", text: `The text is longer than ${most} and goes out as ${count} messages.` };
}

// Options to choose from.

function lessThanButtons(content: Of<"buttons">, carries: Carries): Fitted {
  const list: Content = {
    type: "list",
    text: content.text,
    button: LIST_BUTTON,
    sections: [{ rows: content.buttons }],
  };
  if (isWithin(list, carries.list)) {
    return changed(withBody(list, carries), { code: "as_list", text: "The buttons go out as a list." });
  }
  return asNumberedText(content, carries);
}

function lessThanList(content: Of<"list">, carries: Carries): Fitted {
  const rows = content.sections.flatMap((section) => section.rows);
  const buttons: Content = {
    type: "buttons",
    text: content.text,
    buttons: rows.map(({ id, title }) => ({ id, title })),
  };
  const isPlain = rows.length > 0 && rows.every(({ description }) => description === undefined);
  const isOneSection = content.sections.every(({ title }) => title === undefined);
  if (isPlain && isOneSection && isWithin(buttons, carries.buttons)) {
    return changed(withBody(buttons, carries), { code: "as_buttons", text: "The list goes out as buttons." });
  }
  return asNumberedText(content, carries);
}

/** A word that most languages of our customers share; it opens a list that was asked for as buttons. */
const LIST_BUTTON = "Menu";

function asNumberedText(content: Of<"buttons" | "list">, carries: Carries): Fitted {
  if (optionsOf(content).length === 0) return notCarried(content.type);
  const words = "The options go out as numbered text; the customer answers with a number.";
  return asText(numbered(content), words, carries, "numbered");
}

// Files.

type MediaContent = Of<"image" | "video" | "audio" | "document" | "sticker">;

function fitMedia(content: MediaContent, carries: Carries): Fitted {
  const limits = carries[content.type];
  if (limits && takes(limits, content.media)) return withCaption(content, limits, carries);

  // A file that is no picture to this channel may still be a document to it.
  if (content.type === "sticker" && carries.image && takes(carries.image, content.media)) {
    const { animated: _, type: __, ...rest } = content;
    return changed(fitMedia({ ...rest, type: "image" }, carries), {
      code: "as_image",
      text: "The sticker goes out as a picture.",
    });
  }
  if (content.type !== "document" && carries.document && takes(carries.document, content.media)) {
    const { media, caption } = content;
    const text = `The ${content.type} goes out as a document: the channel does not take this file as ${articled(content.type)}.`;
    const document: Of<"document"> = { type: "document", media, ...(caption !== undefined && { caption }) };
    return changed(fitMedia(document, carries), { code: "as_document", text });
  }

  const { url, fileName } = content.media;
  if (url === undefined) {
    const text = `The ${content.type} has no address that this channel could fetch it from.`;
    return { kind: "refused", code: "not_carried", text };
  }
  const text = lines(content.caption, fileName === undefined ? url : `${fileName}: ${url}`);
  return asText(
    text,
    `This channel does not take the file: the ${content.type} goes out as a link.`,
    carries,
    "as_link",
  );
}

function withCaption(content: MediaContent, limits: Limits, carries: Carries): Fitted {
  const { caption, ...alone } = content;
  if (caption === undefined || caption.trim() === "") return asItIs(alone);
  const { longestCaption = 0, longestCaptionBytes } = limits;
  const isShort =
    longestCaptionBytes === undefined
      ? caption.length <= longestCaption
      : Buffer.byteLength(caption) <= longestCaptionBytes;
  if (isShort) return asItIs(content);
  const text = `The caption goes out as a message of its own, after the ${content.type}.`;
  return changed(together([asItIs(alone), fitText({ type: "text", text: caption }, carries)]), {
    code: "caption_apart",
    text,
  });
}

/** Whether the provider can fetch the file and takes its type and size, where those are known. */
function takes({ files, takesProviderMediaId }: Limits, media: Media): boolean {
  if (media.url === undefined && !(takesProviderMediaId && media.providerMediaId !== undefined)) return false;
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

/** Cards as they are; where there is no place for words above them, those go before. */
function withHeading(content: Of<"carousel">, carries: Carries): Fitted {
  const { text, ...cards } = content;
  if (text === undefined || text.trim() === "") return asItIs(cards);
  if (roomFor(carries.carousel ?? {}).most > 0) return withBody({ ...content, text }, carries);
  return changed(together([fitText({ type: "text", text }, carries), asItIs(cards)]), {
    code: "caption_apart",
    text: "The text above the cards goes out as a message of its own, before them.",
  });
}

/** Each card by itself where it has a picture; cards of text alone share one text. */
function cardsApart(content: Of<"carousel">, carries: Carries): Fitted {
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

// Limits of what has a form of its own.

function isWithin(content: Of<"buttons" | "list" | "link" | "carousel">, limits: Limits | undefined): boolean {
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

// Words.

function placeText({ latitude, longitude, name, address }: Of<"location">): string {
  return lines(name, address, `https://www.google.com/maps/search/?api=1&query=${latitude},${longitude}`);
}

/** Providers write contacts alike: `name.formatted_name`, `phones[].phone`, `emails[].email`. */
function cardText(contact: Record<string, unknown>): string {
  const { name, phones, emails } = contact;
  const formatted = typeof name === "string" ? name : fieldOf(name, "formatted_name");
  return lines(formatted, ...fieldsOf(phones, "phone"), ...fieldsOf(emails, "email"));
}

function fieldsOf(all: unknown, field: string): string[] {
  return (Array.isArray(all) ? all : []).flatMap((one) => fieldOf(one, field) ?? []);
}

function fieldOf(one: unknown, field: string): string | undefined {
  const value = typeof one === "object" && one !== null ? Reflect.get(one, field) : undefined;
  return typeof value === "string" ? value : undefined;
}

function isFilm({ contentType }: Media): boolean {
  return contentType.startsWith("video/");
}

function articled(kind: string): string {
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}

function lines(...all: readonly (string | undefined)[]): string {
  return all.filter((line) => line !== undefined && line.trim() !== "").join("\n");
}

// Results.

function asItIs(content: Content): Fitted {
  return { kind: "fits", parts: [content], changes: [] };
}

function changed(fitted: Fitted, change: Change): Fitted {
  return fitted.kind === "refused" ? fitted : { ...fitted, changes: [change, ...fitted.changes] };
}

function together(all: readonly Fitted[]): Fitted {
  const parts: Content[] = [];
  const changes = new Map<string, Change>();
  for (const fitted of all) {
    if (fitted.kind === "refused") return fitted;
    parts.push(...fitted.parts);
    for (const change of fitted.changes) changes.set(change.text, change);
  }
  return { kind: "fits", parts, changes: [...changes.values()] };
}

function notCarried(type: Kind): Fitted {
  const text = `This channel cannot carry messages of the kind “${type}”.`;
  return { kind: "refused", code: "not_carried", text };
}

function tooLong(count: number): Fitted {
  const text = `The message would become ${count} messages, and at most ${MOST_PARTS} are sent at once.`;
  return { kind: "refused", code: "too_long", text };
}
