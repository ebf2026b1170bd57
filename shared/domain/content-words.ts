/** A message of any kind in words, for a reader whose screen knows text and files alone. */
import type { Content } from "./content.ts";
import type { Channel } from "./event.ts";
import { numbered } from "./options.ts";

export const CHANNEL_NAMES: Readonly<Record<Channel, string>> = {
  whatsapp: "WhatsApp",
  messenger: "Messenger",
  instagram: "Instagram",
  sms: "SMS",
};

/** What it says, without its files; empty for a file that comes without a word. Marks of a channel stay as they are. */
export function wordsOf(content: Content): string {
  switch (content.type) {
    case "text":
      return content.text;
    case "image":
    case "video":
    case "audio":
    case "document":
    case "sticker":
      return content.caption ?? "";
    case "location": {
      const { name, address, latitude, longitude, url } = content;
      const map = `https://www.google.com/maps/search/?api=1&query=${latitude},${longitude}`;
      return lines(["📍 Location", name, address, url ?? map]);
    }
    case "contacts":
      return lines(content.contacts.map(contactLine));
    case "choice":
      return lines([content.text ?? content.title, content.text === undefined ? content.description : content.title]);
    case "form":
      return lines([`📋 ${content.name ?? "Form"}`, ...Object.entries(content.values).map(fieldLine)]);
    case "order":
      return lines([`🛒 Order (catalog ${content.catalog})`, content.text, ...content.items.map(itemLine)]);
    case "story":
      return lines([content.kind === "mention" ? "Mentioned you in a story" : "Replied to your story", content.url]);
    case "share":
      return lines([content.title ?? "Shared", content.url]);
    case "unsupported":
      return `[Something that cannot be shown here: ${content.reason}]`;
    case "buttons":
    case "list":
      return numbered(content);
    case "link":
      return lines([content.text, `${content.title}: ${content.url}`]);
    case "carousel":
      return lines([content.text, ...content.cards.map(({ title, text, url }) => lines([title, text, url]))]);
    case "location-request":
      return content.text;
    case "reaction":
      return content.emoji === "" ? "[Took a reaction back]" : content.emoji;
    case "template": {
      const { name, language, parameters = [] } = content;
      const values = Array.isArray(parameters) ? parameters : Object.values(parameters);
      return lines([`Template ${name} (${language})`, values.join(" | ")]);
    }
  }
}

function lines(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part.trim() !== "").join("\n");
}

/** The shape is the provider's: a name and numbers are looked for where each of them has them. */
function contactLine(contact: Readonly<Record<string, unknown>>): string {
  const { name, phones, emails } = contact as { name?: unknown; phones?: unknown; emails?: unknown };
  const called =
    typeof name === "string" ? name : said((name as { formatted_name?: unknown } | undefined)?.formatted_name);
  const ways = [...listed(phones, "phone"), ...listed(emails, "email")];
  return `👤 ${[called || "Contact", ...ways].join(", ")}`;
}

function listed(list: unknown, field: "phone" | "email"): string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((one: unknown) => said((one as Record<string, unknown> | null)?.[field]) || []);
}

function fieldLine([name, value]: [string, unknown]): string {
  return `${name}: ${said(value)}`;
}

/** The fields are the provider's: WhatsApp's names, and nothing where there are none. */
function itemLine(item: Readonly<Record<string, unknown>>): string {
  const { product_retailer_id: id, quantity, item_price: price, currency } = item;
  const cost = [said(price), said(currency)].filter(Boolean).join(" ");
  return `• ${said(quantity) || "1"} × ${said(id) || "article"}${cost ? ` at ${cost}` : ""}`;
}

function said(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
