import { peekMark } from "../audit/audit-marks.ts";
import type { Db } from "../engines/database/database.ts";
import { dayMillis } from "../kernel/clock.ts";
import { deriveKeys, hmac, type SecretKeys } from "../kernel/keys.ts";

/**
 * That this system erased an account, as a MAC under SECRET_KEY on its row of `deleted_accounts`. Attack: whoever has the database alone
 * removes an account by hand and puts its id there, and the maintenance signs for taking away what the audit log has of it. A row without
 * one has its entries go all the same, but nothing is signed for them. Nothing gives it one by itself, not even at the upgrade from before
 * there were MACs: whoever has the database can make it look like one again. An operator does (guards:
 * audit-chain-laundered.test.ts, vouched-erasures.test.ts).
 */
interface Erased {
  readonly user_id: number;
  readonly deleted_at: number;
}

/**
 * Up to which day, epoch milliseconds, an account went for whom there is no MAC at all and what is left in the audit log is due, where it is
 * `before` for the others. Accident: after the upgrade from 0.7.0 the first round of the maintenance took what was due that very hour,
 * unsigned, before an operator could vouch for it, and `verify-audit` reported it for good. Nobody waits without a chain. Less than the
 * days between the longest AUDIT_ERASED_DAYS and the year after which the row goes.
 */
export async function unvouchedBefore(db: Db, before: number): Promise<number> {
  return (await peekMark(db, "chain")) === null ? before : before - 4 * dayMillis;
}

/** The first makes MACs, all of them vouch. */
export const erasedKeys = (secretKeys: SecretKeys) => deriveKeys(secretKeys, "erased account");

export const macOfErased = (key: Buffer, { user_id, deleted_at }: Erased): string =>
  hmac(key, String(user_id), String(deleted_at)).toString("base64url");

export const isVouched = (keys: readonly Buffer[], row: Row): boolean =>
  keys.some((key) => macOfErased(key, row) === row.mac);

/** Of these ids, those whose erasure is vouched for. */
export async function vouchedAmong(
  db: Db,
  secretKeys: SecretKeys,
  ids: readonly number[],
): Promise<ReadonlySet<number>> {
  if (ids.length === 0) return new Set();
  const keys = erasedKeys(secretKeys);
  const rows = db.kysely.selectFrom("deleted_accounts").selectAll().where("user_id", "in", ids);
  const vouched = (await rows.execute()).filter((row) => isVouched(keys, row));
  return new Set(vouched.map(({ user_id }) => user_id));
}

/** Every MAC under the present SECRET_KEY, where it is good under one from before; returns how many. */
export function resignErased(transaction: Db, secretKeys: SecretKeys): Promise<number> {
  const [, ...before] = erasedKeys(secretKeys);
  return signWhere(transaction, secretKeys, pagesOf, (row) => isVouched(before, row));
}

/**
 * Vouches for these, of whom an operator says that they were erased (cli/manage/vouch-erasures.ts), but for who is here: nobody erased
 * them. Attack: a row of long ago for somebody whose account goes later, and what the log has of them goes at once. Returns how many.
 */
export function vouchFor(
  transaction: Db,
  secretKeys: SecretKeys,
  ids: readonly number[] | "all",
): Promise<number> {
  const keys = erasedKeys(secretKeys);
  const meant = ids === "all" ? null : new Set(ids);
  const isMeant = ({ user_id }: Row) => meant === null || meant.has(user_id);
  return signWhere(transaction, secretKeys, pagesOfGone, (row) => isMeant(row) && !isVouched(keys, row));
}

/** Ids of all who are gone and for whom nobody vouches. */
export async function notVouched(db: Db, secretKeys: SecretKeys): Promise<readonly number[]> {
  const keys = erasedKeys(secretKeys);
  const ids: number[] = [];
  for await (const rows of pagesOfGone(db)) {
    ids.push(...rows.filter((row) => !isVouched(keys, row)).map(({ user_id }) => user_id));
  }
  return ids;
}

type Row = Erased & { readonly mac: string | null };

async function signWhere(
  transaction: Db,
  secretKeys: SecretKeys,
  pages: typeof pagesOf,
  isMeant: (row: Row) => boolean,
) {
  const [present] = erasedKeys(secretKeys);
  let count = 0;
  for await (const rows of pages(transaction)) {
    for (const row of rows.filter(isMeant)) {
      await sign(transaction, present, row);
      count++;
    }
  }
  return count;
}

async function* pagesOf({ kysely }: Db): AsyncGenerator<readonly Row[]> {
  for (let after = 0; ; ) {
    const rows = await kysely
      .selectFrom("deleted_accounts")
      .selectAll()
      .where("user_id", ">", after)
      .orderBy("user_id")
      .limit(1000)
      .execute();
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    after = last.user_id;
  }
}

/** Without those who are here. */
async function* pagesOfGone(db: Db): AsyncGenerator<readonly Row[]> {
  for await (const rows of pagesOf(db)) {
    const ids = rows.map(({ user_id }) => user_id);
    const here = await db.kysely.selectFrom("users").select("id").where("id", "in", ids).execute();
    const isHere = new Set(here.map(({ id }) => id));
    yield rows.filter(({ user_id }) => !isHere.has(user_id));
  }
}

async function sign({ kysely }: Db, key: Buffer, row: Erased): Promise<void> {
  const signed = kysely.updateTable("deleted_accounts").set({ mac: macOfErased(key, row) });
  await signed.where("user_id", "=", row.user_id).execute();
}
