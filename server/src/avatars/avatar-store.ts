import { type Db, statement } from "../engines/database/database.ts";

/** The rows of pictures, wherever their bytes lie. */
export interface AvatarRow {
  readonly name: string;
  /** Null once the account is erased: then it is removed. */
  readonly user_id: number | null;
  readonly store: PictureStoreName;
  readonly created_at: number;
  /** From when on it is removed; null while the account shows it. */
  readonly due_at: number | null;
}

export type PictureStoreName = "database" | "s3";

declare module "../engines/database/tables.ts" {
  interface Tables {
    avatars: { -readonly [Name in keyof AvatarRow]: AvatarRow[Name] };
    avatar_files: { name: string; content: string };
  }
}

export async function insertAvatar(db: Db, row: AvatarRow): Promise<void> {
  await db.kysely.insertInto("avatars").values(row).execute();
}

const shown = statement("avatars.shown", (db, values: { name: string }) =>
  db
    .selectFrom("avatars")
    .select(["store"])
    .where("name", "=", values.name)
    .where("due_at", "is", null)
    .where("user_id", "is not", null),
);

/** Where a picture lies that an account shows; null for any other name. */
export async function storeOfShown(db: Db, name: string): Promise<PictureStoreName | null> {
  return (await db.first(shown, { name }))?.store ?? null;
}

/** Null for `dueAt`: it is shown from now on. */
export async function writeDue(db: Db, name: string, dueAt: number | null): Promise<void> {
  await db.kysely.updateTable("avatars").set({ due_at: dueAt }).where("name", "=", name).execute();
}

/** Longer than storing can take (s3-pictures.ts, and what a statement may take): after it nothing comes behind its row any more. */
const strayMillis = 2 * 60_000;

/** Those whose time has come, the longest due first, and those whose account is gone without a word, or while they were stored. */
export async function dueAvatars(db: Db, now: number, limit: number): Promise<AvatarRow[]> {
  const { kysely } = db;
  const all = kysely.selectFrom("avatars").selectAll().limit(limit);
  const due = await all.where("due_at", "<=", now).orderBy("due_at").execute();
  if (due.length === limit) return due;
  const left = await all
    .where("user_id", "is", null)
    .where((row) => row.or([row("due_at", "is", null), row("created_at", "<=", now - strayMillis)]))
    .where((row) => row.or([row("due_at", "is", null), row("due_at", ">", now)]))
    .execute();
  return [...due, ...left].slice(0, limit);
}

/**
 * What the account shows is to go now. One that is still being stored keeps its time: removed before it lies there, its row would be
 * gone and the picture would stay.
 */
export async function writeShownDue(db: Db, userId: number, now: number): Promise<void> {
  await db.kysely
    .updateTable("avatars")
    .set({ due_at: now })
    .where("user_id", "=", userId)
    .where("due_at", "is", null)
    .execute();
}

export async function deleteAvatar(db: Db, name: string): Promise<void> {
  await db.kysely.deleteFrom("avatars").where("name", "=", name).execute();
}

/** Gives the picture to another account. */
export async function moveAvatar(db: Db, name: string, userId: number): Promise<void> {
  await db.kysely.updateTable("avatars").set({ user_id: userId }).where("name", "=", name).execute();
}
