/**
 * `docs/channels.md`: what every connector carries, written from its `capabilities` and from what the product itself
 * makes of one message of each kind. `node cli/channels-page.ts` writes it anew.
 */
import { writeFileSync } from "node:fs";
import type { Connector } from "../shared/channels/connector.ts";
import { connectors } from "../shared/channels/registry.ts";
import type { Limits } from "../shared/domain/capabilities.ts";
import type { Content } from "../shared/domain/content.ts";
import { type Change, fitToChannel } from "../shared/domain/fit.ts";
import { size, table } from "./markdown.ts";

export const PATH = "docs/channels.md";

const all: readonly Connector[] = Object.values(connectors);

const file = (contentType: string, name: string) => ({ id: `med_${"0".repeat(22)}`, contentType, fileName: name });
const options = [1, 2, 3].map((number) => ({ id: `option-${number}`, title: `Option ${number}` }));
const cards = ["Red", "Blue"].map((title) => ({
  title,
  url: "https://example.com",
  media: file("image/jpeg", "shirt.jpg"),
}));

/** One small message of every kind that can be sent. */
const SAMPLES: readonly Content[] = [
  { type: "text", text: "Hello" },
  { type: "image", media: file("image/jpeg", "cake.jpg") },
  { type: "video", media: file("video/mp4", "cake.mp4") },
  { type: "audio", media: file("audio/mp4", "note.m4a") },
  { type: "document", media: file("application/pdf", "invoice.pdf") },
  { type: "sticker", media: file("image/webp", "heart.webp") },
  { type: "location", latitude: 38.72, longitude: -9.14 },
  { type: "contacts", contacts: [{ name: { formatted_name: "Ana" }, phones: [{ phone: "+351910000000" }] }] },
  { type: "buttons", text: "Which one?", buttons: options },
  { type: "list", text: "Which one?", button: "Choose", sections: [{ rows: options }] },
  { type: "link", text: "Your order", title: "Open", url: "https://example.com" },
  { type: "carousel", cards },
  { type: "location-request", text: "Where are you?" },
  { type: "reaction", emoji: "👍" },
  { type: "template", name: "order_update", language: "en_US" },
];

const BECOMES: Record<Change["code"], string> = {
  split: "in parts",
  caption_apart: "yes",
  numbered: "numbered text",
  as_buttons: "buttons",
  as_list: "list",
  as_text: "text",
  as_link: "link",
  as_image: "picture",
  as_document: "document",
};

/** What becomes of the sample on the connector, in a word or two. */
function becomes(content: Content, { capabilities }: Connector): string {
  const fitted = fitToChannel(content, capabilities.carries);
  if (fitted.kind === "refused") return "no";
  const [change] = fitted.changes;
  return change ? BECOMES[change.code] : "yes";
}

function kinds(): string {
  const names = all.map(({ name }) => name);
  return table(
    ["", ...names],
    SAMPLES.map((content) => [content.type, ...all.map((connector) => becomes(content, connector))]),
  );
}

function glance(): string {
  const head = [
    "",
    "free replies",
    "receipts",
    "signals",
    "files in",
    "stop word answered by",
    "asked for missed news",
  ];
  return table(
    head,
    all.map((connector) => {
      const { capabilities, channel, media, reconciler, name } = connector;
      const { windowHours, humanAgentHours, receipts, signals = [], confirmsOptOut } = capabilities;
      const person = humanAgentHours === undefined ? "" : `; a person ${hours(humanAgentHours)}`;
      return [
        name,
        windowHours === undefined ? "at any time" : `${hours(windowHours)}${person}`,
        receipts.join(", "),
        signals.join(", ") || "none",
        media ? "kept" : "none",
        confirmsOptOut ? "the provider" : channel === "sms" ? "Recado" : "nobody",
        reconciler ? "yes" : "no",
      ];
    }),
  );
}

function hours(count: number): string {
  return count % 24 === 0 && count > 24 ? `${count / 24} days` : `${count} hours`;
}

/** Two ways to one platform have the same limits. */
function limits(): string {
  const byTable = new Map<string, string[]>();
  for (const connector of all) {
    const written = limitsOf(connector);
    byTable.set(written, [...(byTable.get(written) ?? []), connector.name]);
  }
  return [...byTable].map(([written, names]) => `### ${names.join(", ")}\n\n${written}`).join("\n\n");
}

function limitsOf({ capabilities }: Connector): string {
  const rows = SAMPLES.flatMap(({ type }) => {
    const limits = capabilities.carries[type];
    const words = limits ? inWords(limits) : [];
    return words.length > 0 ? [[type, words.join("; ")]] : [];
  });
  return table(["kind", "limits"], rows);
}

/** Each limit in a few words, the ones that a writer meets first in front. */
function inWords(limits: Limits): string[] {
  const count = (amount: number | undefined, words: string) => (amount === undefined ? [] : [`${amount} ${words}`]);
  return [
    ...count(limits.longestText || undefined, "characters"),
    ...count(limits.longestTextBytes, "bytes of text"),
    ...(limits.segmented ? ["charged by segment"] : []),
    ...count(limits.longestCaption, "characters of caption"),
    ...count(limits.longestCaptionBytes, "bytes of caption"),
    ...(limits.files ?? []).map(({ contentTypes, largestBytes }) => {
      const types = contentTypes.includes("*/*") ? "any file" : contentTypes.join(", ");
      return largestBytes === undefined ? types : `${types} up to ${size(largestBytes)}`;
    }),
    ...(limits.storedOnly ? ["files that Recado keeps"] : []),
    ...count(limits.mostButtons || undefined, "buttons"),
    ...(limits.mostButtons === 0 ? ["no values for buttons"] : []),
    ...count(limits.mostSections, "sections"),
    ...count(limits.mostRows, "rows"),
    ...count(limits.fewestCards, "cards at least"),
    ...count(limits.mostCards, "cards"),
    ...(limits.cardsNeedMedia ? ["each card with a picture, or each with a film"] : []),
    ...count(limits.longestCardText, "characters of a card"),
    ...count(limits.longestTitle, "characters of a title"),
    ...count(limits.longestDescription || undefined, "characters of a description"),
    ...(limits.longestDescription === 0 ? ["no descriptions"] : []),
    ...count(limits.longestSectionTitle || undefined, "characters of a section's title"),
    ...(limits.longestSectionTitle === 0 ? ["no titles of sections"] : []),
    ...count(limits.longestListButton, "characters of the button that opens it"),
    ...(limits.uniqueTitles ? ["no title twice"] : []),
  ];
}

/** The whole page. */
export function channelsPage(): string {
  return `# What every channel carries

Written by \`node cli/channels-page.ts\` from what the connectors declare and from what becomes of one small message of
each kind. Ask \`POST /v1/conversations/{id}/messages?dryRun=true\` what becomes of yours.

## Kinds of messages

**yes**: goes out as it is. **no**: refused with 422 \`not_carried\`. Anything else is what goes out in its place.

${kinds()}

What a missing kind becomes:

- **image, video, audio, document, sticker**: a sticker may go as a picture, every file as a document; where the channel
  takes no such file, its caption and a link to it go out as text. A caption that has no place is a message of its own.
- **location** becomes a map link, **contacts** become names, numbers and e-mail addresses in text.
- **buttons** become a list and a list becomes buttons where only the other exists and holds them; else the options are
  numbered in the text, and a number that the customer answers with is read as the choice.
- **link** becomes text with the address; a **carousel** becomes its cards one below the other, with pictures where the
  channel has them; **location-request** asks in words alone.
- **reaction** and **template** have no next best thing. A reaction needs \`replyTo\`; an empty emoji takes it back.
- **text** that is longer than the channel takes goes out in parts, at most 20, cut between sentences or words.

## At a glance

${glance()}

- **free replies**: for so long after the customer last wrote. Later only a template is possible, where there are any
  (\`fallbackTemplate\` of an account sends one by itself); what a person writes may be possible for longer.
- **receipts**: what the provider tells of a message on its way. \`delivered\` and \`read\` may skip a step.
- **signals**: \`POST /v1/conversations/{id}/read\` and \`/typing\`; others are refused with 422 \`not_carried\`.
- **files in**: files that customers send are fetched and kept. Where there are none, the provider tells of none.
- **stop word answered by**: who confirms to customers that they will hear no more; on an SMS short code at Twilio it is
  Recado. Elsewhere a stop word ends only what the business begins itself
  ([decision](decisions/0011-opt-out-topics.md)).
- **asked for missed news**: whether the provider can be asked for what its webhooks did not tell.

An SMS account may name others that send in its place when its provider cannot: \`failover\`
([decision](decisions/0013-failover.md)).

## Limits

Longer text is cut into parts; what is over another limit becomes what the table above says of a missing kind.

${limits()}
`;
}

if (import.meta.main) writeFileSync(PATH, channelsPage());
