import { sql } from "kysely";
import { type Db, statement } from "../engines/database/database.ts";
import type { Actor, AuditEvent } from "./audit.ts";
import { pseudonymOf, withoutValues } from "./without-values.ts";

/**
 * The accounts that an entry names, and their erasure. Promise: no entry that is written once an account is gone has its name, whatever
 * its writer read before (accident: staff handed an archive out while its owner was erased, and the name stayed; guard:
 * late-entries.race.test.ts). On PostgreSQL whoever writes an entry and whoever erases somebody in it wait for one another, by locks that
 * nothing else takes: under the account's own, two who change each other would never go on. SQLite has one writer.
 *
 * Some accounts have a lock in common. Accident: a file of thirty thousand accounts was seeded in one transaction with a lock for each, and
 * PostgreSQL had no memory for locks left, for anybody (guard: late-entries.race.test.ts).
 */
const lockOf = (subject: string) => sql`7307, hashtext(${subject}) & 1023`;

/** Attack: a row put in for somebody who is here, so that their deeds are nobody's. */
const isGone = sql<boolean>`not exists (select 1 from users where users.id = deleted_accounts.user_id)`;

const share = statement("audit.shareNamed", (db, values: { one: string; other: string }) =>
  sql`select pg_advisory_xact_lock_shared(${lockOf(values.one)}),
    pg_advisory_xact_lock_shared(${lockOf(values.other)})`.compile(db),
);

const erased = statement("audit.erasedNamed", (db, values: { one: number; other: number }) =>
  db
    .selectFrom("deleted_accounts")
    .select("user_id")
    .where("user_id", "in", [values.one, values.other])
    .where(isGone),
);

/** Whose key the chain makes no more: it would be told from what is blanked already (audit-chain.ts). */
export async function erasedSubjects(
  { kysely }: Db,
  subjects: readonly string[],
): Promise<ReadonlySet<string>> {
  const ids = subjects.flatMap((subject) => /^user:(\d+)$/.exec(subject)?.[1] ?? []).map(Number);
  if (ids.length === 0) return new Set();
  const rows = await kysely
    .selectFrom("deleted_accounts")
    .select("user_id")
    .where("user_id", "in", ids)
    .where(isGone)
    .execute();
  return new Set(rows.map(({ user_id }) => `user:${user_id}`));
}

/** For an erasure: who has written of them is over, and who comes now waits for the transaction's end. */
export async function keepOutOfLog(transaction: Db, userId: number): Promise<void> {
  if (transaction.engine !== "postgres") return;
  await sql`select pg_advisory_xact_lock(${lockOf(pseudonymOf(userId))})`.execute(transaction.kysely);
}

type Named = readonly [Actor, AuditEvent];

/** As the entry may name them: those who are gone by their ids alone. Until the transaction's end nobody in it goes. */
export async function withoutErased(transaction: Db, [actor, event]: Named): Promise<Named> {
  const targetId = event.targetKind === "user" ? event.targetId : null;
  const one = actor.id ?? targetId;
  if (one === null) return [actor, event];
  const other = targetId ?? one;
  // By itself: what comes next sees what an erasure that it waited for has left.
  if (transaction.engine === "postgres") {
    await transaction.all(share, { one: pseudonymOf(one), other: pseudonymOf(other) });
  }
  const rows = await transaction.all(erased, { one, other });
  if (rows.length === 0) return [actor, event];
  const gone = new Set(rows.map(({ user_id }) => user_id));
  const blank = (values: AuditEvent["before"]) =>
    JSON.parse(withoutValues(JSON.stringify(values))) as AuditEvent["before"];
  return [
    actor.id !== null && gone.has(actor.id) ? { ...actor, name: pseudonymOf(actor.id) } : actor,
    targetId !== null && gone.has(targetId)
      ? {
          ...event,
          target: pseudonymOf(targetId),
          before: blank(event.before),
          after: blank(event.after),
        }
      : event,
  ];
}
