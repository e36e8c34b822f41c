import { type Db, statement } from "../engines/database/database.ts";
import type { LogInName } from "./account-field.ts";

/**
 * Names that an account gave up, as their keys. While a row is there the name is nobody else's: services of the mall
 * find accounts by the name in a token, so a name must not change hands while a token that carries it lives (attack:
 * take the name somebody has just given up, and be taken for them; guard: held-names.race.test.ts, username-change.test.ts).
 * How long that is, is the purge's: a name stays held until its row is removed, never shorter.
 */
const hold = statement(
  "held_names.hold",
  (db, values: { nameKey: string; userId: number; kind: LogInName; now: number }) => {
    const { nameKey: name_key, userId: user_id, kind, now: given_up_at } = values;
    return db
      .insertInto("held_names")
      .values({ name_key, user_id, kind, given_up_at })
      .onConflict((conflict) => conflict.column("name_key").doUpdateSet({ user_id, kind, given_up_at }))
      .returning("name_key");
  },
);

/**
 * Numbers held for one account: nobody proves a number, so somebody could try one after another (attack: keeping others
 * from their own numbers; guard: username-change.test.ts). No token names one, unlike user names and addresses.
 */
const numbersHeld = 3;

const trimNumbers = statement("held_names.trimNumbers", (db, values: { userId: number; kept: number }) =>
  db
    .deleteFrom("held_names")
    .where("user_id", "=", values.userId)
    .where("kind", "=", "mobile")
    .where("name_key", "in", (old) =>
      old
        .selectFrom("held_names")
        .select("name_key")
        .where("user_id", "=", values.userId)
        .where("kind", "=", "mobile")
        .orderBy("given_up_at", "desc")
        .orderBy("name_key")
        .limit(1_000_000)
        .offset(values.kept as never),
    )
    .returning("name_key"),
);

/** Holds the key for the account that has just given it up. `now` in epoch milliseconds. */
export async function holdName(
  transaction: Db,
  name: { readonly nameKey: string; readonly userId: number; readonly kind: LogInName; readonly now: number },
): Promise<void> {
  await transaction.first(hold, name);
  if (name.kind === "mobile") await transaction.all(trimNumbers, { userId: name.userId, kept: numbersHeld });
}

const holder = statement("held_names.holder", (db, values: { nameKey: string }) =>
  db.selectFrom("held_names").select("user_id").where("name_key", "=", values.nameKey),
);

const takeBack = statement("held_names.takeBack", (db, values: { nameKey: string; userId: number }) =>
  db
    .deleteFrom("held_names")
    .where("name_key", "=", values.nameKey)
    .where("user_id", "=", values.userId)
    .returning("name_key"),
);

/**
 * Whether the account may have the key, which it has just claimed: true where nobody else gave it up. What it gave up
 * itself is its own again.
 */
export async function mayHave(transaction: Db, nameKey: string, userId: number): Promise<boolean> {
  const row = await transaction.first(holder, { nameKey });
  if (row === null) return true;
  if (row.user_id !== userId) return false;
  await transaction.first(takeBack, { nameKey, userId });
  return true;
}

const setFree = statement("held_names.setFree", (db, values: { nameKey: string }) =>
  db
    .deleteFrom("held_names")
    .where("name_key", "=", values.nameKey)
    .where("kind", "=", "mobile")
    .returning("name_key"),
);

/** Holds a number for nobody any more: somebody has proved it. */
export async function setNumberFree(transaction: Db, nameKey: string): Promise<void> {
  await transaction.first(setFree, { nameKey });
}

const purge = statement("held_names.purge", (db, values: { before: number; limit: number }) =>
  db
    .deleteFrom("held_names")
    .where("name_key", "in", (old) =>
      old
        .selectFrom("held_names")
        .select("name_key")
        .where("given_up_at", "<=", values.before)
        .limit(values.limit),
    )
    .returning("name_key"),
);

/** Sets up to `limit` names free that were given up until `before` (epoch milliseconds); returns how many. */
export async function purgeHeldNames(db: Db, before: number, limit: number): Promise<number> {
  return (await db.all(purge, { before, limit })).length;
}

/**
 * How long a given-up name is held, in milliseconds: as configured, and never shorter than a token of ours or of
 * another service can live.
 */
export function holdMillis(settings: {
  readonly nameHoldDays: number;
  readonly tokenLifeSeconds: number;
  readonly foreignTokens: { readonly lifeSeconds: number };
}): number {
  const { nameHoldDays, tokenLifeSeconds, foreignTokens } = settings;
  return Math.max(nameHoldDays * 86_400, tokenLifeSeconds, foreignTokens.lifeSeconds) * 1000;
}
