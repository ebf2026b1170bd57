/** What an agent wrote, with the marks of their desk's editor, as the customer's channel writes it. */
import { type AnyNode, isTag, isText } from "domhandler";
import { parseDocument } from "htmlparser2";
import { Marked } from "marked";
import type { TextFormat } from "../domain/desk-happening.ts";
import type { Channel } from "../domain/event.ts";
import { escapeHtml } from "./html-text.ts";

/** Marks of a channel around a run of words. Where a kind has none, the words stand alone. */
interface Marks {
  bold?: string;
  italic?: string;
  strike?: string;
  code?: string;
  block?: string;
}

/** https://faq.whatsapp.com/539178204879377: the only one of our channels whose texts have marks. */
const WHATSAPP: Marks = { bold: "*", italic: "_", strike: "~", code: "`", block: "```" };
const NONE: Marks = {};

const KINDS: Readonly<Record<string, keyof Marks>> = {
  b: "bold",
  strong: "bold",
  i: "italic",
  em: "italic",
  s: "strike",
  del: "strike",
  strike: "strike",
  code: "code",
};
const HEADINGS = new Set(["h1", "h2", "h3", "h4", "h5", "h6"]);
const BLOCKS = new Set(["p", "div", "ul", "ol", "table", "tr", "blockquote", "section", "article", "header", "footer"]);
/** What no reader is meant to see. */
const HIDDEN = new Set(["script", "style", "head", "title", "template"]);

const markdown = new Marked({
  gfm: true,
  breaks: true,
  // An agent's “<3” or “<b>” in Markdown is what they typed, but for the one tag that editors write themselves.
  renderer: { html: ({ text }) => (/^<br\s*\/?>$/i.test(text.trim()) ? "<br>" : escapeHtml(text)) },
});

/** @returns plain text, with WhatsApp's marks for WhatsApp; never anything that is only markup */
export function channelText(text: string, format: TextFormat, channel: Channel): string {
  if (format === "plain") return text;
  const html = format === "markdown" ? markdown.parse(text, { async: false }) : text;
  const marks = channel === "whatsapp" ? WHATSAPP : NONE;
  const written = walk(parseDocument(html).children, { marks, prefix: "" });
  return written
    .replaceAll("\u00a0", " ")
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

interface Around {
  marks: Marks;
  prefix: string;
  isVerbatim?: boolean;
}

function walk(nodes: readonly AnyNode[], around: Around): string {
  return nodes.reduce((text, node) => text + piece(node, around, text), "");
}

/** @param before what stands in front of it in its parent */
function piece(node: AnyNode, around: Around, before: string): string {
  if (isText(node)) {
    if (around.isVerbatim) return node.data;
    const words = node.data.replace(/[ \t\r\n\f]+/g, " ");
    return before === "" || /\s$/.test(before) ? words.trimStart() : words;
  }
  if (!isTag(node) || HIDDEN.has(node.name)) return "";
  const { marks } = around;
  const inner = () => walk(node.children, around);
  const kind = KINDS[node.name];
  if (kind !== undefined) return wrapped(inner(), marks[kind]);
  if (HEADINGS.has(node.name)) return block(wrapped(inner().trim(), marks.bold), before);
  switch (node.name) {
    case "br":
      return "\n";
    case "hr":
      return block("—", before);
    case "img":
      return node.attribs.alt ?? "";
    case "a":
      return linked(inner(), node.attribs.href);
    case "pre": {
      const code = walk(node.children, { ...around, marks: NONE, isVerbatim: true }).replace(/\n$/, "");
      return block(marks.block === undefined ? code : `${marks.block}${code}${marks.block}`, before);
    }
    case "blockquote":
      return block(
        inner()
          .trim()
          .split("\n")
          .map((line) => `> ${line}`)
          .join("\n"),
        before,
      );
    case "ul":
    case "ol":
      return block(
        listed(node.children, { ...around, isNumbered: node.name === "ol", first: Number(node.attribs.start ?? 1) }),
        before,
      );
    case "td":
    case "th":
      return `${inner().trim()} `;
    default:
      return BLOCKS.has(node.name) ? block(inner().trim(), before) : inner();
  }
}

/** On lines of its own. */
function block(text: string, before: string): string {
  if (text === "") return "";
  const gap = before === "" || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  return `${gap}${text}\n\n`;
}

/** Marks hug the words, line by line: around blanks or over a line's end they would be read as signs. */
function wrapped(text: string, mark: string | undefined): string {
  if (mark === undefined) return text;
  return text
    .split("\n")
    .map((line) => {
      const [, left = "", words = "", right = ""] = /^(\s*)(.*?)(\s*)$/.exec(line) ?? [];
      return words === "" ? line : `${left}${mark}${words}${mark}${right}`;
    })
    .join("\n");
}

function linked(words: string, href: string | undefined): string {
  const plain = words.trim();
  if (href === undefined || !/^(https?|mailto|tel):/i.test(href)) return words;
  const bare = href.replace(/^(mailto|tel):/i, "");
  const isSame =
    plain === "" ||
    plain === href ||
    plain === bare ||
    `${plain}/` === href ||
    plain === bare.replace(/^https?:\/\//i, "");
  return isSame ? (/^https?:/i.test(href) ? href : bare) : `${words} (${bare})`;
}

function listed(
  nodes: readonly AnyNode[],
  { isNumbered, first, ...around }: Around & { isNumbered: boolean; first: number },
): string {
  const items = nodes.filter((node) => isTag(node) && node.name === "li");
  return items
    .map((item, index) => {
      const lines = walk("children" in item ? item.children : [], around)
        .trim()
        .replace(/\n{2,}/g, "\n")
        .split("\n");
      const sign = isNumbered ? `${first + index}.` : "-";
      return lines.map((line, place) => (place === 0 ? `${sign} ${line}` : `  ${line}`)).join("\n");
    })
    .join("\n");
}
