import { readFileSync } from "node:fs";
import ts from "typescript";
import { expect, it } from "vitest";

/** What programs may import is on the page that promises it, in both languages, and nothing else is there. */
const root = new URL("../../../", import.meta.url);
const read = (file: string) => readFileSync(new URL(file, root), "utf8");
const entry = "server/src/embed/meiduo-accounts.ts";

function exportedNames(): string[] {
  const tree = ts.createSourceFile(entry, read(entry), ts.ScriptTarget.Latest);
  return tree.statements.flatMap((statement) => {
    if (!ts.isExportDeclaration(statement) || !statement.exportClause) return [];
    if (!ts.isNamedExports(statement.exportClause)) return [];
    return statement.exportClause.elements.map(({ name }) => name.text);
  });
}

/** In the first column of the tables between the two headings. */
function documentedNames(page: string, from: string, to: string): string[] {
  const part = page.slice(page.indexOf(`\n## ${from}`), page.indexOf(`\n## ${to}`));
  const rows = [...part.matchAll(/^\| (`[A-Za-z`、, ]+`) \|(?! \|$)/gm)].map(([, cell]) => cell!);
  const members = /^`(?:api|worker|users|providers|close)/;
  return rows
    .filter((cell) => !members.test(cell))
    .flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name!));
}

it.each([
  ["docs/embed.md", "What can be imported", "In your tests"],
  ["docs/embed.zh.md", "可以导入什么", "在你的测试中"],
])("%s lists every public name and no other", (file, from, to) => {
  expect(documentedNames(read(file), from, to).toSorted()).toEqual(exportedNames().toSorted());
});

it.each(["docs/embed.md", "docs/embed.zh.md"])("the example of %s is the one that runs", (file) => {
  expect(read(file)).toContain(`\`\`\`js\n${read("examples/own-tests/sign-up.test.js")}\`\`\`\n`);
});
