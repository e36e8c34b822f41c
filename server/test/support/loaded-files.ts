import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** What a file loads, which decides in which suites a test runs: nobody keeps a list, and a new test has its place. */

const root = resolve(import.meta.dirname, "../../..");

/** Statements that load what they name, as `import type` doesn't, over as many lines as they take. */
const statements = /^(?:import|export)\s+(?!type\b)(?:[^"';]*?\sfrom\s+)?["']([^"']+)["']/gm;
const ofTests = /\.test\.ts$|^server\/test\//;
/** What a source imports late a unit test may go without; what tests import late they run. */
const late = /\bimport\(\s*["']([^"']+)["']/g;

/**
 * Whether a file (a path from the root), or one that it loads, loads one of these: packages by their name, our own
 * files by their path from the root. Remembers what it found, for the many files that load the same.
 */
export function loading(wanted: ReadonlySet<string>): (file: string) => boolean {
  const known = new Map<string, boolean>();
  const loads = (file: string): boolean => {
    const before = known.get(file);
    if (before !== undefined) return before;
    // Files that load each other: whoever came first finds what the circle loads.
    known.set(file, false);
    const found = loadedBy(file).some((target) => {
      return wanted.has(target) || (existsSync(join(root, target)) && loads(target));
    });
    known.set(file, found);
    return found;
  };
  return loads;
}

/** The files of these patterns: paths from the root, with `/`, in the order of their names. */
export function filesOf(patterns: readonly string[]): string[] {
  const files = globSync(patterns, { cwd: root });
  return files.map((file) => file.replaceAll("\\", "/")).toSorted();
}

function loadedBy(file: string): string[] {
  if (!/\.(?:ts|mjs)$/.test(file)) return [];
  const text = readFileSync(join(root, file), "utf8");
  const found = [...text.matchAll(statements), ...(ofTests.test(file) ? text.matchAll(late) : [])];
  return found.map(([, target]) =>
    target!.startsWith(".") ? join(dirname(file), target!).replaceAll("\\", "/") : target!,
  );
}
