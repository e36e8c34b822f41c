import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

interface Entry {
  readonly optionalDependencies?: Record<string, string>;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
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

describe("a build of each native package is there", () => {
  const machines = [
    ...["x64", "arm64"].flatMap((cpu) => ["glibc", "musl"].map((libc) => ({ os: "linux", cpu, libc }))),
    ...["x64", "arm64"].flatMap((cpu) => ["darwin", "win32"].map((os) => ({ os, cpu, libc: undefined }))),
  ];

  /** Packages whose builds are packages of their own, with those builds. */
  const families = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) => {
    const builds = Object.keys(optionalDependencies)
      .map((name) => lock.packages[`${path}/node_modules/${name}`] ?? lock.packages[`node_modules/${name}`])
      .filter((build) => build?.os !== undefined && build.cpu !== undefined);
    return builds.length === 0 ? [] : [[path.replace(/.*node_modules\//, ""), builds as Entry[]] as const];
  });

  /** What runs without its build, in JavaScript. */
  const speedOnly = ["msgpackr-extract", "vite"];

  it("of those that are known", () => {
    expect(families.map(([name]) => name)).toEqual(
      expect.arrayContaining(["@node-rs/argon2", "@node-rs/bcrypt", "rolldown", "lightningcss"]),
    );
  });

  it.each(machines)("for $os $cpu $libc", ({ os, cpu, libc }) => {
    const fits = (list: readonly string[] | undefined, value: string | undefined) =>
      list === undefined || value === undefined || list.includes(value);
    const missing = families
      .filter(([name]) => !speedOnly.includes(name))
      .filter(
        ([, builds]) => !builds.some((one) => fits(one.os, os) && fits(one.cpu, cpu) && fits(one.libc, libc)),
      );
    expect(missing.map(([name]) => name)).toEqual([]);
  });
});

it("docs/scaling.md says what to do where the pinned Node has no build: musl, and Windows on ARM", () => {
  const page = readFileSync(new URL("../../docs/scaling.md", import.meta.url), "utf8");
  const chapter = page.slice(page.indexOf("### Machines it runs on"));
  expect(chapter).toMatch(/musl[\s\S]*apk add nodejs npm/);
  expect(chapter).toMatch(/Windows on ARM[\s\S]*nodejs\.org/);
});
