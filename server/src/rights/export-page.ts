import { escapeHtml } from "../engines/mail/templates/mail-layout.ts";
import { type Language, tagOf } from "../words/language.ts";
import type { ExportedData } from "./collect.ts";
import type { Row } from "./personal-table.ts";

/** The text of a key of words/export-texts.ts in the reader's language. */
export type SayExport = (key: string) => string;

/**
 * The export as a page to read, which needs nothing but itself: no script, no picture, nothing from the network. Attack: a
 * nickname that is mark-up, read on somebody's own disk; guard: export.test.ts. In pieces, a row at a time: of all of them it is long work.
 */
export function* exportPage(data: ExportedData, language: Language, say: SayExport): Generator<string> {
  yield `<!doctype html>
<html lang="${escapeHtml(tagOf(language))}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(say("title"))}</title>
<style>
body { font: 16px/1.6 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff }
dl { display: grid; grid-template-columns: minmax(8rem, 14rem) 1fr; gap: .2rem 1rem; margin: 0 0 1rem; padding: .6rem 0; border-top: 1px solid #ddd }
dt { color: #595959 } dd { margin: 0; overflow-wrap: anywhere }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr } }
</style>
</head>
<body>
<main>
<h1>${escapeHtml(say("title"))}</h1>
<p>${escapeHtml(say("made"))} <time datetime="${data.made_at}">${data.made_at}</time></p>
<p>${escapeHtml(say("intro"))}</p>
`;
  for (const [name, rows] of Object.entries(data.tables)) {
    if (rows.length > 0) yield* section(say(`table.${name}`), rows, say, name in data.cut);
  }
  yield `</main>
</body>
</html>
`;
}

function* section(title: string, rows: readonly Row[], say: SayExport, isCut: boolean): Generator<string> {
  yield `<section><h2>${escapeHtml(title)}</h2>\n`;
  if (isCut) yield `<p>${escapeHtml(say("cut"))}</p>\n`;
  for (const row of rows) {
    const pairs = Object.entries(row)
      .filter(([, value]) => value !== null && value !== "")
      .map(
        ([name, value]) =>
          `<dt>${escapeHtml(say(`column.${name}`))}</dt><dd>${escapeHtml(textOf(value, say))}</dd>`,
      );
    yield `<dl>${pairs.join("")}</dl>\n`;
  }
  yield "</section>\n";
}

function textOf(value: unknown, say: SayExport): string {
  if (typeof value === "boolean") return say(value ? "yes" : "no");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
