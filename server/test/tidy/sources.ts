import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";

/** The project's own sources, each read and parsed once, and small trees of them for the tests of the rules. */
export interface Source {
  /** From the root of the project, with `/`. */
  readonly file: string;
  readonly text: string;
  readonly lines: readonly string[];
  /** Of a Vue file its script blocks, on the lines where they are. */
  readonly tree: ts.SourceFile;
}

const root = resolve(import.meta.dirname, "../../..");

/** Made by tools, brought from elsewhere, or of another time. */
const notOurs = /^(\.|(node_modules|dist|data|coverage|fixtures|screenshots)$)/;
const isSource = (name: string) => /\.(ts|tsx|vue|mjs|cjs|js)$/.test(name) && !name.endsWith(".d.ts");

/** Every source of the project, in whatever folder: a new one is seen before anybody has thought of it. */
export function projectSources(): Source[] {
  return filesUnder("").map((file) => parsed(file, readFileSync(join(root, file), "utf8")));
}

/** What a rule's own test plants, by file. */
export function plantedSources(files: Readonly<Record<string, string>>): Source[] {
  return Object.entries(files).map(([file, text]) => parsed(file, text));
}

function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return notOurs.test(entry.name) ? [] : filesUnder(path);
    return entry.isFile() && isSource(entry.name) ? [path] : [];
  });
}

function parsed(file: string, text: string): Source {
  const code = file.endsWith(".vue") ? scriptsOf(text) : text;
  const typed = file.endsWith(".tsx") ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const kind = /\.(mjs|cjs|js)$/.test(file) ? ts.ScriptKind.JS : typed;
  const lines = text.replace(/\n$/, "").split("\n");
  return { file, text, lines, tree: ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true, kind) };
}

/** All else is blank, so that lines stay what they are. */
function scriptsOf(text: string): string {
  let code = "";
  for (const { index, 0: block, 1: tag, 2: script } of text.matchAll(/(<script[^>]*>)(.*?)<\/script>/gs)) {
    const begin = index + tag!.length;
    code += blank(text.slice(code.length, begin)) + script + blank(block.slice(tag!.length + script!.length));
  }
  return code;
}

const blank = (text: string) => text.replace(/[^\n]/g, " ");

const nodes = new WeakMap<Source, readonly ts.Node[]>();

/** Every node of a source, from the top down, in the order of the text. */
export function nodesOf(source: Source): readonly ts.Node[] {
  const before = nodes.get(source);
  if (before) return before;
  const found: ts.Node[] = [];
  const visit = (node: ts.Node) => {
    found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(source.tree);
  nodes.set(source, found);
  return found;
}

/** Counted from 1. */
export function lineOf(source: Source, node: ts.Node): number {
  return source.tree.getLineAndCharacterOfPosition(node.getStart(source.tree)).line + 1;
}
