import { type Import, importsOf } from "./imports.ts";
import { type Finding, findingOf, folderOf, isProduct, type Rule } from "./rule.ts";
import type { Source } from "./sources.ts";

/** Where everything stands, and which way imports run. */

const server = (...rooms: string[]) => rooms.map((room) => `server/src/${room}`);

/**
 * Every folder from the highest to the lowest, and files that stand on another floor than their folder; `*` is each
 * folder there. One imports only lower ones, types included.
 */
export const floors: readonly string[] = [
  // Journeys and tests. A test beside its source is on the floor of `server/test`.
  ...["examples/embedded-fastify", "examples/express-api", "examples/own-tests"],
  ...["examples/verify-express", "examples/verify-hono", "examples/verify-fastify"],
  ...["examples/vue", "examples/vue/src/main.ts", "examples/vue/src/App.vue", "examples/vue/src/router.ts"],
  ...["examples/vue/src/pages", "examples/vue/src", "examples/react/src/main.tsx", "examples/react/src"],
  ...[
    "examples/uni-app",
    "examples/uni-app/src/main.ts",
    "examples/uni-app/src/pages",
    "examples/uni-app/src",
  ],
  ...["e2e", "e2e/journeys", "e2e/pages", "e2e/support"],
  ...["server/test", "server/test/tidy", "server/test/api", "server/test/contract", "server/test/fault"],
  ...[
    "server/test/race",
    "server/test/property",
    "server/test/package",
    "server/test/release",
    "web/test",
    "client/test",
    ".",
  ],
  // Tools, and what tests share.
  ...[
    "bench/run.ts",
    "bench/standstill",
    "bench/overload",
    "bench/peers",
    "bench/against",
    "bench/options.ts",
    "bench/peers/peer.ts",
    "bench/against/rows.ts",
    "bench/against/verdict.ts",
  ],
  ...["bench", "bench/load", "bench/process-under-test.ts", "bench/at-end.ts", "server/bin", "scripts"],
  ...["server/test/conformance", "server/test/support", "docs/examples", "sandbox"],
  // The product.
  ...server(
    "main.ts",
    "embed",
    "cli",
    "cli/run",
    "cli/manage",
    "cli/doctor",
    "cli/privacy-page",
    "cli/command",
    "cli/terminal",
    "app",
    "config",
  ),
  ...server("django/sync", "django/export", "django/import", "django/sources"),
  ...server("classic", "admin", "sign-in", "admission"),
  ...server("joining", "rights", "addresses", "avatars"),
  ...server("identities/bindings", "identities/flow", "identities/providers/known-provider.ts"),
  ...server("identities/providers/providers.ts", "identities/providers/*", "identities/providers"),
  ...server(
    "sessions",
    "sessions/keys",
    "factors",
    "accounts",
    "codes",
    "captcha",
    "devices",
    "passwords",
    "passwords/breached",
  ),
  ...server("webhooks", "services", "permissions", "events", "audit", "hooks"),
  ...server("site", "http", "observability", "installation"),
  ...server("engines", "engines/sms", "engines/mail", "engines/mail/templates", "engines/jobs", "engines/kv"),
  ...server(
    "engines/database",
    "process",
    "words",
    "brand",
    "kernel/settings",
    "kernel/schema",
    "kernel",
    "errors",
  ),
  "server/migrations",
  // The site and the client.
  ...["web/test/support", "web", "web/src/main.ts", "web/src/SiteApp.vue", "web/src/router.ts"],
  ...["web/src/console", "web/src/console/texts"],
  ...[
    "web/src/account",
    "web/src/sign-in",
    "web/src/ui",
    "web/src/captcha-frame",
    "web/src",
    "web/src/texts",
    "web/public",
  ],
  ...["client/test/support", "client", "client/src"],
];

/** The domains: what knows of accounts. */
export const domains = floors
  .slice(floors.indexOf("server/src/django/sync"), floors.indexOf("server/src/site"))
  .map((floor) => floor.split("/")[2]!);

/** Counted from the highest; -1: nobody has ranked it. */
function floorOf(file: string): number {
  const isBesideItsSource = file.endsWith(".test.ts") && !/(^|\/)test\/|^e2e\//.test(file);
  const floor =
    floorNames(file)
      .map((name) => floors.indexOf(name))
      .find((one) => one >= 0) ?? -1;
  return floor >= 0 && isBesideItsSource ? floors.indexOf("server/test") : floor;
}

/** What a floor may call a file, the closest first. */
export const floorNames = (file: string): readonly string[] => {
  const folder = folderOf(file);
  return [file, folder, folder.replace(/[^/]+$/, "*")];
};

const importing = ({ from, line, to }: Import): Finding => ({ file: from, line, what: `imports ${to}` });

/** What those that are judged import. */
export const importsWhere = (
  sources: readonly Source[],
  judged: (file: string) => boolean,
  isWrong: (one: Import) => boolean,
): Finding[] =>
  sources
    .filter(({ file }) => judged(file))
    .flatMap((source) => importsOf(source).filter(isWrong))
    .map(importing);

export const everyFolderIsRanked: Rule = {
  check: (sources) =>
    sources
      .filter(({ file }) => floorOf(file) < 0)
      .map((source) => findingOf(source, `is in ${folderOf(source.file)}, which no floor names`)),
  planted: {
    "server/src/wallet/balance.ts": "export const balance = 0; // red",
    "server/src/codes/captcha/picture.ts": "export const picture = 0; // red",
    "console/src/main.ts": "export const page = 0; // red",
    "server/src/identities/providers/gitea/provider.ts": "export const gitea = 0;",
    "server/src/codes/code.ts": "export const code = 0;",
  },
};

export const importsRunDown: Rule = {
  check: (sources) =>
    importsWhere(
      sources,
      () => true,
      ({ from, to, isPackage }) => {
        const floor = floorOf(to);
        return !isPackage && to !== "" && floor >= 0 && floor < floorOf(from);
      },
    ),
  exceptions: {
    "server/src/cli/run/start.ts imports sandbox/mailbox.ts": "late, in development alone",
    "server/src/cli/run/start.ts imports sandbox/brand-preview.ts": "late, in development alone",
    "server/src/cli/run/start.ts imports sandbox/page-preview.ts": "late, in development alone",
    "server/src/cli/run/start.ts imports sandbox/sandbox.ts": "late, in development alone",
    "server/src/cli/run/start.ts imports sandbox/pictures.ts": "late, in development alone",
  },
  planted: {
    "server/src/accounts/users.ts": `
import type { Tokens } from "../sessions/tokens.ts"; // red
import { createApp } from "../app/app.ts"; // red
import { createAudit } from "../audit/audit.ts";
const door = () => import("../sign-in/complete.ts"); // red
type Routes = typeof import("../http/server.ts");
export { start } from "../main.ts"; // red
`,
    "server/src/accounts/users.test.ts": 'import { createTokens } from "../sessions/tokens.ts";',
    "server/src/identities/providers/qq/provider.ts": `
import type { ProviderDefinition } from "../definition.ts";
import { providerList } from "../providers.ts"; // red
`,
    "web/src/ui/CodeField.vue": `<template><p>import "../account/a.ts";</p></template>
<script setup lang="ts">
import { signUp } from "../sign-in/SignUpPage.vue"; // red
import { api } from "../api.ts";
</script>`,
    "sandbox/page.ts": 'import { freePort } from "../server/test/support/free-port.ts"; // red',
  },
};

export const importsNameTheirFile: Rule = {
  check: (sources) =>
    importsWhere(sources, isProduct, ({ to }) => to === "").map((one) => ({
      ...one,
      what: "imports a computed name",
    })),
  exceptions: {
    "server/src/engines/database/migrate.ts imports a computed name": "migrations are found in their folder",
  },
  planted: {
    "server/src/kernel/load.ts": `
await import(new URL(name, folder).href); // red
await import(folder + name); // red
await import(\`./\${name}.ts\`); // red
await import("./mask.ts");
// await import(folder + name)
api.import("./method.ts"); reimport(name);
`,
  },
};

export const noCirclesOfValues: Rule = {
  check(sources) {
    const graph = new Map<string, readonly Import[]>();
    for (const source of sources) {
      graph.set(
        source.file,
        importsOf(source).filter(({ typeOnly }) => !typeOnly),
      );
    }
    const state = new Map<string, "open" | "done">();
    const found: Finding[] = [];
    const visit = (file: string, path: readonly string[]) => {
      state.set(file, "open");
      for (const one of graph.get(file) ?? []) {
        const circle = [...path.slice(path.indexOf(one.to)), one.to];
        if (state.get(one.to) === "open") {
          found.push({ ...importing(one), what: `closes the circle ${circle.join(" -> ")}` });
        } else if (!state.has(one.to) && graph.has(one.to)) visit(one.to, [...path, one.to]);
      }
      state.set(file, "done");
    };
    for (const file of graph.keys()) if (!state.has(file)) visit(file, [file]);
    return found;
  },
  planted: {
    "server/src/codes/a.ts": 'import { b } from "./b.ts";',
    "server/src/codes/b.ts": 'import { c } from "./c.ts";\nimport type { A } from "./a.ts";',
    "server/src/codes/c.ts": 'const a = () => import("./a.ts"); // red',
  },
};
