import type { ErasedNames } from "../accounts/erased-names.ts";
import type { Db } from "../engines/database/database.ts";
import { readIdentity } from "../installation/identity.ts";
import { readDeletedList } from "./deleted-list.ts";
import { erasedBetween, forgottenUpTo } from "./deletion-store.ts";

/**
 * Who was erased here, for what brings accounts with their ids from elsewhere. Attack: the operator runs the import again, and whoever
 * had their account erased is back with its id, and logs in by the password of then (guard: import-erased.test.ts). What is known of an
 * id, is known for a year: by the database, and by the list outside it where a restored database knows less. Of older ones one number
 * stays, the highest: who is missing up to it may have been erased.
 */
export type ErasedHere = Awaited<ReturnType<typeof openErasedHere>>;

/** `deletedAccountsFile`: null where the operator keeps none. Throws a ToldError where something else is in its place. */
export async function openErasedHere(
  db: Db,
  erasedNames: Pick<ErasedNames, "among">,
  deletedAccountsFile: string | null,
) {
  const list = deletedAccountsFile === null ? null : readDeletedList(deletedAccountsFile);
  // Another installation's ids are other people.
  const isOwn = list !== null && list.installation === (await readIdentity(db))?.id;
  const listed: readonly number[] = isOwn ? list.deleted.map(({ id }) => id) : [];

  return {
    /** The ids from `from` to `to` that an erased account had. */
    async ids(from: Db, range: readonly [from: number, to: number]): Promise<ReadonlySet<number>> {
      const inRange = listed.filter((id) => id >= range[0] && id <= range[1]);
      return new Set([...inRange, ...(await erasedBetween(from, range))]);
    },

    /** Of missing ids up to this one nobody knows any more whether they were erased; 0 where all are known. */
    forgottenUpTo: (from: Db): Promise<number> => forgottenUpTo(from),

    /** Of the keys of names, those that an erased account had a while ago. */
    names: (from: Db, keys: readonly string[]): Promise<ReadonlySet<string>> => erasedNames.among(from, keys),
  };
}
