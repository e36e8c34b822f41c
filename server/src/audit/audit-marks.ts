import { type Db, statement } from "../engines/database/database.ts";

/** The table `audit_marks`: how far what reads the audit log in its order has come, by its name. */
type MarkName = "stdout" | "chain" | "chain begun" | "typed";

interface Mark {
  readonly name: MarkName;
  /** The last entry that was seen to; 0 before the first. */
  readonly entry_id: number;
  /** Of how the chain was begun anew alone (chain-beginning.ts). */
  readonly said: string | null;
  readonly signature: string | null;
}

declare module "../engines/database/tables.ts" {
  interface Tables {
    audit_marks: { -readonly [Name in keyof Mark]: Mark[Name] };
  }
}

const peek = statement("audit_marks.peek", (db, values: { name: MarkName }) =>
  db.selectFrom("audit_marks").select("entry_id").where("name", "=", values.name),
);

const lock = statement("audit_marks.lock", (db, values: { name: MarkName }) =>
  db
    .updateTable("audit_marks")
    .set((row) => ({ entry_id: row.ref("entry_id") }))
    .where("name", "=", values.name)
    .returning("entry_id"),
);

/** Where there is none yet, one before the first entry. */
export async function beginMark(db: Db, name: MarkName): Promise<void> {
  await db.kysely
    .insertInto("audit_marks")
    .values({ name, entry_id: 0 })
    .onConflict((conflict) => conflict.column("name").doNothing())
    .execute();
}

/** The last entry that was seen to, asked without a lock; null before the reader began. */
export const peekMark = async (db: Db, name: MarkName): Promise<number | null> =>
  (await db.first(peek, { name }))?.entry_id ?? null;

/** The same, for one transaction at a time. */
export const lockMark = async (transaction: Db, name: MarkName): Promise<number | null> =>
  (await transaction.first(lock, { name }))?.entry_id ?? null;

export async function setMark(transaction: Db, name: MarkName, entryId: number): Promise<void> {
  await transaction.kysely
    .updateTable("audit_marks")
    .set({ entry_id: entryId })
    .where("name", "=", name)
    .execute();
}
