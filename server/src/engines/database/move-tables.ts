import type { DatabaseSync } from "node:sqlite";

/** The tables of an embedded database as they are, so that no table can be forgotten by the move. */
export interface MovedTable {
  readonly name: string;
  readonly columns: readonly string[];
  /** Columns of the primary key, in its order. */
  readonly key: readonly { readonly name: string; readonly isText: boolean }[];
  /** Tables its rows refer to. */
  readonly refersTo: readonly string[];
}

/** Every table but the list of migrations, each after those it refers to. */
export function tablesToMove(source: DatabaseSync): MovedTable[] {
  const names = source
    .prepare("select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name")
    .all()
    .map((row) => String(row.name))
    .filter((name) => name !== "schema_migrations");
  const tables = new Map(names.map((name) => [name, describe(source, name)]));
  const ordered: MovedTable[] = [];
  const visit = (table: MovedTable) => {
    if (ordered.includes(table)) return;
    for (const other of table.refersTo) {
      const referred = tables.get(other);
      if (referred && referred !== table) visit(referred);
    }
    ordered.push(table);
  };
  for (const table of tables.values()) visit(table);
  return ordered;
}

function describe(source: DatabaseSync, name: string): MovedTable {
  const info = source.prepare(`pragma table_info(${quoted(name)})`).all() as {
    name: string;
    type: string;
    pk: number;
  }[];
  const key = info.filter((column) => column.pk > 0).sort((a, b) => a.pk - b.pk);
  if (key.length === 0) throw new Error(`table ${name} has no primary key, so its rows can't be followed`);
  const references = source.prepare(`pragma foreign_key_list(${quoted(name)})`).all();
  return {
    name,
    columns: info.map((column) => column.name),
    key: key.map((column) => ({ name: column.name, isText: /char|text/i.test(column.type) })),
    refersTo: [...new Set(references.map((row) => String(row.table)))],
  };
}

export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

/**
 * The order both engines agree on: text by its bytes, as SQLite has it, and not by the collation that the
 * PostgreSQL database happens to have.
 */
export function keyOrder(table: MovedTable, engine: "sqlite" | "postgres", direction = "asc"): string {
  return table.key
    .map(({ name, isText }) => {
      const bytes = isText && engine === "postgres" ? ' collate "C"' : "";
      return `${quoted(name)}${bytes} ${direction}`;
    })
    .join();
}
