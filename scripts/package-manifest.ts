import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** The package.json of the npm package, made of those in the repository: what it depends on is said once. */
const root = resolve(import.meta.dirname, "..");

interface Manifest {
  readonly version: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string>>;
}

const read = (file: string) => JSON.parse(readFileSync(join(root, file), "utf8")) as Manifest;

/**
 * Ranges begin at the versions that were tested, those of package-lock.json; older ones never were. Only what the root's
 * `exports` names can be imported.
 */
export function packageManifest(): object {
  const server = read("server/package.json");
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, { version: string }>;
  };
  const tested = ([name, range]: readonly [string, string]) => {
    const locked = packages[`server/node_modules/${name}`] ?? packages[`node_modules/${name}`];
    if (locked === undefined) throw new Error(`package-lock.json has no ${name}`);
    return [name, range.replace(/\d.*/, locked.version)];
  };
  return {
    name: "meiduo-accounts",
    version: server.version,
    description:
      "Meiduo Accounts: the account system for sites with a separated front end, to run or to embed",
    keywords: ["accounts", "authentication", "sign-up", "jwt", "oauth", "fastify"],
    license: server.license,
    type: "module",
    engines: { node: ">=24" },
    bin: { "meiduo-accounts": "bin/meiduo-accounts.mjs" },
    files: ["bin", "dist", "CHANGELOG.md", "README.zh.md"],
    exports: {
      ...Object.fromEntries(Object.entries(read("package.json").exports).map(compiled)),
      "./package.json": "./package.json",
    },
    dependencies: Object.fromEntries(Object.entries(server.dependencies).map(tested)),
  };
}

const compiled = ([name, source]: readonly [string, string]) => {
  const place = source.replace("./", "./dist/").replace(/\.ts$/, "");
  return [name, { types: `${place}.d.ts`, default: `${place}.js` }];
};
