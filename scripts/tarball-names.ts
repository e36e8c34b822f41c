import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Documents name the tarballs of the packages as `npm pack` does, so that their lines can be copied. The version in them is
 * that of the package, not whatever somebody last typed.
 */
const packages = { accounts: "server", client: "client" } as const;
const named = /(meiduo-(accounts|client)-)(?:\d+\.\d+\.\d+(?:-[\w.]+)?|<version>)(?=\.tgz)/g;

/** The text with the present version in each such name. */
export function withTarballNames(text: string, versionOf: (name: keyof typeof packages) => string): string {
  return text.replaceAll(named, (_, before: string, name: keyof typeof packages) => before + versionOf(name));
}

/** Each document that names a tarball, by its path under `root`; `made` has those that were generated otherwise already. */
export function documentsWithTarballs(
  root: string,
  made: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const versionOf = (name: keyof typeof packages) => {
    const file = join(root, packages[name], "package.json");
    return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
  };
  const pages = globSync(["*.md", "{client,docs,examples,server}/**/*.md"], {
    cwd: root,
    exclude: ["**/node_modules/**", "CHANGELOG.md"],
  });
  return new Map(
    pages
      .map((page) => [page, made.get(page) ?? readFileSync(join(root, page), "utf8")] as const)
      .filter(([, text]) => text.match(named) !== null)
      .map(([page, text]) => [page, withTarballNames(text, versionOf)]),
  );
}
