import { type Kysely, sql } from "kysely";
import { type Db, statement } from "../engines/database/database.ts";
import type { Tables } from "../engines/database/tables.ts";
import { nameKeys } from "../kernel/name-key.ts";
import type { LogInName } from "./account-field.ts";
import type { ErasedNames } from "./erased-names.ts";
import { holdName, mayHave } from "./held-name-store.ts";
import type { User } from "./record.ts";

/** Who holds which log-in name. The primary key of `login_names` decides, whatever happens at once. */
const holderOf = statement("login_names.holder", (db, values: { nameKey: string }) =>
  db.selectFrom("login_names").select("user_id").where("name_key", "=", values.nameKey),
);

/** Rows of this account say that the table has erased names at all. */
const nobody = 0;

type Values = { nameKey: string };
const holders = (db: Kysely<Tables>, { nameKey }: Values) =>
  db
    .selectFrom("login_names")
    .select("user_id")
    .where("name_key", "=", nameKey)
    .unionAll(db.selectFrom("held_names").select("user_id").where("held_names.name_key", "=", nameKey));

const takenBy = statement("login_names.takenBy", holders);

const takenOrAnyErased = statement("login_names.takenOrAnyErased", (db, values: Values) =>
  holders(db, values).unionAll(
    db
      .selectFrom((from) => from.selectFrom("erased_names").select("digest").limit(1).as("any_erased"))
      .select(sql.lit(nobody).as("user_id")),
  ),
);

const takenOrErased = statement("login_names.takenOrErased", (db, values: Values & { digest: string }) =>
  holders(db, values).unionAll(
    db
      .selectFrom("erased_names")
      .select(sql.lit(nobody).as("user_id"))
      .where("erased_names.digest", "=", values.digest),
  ),
);

/**
 * Whether a name is taken by any account, as a user name, an address or a mobile number, or held for one, or was an erased
 * account's a while ago (erased-names.ts). One read, with a digest only once an erased name was seen: making it costs a tenth
 * of a user-name count.
 */
export function createTakenNames(db: Db, erased: Pick<ErasedNames, "digestsOf"> | undefined) {
  let anyErased = false;

  async function isErasedOrTaken(nameKey: string, digests: readonly string[]): Promise<boolean> {
    for (const digest of digests) {
      if ((await db.first(takenOrErased, { nameKey, digest })) !== null) return true;
    }
    return false;
  }

  return async (name: string): Promise<boolean> => {
    for (const nameKey of nameKeys(name)) {
      if (erased === undefined) {
        if ((await db.first(takenBy, { nameKey })) !== null) return true;
        continue;
      }
      if (!anyErased) {
        // The first row is enough: one of `nobody` in front of a holder's only has the name looked for again.
        const found = await db.first(takenOrAnyErased, { nameKey });
        if (found !== null && found.user_id !== nobody) return true;
        anyErased = found !== null;
      }
      if (anyErased && (await isErasedOrTaken(nameKey, erased.digestsOf(nameKey)))) return true;
    }
    return false;
  };
}

const claim = statement("login_names.claim", (db, values: { nameKey: string; userId: number }) =>
  db
    .insertInto("login_names")
    .values({ name_key: values.nameKey, user_id: values.userId })
    .onConflict((conflict) => conflict.doNothing())
    .returning("user_id"),
);

/**
 * Makes the name the account's; false when another account has it, or gave it up a while ago: the caller then throws,
 * which undoes the claim. The primary key decides, so of several at once exactly one gets it; the name may already be
 * this account's own (user name = address).
 */
export async function claimLoginName(transaction: Db, name: string, userId: number): Promise<boolean> {
  // In one order, whoever comes: of two that each hold one key and wait for the other's neither would go on.
  for (const key of nameKeys(name).toSorted()) {
    if ((await transaction.first(claim, { nameKey: key, userId })) !== null) {
      // Only now: whoever gives it up at this moment has committed, and holds it, before the claim goes through.
      if (!(await mayHave(transaction, key, userId))) return false;
      continue;
    }
    const row = await transaction.first(holderOf, { nameKey: key });
    if (row?.user_id !== userId) return false;
  }
  return true;
}

/**
 * Makes a name that `from` holds `to`'s, in one statement a key: nobody can claim it in between, and it is held for nobody. The caller
 * has both accounts under lock, and writes the name into their records.
 */
export async function handOverLoginName(
  transaction: Db,
  name: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<void> {
  await transaction.kysely
    .updateTable("login_names")
    .set({ user_id: to })
    .where("name_key", "in", [...nameKeys(name)])
    .where("user_id", "=", from)
    .execute();
}

/**
 * Gives a name up, unless the account still needs it as its user name, address or mobile number. It is held from `now`
 * (epoch milliseconds) on: nobody else gets it for a while. A name that was not the account's to log in by is not.
 */
export async function releaseLoginName(
  transaction: Db,
  name: string,
  user: User,
  { kind, now }: { readonly kind: LogInName; readonly now: number },
): Promise<void> {
  const kept = new Set([user.username, user.email, user.mobile].flatMap((own) => nameKeys(own ?? "")));
  const given = nameKeys(name).filter((key) => !kept.has(key));
  if (given.length === 0) return;
  const released = await transaction.kysely
    .deleteFrom("login_names")
    .where("name_key", "in", [...given])
    .where("user_id", "=", user.id)
    .returning("name_key")
    .execute();
  for (const { name_key } of released) {
    await holdName(transaction, { nameKey: name_key, userId: user.id, kind, now });
  }
}
