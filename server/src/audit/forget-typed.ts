import type { Db } from "../engines/database/database.ts";
import type { Clock } from "../kernel/clock.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import type { Log } from "../kernel/log.ts";
import { nextTurn } from "../kernel/next-turn.ts";
import { holdLog } from "./audit-chain.ts";
import { beginMark, peekMark, setMark } from "./audit-marks.ts";
import type { EntryRow } from "./chain-entry.ts";
import { settledOf } from "./entry-export.ts";
import { rewriteEntries } from "./rewrite-entries.ts";
import { entriesAtOnce } from "./sign-purged.ts";
import { withoutTyped } from "./without-typed.ts";
import { givenValue } from "./without-values.ts";

/**
 * Takes out of entries that earlier versions wrote what staff typed and what may be of somebody who is erased by now, or never had an
 * account, because nothing says whose it is: the search of a list that was fetched, the reason and the address of a denial, the reasons of
 * changes to many and of networks that were let in again, whom an invitation was for, and reasons about an account that name somebody.
 * The entry stays: who did it, when and how. Since then none of it is written at all (without-typed.ts, accounts/staff-reason.ts); how far
 * it looked is a mark, so that what a program of before still writes beside this one is looked at too, and the rest once. Guards:
 * typed-searches.test.ts, invited-addresses.test.ts, typed-reasons.test.ts.
 */
export interface ForgetTypedDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly secretKeys: SecretKeys;
  readonly log: Pick<Log, "error">;
  /** Whether a reason has an address or a number of somebody. */
  readonly namesSomebody: (reason: string) => boolean;
}

/** How many steps a round of the maintenance looks on for, each in a turn of the event loop of its own. */
const pagesOfRound = 200;
const markName = "typed" as const;

type Values = Readonly<Record<string, unknown>>;

/** Looks at the next entries, `limit` in a step, as far as a round goes; returns how many it wrote anew. */
export function createForgetTyped({ db, clock, secretKeys, log, namesSomebody }: ForgetTypedDeps) {
  /** What is to be written in the place of an entry's values; null where they may stay. */
  function changesOf(entry: EntryRow): Pick<EntryRow, "before" | "after"> | null {
    if (!mayBeTyped.test(entry.before) && !mayBeTyped.test(entry.after)) return null;
    const [before, after] = [entry.before, entry.after].map((json) => {
      const values = withoutTyped(entry, JSON.parse(json) as Values);
      const isNaming =
        entry.target_kind === "user" && typeof values.reason === "string" && namesSomebody(values.reason);
      return JSON.stringify(isNaming ? { ...values, reason: givenValue } : values);
    }) as [string, string];
    const isSame = before === plain(entry.before) && after === plain(entry.after);
    return isSame ? null : { before, after };
  }

  /** What was found outside of it is read again: somebody else may have written it anew. */
  async function rewrite(found: readonly EntryRow[]): Promise<void> {
    await db.transaction(async (transaction) => {
      await holdLog(transaction);
      const ids = found.map(({ id }) => id);
      const rows = transaction.kysely.selectFrom("audit_entries").selectAll().where("id", "in", ids);
      const entries = (await rows.orderBy("id").execute()).filter((entry) => changesOf(entry) !== null);
      const signing = { secretKeys, log, now: clock.now() };
      const changes = (entry: EntryRow) => changesOf(entry) ?? {};
      await rewriteEntries(transaction, signing, entries, { changesOf: changes, isVouched: true });
    });
  }

  return async (limit: number): Promise<number> => {
    await beginMark(db, markName);
    let after = (await peekMark(db, markName)) ?? 0;
    let count = 0;
    for (let pages = 0; pages < pagesOfRound; pages++) {
      const page = await entriesAfter(db, after, limit);
      const found = page.filter((entry) => changesOf(entry) !== null);
      for (let at = 0; at < found.length; at += entriesAtOnce) {
        await rewrite(found.slice(at, at + entriesAtOnce));
        await nextTurn();
      }
      count += found.length;
      const settled = settledOf(db, page, clock.now());
      const last = settled.at(-1);
      if (last === undefined) break;
      after = last.id;
      await setMark(db, markName, after);
      if (settled.length < limit) break;
      await nextTurn();
    }
    return count;
  };
}

const mayBeTyped = /"(?:search|reason|value|email|to)":"/;

const plain = (json: string): string => JSON.stringify(JSON.parse(json));

const entriesAfter = (db: Db, after: number, limit: number): Promise<EntryRow[]> =>
  db.kysely
    .selectFrom("audit_entries")
    .selectAll()
    .where("id", ">", after)
    .orderBy("id")
    .limit(limit)
    .execute();
