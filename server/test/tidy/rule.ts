import ts from "typescript";
import { lineOf, nodesOf, type Source } from "./sources.ts";

/** A rule of the house: what breaks it, and an example of that. tidy.test.ts says what each protects. */
export interface Rule {
  /** What breaks the rule, of these sources and no others. */
  check(sources: readonly Source[]): Finding[];
  /** Sources by file. The rule finds the lines that end with `// red`, and nothing else. */
  readonly planted: Readonly<Record<string, string>>;
  /** A finding as `<file> <what>`, and why it may stay. One that is found no more is itself an error. */
  readonly exceptions?: Readonly<Record<string, string>>;
}

export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly what: string;
}

/** A test, or what tests share. */
export const isTest = (file: string) => /\.test\.ts$|(^|\/)test\/|^e2e\//.test(file);

/** What is shipped and runs: server/src without the tests beside it. */
export const isProduct = (file: string) => file.startsWith("server/src/") && !isTest(file);

/** The room: the first folder of server/src a file is in. */
export const roomOf = (file: string) => /^server\/src\/([^/]+)\//.exec(file)?.[1] ?? null;

/** The folder a file is in; the root is `.`. */
export const folderOf = (file: string) => /^(.+)\/[^/]+$/.exec(file)?.[1] ?? ".";

export function findingAt(source: Source, node: ts.Node, what: string): Finding {
  return { file: source.file, line: lineOf(source, node), what };
}

/** Of a whole file. */
export const findingOf = ({ file }: Source, what: string): Finding => ({ file, line: 1, what });

/** What is shipped and runs, but for the free files. */
export const productBut = (isFree: RegExp) => (file: string) => isProduct(file) && !isFree.test(file);

/** Every place in these files where the code is what is banned. */
export function ban(
  within: (file: string) => boolean,
  isBanned: (node: ts.Node) => boolean,
  what: string,
): Rule["check"] {
  return (sources) =>
    sources
      .filter(({ file }) => within(file))
      .flatMap((source) =>
        nodesOf(source)
          .filter(isBanned)
          .map((node) => findingAt(source, node, what)),
      );
}

/** Product files, but for the free ones, that name one of these in code, however they came by it. */
export const naming = (names: RegExp, isFree: RegExp, what: string) =>
  ban(productBut(isFree), (node) => ts.isIdentifier(node) && names.test(node.text), what);
