import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/**
 * Which tests are the `unit` suite: those beside a source that load nothing that starts a process, opens a database
 * or hashes. Found by what they import, so that nobody keeps a list and a new test is where it belongs.
 */
const root = resolve(import.meta.dirname, "../../..");

/** Tests beside sources: what isn't of the unit suite here is the server suite's. */
export const besideSources = ["server/src", "sandbox", "scripts", "bench"].map(
  (room) => `${room}/**/*.test.ts`,
);

/** What a unit test does without, by the module that brings it. */
const tooMuch = new Set([
  ...["node:child_process", "node:cluster", "node:sqlite"],
  ...["pg", "ioredis", "bullmq", "mysql2", "mysql2/promise", "@node-rs/argon2", "@node-rs/bcrypt"],
  // It sets the priority of the process that runs the test.
  "server/src/passwords/hash-priority.ts",
]);

/** Statements that load what they name, as `import type` doesn't, over as many lines as they take. */
const statements = /^(?:import|export)\s+(?!type\b)(?:[^"';]*?\sfrom\s+)?["']([^"']+)["']/gm;
/** What a source imports late a unit test may go without; what a test imports late it runs. */
const late = /\bimport\(\s*["']([^"']+)["']/g;

/** Paths from the root, with `/`, in the order of their names. */
export function unitTests(): string[] {
  const known = new Map<string, boolean>();
  return globSync(besideSources, { cwd: root })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => !needsTooMuch(file, known))
    .toSorted();
}

/** Whether the file (a path from the root), or one that it loads, asks for something of `tooMuch`. */
export function needsTooMuch(file: string, known: Map<string, boolean> = new Map()): boolean {
  const before = known.get(file);
  if (before !== undefined) return before;
  // Files that load each other: whoever came first finds what the circle needs.
  known.set(file, false);
  const needed = loadedBy(file).some((target) => {
    return tooMuch.has(target) || (existsSync(join(root, target)) && needsTooMuch(target, known));
  });
  known.set(file, needed);
  return needed;
}

/** Packages by their name, our own files by their path from the root. */
function loadedBy(file: string): string[] {
  if (!/\.(?:ts|mjs)$/.test(file)) return [];
  const text = readFileSync(join(root, file), "utf8");
  const found = [...text.matchAll(statements), ...(file.endsWith(".test.ts") ? text.matchAll(late) : [])];
  return found.map(([, target]) =>
    target!.startsWith(".") ? join(dirname(file), target!).replaceAll("\\", "/") : target!,
  );
}
