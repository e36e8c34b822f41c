import { dirname, join, normalize } from "node:path";
import ts from "typescript";
import { exportsOf } from "./exports.ts";
import { type Import, importsOf } from "./imports.ts";
import { type Finding, findingOf, isTest, type Rule } from "./rule.ts";
import { nodesOf, type Source } from "./sources.ts";

/** What nobody needs. Tests need what tests share; that they test something is no reason to have it. */

/** What begins by itself, or is found by its place: suites, their settings, migrations. */
const begins = (file: string) => /\.(test|config)\.ts$|^server\/migrations\//.test(file);

/** What another kind of file names: a page, a package, a service. */
const namedOutside: Readonly<Record<string, string>> = {
  "bench/token-verifiers.ts is used by nobody": "a measurement of its own (bench/README.md)",
  "bench/sqlite-pages.ts is used by nobody": "a measurement of its own (docs/adr/0003)",
  "web/src/main.ts is used by nobody": "web/index.html loads it",
  "web/src/console/main.ts is used by nobody": "web/console.html loads it",
  "web/src/captcha-frame/frame.ts is used by nobody": "web/captcha.html loads it",
  "web/public/early.js is used by nobody": "web/index.html loads it",
  "client/src/vue.ts is used by nobody": "an entry of client/package.json",
  "client/src/react.ts is used by nobody": "an entry of client/package.json",
  "client/src/wx.ts is used by nobody": "an entry of client/package.json",
  "server/bin/meiduo.mjs is used by nobody": "the command of server/package.json",
  "server/bin/meiduo-accounts.mjs is used by nobody": "the command of the npm package",
  "server/src/embed/testing.ts is used by nobody": "what package.json exports",
  "scripts/as-installed.ts is used by nobody": "deploy/systemd/meiduo-accounts runs it",
  "scripts/record-rebuilt.ts is used by nobody": "for the next recording (CONTRIBUTING.md)",
  "scripts/release-database.ts is used by nobody": "for the next release (CONTRIBUTING.md)",
  "bench/package.ts is used by nobody": "a measurement of its own (bench/README.md)",
  "bench/overload/overload.ts is used by nobody": "a measurement of its own (bench/README.md)",
  "bench/standstill/standstill.ts is used by nobody": "a measurement of its own (bench/README.md)",
  "bench/import-django.ts is used by nobody": "a measurement of its own (bench/README.md)",
  "examples/embedded-fastify/server.js is used by nobody": "an example (docs/embed.md)",
  "examples/express-api/server.js is used by nobody": "an example (docs/embed.md)",
  "examples/verify-express/server.js is used by nobody": "an example (docs/verify-tokens.md)",
  "examples/verify-hono/server.js is used by nobody": "an example (docs/verify-tokens.md)",
  "examples/verify-fastify/server.js is used by nobody": "an example (docs/verify-tokens.md)",
  "examples/own-tests/sign-up.test.js is used by nobody": "an example (docs/embed.md)",
  "examples/vue/src/main.ts is used by nobody": "its index.html loads it",
  "examples/react/src/main.tsx is used by nobody": "its index.html loads it",
  "examples/uni-app/src/main.ts is used by nobody": "uni-app begins there",
  "examples/uni-app/src/pages/log-in.vue is used by nobody": "its pages.json lists it",
  "examples/uni-app/src/pages/own-profile.vue is used by nobody": "its pages.json lists it",
  "examples/uni-app/src/pages/sign-up.vue is used by nobody": "its pages.json lists it",
  "docs/examples/embedded-shop-main.ts is used by nobody": "an example (docs/from-django.md)",
};

export const everyFileIsUsed: Rule = {
  check(sources) {
    const imports = sources.flatMap(importsOf);
    const named = new Map(sources.map((source) => [source.file, filesNamedIn(source)]));
    return sources
      .filter(({ file }) => !begins(file))
      .flatMap((source) => {
        const users = [
          ...imports.filter(({ to }) => to === source.file).map(({ from }) => from),
          ...[...named].flatMap(([from, files]) => (files.has(source.file) ? [from] : [])),
        ];
        const needed = users.some((user) => user !== source.file && (isTest(source.file) || !isTest(user)));
        return needed ? [] : [findingOf(source, "is used by nobody")];
      });
  },
  exceptions: namedOutside,
  planted: {
    "server/src/kernel/forgotten.ts": "export const a = 0; // red",
    "server/src/kernel/tested.ts": "export const b = 0; // red",
    "server/src/kernel/tested.test.ts": 'import { b } from "./tested.ts";\nimport "../../test/support/c.ts";',
    "server/test/support/c.ts": "export const c = 0;",
    "server/src/kernel/late.ts": "export const d = 0;",
    "bench/load/load.ts":
      'const { d } = await import("../../server/src/kernel/late.ts");\nstart("load-main.ts");',
    "bench/load/load-main.ts": "await load();",
    "bench/load.test.ts": 'import { run } from "./load/load.ts";',
    "web/vite.config.ts": 'const table = { "scripts/lost.ts": ["bench/load/load.ts"] };',
    "scripts/lost.ts": "await all(); // red",
  },
};

/** By a text of the code, from the file's folder or the root; as a key it names nothing. */
function filesNamedIn(source: Source): Set<string> {
  const texts = nodesOf(source)
    .filter(ts.isStringLiteralLike)
    .filter((node) => /\.(ts|mjs|js)$/.test(node.text) && !isKey(node));
  return new Set(
    texts.flatMap(({ text }) => [text, normalize(join(dirname(source.file), text)).replaceAll("\\", "/")]),
  );
}

const isKey = (node: ts.Node) => ts.isPropertyAssignment(node.parent) && node.parent.name === node;

/** What programs of others import (`exports` of the packages). */
const ownPackages = [
  ...["client", "session", "vue", "react", "wx"].map((entry) => `client/src/${entry}.ts`),
  "server/src/embed/meiduo-accounts.ts",
  "server/src/embed/testing.ts",
];

export const everyExportIsUsed: Rule = {
  check(sources) {
    const byTarget = Map.groupBy(sources.flatMap(importsOf), ({ to }) => to);
    return sources
      .filter(({ file }) => !begins(file) && !ownPackages.includes(file))
      .flatMap((source) => unusedOf(source, byTarget.get(source.file) ?? []));
  },
  exceptions: {
    "examples/uni-app/src/main.ts exports createApp, which nobody uses": "uni-app calls it",
    "server/src/cli/commands.ts exports commandNames, which nobody uses":
      "the table's names, which a test holds beside the commands' own",
    "web/served-browsers.ts exports guardedUses, which nobody uses": "for the tests of what was built",
    "web/served-browsers.ts exports youngerApis, which nobody uses": "for the tests of what was built",
  },
  planted: {
    "server/src/kernel/a.ts": `
export const used = 1;
export const usedLate = 1;
export const own = 1; // red
export const ownAndTested = own;
export const tested = ownAndTested; // red
export interface Options { readonly a: number }
export interface Lost { readonly a: number } // red
export function make(options: Options) {}
export { own as other }; // red
`,
    "server/src/kernel/a.test.ts": 'import { ownAndTested, tested } from "./a.ts";',
    "server/src/kernel/b.ts": `
import { make, used } from "./a.ts";
const { usedLate: later } = await import("./a.ts");
`,
    "server/test/support/c.ts": "export const shared = 1;\nexport const lost = 1; // red",
    "server/src/kernel/c.test.ts": 'import { shared } from "../../test/support/c.ts";',
  },
};

/**
 * What is tested alone has to be in use in its own file. So has a type, which belongs to what others call; other
 * things for their own file alone are not exported.
 */
function unusedOf(source: Source, imports: readonly Import[]): Finding[] {
  return exportsOf(source).flatMap(({ name, line, isType }) => {
    const users = imports.filter(({ names }) => names === null || names.includes(name));
    if (users.some(({ from }) => isTest(source.file) || !isTest(from))) return [];
    if ((users.length > 0 || isType) && isUsedInItsFile(source, name)) return [];
    return [{ file: source.file, line, what: `exports ${name}, which nobody uses` }];
  });
}

/** Somewhere else than where it is declared, and not as the name of something of another object. */
function isUsedInItsFile(source: Source, name: string): boolean {
  return nodesOf(source).some((node) => {
    if (!ts.isIdentifier(node) || node.text !== name) return false;
    const { parent } = node;
    const isName = "name" in parent && parent.name === node && !ts.isShorthandPropertyAssignment(parent);
    return !isName && !ts.isExportSpecifier(parent);
  });
}
