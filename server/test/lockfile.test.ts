import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

interface Entry {
  readonly optionalDependencies?: Record<string, string>;
  readonly integrity?: string;
  readonly link?: boolean;
}

const lock = JSON.parse(readFileSync(new URL("../../package-lock.json", import.meta.url), "utf8")) as {
  packages: Record<string, Entry>;
};

it("package-lock.json has every platform's builds, so that npm ci works on all of them", () => {
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

it("package-lock.json says of every foreign package by its SHA-512 what it holds, wherever it is fetched from", () => {
  const foreign = Object.entries(lock.packages).filter(
    ([path, { link }]) => /node_modules/.test(path) && !link,
  );
  expect(foreign.length).toBeGreaterThan(300);
  const unsure = foreign.filter(([, { integrity }]) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? ""));
  expect(unsure.map(([path]) => path)).toEqual([]);
});
