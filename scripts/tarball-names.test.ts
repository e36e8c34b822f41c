import { resolve } from "node:path";
import { expect, test } from "vitest";
import { documentsWithTarballs, withTarballNames } from "./tarball-names.ts";

test("a tarball's name gets the version of its own package, and nothing else changes", () => {
  const versions = { accounts: "1.2.3", client: "0.4.0-beta.1" };
  const text = `npm install ./meiduo-accounts-0.2.0.tgz ../meiduo-client-0.2.0-rc.2.tgz meiduo-accounts-<version>.tgz
meiduo-accounts-0.2.0 other-0.2.0.tgz`;
  expect(withTarballNames(text, (name) => versions[name])).toBe(
    `npm install ./meiduo-accounts-1.2.3.tgz ../meiduo-client-0.4.0-beta.1.tgz meiduo-accounts-1.2.3.tgz
meiduo-accounts-0.2.0 other-0.2.0.tgz`,
  );
});

test("the pages that tell how to install are among the documents", () => {
  const pages = documentsWithTarballs(
    resolve(import.meta.dirname, ".."),
    new Map([["README.md", "meiduo-client-0.0.1.tgz"]]),
  );
  expect([...pages.keys()]).toEqual(
    expect.arrayContaining([
      ...[
        "README.md",
        "README.zh.md",
        "docs/embed.md",
        "docs/embed.zh.md",
        "docs/your-site.md",
        "docs/your-site.zh.md",
      ],
      ...["client/README.md", "client/README.zh.md", "server/README.md", "server/README.zh.md"],
    ]),
  );
  // What is generated in the same run is taken from there.
  expect(pages.get("README.md")).toMatch(/^meiduo-client-(?!0\.0\.1)\d+\.\d+\.\d+\.tgz$/);
});
