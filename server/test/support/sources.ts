import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's sources and what imports what, for the tests of the house rules. */
const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
const folders = ["server", "client", "web", "sandbox", "e2e", "bench", "scripts"];

/** A file of ours, by its path from the root. */
export interface Source {
  readonly file: string;
  readonly lines: readonly string[];
}

/** Every source file of the repository, tests too; fixtures and what is built are none. */
export const sources: Source[] = folders
  .filter((folder) => existsSync(join(root, folder)))
  .flatMap((folder) => {
    const at = join(root, folder);
    return readdirSync(at, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(ts|vue|mjs)$/.test(entry.name))
      .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
      .filter(
        (file) => !/(^|\/)(node_modules|dist|fixtures|screenshots)\//.test(file) && !file.endsWith(".d.ts"),
      )
      .map((file) => ({ file, lines: readFileSync(join(root, file), "utf8").split("\n") }));
  });

export interface Import {
  readonly from: string;
  readonly line: number;
  readonly to: string;
  readonly typeOnly: boolean;
  /** By `import(…)`: for laziness, and under the same rules. */
  readonly dynamic: boolean;
}

const importPattern = /^\s*(?:import|export)\s+(type\s+)?(?:[^"';]*?\s+from\s+)?["']([^"']+)["']/;

/** In code, not in a comment; what is imported may stand on the next line. */
const dynamicPattern = /(\btypeof\s+)?(?<![.\w])import\(\s*(?:["'`]([^"'`$]+)["'`]\s*[,)])?/g;
export const isComment = (line: string) => /^\s*(\/\/|\/?\*)/.test(line);

function resolved(file: string, target: string): string {
  return target.startsWith(".") ? normalize(join(dirname(file), target)).replaceAll("\\", "/") : target;
}

/** `import("…")`; one whose file is computed is imported `to` nothing. */
function dynamicImportsOf({ file, lines }: Source): Import[] {
  const text = lines.map((line) => (isComment(line) ? "" : line.replace(/\s\/\/ .*$/, ""))).join("\n");
  return [...text.matchAll(dynamicPattern)].map(({ index, 1: typeOf, 2: target }) => ({
    ...{ from: file, dynamic: true, typeOnly: typeOf !== undefined },
    line: text.slice(0, index).split("\n").length,
    to: target === undefined ? "" : resolved(file, target),
  }));
}

export function importsOf(source: Source): Import[] {
  return [...staticImportsOf(source), ...dynamicImportsOf(source)];
}

function staticImportsOf({ file, lines }: Source): Import[] {
  const found: Import[] = [];
  let pending = "";
  let startedAt = 0;
  lines.forEach((line, index) => {
    // Imports over several lines are joined until their semicolon.
    if (pending === "" && /^\s*(import|export)\s*(type\s*)?\{[^}]*$/.test(line)) {
      pending = line;
      startedAt = index;
      return;
    }
    const text = pending === "" ? line : `${pending} ${line.trim()}`;
    if (pending !== "" && !line.includes(";")) {
      pending = text;
      return;
    }
    const at = pending === "" ? index : startedAt;
    pending = "";
    const match = importPattern.exec(text);
    if (!match) return;
    const to = resolved(file, match[2]!);
    const names = /\{([^}]*)\}/.exec(text)?.[1];
    const onlyTypes =
      names !== undefined &&
      /^\s*(import|export)\s*\{/.test(text) &&
      names.split(",").every((n) => n.trim() === "" || /^\s*type\s/.test(n));
    const typeOnly = match[1] !== undefined || onlyTypes;
    found.push({ from: file, line: at + 1, to, typeOnly, dynamic: false });
  });
  return found;
}

export const imports = sources.flatMap(importsOf);
export const isTest = (file: string) => /\.test\.ts$|\/test\/|^e2e\/|^bench\//.test(file);
