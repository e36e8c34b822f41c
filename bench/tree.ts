import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * A checkout of the project whose product is measured. Everything in it is reached by what its package.json calls
 * `start`, `serve`, `work` and `migrate`, and then over HTTP: files may lie elsewhere in another version.
 */
export type TreeCommand = "start" | "serve" | "work" | "migrate";

/** This checkout, with what is not committed. */
export const ownTree = fileURLToPath(new URL("..", import.meta.url));

/** What `npm run <name>` runs there, without npm: its start takes longer than the product's. */
export function commandIn(tree: string, name: TreeCommand): string[] {
  const { scripts } = JSON.parse(readFileSync(join(tree, "package.json"), "utf8")) as {
    scripts?: Record<string, string>;
  };
  const command = scripts?.[name]?.split(" ") ?? [];
  if (command.length === 0) throw new Error(`package.json in ${tree} has no script "${name}"`);
  return command;
}

/** Runs a command there to its end; throws with what it printed where it fails. */
export function runIn(tree: string, name: TreeCommand, env: Readonly<Record<string, string>>): void {
  const [command = "", ...args] = commandIn(tree, name);
  const ran = spawnSync(command, args, { cwd: tree, env: { ...process.env, ...env }, encoding: "utf8" });
  if (ran.status !== 0)
    throw new Error(`${name} failed in ${tree}:\n${ran.error?.message ?? ""}${ran.stdout}${ran.stderr}`);
}
