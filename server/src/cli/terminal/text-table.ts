/** Chinese characters are two columns wide. */
const widthOf = (text: string) => text.length + (text.match(/[\u2e80-\u9fff\uff00-\uff60]/g)?.length ?? 0);

/** Rows of one length in columns: the first to the left, all others, which are numbers, to the right. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => widthOf(row[column] ?? ""))),
  );
  const cell = (text: string, column: number) => {
    const space = " ".repeat(Math.max(0, (widths[column] ?? 0) - widthOf(text)));
    return column === 0 ? text + space : space + text;
  };
  return rows.map((row) => row.map(cell).join("  ").trimEnd()).join("\n");
}
