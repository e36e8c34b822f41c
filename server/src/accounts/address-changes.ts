import { type Db, statement } from "../engines/database/database.ts";
import type { Flag } from "../engines/database/flag.ts";
import { dayMillis } from "../kernel/clock.ts";
import { writeChanges } from "./change.ts";
import { isMobileProved } from "./mobile.ts";
import type { User } from "./record.ts";
import { findUserByLoginName } from "./user-store.ts";
import { usernameAfter } from "./username.ts";

/**
 * Undoing what a thief with the password did to the address or the number: what an owner replaces is kept for seven
 * days, and put back if they say that a log-in before it wasn't theirs (sessions/disown.ts). Promises: only the account's
 * own earlier value comes back, never one that another account holds by now; what administrators change is kept
 * nowhere and undone by nobody. Guard: address-undo.test.ts.
 */
const keepChangesMillis = 7 * 86_400_000;

type Field = "email" | "mobile";

interface Change {
  readonly userId: number;
  readonly field: Field;
  readonly now: number;
  readonly value: string | null;
  readonly verified: Flag;
}

const insert = statement("address_changes.insert", (db, values: Change) =>
  db
    .insertInto("address_changes")
    .values({
      user_id: values.userId,
      field: values.field,
      changed_at: values.now,
      value_before: values.value,
      verified_before: values.verified,
    })
    // Two within a millisecond: the first one's value is what there was before.
    .onConflict((conflict) => conflict.doNothing())
    .returning("user_id"),
);

/** Keeps what the change replaces, in its transaction; nothing where it replaces nothing. `now` in epoch milliseconds. */
export async function keepReplaced(
  transaction: Db,
  { before, after, now }: { readonly before: User; readonly after: User; readonly now: number },
): Promise<void> {
  for (const field of ["email", "mobile"] as const) {
    if (before[field] === after[field]) continue;
    const verified = field === "email" ? before.email_verified : isMobileProved(before) ? 1 : 0;
    await transaction.first(insert, { userId: before.id, field, now, value: before[field], verified });
  }
}

const since = statement("address_changes.since", (db, values: { userId: number; since: number }) =>
  db
    .selectFrom("address_changes")
    .select(["field", "value_before", "verified_before"])
    .where("user_id", "=", values.userId)
    .where("changed_at", ">=", values.since)
    .orderBy("changed_at"),
);

const forget = statement("address_changes.forget", (db, values: { userId: number; since: number }) =>
  db
    .deleteFrom("address_changes")
    .where("user_id", "=", values.userId)
    .where("changed_at", ">=", values.since)
    .returning("user_id"),
);

/**
 * Puts back the address and the number that the account had at `from` (epoch milliseconds), in the caller's transaction,
 * which has locked the account; returns the account as it is then.
 */
export async function putBackReplaced(
  transaction: Db,
  user: User,
  { from, now }: { readonly from: number; readonly now: number },
): Promise<User> {
  const rows = await transaction.all(since, { userId: user.id, since: from });
  let after = user;
  for (const field of ["email", "mobile"] as const) {
    const row = rows.find((one) => one.field === field);
    const value = row?.value_before ?? null;
    if (row === undefined || value === user[field] || !(await isFree(transaction, value, user))) continue;
    const changes =
      field === "mobile"
        ? { mobile: value, ...(row.verified_before === 1 ? { proved_mobile: value } : {}) }
        : {
            email: value,
            email_verified: row.verified_before as Flag,
            ...(value === null ? {} : { username: usernameAfter(after, value) }),
          };
    after = await writeChanges(transaction, after, changes, { now });
  }
  await transaction.all(forget, { userId: user.id, since: from });
  return after;
}

async function isFree(transaction: Db, value: string | null, { id }: User): Promise<boolean> {
  const holder = value === null ? null : await findUserByLoginName(transaction, value);
  return holder === null || holder.id === id;
}

const toldMillis = 7 * dayMillis;

/**
 * Confirmed addresses that the account had within the seven days before `now` (epoch milliseconds) and has no more: who should be
 * told what a thief may be doing. None that another account holds by now.
 */
export async function replacedEmails(db: Db, user: User, now: number): Promise<string[]> {
  const rows = await db.all(since, { userId: user.id, since: now - toldMillis });
  const found = new Set<string>();
  for (const { field, value_before: value, verified_before } of rows) {
    const isTold = field === "email" && value !== null && verified_before === 1 && value !== user.email;
    if (isTold && (await isFree(db, value, user))) found.add(value);
  }
  return [...found];
}

/**
 * The address that the account has had for seven days: what was there before the first change of that time, or the present one; null
 * for none. Who was given the account's address within that time may be a thief, and gets no link that undoes what the owner does.
 */
export async function settledEmail(db: Db, user: User, now: number): Promise<string | null> {
  const rows = await db.all(since, { userId: user.id, since: now - toldMillis });
  const first = rows.find(({ field }) => field === "email");
  return first === undefined ? user.email : first.value_before;
}

const purge = statement("address_changes.purge", (db, values: { before: number; limit: number }) =>
  db
    .deleteFrom("address_changes")
    .where((row) =>
      row(row.refTuple("user_id", "field", "changed_at"), "in", (old) =>
        old
          .selectFrom("address_changes")
          .select(["user_id", "field", "changed_at"])
          .where("changed_at", "<=", values.before)
          .limit(values.limit)
          .$asTuple("user_id", "field", "changed_at"),
      ),
    )
    .returning("user_id"),
);

/** Removes up to `limit` values replaced more than seven days before `now`. */
export async function purgeReplaced(db: Db, now: number, limit: number): Promise<number> {
  return (await db.all(purge, { before: now - keepChangesMillis, limit })).length;
}
