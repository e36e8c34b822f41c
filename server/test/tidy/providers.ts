import ts from "typescript";
import { providerList } from "../../src/identities/providers/providers.ts";
import { importsWhere } from "./layout.ts";
import { ban, isProduct, isTest, type Rule } from "./rule.ts";

/** A provider is one folder: the list is all that looks into it, and nothing else names it. */

const home = "server/src/identities/providers/";
const folder = /^server\/src\/identities\/providers\/([^/]+)\/[^/]+$/;
const names = providerList.flatMap(({ name, aliases }) => [name, ...aliases]);
/** The name alone, as a part of a path, or before `_` as in a variable's name. In a word like qq.com it is none. */
const spoken = new RegExp(`(?<![\\w.@-])(?:${names.join("|")})(?:_[A-Z_]+)?(?![\\w.-])`, "i");

const others = "what other systems' databases call them";
const mailHosts = "mail hosts of the same companies";
const mayName: readonly (readonly [file: string, because: string])[] = [
  ["server/src/django/export/export-bindings.ts", others],
  ["server/src/django/export/export-django.ts", others],
  ["server/src/django/import/import-django.ts", others],
  ["server/src/django/sources/binding-tables.ts", others],
  ["server/src/django/sources/django-bindings.ts", others],
  ["server/src/django/sources/import-report.ts", others],
  ["server/src/cli/manage/import-command.ts", "its help lists what the sources call them"],
  ["server/src/cli/manage/export-command.ts", "its report tells what the target can't read"],
  ["server/src/engines/mail/settings.ts", mailHosts],
  ["server/src/engines/mail/smtp-refusals.ts", mailHosts],
  ["server/src/cli/doctor/mail-checks.ts", mailHosts],
  ["scripts/generate.ts", "an example in the documentation of settings"],
  ["scripts/seed.ts", "binds somebody to one, for a developer to see"],
  ["scripts/seed-binding.ts", "binds somebody to one, for a developer to see"],
];

const judged = (file: string) =>
  /^(server\/src|server\/migrations|web\/src|client\/src|sandbox|scripts)\//.test(file) &&
  !isTest(file) &&
  file !== `${home}providers.ts` &&
  !folder.test(file);

/** As a text, a part of one, or a key; what a statement imports is for the next rule. */
function namesProvider(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) {
    return !ts.isImportDeclaration(parent) && !ts.isExportDeclaration(parent) && spoken.test(node.text);
  }
  const isKey = ts.isIdentifier(node) && (ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent));
  return isKey && parent.name === node && spoken.test(node.text);
}

export const onlyTheListNamesProviders: Rule = {
  check: ban(judged, namesProvider, "names a provider"),
  exceptions: Object.fromEntries(mayName.map(([file, because]) => [`${file} names a provider`, because])),
  planted: {
    "web/src/sign-in/planted.ts": `
if (provider === "qq") cancelled = true; // red
const page = \`/oauth/callback/weibo?code=1\`; // red
const late = \`/oauth/\${way}/qq/\`; // red
const letters = { github: 1 }; // red
const setting = "WECHAT_CLIENT_ID"; // red
const known = ['sina']; // red
// as "qq" does
const host = "smtp.qq.com";
const other = "x-qq-y";
import { a } from "./qq/a.ts";
`,
    "server/src/identities/providers/qq/provider.ts": 'export const name = "qq";',
    "server/src/identities/providers/qq/qq.test.ts": 'expect(name).toBe("qq");',
    "web/src/sign-in/planted.vue": '<script setup lang="ts">\nconst mark = "github"; // red\n</script>',
  },
};

export const onlyTheListLooksIntoProviders: Rule = {
  check: (sources) =>
    importsWhere(
      sources,
      (file) => !isTest(file),
      ({ from, to }) => {
        const of = folder.exec(to)?.[1];
        if (of === undefined || from.startsWith(`${home}${of}/`)) return false;
        return !(from === `${home}providers.ts` && to === `${home}${of}/provider.ts`);
      },
    ),
  planted: {
    "server/src/sign-in/oauth-routes.ts": `
import { qq } from "../identities/providers/qq/provider.ts"; // red
const { imitation } = await import("../identities/providers/oidc/sandbox.ts"); // red
import type { Provider } from "../identities/providers/provider.ts";
`,
    "server/src/identities/providers/wechat/wechat.ts": `
import { readQq } from "../qq/qq.ts"; // red
import { profile } from "./profile.ts";
import { title } from "../provider.ts";
`,
    "server/src/identities/providers/providers.ts": `
import { qq } from "./qq/provider.ts";
import { createQq } from "./qq/qq.ts"; // red
`,
    "server/src/identities/providers/qq/qq.test.ts": 'import { qq } from "./provider.ts";',
  },
};

export const imitationsAreLoadedLate: Rule = {
  check: (sources) =>
    importsWhere(sources, isProduct, ({ from, to, dynamic }) => {
      const imitates = folder.test(to) && to.endsWith("/sandbox.ts");
      return imitates && (!dynamic || from !== to.replace(/sandbox\.ts$/, "provider.ts"));
    }),
  planted: {
    "server/src/identities/providers/qq/provider.ts": `
import { imitation } from "./sandbox.ts"; // red
export const qq = { sandbox: () => import("./sandbox.ts") };
`,
    "server/src/identities/providers/qq/qq.ts": 'const early = import("./sandbox.ts"); // red',
  },
};
