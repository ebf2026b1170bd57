/** What a browser is to do with a file of a customer or an agent: show what cannot act, and save everything else. */

/** Of these nothing runs when it is shown on the address it came from; SVG and HTML are pages. */
const SHOWN = /^(image\/(?!svg)|audio\/|video\/|application\/pdf$)/;

/** The header `Content-Disposition`, as RFC 6266 writes names that are not plain ASCII. */
export function dispositionOf({
  contentType,
  fileName,
}: {
  contentType: string;
  fileName?: string | undefined;
}): string {
  const type = contentType.split(";")[0]?.trim().toLowerCase() ?? "";
  const kind = SHOWN.test(type) ? "inline" : "attachment";
  if (fileName === undefined) return kind;
  const plain = fileName.replace(/[^\x20-\x7e]|["\\%/]/g, "_");
  const whole = encoded(fileName).replace(/['()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
  return `${kind}; filename="${plain}"; filename*=UTF-8''${whole}`;
}

/** S3 takes two kilobytes of metadata, their names included. */
const LONGEST_IN_METADATA = 2_000;

/** The name as it is kept beside the file, percent-encoded; what is longer than any header may be is cut off. */
export function nameInMetadata(fileName: string): string {
  let kept = "";
  for (const character of fileName) {
    const more = encoded(character);
    if (kept.length + more.length > LONGEST_IN_METADATA) break;
    kept += more;
  }
  return kept;
}

/** Half a character, as phones leave of a name that they cut, cannot be encoded. */
function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
