import ts from "typescript";
import { lineOf, type Source } from "./sources.ts";

/** A name that other files can import. */
export interface Export {
  readonly name: string;
  readonly line: number;
  readonly isType: boolean;
}

export function exportsOf(source: Source): Export[] {
  return source.tree.statements.flatMap((statement) => {
    const isType = ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement);
    const at = (name: string, node: ts.Node) => ({ name, line: lineOf(source, node), isType });
    if (ts.isExportDeclaration(statement)) {
      const clause = statement.exportClause;
      if (!clause || !ts.isNamedExports(clause)) return [];
      return clause.elements.map((one) => at(one.name.text, one));
    }
    if (!ts.canHaveModifiers(statement)) return [];
    const modifiers = (ts.getModifiers(statement) ?? []).map(({ kind }) => kind);
    if (!modifiers.includes(ts.SyntaxKind.ExportKeyword) || modifiers.includes(ts.SyntaxKind.DefaultKeyword))
      return [];
    if (ts.isVariableStatement(statement)) {
      return statement.declarationList.declarations.flatMap(({ name }) =>
        namesIn(name).map((one) => at(one.text, one)),
      );
    }
    const named = statement as ts.Statement & { readonly name?: ts.Identifier };
    return named.name ? [at(named.name.text, named)] : [];
  });
}

function namesIn(name: ts.BindingName): ts.Identifier[] {
  if (ts.isIdentifier(name)) return [name];
  return name.elements.flatMap((one) => (ts.isBindingElement(one) ? namesIn(one.name) : []));
}
