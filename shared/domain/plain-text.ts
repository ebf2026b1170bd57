/** Words as they are compared, whoever wrote them. */

/** In lower case, without accents and invisible characters, blanks as one. */
export function plain(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/[\p{M}\p{Cf}]/gu, "")
    .toLowerCase()
    .replace(/\s+/gu, " ");
}
