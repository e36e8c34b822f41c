import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { bindingColumns } from "./binding-tables.ts";

/**
 * The objects of a dump that look like third-party bindings: each model's become a table of their own, called as Django
 * would call it, so that what is told apart by table in a live database is told apart here too.
 */
export interface DumpBindings {
  /** False when the object is none. `userId` resolves a reference to an account. */
  add(
    model: string,
    pk: unknown,
    fields: Readonly<Record<string, unknown>>,
    userId: (reference: unknown) => unknown,
  ): boolean;
}

const { identities, providers, times } = bindingColumns;

export function createDumpBindings(database: DatabaseSync): DumpBindings {
  const inserts = new Map<string, { statement: StatementSync; columns: readonly string[] }>();

  function tableOf(model: string, fields: Readonly<Record<string, unknown>>) {
    const known = inserts.get(model);
    if (known !== undefined) return known;
    const columns = [identities, providers, times].flatMap((names) => names.filter((name) => name in fields));
    const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;
    const table = quote(model.replace(".", "_"));
    const list = columns.map(quote).join(", ");
    database.exec(`create table ${table} (id integer primary key, user_id integer, ${list})`);
    database.exec(`create index ${quote(`${model} user`)} on ${table} (user_id)`);
    const marks = columns.map(() => "?").join(", ");
    const statement = database.prepare(`insert into ${table} values (?, ?, ${marks})`);
    const made = { statement, columns };
    inserts.set(model, made);
    return made;
  }

  return {
    add(model, pk, fields, userId) {
      const isBinding = identities.some((name) => name in fields) && "user" in fields;
      if (!isBinding) return false;
      const { statement, columns } = tableOf(model, fields);
      const values = [pk ?? null, userId(fields.user), ...columns.map((column) => fields[column])];
      statement.run(...values.map(sqlValue));
      return true;
    },
  };
}

export function sqlValue(value: unknown): SQLInputValue {
  if (value === undefined || value === null) return null;
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "object" ? JSON.stringify(value) : (value as SQLInputValue);
}
