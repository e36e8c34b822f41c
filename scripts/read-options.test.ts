import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "..");
const run = (script: string, ...args: string[]) =>
  spawnSync(process.execPath, [resolve(root, script), ...args], { encoding: "utf8", timeout: 60_000 });

describe.each([
  ["scripts/soak.ts", "npm run soak -- ", "--minutes"],
  ["bench/run.ts", "npm run bench -- ", "--rounds"],
  ["bench/import-django.ts", "node bench/import-django.ts ", "--users"],
])("%s", (script, usage, flag) => {
  it.each(["--help", "-h"])("%s prints the usage", (help) => {
    const { status, stdout, stderr } = run(script, help);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`${usage}[${flag} `);
  });

  it.each([
    ["an unknown flag", ["--odd"], "--odd"],
    ["a flag without its value", [flag], flag],
    ["a value that is no number", [flag, "many"], flag],
    ["none at all", [flag, "0"], flag],
    ["a word", ["quickly"], "Wrong number of arguments"],
  ])("%s is one sentence in both languages, and nothing begins", (_, args, said) => {
    const { status, stdout, stderr } = run(script, ...args);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(said);
    expect(stderr).toMatch(/^[^\n]*[\u4e00-\u9fff][^\n]*\n$/u);
  });
});

it.each([
  ["bench/run.ts", "--engine", "sqlite, postgres"],
  ["bench/import-django.ts", "--source", "sqlite, mysql, postgres"],
])("%s %s names what there is", (script, flag, known) => {
  const { status, stderr } = run(script, flag, "odd");
  expect(status).toBe(2);
  expect(stderr).toContain(flag);
  expect(stderr).toContain(known);
  expect(stderr).not.toMatch(/\n\s+at /);
});
