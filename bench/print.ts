/** A table of text: the first column to the left, the others to the right. */
export function table(rows: readonly Readonly<Record<string, string>>[]): string {
  const names = Object.keys(rows[0] ?? {});
  const width = (name: string) => Math.max(name.length, ...rows.map((row) => (row[name] ?? "").length));
  const line = (text: (name: string) => string) =>
    names.map((name, column) => (column === 0 ? text(name).padEnd(width(name)) : text(name).padStart(width(name))));
  return [
    line((name) => name),
    line((name) => "-".repeat(width(name))),
    ...rows.map((row) => line((name) => row[name] ?? "")),
  ]
    .map((cells) => `  ${cells.join("  ")}`.trimEnd())
    .join("\n");
}

/** With thousands apart. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** A small number of decimals, none where there is nothing behind the point. */
export function decimal(value: number, digits = 2): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(digits);
}
