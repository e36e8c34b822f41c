import { type Db, statement } from "../../engines/database/database.ts";
import type { Turn } from "./key-turns.ts";

const list = statement("signing_keys.list", (db, _values: Record<never, never>) =>
  db.selectFrom("signing_keys").selectAll().orderBy("turn"),
);

/** Every turn, the oldest first. */
export function listTurns(db: Db): Promise<Turn[]> {
  return db.all(list, {});
}

const insert = statement("signing_keys.insert", (db, values: Turn) =>
  db
    .insertInto("signing_keys")
    .values({
      turn: values.turn,
      algorithm: values.algorithm,
      kid: values.kid,
      sealed: values.sealed,
      made_at: values.made_at,
      signs_from: values.signs_from,
      token_life: values.token_life,
      dropped_at: values.dropped_at,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning("turn"),
);

/** False where another process has this turn already. */
export async function insertTurn(db: Db, turn: Turn): Promise<boolean> {
  return (await db.first(insert, turn)) !== null;
}

const start = statement("signing_keys.start", (db, values: { turn: number; at: number }) =>
  db
    .updateTable("signing_keys")
    .set({ signs_from: values.at })
    .where("turn", "=", values.turn)
    .where("dropped_at", "is", null)
    .returning("turn"),
);

/** Lets a turn begin then. */
export async function startTurn(db: Db, turn: number, at: number): Promise<void> {
  await db.first(start, { turn, at });
}

const drop = statement("signing_keys.drop", (db, values: { kid: string; at: number }) =>
  db
    .updateTable("signing_keys")
    .set({ dropped_at: values.at, sealed: null })
    .where("kid", "=", values.kid)
    .where("dropped_at", "is", null)
    .returning("turn"),
);

/** Ends a key for good: nothing is left that could sign. False where it was no key, or is dropped. */
export async function dropKey(db: Db, kid: string, at: number): Promise<boolean> {
  return (await db.all(drop, { kid, at })).length > 0;
}

const replaceSealed = statement("signing_keys.seal", (db, values: { turn: number; sealed: string }) =>
  db
    .updateTable("signing_keys")
    .set({ sealed: values.sealed })
    .where("turn", "=", values.turn)
    .where("dropped_at", "is", null)
    .returning("turn"),
);

/** Keeps a private key under another encryption, unless it was dropped meanwhile. */
export async function writeSealed(db: Db, turn: number, sealed: string): Promise<void> {
  await db.first(replaceSealed, { turn, sealed });
}

const lengthen = statement("signing_keys.lengthen", (db, values: { turn: number; life: number }) =>
  db
    .updateTable("signing_keys")
    .set({ token_life: values.life })
    .where("turn", "=", values.turn)
    .where("token_life", "<", values.life)
    .returning("turn"),
);

/** Notes that tokens of this turn may live so many seconds. */
export async function lengthenTurn(db: Db, turn: number, life: number): Promise<void> {
  await db.first(lengthen, { turn, life });
}

const remove = statement("signing_keys.remove", (db, values: { turn: number }) =>
  db.deleteFrom("signing_keys").where("turn", "=", values.turn).returning("turn"),
);

/** Removes a turn that is over. */
export async function removeTurn(db: Db, turn: number): Promise<void> {
  await db.first(remove, { turn });
}

const anySession = statement("signing_keys.anySession", (db, _values: Record<never, never>) =>
  db.selectFrom("sessions").select("id").limit(1),
);

/** Whether anybody has, or lately had, a token. */
export async function hasSessions(db: Db): Promise<boolean> {
  return (await db.first(anySession, {})) !== null;
}

/** Sessions whose one token was signed between two times, epoch milliseconds: `from` on, before `to`. */
interface SignedBetween {
  readonly from: number;
  readonly to: number;
  readonly now: number;
}

const endAll = statement("signing_keys.endSigned", (db, values: SignedBetween) =>
  db
    .updateTable("sessions")
    .set({ ended_at: values.now, expires_at: values.now, ended_by: "key_dropped" })
    .where("idle_seconds", "is", null)
    .where("created_at", ">=", values.from)
    .where("created_at", "<", values.to)
    .where("ended_at", "is", null)
    .where("expires_at", ">", values.now)
    .returning("user_id"),
);

/** Ends them, for nothing renews their token; returns whose they were. */
export async function endSigned(db: Db, between: SignedBetween): Promise<number[]> {
  return (await db.all(endAll, between)).map(({ user_id }) => user_id);
}

const signed = statement("signing_keys.signed", (db, values: SignedBetween) =>
  db
    .selectFrom("sessions")
    .select("user_id")
    .where("idle_seconds", "is", null)
    .where("created_at", ">=", values.from)
    .where("created_at", "<", values.to)
    .where("ended_at", "is", null)
    .where("expires_at", ">", values.now),
);

/** Whose they are, an account once for each. */
export async function signedBetween(db: Db, between: SignedBetween): Promise<number[]> {
  return (await db.all(signed, between)).map(({ user_id }) => user_id);
}

const renewing = statement("signing_keys.renewing", (db, values: { now: number }) =>
  db
    .selectFrom("sessions")
    .select((row) => row.fn.countAll<number>().as("count"))
    .where("idle_seconds", "is not", null)
    .where("ended_at", "is", null)
    .where("expires_at", ">", values.now),
);

/** Sessions that get another token by their refresh token. */
export async function countRenewing(db: Db, now: number): Promise<number> {
  return Number((await db.first(renewing, { now }))?.count ?? 0);
}
