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
  const whole = encodeURIComponent(fileName).replace(
    /['()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename="${plain}"; filename*=UTF-8''${whole}`;
}
