import type { Db } from "../engines/database/database.ts";
import type { Clock } from "../kernel/clock.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import type { Log } from "../kernel/log.ts";
import { holdLog } from "./audit-chain.ts";
import type { EntryRow } from "./chain-entry.ts";
import { rewriteEntries } from "./rewrite-entries.ts";
import { withoutTyped } from "./without-typed.ts";
import { erasedValue, givenValue } from "./without-values.ts";

/**
 * Takes out of entries that earlier versions wrote what staff typed and what may be of somebody who is erased by now, or never had an
 * account, because nothing says whose it is: the search of a list that was fetched, the reason and the address of a denial, the reasons of
 * changes to many and of networks that were let in again, and whom an invitation was for. The entry stays: who did it, when and how.
 * Since then none of it is written at all (without-typed.ts). Guards: typed-searches.test.ts, invited-addresses.test.ts.
 */
export interface ForgetTypedDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly secretKeys: SecretKeys;
  readonly log: Pick<Log, "error">;
}

/** Up to `limit` of them at a time; returns how many. Once it found none it looks no more: nothing writes one any more. */
export function createForgetTyped({ db, clock, secretKeys, log }: ForgetTypedDeps) {
  let isDone = false;
  return async (limit: number): Promise<number> => {
    if (isDone) return 0;
    const count = await db.transaction(async (transaction) => {
      await holdLog(transaction);
      const found = await entriesWithTyped(transaction, limit);
      const changesOf = (entry: EntryRow) => {
        const [before, after] = [entry.before, entry.after].map((json) =>
          JSON.stringify(withoutTyped(entry, JSON.parse(json) as Readonly<Record<string, unknown>>)),
        ) as [string, string];
        return { before, after };
      };
      const signing = { secretKeys, log, now: clock.now() };
      await rewriteEntries(transaction, signing, found, { changesOf, isVouched: true });
      return found.length;
    });
    isDone = count === 0;
    return count;
  };
}

const sides = ["before", "after"] as const;
const sought = [
  { kind: "system", action: "%", target: "%", field: "search" },
  { kind: "system", action: "%", target: "%", field: "reason" },
  { kind: "system", action: "denial.%", target: "email", field: "value" },
  { kind: "invitation", action: "%", target: "%", field: "email" },
] as const;

const entriesWithTyped = (transaction: Db, limit: number): Promise<EntryRow[]> =>
  transaction.kysely
    .selectFrom("audit_entries")
    .selectAll()
    .where("target_kind", "in", ["system", "invitation"])
    .where((entry) =>
      entry.or(
        sought.flatMap(({ kind, action, target, field }) =>
          sides.map((side) =>
            entry.and([
              entry("target_kind", "=", kind),
              entry("action", "like", action),
              entry("target", "like", target),
              entry(side, "like", `%"${field}":"%`),
              ...[givenValue, erasedValue].map((value) => entry(side, "not like", `%"${field}":"${value}"%`)),
            ]),
          ),
        ),
      ),
    )
    .orderBy("id")
    .limit(limit)
    .execute();
