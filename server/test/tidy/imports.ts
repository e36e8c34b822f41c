import { dirname, join, normalize } from "node:path";
import ts from "typescript";
import { lineOf, nodesOf, type Source } from "./sources.ts";

/** What a source imports, as the compiler reads it: by a statement, late by `import(…)`, or a type alone. */
export interface Import {
  readonly from: string;
  readonly line: number;
  /** A file from the root, a package by its name; empty where it is computed. */
  readonly to: string;
  readonly isPackage: boolean;
  /** Nothing of it is there at run time. */
  readonly typeOnly: boolean;
  /** By `import(…)`: for laziness, and under the same rules. */
  readonly dynamic: boolean;
  /** The exports it takes; null: whichever. */
  readonly names: readonly string[] | null;
}

const known = new WeakMap<Source, readonly Import[]>();

export function importsOf(source: Source): readonly Import[] {
  const before = known.get(source);
  if (before) return before;
  const found = nodesOf(source).flatMap((node) => importBy(source, node) ?? []);
  known.set(source, found);
  return found;
}

function importBy(source: Source, node: ts.Node): Import | null {
  const at = { from: source.file, line: lineOf(source, node) };
  if (ts.isImportDeclaration(node)) {
    return {
      ...at,
      ...target(source.file, node.moduleSpecifier),
      dynamic: false,
      ...takenBy(node.importClause),
    };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
    return { ...at, ...target(source.file, node.moduleSpecifier), dynamic: false, ...handedOnBy(node) };
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const late = { dynamic: true, typeOnly: false, names: namesTakenLate(node) };
    return { ...at, ...target(source.file, node.arguments[0]), ...late };
  }
  if (ts.isImportTypeNode(node)) {
    const named = ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
    const names = node.qualifier ? [node.qualifier.getText(source.tree).split(".")[0]!] : null;
    return { ...at, ...target(source.file, named), dynamic: true, typeOnly: true, names };
  }
  return null;
}

function target(file: string, named: ts.Node | undefined): Pick<Import, "to" | "isPackage"> {
  if (named === undefined || !ts.isStringLiteralLike(named)) return { to: "", isPackage: false };
  // The one package that is ours and taken from its sources (`exports` in client/package.json).
  if (named.text === "@meiduo/client") return { to: "client/src/client.ts", isPackage: false };
  if (!named.text.startsWith(".")) return { to: named.text, isPackage: true };
  return { to: normalize(join(dirname(file), named.text)).replaceAll("\\", "/"), isPackage: false };
}

type Taken = Pick<Import, "typeOnly" | "names">;

function takenBy(clause: ts.ImportClause | undefined): Taken {
  if (!clause) return { typeOnly: false, names: [] };
  const bindings = clause.namedBindings;
  if (bindings && ts.isNamespaceImport(bindings)) return { typeOnly: clause.isTypeOnly, names: null };
  const elements = bindings?.elements ?? [];
  const onlyTypes = !clause.name && elements.length > 0 && elements.every((one) => one.isTypeOnly);
  return {
    typeOnly: clause.isTypeOnly || onlyTypes,
    names: [
      ...(clause.name ? ["default"] : []),
      ...elements.map((one) => (one.propertyName ?? one.name).text),
    ],
  };
}

function handedOnBy(node: ts.ExportDeclaration): Taken {
  const clause = node.exportClause;
  if (!clause || !ts.isNamedExports(clause)) return { typeOnly: node.isTypeOnly, names: null };
  return {
    typeOnly: node.isTypeOnly || clause.elements.every((one) => one.isTypeOnly),
    names: clause.elements.map((one) => (one.propertyName ?? one.name).text),
  };
}

/** Of `const { a } = await import(…)`, `(await import(…)).a` and `import(…).then(({ a }) => …)`. */
function namesTakenLate(call: ts.CallExpression): string[] | null {
  let user: ts.Node = call.parent;
  if (ts.isPropertyAccessExpression(user) && user.name.text === "then" && ts.isCallExpression(user.parent)) {
    const [then] = user.parent.arguments;
    return then && ts.isArrowFunction(then) ? namesIn(then.parameters[0]?.name) : null;
  }
  while (ts.isAwaitExpression(user) || ts.isParenthesizedExpression(user)) user = user.parent;
  if (ts.isPropertyAccessExpression(user)) return [user.name.text];
  if (ts.isVariableDeclaration(user)) return namesIn(user.name);
  // `const [{ a }, { b }] = await Promise.all([import(…), import(…)])`
  if (ts.isArrayLiteralExpression(user) && ts.isVariableDeclaration(user.parent.parent.parent)) {
    const all = user.parent.parent.parent.name;
    const one = ts.isArrayBindingPattern(all) ? all.elements[user.elements.indexOf(call)] : undefined;
    return one && ts.isBindingElement(one) ? namesIn(one.name) : null;
  }
  return null;
}

function namesIn(pattern: ts.BindingName | undefined): string[] | null {
  if (!pattern || !ts.isObjectBindingPattern(pattern)) return null;
  return pattern.elements.map((one) => (one.propertyName ?? one.name).getText());
}
