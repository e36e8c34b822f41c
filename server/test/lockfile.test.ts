import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

it("package-lock.json has every platform's builds, so that npm ci works on all of them", () => {
  const lock = JSON.parse(readFileSync(new URL("../../package-lock.json", import.meta.url), "utf8")) as {
    packages: Record<string, { optionalDependencies?: Record<string, string> }>;
  };
  const isThere = (path: string, name: string) =>
    `${path}/node_modules/${name}` in lock.packages || `node_modules/${name}` in lock.packages;
  // Platform builds are pinned to one version; other optional packages have a range and may be left out.
  // msgpackr's native part is one of those: without it msgpackr goes on in JavaScript.
  const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(
        ([name, version]) =>
          /^\d/.test(version) && /^(?!@msgpackr).*(linux|darwin|win32)/.test(name) && !isThere(path, name),
      )
      .map(([name]) => name),
  );
  expect(missing).toEqual([]);
});
