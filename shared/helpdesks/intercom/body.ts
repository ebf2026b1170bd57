/** Bodies of messages: HTML in the API's answers and in older webhooks, plain text in webhooks from version 2.15 on. */

/** Whether a body is HTML. What Intercom's editor makes begins with a block and ends with a tag. */
export function isHtml(body: string): boolean {
  return /^\s*<(p|div|ul|ol|h[1-6]|pre|blockquote|table|img|figure)\b[^>]*>/i.test(body) && /<[^>]*>\s*$/.test(body);
}

/** The pictures inside a body, and the body without the marks that stand for them where it is plain. */
export function picturesIn(body: string): { text: string; urls: string[] } {
  if (isHtml(body)) {
    const urls = [...body.matchAll(/<img\b[^>]*?\bsrc\s*=\s*["']([^"']+)["']/gi)].flatMap(([, url]) => urlOf(url));
    return { text: body, urls };
  }
  const urls = [...body.matchAll(MARK)].flatMap(([, url]) => urlOf(url));
  return { text: urls.length === 0 ? body : body.replaceAll(MARK, "").trim(), urls };
}

/** Whether a body says anything to whoever reads it. */
export function isBlank(body: string): boolean {
  return (isHtml(body) ? textOf(body) : body).trim() === "";
}

/** Whether two bodies are the same words, however they are wrapped: what is sent plain comes back as HTML. */
export function isSameText(one: string, other: string): boolean {
  const plain = (body: string) => (isHtml(body) ? textOf(body) : body).replaceAll(/\s+/g, "");
  return plain(one) === plain(other);
}

/** How a picture inside the text reads where a body is made plain (as seen in exports; not documented). */
const MARK = /\[Image "(https?:\/\/[^"\s]+)"\]/g;

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

function textOf(html: string): string {
  return unescaped(html.replaceAll(/<(br|\/p|\/div|\/li)\b[^>]*>/gi, "\n").replaceAll(/<[^>]*>/g, ""));
}

function unescaped(text: string): string {
  return text.replaceAll(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]+);/gi, (whole, name: string) => {
    if (!name.startsWith("#")) return ENTITIES[name.toLowerCase()] ?? whole;
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

function urlOf(url: string | undefined): string[] {
  return url === undefined || !/^https?:\/\//i.test(url) ? [] : [unescaped(url)];
}
