import ts from "typescript";
import { findingAt, findingOf, isProduct, type Rule } from "./rule.ts";
import { lineOf, nodesOf, type Source } from "./sources.ts";

/** Names, lengths and the form of a file. */

/** So many lines; of the last one `end`. */
const lines = (count: number, first = "export const a = 0; // red", end = "//") =>
  [first, ...Array(count - 2).fill("//"), end].join("\n");

export const filesAreNamedByWhatTheyAreAbout: Rule = {
  check: (sources) =>
    sources
      .filter(({ file }) =>
        /(^|\/)(types|utils?|helpers?|index|constants|common|misc)\.(ts|mjs|js)$/.test(file),
      )
      .map((source) => findingOf(source, "says nothing by its name")),
  planted: {
    "server/src/codes/utils.ts": "export const a = 0; // red",
    "client/src/index.ts": "export const a = 0; // red",
    "server/src/http/field-types.ts": "export const a = 0;",
  },
};

/** Loaded once for many files of tests, it would have hooks for the first of them alone. */
export const supportHasNoHooksOfItsOwn: Rule = {
  check: (sources) =>
    sources
      .filter(({ file }) => file.startsWith("server/test/support/"))
      .flatMap((source) =>
        nodesOf(source)
          .filter(ts.isCallExpression)
          .filter((call) => /^(?:before|after)(?:Each|All)$/.test(call.expression.getText(source.tree)))
          .filter((call) => call.parent.parent === source.tree)
          .map((call) => findingAt(source, call, "is a hook of the module")),
      ),
  exceptions: {
    "server/test/support/product-watch.ts is a hook of the module": "vitest loads it before every file",
  },
  planted: {
    "server/test/support/folders.ts": "export const a = 0;\nbeforeEach(() => {}); // red",
    "server/test/support/used-folders.ts": "export function useFolders() {\n  beforeEach(() => {});\n}",
  },
};

export const filesEndBy500: Rule = {
  check: (sources) =>
    sources.filter((one) => one.lines.length > 500).map((one) => findingOf(one, "is longer than 500 lines")),
  planted: { "bench/long.ts": lines(501), "bench/short.ts": lines(500, "") },
};

export const filesAbove300HaveAReason: Rule = {
  check: (sources) =>
    sources.filter((one) => one.lines.length > 300).map((one) => findingOf(one, "is longer than 300 lines")),
  exceptions: {
    "sandbox/page-states.ts is longer than 300 lines": "the one list of every state of every page",
    "server/src/words/mail-texts.ts is longer than 300 lines": "the one registry of the texts of mails",
    "server/src/errors/error-codes.ts is longer than 300 lines": "the one registry of codes and texts",
    "server/src/engines/database/tables.ts is longer than 300 lines": "every table there is",
    "server/src/app/app.ts is longer than 300 lines": "every part, wired by hand in one place",
    "web/src/texts/en.ts is longer than 300 lines": "every text of the site in one language",
    "web/src/texts/zh-cn.ts is longer than 300 lines": "every text of the site in one language",
    "server/src/accounts/change.ts is longer than 300 lines": "the one writer of accounts that are there",
    "scripts/retention.ts is longer than 300 lines": "a row for everything that is kept",
    "server/test/api/retention.test.ts is longer than 300 lines": "how each table that grows is filled",
    "server/src/errors/setting-problem.ts is longer than 300 lines":
      "every problem of a setting, in both languages",
    "server/src/django/import/import-django.ts is longer than 300 lines":
      "one import, its steps in their order",
    // Tests of one thing, which share what they set up.
    "e2e/journeys/third-party.test.ts is longer than 300 lines": "every provider's journey, on one stack",
    "scripts/install.test.ts is longer than 300 lines": "one imitated registry",
    "server/src/cli/doctor/doctor.test.ts is longer than 300 lines": "a table of what goes wrong",
    "server/src/django/import/import-django.test.ts is longer than 300 lines":
      "every awkward row of one site",
    "server/test/api/admin.test.ts is longer than 300 lines": "one set of administrators and people",
    "server/test/api/code-budgets.test.ts is longer than 300 lines": "what clients do to each other",
    "server/test/api/http.test.ts is longer than 300 lines": "a table of requests out of order",
    "server/test/api/manage.test.ts is longer than 300 lines": "one installation, worked on by commands",
    "server/test/api/oauth-login.test.ts is longer than 300 lines": "one log-in at every provider",
    "server/test/api/oauth-takeover.test.ts is longer than 300 lines": "one attacker, one victim",
    "server/test/api/permission-matrix.test.ts is longer than 300 lines": "a table of every endpoint",
    "server/test/api/webhooks.test.ts is longer than 300 lines":
      "one receiver and what it makes of everything",
    "server/test/contract/move-data.test.ts is longer than 300 lines": "one grown database",
    "server/test/deploy.test.ts is longer than 300 lines": "what all files of deploy/ agree on",
    "server/test/fault/start.test.ts is longer than 300 lines": "real processes started in every way",
  },
  planted: { "bench/long.ts": lines(301), "bench/short.ts": lines(300, "") },
};

export const theMedianFileIsShort: Rule = {
  check(sources) {
    const product = sources.filter(({ file }) => isProduct(file));
    const byLength = product.toSorted((a, b) => a.lines.length - b.lines.length);
    const median = byLength[Math.floor(byLength.length / 2)];
    if (!median || median.lines.length <= 120) return [];
    return [findingOf(median, `is the median file of the server, with ${median.lines.length} lines`)];
  },
  planted: {
    "server/src/kernel/a.ts": lines(20, ""),
    "server/src/kernel/b.ts": lines(121),
    "server/src/kernel/c.ts": lines(200, ""),
    "server/src/kernel/b.test.ts": lines(10, ""),
  },
};

/**
 * Of each function its own lines: what is written inside it as a function of more than one line counts for that one.
 * So a factory is as long as what it does itself, and a chapter of tests isn't one long function.
 */
export const functionsEndBy70: Rule = {
  check: (sources) =>
    sources.flatMap((source) =>
      nodesOf(source)
        .filter((node) => ts.isFunctionLike(node) && !isChapter(node) && ownLines(source, node) > 70)
        .map((node) => findingAt(source, node, `has a function of more than 70 lines: ${nameOf(node)}`)),
    ),
  exceptions: {
    "server/src/app/app.ts has a function of more than 70 lines: createApp":
      "the composition: one line a part",
    "client/src/client.ts has a function of more than 70 lines: createClient": "one line an endpoint",
    // Declarations of routes, one after the other.
    "server/src/admin/group-admin-routes.ts has a function of more than 70 lines: groupAdminRoutes": "a list",
    "server/src/admin/user-admin-routes.ts has a function of more than 70 lines: userAdminRoutes": "a list",
    "server/src/sign-in/oauth-routes.ts has a function of more than 70 lines: oauthRoutes": "a list",
    "server/src/sign-in/user-routes.ts has a function of more than 70 lines: userRoutes": "a list",
  },
  planted: {
    "server/src/kernel/a.ts": [
      lines(71, "function long() { // red", "}"),
      lines(70, "export const short = () => {", "};"),
      lines(71, "export const made = { method() { // red", "} };"),
      lines(71, "const late = run(async () => { // red", "});"),
    ].join("\n"),
    "server/src/kernel/factory.ts": [
      lines(60, "function createThing() {"),
      lines(60, "return { part() {", "} };"),
      "}",
    ].join("\n"),
    "server/src/kernel/long-factory.ts": [
      lines(40, "function createThing() { // red"),
      lines(60, "const part = () => {", "};"),
      lines(40, "//", "}"),
    ].join("\n"),
  },
};

/** What `describe` takes has its tables of cases inside. */
const isChapter = (node: ts.Node) =>
  ts.isCallExpression(node.parent) && /^describe\b/.test(node.parent.expression.getText());

function ownLines(source: Source, node: ts.Node): number {
  let count = linesOf(source, node);
  const visit = (inner: ts.Node) => {
    if (ts.isFunctionLike(inner)) count -= linesOf(source, inner) - 1;
    else ts.forEachChild(inner, visit);
  };
  ts.forEachChild(node, visit);
  return count;
}

function linesOf(source: Source, node: ts.Node): number {
  return source.tree.getLineAndCharacterOfPosition(node.getEnd()).line + 2 - lineOf(source, node);
}

function nameOf(node: ts.Node): string {
  const named = [node, node.parent, node.parent?.parent].find(
    (one) => one && ts.isFunctionLike(one) && one.name,
  );
  if (named) return (named as ts.FunctionDeclaration).name!.getText();
  if (ts.isVariableDeclaration(node.parent) || ts.isPropertyAssignment(node.parent))
    return node.parent.name.getText();
  if (!ts.isCallExpression(node.parent)) return "";
  const [first] = node.parent.arguments;
  return first && ts.isStringLiteralLike(first) ? first.text : node.parent.expression.getText();
}

export const noBarrels: Rule = {
  check: (sources) =>
    sources.flatMap((source) => {
      const all = source.tree.statements.filter(
        (one) => ts.isExportDeclaration(one) && one.moduleSpecifier && !one.exportClause && !one.isTypeOnly,
      );
      const onlyHandsOn =
        source.tree.statements.length > 0 &&
        source.tree.statements.every((one) => ts.isExportDeclaration(one) && one.moduleSpecifier);
      return [
        ...all.map((one) => findingAt(source, one, "exports all of another file")),
        ...(onlyHandsOn && all.length === 0 ? [findingOf(source, "only hands on what others export")] : []),
      ];
    }),
  exceptions: {
    "server/src/embed/meiduo-accounts.ts only hands on what others export":
      "the one list of what the package promises to other programs",
  },
  planted: {
    "server/src/kernel/all.ts": `export { mask } from "./mask.ts"; // red
export type { Clock } from "./clock.ts";`,
    "server/src/kernel/log.ts": 'export * from "./mask.ts"; // red\nexport const log = 0;',
    "client/src/client.ts": `
export { ApiError } from "./api-error.ts";
export type * from "./wire.ts";
export const createClient = () => null;
`,
  },
};

export const migrationsNameAProgram: Rule = {
  // Additive: 1. Otherwise the number of the first migration whose program knows how (engines/database/schema-level.ts).
  check: (sources) =>
    sources
      .filter(({ file }) => /^server\/migrations\/\d{4}-/.test(file))
      .filter(({ tree }) => !tree.statements.some(isOldestProgram))
      .map((source) => findingOf(source, "exports no `oldestProgram`, a number")),
  planted: {
    "server/migrations/0901-a.ts": "export async function up() {} // red",
    "server/migrations/0902-b.ts": "const oldestProgram = 1; // red",
    "server/migrations/0903-c.ts": "export const oldestProgram = 1;",
  },
};

function isOldestProgram(statement: ts.Statement): boolean {
  if (!ts.isVariableStatement(statement)) return false;
  const isExported = statement.modifiers?.some((one) => one.kind === ts.SyntaxKind.ExportKeyword) ?? false;
  return (
    isExported &&
    statement.declarationList.declarations.some(
      ({ name, initializer }) =>
        name.getText() === "oldestProgram" && initializer !== undefined && ts.isNumericLiteral(initializer),
    )
  );
}
