/** A piece of a page that is written once and shown as Markdown or HTML. Texts are plain: what looks like markup is text. */
export type Block =
  | { readonly heading: string }
  | { readonly text: string }
  | { readonly list: readonly string[] }
  | { readonly table: { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] } };

export interface Page {
  readonly language: "zh-Hans" | "en";
  readonly title: string;
  readonly blocks: readonly Block[];
}

/** What only the operator knows, as it stands in a page until it is filled in. */
export const toFill = /【[^】]*】/g;

/** Of GitHub's kind, for tables. */
export function toMarkdown({ title, blocks }: Page): string {
  const safe = (text: string) => text.replaceAll(/[\\`*_<>|#[\]]/g, "\\$&");
  const row = (cells: readonly string[]) => `| ${cells.map(safe).join(" | ")} |`;
  const parts = blocks.map((block) => {
    if ("heading" in block) return `## ${safe(block.heading)}`;
    if ("text" in block) return safe(block.text);
    if ("list" in block) return block.list.map((item) => `- ${safe(item)}`).join("\n");
    const { head, rows } = block.table;
    return [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");
  });
  return `${[`# ${safe(title)}`, ...parts].join("\n\n")}\n`;
}

/** A page that needs nothing else: no script, no file, and the reader's light or dark. */
export function toHtml({ language, title, blocks }: Page): string {
  const safe = (text: string) =>
    text.replaceAll(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign]!);
  const cells = (tag: string, row: readonly string[]) =>
    `<tr>${row.map((cell) => `<${tag}>${safe(cell)}</${tag}>`).join("")}</tr>`;
  const parts = blocks.map((block) => {
    if ("heading" in block) return `<h2>${safe(block.heading)}</h2>`;
    if ("text" in block) return `<p>${safe(block.text)}</p>`;
    if ("list" in block) return `<ul>${block.list.map((item) => `<li>${safe(item)}</li>`).join("\n")}</ul>`;
    const { head, rows } = block.table;
    const body = rows.map((row) => cells("td", row)).join("\n");
    return `<div class="wide"><table><thead>${cells("th", head)}</thead><tbody>\n${body}\n</tbody></table></div>`;
  });
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${safe(title)}</title>
<style>
body { max-width: 46rem; margin: 0 auto; padding: 2rem 1rem; font: 1rem/1.7 system-ui, sans-serif; }
h1, h2 { line-height: 1.3; }
h2 { margin-top: 2.5rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { border: 1px solid #8888; padding: 0.4rem 0.6rem; text-align: left; vertical-align: top; }
</style>
</head>
<body>
<h1>${safe(title)}</h1>
${parts.join("\n")}
</body>
</html>
`;
}
