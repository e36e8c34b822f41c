import type { Db } from "../engines/database/database.ts";

/** The table `user_notes`: what staff wrote down about an account. Times in epoch milliseconds. */
export interface Note {
  readonly id: string;
  readonly user_id: number;
  /** Who wrote it, as audit/lasting-name.ts keeps it. */
  readonly author: string;
  readonly text: string;
  readonly created_at: number;
}

declare module "../engines/database/tables.ts" {
  interface Tables {
    user_notes: { -readonly [Name in keyof Note]: Note[Name] };
  }
}

/** The account's, the latest first; at most `limit`. */
export async function notesOf(db: Db, userId: number, limit: number): Promise<Note[]> {
  return db.kysely
    .selectFrom("user_notes")
    .selectAll()
    .where("user_id", "=", userId)
    .orderBy("created_at", "desc")
    .orderBy("id")
    .limit(limit)
    .execute();
}

export async function insertNote(transaction: Db, note: Note): Promise<void> {
  await transaction.kysely.insertInto("user_notes").values(note).execute();
}

/** False where the account has no such note. */
export async function removeNote(transaction: Db, userId: number, id: string): Promise<boolean> {
  const gone = await transaction.kysely
    .deleteFrom("user_notes")
    .where("id", "=", id)
    .where("user_id", "=", userId)
    .executeTakeFirst();
  return gone.numDeletedRows === 1n;
}
