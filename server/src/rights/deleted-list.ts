import { readFileSync, renameSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { type Db, statement } from "../engines/database/database.ts";
import { ToldError } from "../errors/told-error.ts";
import { readIdentity } from "../installation/identity.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { makeFolder } from "../kernel/make-folder.ts";
import { settleOnDisk } from "../kernel/on-disk.ts";
import { deletedKeptMillis } from "./deletion-store.ts";

/**
 * The ids of erased accounts in a file outside the database, for the day on which a backup is put back that still has them
 * (cli/manage/restore.ts asks for it). Ids and days alone, nothing of a person, each for a year, and which account one went into. Promise: an erasure is in it before its
 * job is done, or within a minute where the process was killed in between; every machine that does jobs has all of it; what is
 * in it is never lost to a database that knows less (guard: contract/deleted-accounts.test.ts).
 */
export interface DeletedList {
  readonly installation: string;
  /** Of all accounts that there ever were when it was written: the next ones get higher ids. */
  readonly highest_id: number;
  readonly deleted: readonly {
    readonly id: number;
    readonly erased_at: string;
    /** Of an account that went into another one (joining/): which that was. */
    readonly joined_into?: number;
  }[];
}

/** Null where there is no file. Throws a ToldError where there is another one in its place. */
export function readDeletedList(file: string): DeletedList | null {
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return null;
  try {
    const read = JSON.parse(readFileSync(file, "utf8")) as DeletedList;
    const isList =
      typeof read.installation === "string" &&
      Number.isSafeInteger(read.highest_id) &&
      read.deleted.every(({ id, erased_at }) => Number.isSafeInteger(id) && Date.parse(erased_at) > 0);
    if (isList) return read;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
  }
  throw new ToldError(
    `${file} 不是已注销账号的名单（deleted-accounts.json）。`,
    `${file} is no list of erased accounts (deleted-accounts.json).`,
  );
}

const after = statement("deleted_accounts.after", (db, values: { after: number }) =>
  db
    .selectFrom("deleted_accounts")
    .leftJoin("account_joins", "account_joins.joined_id", "deleted_accounts.user_id")
    .select(["deleted_accounts.user_id as user_id", "deleted_at", "account_joins.user_id as into"])
    .where("deleted_at", ">", values.after),
);
const highest = statement("users.highestId", (db, _values: Record<never, never>) =>
  db.selectFrom("users").select("id").orderBy("id", "desc").limit(1),
);

/** A machine whose clock is behind writes an earlier time than one that wrote before it. */
const overlapMillis = 24 * 3600 * 1000;

export type KeepDeletedList = () => Promise<void>;
export type NoteErased = (userId: number) => Promise<void>;

/** For jobs. Nobody's account waits for a full disk: what fails is told of, and the purges try again each minute. */
export function noteErasedBy(keepList: KeepDeletedList, log: Log): NoteErased {
  return (userId) =>
    keepList().catch((error: unknown) => {
      log.error({ err: error, userId }, "an erased account could not be noted in DELETED_ACCOUNTS_FILE");
    });
}

/** `deletedAccountsFile`: null where the operator keeps none. */
export function createDeletedListKeeper(deps: {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly deletedAccountsFile: string | null;
}): KeepDeletedList {
  const { db, clock, log, deletedAccountsFile: file } = deps;
  if (file === null) return async () => {};
  let cached: { readonly version: string; readonly list: DeletedList } | null = null;

  /** That of another installation is put aside: it may be wanted for a restore of that one. */
  function known(installation: string): DeletedList | null {
    const version = versionOf(file!);
    if (cached !== null && cached.version === version) return cached.list;
    const list = readDeletedList(file!);
    if (list === null || list.installation === installation) {
      cached = list && { version, list };
      return list;
    }
    renameSync(file!, `${file}.of-${list.installation}`);
    log.warn({ file, installation: list.installation }, "a list of another installation was put aside");
    return null;
  }

  let idsOf: { readonly list: DeletedList; readonly ids: ReadonlySet<number> } | null = null;
  function idsIn(list: DeletedList): ReadonlySet<number> {
    if (idsOf?.list !== list) idsOf = { list, ids: new Set(list.deleted.map(({ id }) => id)) };
    return idsOf.ids;
  }

  async function keep(): Promise<void> {
    const identity = await readIdentity(db);
    if (identity === null) return;
    const before = known(identity.id) ?? { installation: identity.id, highest_id: 0, deleted: [] };
    const since = new Date(clock.now() - deletedKeptMillis).toISOString();
    const isKept = ({ erased_at }: { readonly erased_at: string }) => erased_at > since;
    const latest = Math.max(0, ...before.deleted.slice(-1).map(({ erased_at }) => Date.parse(erased_at)));
    const [rows, newest] = await Promise.all([
      db.all(after, { after: latest - overlapMillis }),
      db.first(highest, {}),
    ]);
    // One that a restore had erased again has its first day.
    const ids = idsIn(before);
    const added = rows
      .filter((row) => !ids.has(row.user_id))
      .map((row) => ({
        ...{ id: row.user_id, erased_at: new Date(row.deleted_at).toISOString() },
        ...(row.into === null ? {} : { joined_into: row.into }),
      }))
      .filter(isKept);
    const highest_id = added.reduce(
      (most, { id }) => Math.max(most, id),
      Math.max(before.highest_id, newest?.id ?? 0),
    );
    // In nearly every minute. The earliest is the first of them.
    const isSame = added.length === 0 && before.deleted.slice(0, 1).every(isKept);
    if (isSame && highest_id === before.highest_id) return;
    const deleted = [...before.deleted.filter(isKept), ...added];
    deleted.sort((a, b) => (a.erased_at < b.erased_at ? -1 : a.erased_at > b.erased_at ? 1 : 0));
    const list = { installation: identity.id, highest_id, deleted };
    await write(file!, list);
    cached = { version: versionOf(file!), list };
  }

  let last: Promise<void> = Promise.resolve();
  return () => {
    last = last.then(keep, keep);
    return last;
  };
}

function versionOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? "" : `${found.ino} ${found.mtimeMs} ${found.size}`;
}

/** Whole or not at all: a process that is killed, and another one beside it, leave no half of it. */
async function write(file: string, list: DeletedList): Promise<void> {
  makeFolder(dirname(file), 0o700);
  const part = `${file}.${process.pid}.part`;
  const lines = list.deleted.map((one) => JSON.stringify(one)).join(",\n");
  const { installation, highest_id } = list;
  const head = `{"installation":${JSON.stringify(installation)},"highest_id":${highest_id}`;
  await writeFile(part, `${head},"deleted":[\n${lines}\n]}\n`, { mode: 0o600 });
  settleOnDisk(part);
  renameSync(part, file);
  settleOnDisk(dirname(file));
}
