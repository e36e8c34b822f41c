import { type RawBuilder, sql } from "kysely";
import { mobile } from "../accounts/mobile.ts";
import type { Db } from "../engines/database/database.ts";
import { clockSkewMillis } from "../kernel/clock.ts";
import { createPauses } from "../kernel/next-turn.ts";
import { pagesAlong } from "./along-keys.ts";
import { type Sought, seek, withoutNames } from "./names-in-text.ts";

/**
 * Takes a person's addresses and numbers out of what staff and services wrote down about others: an erasure finds its own rows by the
 * account, these only by what they say (guard: written-by-staff.test.ts). Reasons in the audit log never have any
 * (accounts/staff-reason.ts). The rest of a text stays. Accident: a hundred thousand notes were gone through in one query, and on SQLite
 * everybody waited; they are walked along their keys, and others have their turns (guard: no-standstill.test.ts).
 */
const notes = { table: "user_notes", key: "id", column: "text" } as const;
/** Beside notes: as many as there are decisions of staff. */
const decisions = [
  { table: "disablings", key: "user_id", column: "reason" },
  { table: "bulk_runs", key: "id", column: "reason" },
  { table: "denials", key: "id", column: "reason" },
  { table: "deletion_holds", key: "user_id", column: "reason" },
] as const;

interface Written {
  readonly table: string;
  readonly key: string;
  readonly column: string;
}

/**
 * User names are not sought: they are words, or digits that anything may have. One that begins or ends with an @ is no address either:
 * a mention, or the sign alone.
 */
const soughtOf = (nameKeys: readonly string[]) =>
  seek(nameKeys.filter((key) => /.@./u.test(key) || mobile.operator.check(key) === null));

/** Notes that one query looks at. */
const notesAtOnce = 500;

/** For which names `forgetInNotes` has gone through the notes, and when it began: what was written since is looked at again. */
export interface NotesSeen {
  readonly nameKeys: ReadonlySet<string>;
  readonly from: number;
}

/**
 * `nameKeys`: of everything that the person gave (kernel/name-key.ts). For a name that `seen` lacks every note is looked at within the
 * transaction. Accident: accounts that a restore erases again were not due yet when they were read, so nothing was gone through before,
 * and old notes kept their addresses (guard: contract/deleted-accounts.test.ts).
 */
export async function forgetWritten(
  transaction: Db,
  nameKeys: readonly string[],
  seen?: NotesSeen,
): Promise<void> {
  const sought = soughtOf(nameKeys);
  if (sought.length === 0) return;
  const isSeen = (key: string) => seen?.nameKeys.has(key) === true;
  const [late, unseen] = [nameKeys.filter(isSeen), nameKeys.filter((key) => !isSeen(key))].map(soughtOf);
  if (unseen!.length > 0) await walk(transaction, unseen!, [notes]);
  if (seen !== undefined && late!.length > 0) {
    for await (const page of pagesSince(transaction, seen.from - clockSkewMillis)) {
      await forgetWhere(transaction, notes, page, late!);
    }
  }
  await walk(transaction, sought, decisions);
}

/**
 * What an erasure and a join do before their transactions: a million notes take half a minute to go through, for which nobody else could
 * write on SQLite. Each change is by itself, and done again it does nothing. `from`: now.
 */
export async function forgetInNotes(db: Db, nameKeys: readonly string[], from: number): Promise<NotesSeen> {
  const sought = soughtOf(nameKeys);
  if (sought.length > 0) await walk(db, sought, [notes]);
  return { nameKeys: new Set(nameKeys), from };
}

async function walk(db: Db, sought: readonly Sought[], written: readonly Written[]): Promise<void> {
  for (const one of written) {
    for await (const page of pagesAlong(db, one)) await forgetWhere(db, one, page, sought);
  }
}

/** Notes that were written since then, in pages: a program may have brought in very many of them in some minutes. */
async function* pagesSince({ kysely }: Db, from: number): AsyncGenerator<RawBuilder<unknown>> {
  for (let [at, id] = [from, ""]; ; ) {
    const behind = sql`(created_at, id) > (${at}, ${id})`;
    const { rows } = await sql<{
      created_at: number;
      id: string;
    }>`select created_at, id from ${sql.table(notes.table)}
      where created_at >= ${at} and ${behind} order by created_at, id limit ${notesAtOnce}`.execute(kysely);
    const last = rows.at(-1);
    if (last === undefined) return;
    yield sql`created_at >= ${at} and ${behind} and (created_at, id) <= (${last.created_at}, ${last.id})`;
    [at, id] = [last.created_at, last.id];
  }
}

/** Every text is read and folded here: SQLite knows no capitals but ASCII's, and neither engine a number in groups. */
async function forgetWhere(
  { kysely }: Db,
  written: Written,
  where: RawBuilder<unknown>,
  sought: readonly Sought[],
): Promise<void> {
  const [table, key, text] = [
    sql.table(written.table),
    sql.ref(written.key),
    sql.ref<string>(written.column),
  ];
  const { rows } = await sql<{
    key: string | number;
    text: string | null;
  }>`select ${key} as key, ${text} as text from ${table}
    where ${where}`.execute(kysely);
  const pause = createPauses();
  for (const { key: own, text: before } of rows) {
    await pause();
    const after = before === null ? null : withoutNames(before, sought);
    if (after === before) continue;
    await sql`update ${table} set ${text} = ${after} where ${key} = ${own} and ${text} = ${before}`.execute(
      kysely,
    );
  }
}
