/** Plain text inside HTML. */

/** What was written must never be taken for HTML. */
export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** One block that reads as the text does, line by line. */
export function htmlBlock(text: string, tag: "p" | "div"): string {
  return `<${tag}>${escapeHtml(text).replace(/\r\n|\r|\n/g, "<br>")}</${tag}>`;
}
