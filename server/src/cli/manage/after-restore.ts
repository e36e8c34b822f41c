import { endAllTokens } from "../../accounts/change.ts";
import type { Actor, Audit } from "../../audit/audit.ts";
import { moveRecordedVersions } from "../../django/import/move-recorded-versions.ts";
import type { Database, Db } from "../../engines/database/database.ts";
import type { Clock } from "../../kernel/clock.ts";

/**
 * What a database from before must not bring back to life. Promises: every token ends, ours and other services'; every
 * code, log-in under way and counter is gone; no mail that waited then is sent, because it has been sent since or is of no
 * worth any more. Accounts, names, rights, bindings, dead letters and the audit log stay as they were, and the audit log
 * says that this was done. All of it or nothing (guards: contract/backup.test.ts, fault/backup.test.ts).
 */
export interface EndedByRestore {
  /** Accounts, which is how many had their tokens ended. */
  readonly accounts: number;
  /** Entries of the store of codes, flags and counters. */
  readonly entries: number;
  /** Jobs that waited or were running. */
  readonly jobs: number;
}

export function endWhatWas(
  db: Database,
  {
    clock,
    audit,
    actor,
    restored,
  }: { clock: Clock; audit: Audit; actor: Actor; restored: Readonly<Record<string, unknown>> },
): Promise<EndedByRestore> {
  return db.transaction(
    async (transaction) => {
      const accounts = await endEveryToken(transaction, clock.now());
      const entries = await transaction.kysely.deleteFrom("kv_entries").executeTakeFirst();
      const jobs = await transaction.kysely
        .deleteFrom("jobs")
        .where("state", "in", ["waiting", "running"])
        .executeTakeFirst();
      // What became of those mails was noted in the database that is no more.
      await transaction.kysely.deleteFrom("mails").where("state", "=", "queued").execute();
      const ended = {
        accounts,
        entries: Number(entries.numDeletedRows),
        jobs: Number(jobs.numDeletedRows),
      };
      await audit.record(transaction, actor, {
        action: "system.restore",
        ...{ targetKind: "system", targetId: 0, target: "" },
        ...{ before: {}, after: { ...restored, ...ended } },
      });
      return ended;
    },
    { untimed: true },
  );
}

/** Ends every token of every account; returns how many accounts there are. `now` in epoch milliseconds. */
export async function endEveryToken(transaction: Db, now: number): Promise<number> {
  const { accounts, moved } = await endAllTokens(transaction, now);
  await moveRecordedVersions(transaction, moved);
  return accounts;
}
