import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { lastNumber } from "../../engines/database/given-numbers.ts";
import { ToldError } from "../../errors/told-error.ts";
import { type DeletedList, readDeletedList } from "../../rights/deleted-list.ts";
import type { KeyedConfig } from "../command/contexts.ts";

/**
 * The list by which a restore erases again who went since the backup; null where the operator says that there is none. Throws a
 * ToldError where nobody said so and no list is found, nor in the embedded database that is replaced, and where it is another installation's, whose ids are other people.
 */
export function listForRestore(
  { deletedAccountsFile, database }: KeyedConfig,
  named: string | undefined,
  installation: string | null,
): DeletedList | null {
  if (named === "none" || (named === undefined && deletedAccountsFile === null)) return null;
  // Of a database that nobody ever started there was nobody to erase anything.
  if (named === undefined && installation === null) return null;
  const file = named ?? deletedAccountsFile!;
  const list = readDeletedList(file) ?? (named === undefined ? listOfReplaced(database, installation) : null);
  if (list === null) throw notThere(file, named === undefined);
  if (installation === null || list.installation === installation) return list;
  throw new ToldError(
    `${file} 是另一套系统的名单，其中的编号是别人：请用 --deleted 指出正确的文件；没有时写 --deleted none。没有任何改动。`,
    `${file} is another installation's list, whose ids are other people: name the right one by --deleted, or say --deleted none. Nothing was changed.`,
  );
}

/** As the embedded database that is replaced has it; null where there is none, or it can't be read any more. */
function listOfReplaced(database: KeyedConfig["database"], installation: string | null): DeletedList | null {
  if (database.engine !== "sqlite" || installation === null) return null;
  if ((statSync(database.file, { throwIfNoEntry: false })?.size ?? 0) === 0) return null;
  try {
    const db = new DatabaseSync(database.file, { readOnly: true, timeout: 1000 });
    try {
      if (db.prepare("select id from installation").get()?.id !== installation) return null;
      const rows = db.prepare("select user_id, deleted_at from deleted_accounts order by deleted_at").all();
      const into = joinsIn(db);
      const deleted = rows.map((row) => {
        const id = Number(row.user_id);
        const kept = into.get(id);
        return {
          ...{ id, erased_at: new Date(Number(row.deleted_at)).toISOString() },
          ...(kept === undefined ? {} : { joined_into: kept }),
        };
      });
      return { installation, highest_id: lastNumber(db, "users"), deleted };
    } finally {
      db.close();
    }
  } catch {
    // A broken file is why somebody restores: then the list is asked for.
    return null;
  }
}

/** Which account went into which; none in a database of a program that joined none. */
function joinsIn(db: DatabaseSync): ReadonlyMap<number, number> {
  const isThere = "select 1 from sqlite_master where type = 'table' and name = 'account_joins'";
  if (db.prepare(isThere).get() === undefined) return new Map();
  const rows = db.prepare("select joined_id, user_id from account_joins").all();
  return new Map(rows.map((row) => [Number(row.joined_id), Number(row.user_id)]));
}

function notThere(file: string, isDefault: boolean): ToldError {
  if (!isDefault) return new ToldError(`没有 ${file}。`, `There is no ${file}.`);
  return new ToldError(
    `备份之后注销的账号会重新出现，要按名单再次清除，但没有找到 ${file}：请用 --deleted <文件> 指出（每台处理任务的机器都有一份），没有时写 --deleted none。没有任何改动。`,
    `Accounts that were erased since the backup would be back; a list says which, and there is no ${file}. Name one by --deleted <file> (every machine that does jobs has it), or say --deleted none. Nothing was changed.`,
  );
}
