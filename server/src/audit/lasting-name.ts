import type { Db } from "../engines/database/database.ts";
import type { Actor } from "./audit.ts";
import { pseudonymOf } from "./without-values.ts";

/**
 * Who did it, as a row keeps it that outlives their account: by the id alone (attack and law: a name of an erased member of staff that
 * stays in others' rows; guard: staff-traces.test.ts). A command's or the program's own name stays as it is.
 */
export const lastingName = ({ id, name }: Pick<Actor, "id" | "name">): string =>
  id === null ? name.slice(0, 150) : pseudonymOf(id);

/** What people read in its place: the user name of today; what it is where the account is gone. */
export async function namesNow(db: Db, kept: readonly string[]): Promise<(lasting: string) => string> {
  const ids = new Set(kept.flatMap((name) => /^user#(\d{1,15})$/.exec(name)?.[1] ?? []).map(Number));
  if (ids.size === 0) return (lasting) => lasting;
  const rows = await db.kysely
    .selectFrom("users")
    .select(["id", "username"])
    .where("id", "in", [...ids])
    .execute();
  const names = new Map(rows.map(({ id, username }) => [pseudonymOf(id), username]));
  return (lasting) => names.get(lasting) ?? lasting;
}
