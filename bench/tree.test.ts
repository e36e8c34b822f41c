import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { commandIn, ownTree, runIn, type TreeCommand } from "./tree.ts";

const folder = mkdtempSync(join(tmpdir(), "meiduo-tree-"));
afterAll(() => rmSync(folder, { recursive: true }));

it.each<TreeCommand>(["start", "serve", "work", "migrate"])("finds %s in this checkout", (name) => {
  expect(commandIn(ownTree, name)).toContain(name);
});

it("runs what package.json says, there, and tells what it printed where it fails", () => {
  const scripts = { migrate: "node migrate.mjs" };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ scripts }));
  writeFileSync(
    join(folder, "migrate.mjs"),
    "process.exitCode = process.env.GOOD ? 0 : 3; console.log(process.cwd())",
  );
  runIn(folder, "migrate", { GOOD: "1" });
  expect(() => runIn(folder, "migrate", {})).toThrow(folder);
  expect(() => commandIn(folder, "serve")).toThrow(/no script "serve"/);
});
