import type { Db } from "../engines/database/database.ts";
import type { Actor } from "./audit.ts";
import { pseudonymOf } from "./without-values.ts";

/**
 * Who did it, as a row keeps it that outlives their account: by the id alone (attack and law: a name of an erased member of staff that
 * stays in others' rows; guard: staff-traces.test.ts). A command's or the program's own name stays as it is.
 */
export const lastingName = ({ id, name }: Pick<Actor, "id" | "name">): string =>
  id === null ? name.slice(0, 150) : pseudonymOf(id);

/** The rows with what people read in the place of such a name: the user name of today, and where the account is gone what it is. */
export async function withNamesNow<Field extends string, Row extends Readonly<Record<Field, string>>>(
  db: Db,
  rows: readonly Row[],
  field: Field,
): Promise<Row[]> {
  const ids = new Set(rows.flatMap((row) => /^user#(\d{1,15})$/.exec(row[field])?.[1] ?? []).map(Number));
  if (ids.size === 0) return [...rows];
  const found = await db.kysely
    .selectFrom("users")
    .select(["id", "username"])
    .where("id", "in", [...ids])
    .execute();
  const names = new Map(found.map(({ id, username }) => [pseudonymOf(id), username]));
  return rows.map((row) => ({ ...row, [field]: names.get(row[field]) ?? row[field] }));
}
