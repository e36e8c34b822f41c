import { sql } from "kysely";
import { mobile } from "../accounts/mobile.ts";
import { erasedValue } from "../audit/without-values.ts";
import type { Db } from "../engines/database/database.ts";

/**
 * Takes a person's addresses and numbers out of what staff and services wrote down about others: an erasure finds its own rows by the
 * account, these only by what they say (guard: written-by-staff.test.ts). Reasons in the audit log never have any
 * (accounts/staff-reason.ts). The rest of a text stays.
 */
const written = [
  ["user_notes", "text"],
  ["disablings", "reason"],
  ["bulk_runs", "reason"],
  ["denials", "reason"],
  ["deletion_holds", "reason"],
] as const;

/** The name alone: not the end of a longer address, nor digits within others (guard: written-by-staff.test.ts). */
function nameAlone(key: string): RegExp {
  const name = key.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  if (!key.includes("@")) return new RegExp(`(?<!\\d)(?:(?:\\+|00)?86)?${name}(?!\\d)`, "g");
  return new RegExp(`(?<![a-z\\d.+_-])${name}(?![a-z\\d_-]|\\.[a-z\\d])`, "gi");
}

/** `nameKeys`: of everything that the person gave (kernel/name-key.ts). User names are not sought: they are words, or digits that anything may have. */
export async function forgetWritten(transaction: Db, nameKeys: readonly string[]): Promise<void> {
  const sought = nameKeys.filter((key) => key.includes("@") || mobile.operator.check(key) === null);
  if (sought.length === 0) return;
  const place = sql.raw(transaction.engine === "sqlite" ? "instr" : "strpos");
  for (const [table, column] of written) {
    const text = sql.ref<string>(`${table}.${column}`);
    const isThere = sql.join(
      sought.map((key) => sql`${place}(lower(${text}), ${key}) > 0`),
      sql` or `,
    );
    const { rows } = await sql<{ text: string }>`
      select distinct ${text} as text from ${sql.table(table)} where ${isThere}`.execute(transaction.kysely);
    for (const { text: before } of rows) {
      const after = sought.reduce((left, key) => left.replaceAll(nameAlone(key), erasedValue), before);
      await sql`update ${sql.table(table)} set ${sql.ref(column)} = ${after} where ${text} = ${before}`.execute(
        transaction.kysely,
      );
    }
  }
}
