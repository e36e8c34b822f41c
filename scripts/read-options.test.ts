import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { toolScripts } from "../server/src/cli/project-commands.ts";
import { type ToolName, toolOptions } from "../server/src/cli/tool-options.ts";

const root = resolve(import.meta.dirname, "..");
const tools = Object.entries(toolScripts) as [ToolName, string][];
const call = (script: string, ...args: string[]) =>
  spawnSync(process.execPath, [join(root, script), ...args], { encoding: "utf8", cwd: root });

it.each(tools)("npm run %s -- --help shows the table's options, and nothing begins", (name, script) => {
  const { status, stdout, stderr } = call(script, "--help");
  expect([status, stderr]).toEqual([0, ""]);
  for (const title of ["Usage:", "用法："]) expect(stdout).toContain(title);
  for (const [option, { zh, en }] of Object.entries(toolOptions[name])) {
    expect(stdout).toContain(`--${option}`);
    for (const text of [zh, en]) expect(stdout).toContain(text);
  }
});

it.each(tools)("npm run %s refuses an option that the table lacks, and nothing begins", (_, script) => {
  const { status, stdout, stderr } = call(script, "--no-such-option");
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr).toBe(
    "There is no option --no-such-option. See --help. 没有 --no-such-option 这个选项。用法见 --help。\n",
  );
});
