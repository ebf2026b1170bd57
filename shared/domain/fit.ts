/**
 * Turns a message into what a channel carries: as it is, or as the next best thing, said in words that an agent
 * understands. Nothing is left out without a word; what cannot be carried at all is refused as a whole.
 */
import type { Content } from "./content.ts";
import { cardsApart, withHeading } from "./fit-cards.ts";
import { isWithin, takes } from "./fit-limits.ts";
import { fitMedia } from "./fit-media.ts";
import { lessThanButtons, lessThanList } from "./fit-options.ts";
import { asText, fitText, lines, withBody } from "./fit-text.ts";
import { asItIs, type Carries, type Fitted, MOST_PARTS, notCarried, type Of, tooLong } from "./fitted.ts";

export type { Change, Fitted, Refusal } from "./fitted.ts";

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
    case "template":
      return fitTemplate(content, carries.template);
    default:
      return carries[content.type] ? asItIs(content) : notCarried(content.type);
  }
}

/** Approved as it is: nothing can take its place. */
function fitTemplate(content: Of<"template">, limits: Carries["template"]): Fitted {
  if (!limits) return notCarried(content.type);
  const { header, buttons = [] } = content;
  if (typeof header === "object" && !takes(limits, header))
    return misfit("This channel does not take the template's file.");
  if (buttons.length > (limits.mostButtons ?? Number.POSITIVE_INFINITY))
    return misfit("Templates have no buttons with values on this channel.");
  return asItIs(content);
}

function misfit(text: string): Fitted {
  return { kind: "refused", code: "not_carried", text };
}

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
