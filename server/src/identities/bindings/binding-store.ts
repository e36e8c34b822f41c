import type { ExpressionBuilder } from "kysely";
import { type Db, statement } from "../../engines/database/database.ts";
import type { Flag } from "../../engines/database/flag.ts";
import type { BindingRow, Tables } from "../../engines/database/tables.ts";

/** A row of `bindings`: one key of one person at one provider. */
export type Binding = BindingRow & {
  readonly unproved: Flag;
  /** When it came with another account that was joined into this one. */
  readonly moved_at: number | null;
};

const columns = [
  "provider",
  "account_key",
  "user_id",
  "is_alias",
  "nickname",
  "avatar",
  "created_at",
  "last_login_at",
  "unproved",
  "moved_at",
] as const;

const byKey = statement("bindings.byKey", (db, values: { provider: string; accountKey: string }) =>
  db
    .selectFrom("bindings")
    .select(columns)
    .where("provider", "=", values.provider)
    .where("account_key", "=", values.accountKey),
);

export function findBinding(db: Db, provider: string, accountKey: string): Promise<Binding | null> {
  return db.first(byKey, { provider, accountKey });
}

const byUser = statement("bindings.byUser", (db, values: { userId: number }) =>
  db
    .selectFrom("bindings")
    .select(columns)
    .where("user_id", "=", values.userId)
    .orderBy("created_at")
    .orderBy("provider")
    .orderBy("account_key"),
);

/** All keys of the user's bindings, aliases included. */
export function findBindingsOf(db: Db, userId: number): Promise<Binding[]> {
  return db.all(byUser, { userId });
}

/**
 * As `findBindingsOf`, and holds the rows until the transaction ends: of two removals at once the second sees
 * what the first left. SQLite has one writer, so there is nothing to hold.
 */
export function lockBindingsOf(transaction: Db, userId: number): Promise<Binding[]> {
  const query = transaction.kysely
    .selectFrom("bindings")
    .select(columns)
    .where("user_id", "=", userId)
    .orderBy("provider")
    .orderBy("account_key");
  return (transaction.engine === "postgres" ? query.forUpdate() : query).execute();
}

type NewBinding = Omit<Binding, "last_login_at">;

const insert = statement("bindings.insert", (db, values: NewBinding) =>
  db
    .insertInto("bindings")
    .values({
      provider: values.provider,
      account_key: values.account_key,
      user_id: values.user_id,
      is_alias: values.is_alias,
      nickname: values.nickname,
      avatar: values.avatar,
      created_at: values.created_at,
      unproved: values.unproved,
      moved_at: values.moved_at,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning("user_id"),
);

/** False when the key belongs to some account already; the primary key decides, also between machines. */
export async function insertBinding(transaction: Db, binding: NewBinding): Promise<boolean> {
  return (await transaction.first(insert, binding)) !== null;
}

/** The key no longer stands for the binding in lists, but still finds it. */
export async function makeAlias(transaction: Db, provider: string, accountKey: string): Promise<void> {
  await transaction.kysely
    .updateTable("bindings")
    .set({ is_alias: 1 })
    .where("provider", "=", provider)
    .where("account_key", "=", accountKey)
    .execute();
}

const grantsOf = statement("bindings.grantsOf", (db, values: { userId: number }) =>
  db
    .selectFrom("bindings")
    .select(["provider", "account_key", "sealed_grant"])
    .where("user_id", "=", values.userId)
    .where("sealed_grant", "is not", null)
    .orderBy("provider")
    .orderBy("account_key"),
);

/** Of every binding of the account that has one. */
export async function findGrantsOf(db: Db, userId: number) {
  const rows = await db.all(grantsOf, { userId });
  return rows.map((row) => ({ ...row, sealed_grant: row.sealed_grant ?? "" }));
}

/** In place of the one before, which the third party replaced by it. */
export async function writeGrant(
  db: Db,
  provider: string,
  accountKey: string,
  sealed: string | null,
): Promise<void> {
  await db.kysely
    .updateTable("bindings")
    .set({ sealed_grant: sealed })
    .where("provider", "=", provider)
    .where("account_key", "=", accountKey)
    .execute();
}

export const clearGrant = (db: Db, provider: string, accountKey: string): Promise<void> =>
  writeGrant(db, provider, accountKey, null);

const touch = statement(
  "bindings.touch",
  (db, values: { provider: string; accountKey: string; now: number }) =>
    db
      .updateTable("bindings")
      .set({ last_login_at: values.now })
      .where("provider", "=", values.provider)
      .where("account_key", "=", values.accountKey)
      .returning("user_id"),
);

export async function recordBindingLogIn(
  db: Db,
  provider: string,
  accountKey: string,
  now: number,
): Promise<void> {
  await db.first(touch, { provider, accountKey, now });
}

interface Since {
  readonly userId: number;
  readonly since: number;
}

const isUnproved =
  ({ since }: Since) =>
  (row: ExpressionBuilder<Tables, "bindings">) =>
    row.or([row("unproved", "=", 1), row("created_at", ">=", since), row("moved_at", ">=", since)]);

const unproved = statement("bindings.unproved", (db, values: Since) =>
  db.selectFrom("bindings").select(columns).where("user_id", "=", values.userId).where(isUnproved(values)),
);

const dropUnproved = statement("bindings.dropUnproved", (db, values: Since) =>
  db.deleteFrom("bindings").where("user_id", "=", values.userId).where(isUnproved(values)).returning(columns),
);

const noTime = Number.MAX_SAFE_INTEGER;

/** What `deleteUnproved` would remove. */
export function unprovedOf(db: Db, userId: number, since = noTime): Promise<Binding[]> {
  return db.all(unproved, { userId, since });
}

/** Removes those that a log-in alone added, and all that were bound, or came with a joined account, from `since` on (epoch milliseconds); returns them. */
export function deleteUnproved(transaction: Db, userId: number, since = noTime): Promise<Binding[]> {
  return transaction.all(dropUnproved, { userId, since });
}

/** Makes every binding of `from`, aliases and grants included, `to`'s. `now` in epoch milliseconds. */
export async function giveBindings(
  transaction: Db,
  { from, to, now }: { readonly from: number; readonly to: number; readonly now: number },
): Promise<void> {
  await transaction.kysely
    .updateTable("bindings")
    .set({ user_id: to, moved_at: now })
    .where("user_id", "=", from)
    .execute();
}

export async function deleteBindings(transaction: Db, userId: number, provider: string): Promise<void> {
  await transaction.kysely
    .deleteFrom("bindings")
    .where("user_id", "=", userId)
    .where("provider", "=", provider)
    .execute();
}
