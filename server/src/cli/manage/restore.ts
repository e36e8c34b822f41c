import { rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { createErasedNames } from "../../accounts/erased-names.ts";
import { createUsers } from "../../accounts/users.ts";
import { openDatabase } from "../../app/engines.ts";
import { createEventParts } from "../../app/webhooks.ts";
import { type Manifest, type RowsProgress, readBackup } from "../../engines/database/backup-file.ts";
import type { Database } from "../../engines/database/database.ts";
import { requireDatabaseFile, requireSchema } from "../../engines/database/database-in-use.ts";
import { migrate } from "../../engines/database/migrate.ts";
import { moveData } from "../../engines/database/move-data.ts";
import { refuseUnfinished } from "../../engines/database/move-target.ts";
import { translated } from "../../engines/database/postgres-errors.ts";
import { explained } from "../../engines/database/postgres-trouble.ts";
import { refuseUsedPostgres, replaceFile, unpack, whileUnused } from "../../engines/database/restore-file.ts";
import { openSqlite } from "../../engines/database/sqlite.ts";
import { createOutbox } from "../../engines/jobs/outbox.ts";
import { createSqlJobsAdmin } from "../../engines/jobs/sql-jobs-admin.ts";
import { changeIdentity, readIdentity } from "../../installation/identity.ts";
import { withRedisClaim } from "../../installation/redis-claim-of.ts";
import { keepSecretKey } from "../../installation/secrets.ts";
import { type JoinedAgain, joinAgain } from "../../joining/join-again.ts";
import { createJoins } from "../../joining/joins.ts";
import { randomToken } from "../../kernel/ids.ts";
import { secretKeysOf } from "../../kernel/keys.ts";
import { createLog } from "../../kernel/log.ts";
import { makeFolder } from "../../kernel/make-folder.ts";
import { createPasswords } from "../../passwords/passwords.ts";
import { createGroups } from "../../permissions/groups.ts";
import { createPermissions } from "../../permissions/permissions.ts";
import type { DeletedList } from "../../rights/deleted-list.ts";
import { type ErasedAgain, eraseAgain } from "../../rights/erase-again.ts";
import type { ConfigContext, KeyedConfig } from "../command/contexts.ts";
import { operatorActor } from "../terminal/operator-actor.ts";
import { type EndedByRestore, endWhatWas } from "./after-restore.ts";
import { keyForRestore, refuseForeignRedis } from "./restore-key.ts";
import { listForRestore } from "./restore-list.ts";

/**
 * A restore from the first check to the last. Promises: whatever refuses it does so before anything is changed; the site
 * never runs on a database whose old tokens, codes and mails are still good, because they end in the prepared copy, before
 * it gets its place. Killed at any moment it leaves the old database or the new one (PostgreSQL: one that no start takes).
 * (Guards: contract/backup.test.ts, fault/backup.test.ts.)
 */
export interface Restored extends Ended {
  /** Keys removed from Redis. */
  readonly redisKeys: number;
  /** Where the embedded database of before is now. */
  readonly kept: string | null;
  /** The file of the key, where the backup's was written. */
  readonly keyWritten: string | null;
  /** Null where the operator has no list. */
  readonly erasedAgain: ErasedAgain | null;
}

interface Options {
  readonly isNewKey: boolean;
  /** The list of erased accounts; undefined for DELETED_ACCOUNTS_FILE. */
  readonly list: string | "none" | undefined;
}

/** Throws a ToldError where there is something to put right first. */
export async function restoreBackup(
  context: ConfigContext,
  {
    file,
    isNewKey,
    list: named,
    progress,
  }: Options & { readonly file: string; readonly progress: RowsProgress },
): Promise<Restored> {
  const { manifest, secretKey: carried } = readBackup(file, progress);
  const { config, isCarried } = keyForRestore(context, manifest.installation, { carried, isNewKey });
  const { database, dataDir } = config;
  const list = listForRestore(config, named, manifest.installation?.id ?? null);
  makeFolder(dataDir, 0o700);
  const folder = database.engine === "sqlite" ? dirname(database.file) : dataDir;
  makeFolder(folder);
  const part = join(folder, `.${basename(file)}-${randomToken(6)}.restore`);
  const remove = () => {
    for (const end of ["", "-wal", "-shm", "-journal"]) rmSync(`${part}${end}`, { force: true });
  };
  process.once("exit", remove);
  const prepare = async () => {
    unpack(file, part);
    const db = openSqlite(part);
    try {
      await migrate(db, context.clock);
      return await endAll(context, config, db, { isNewKey, list, manifest });
    } finally {
      await db.close();
    }
  };
  try {
    const placed = await explained(config, () =>
      place(context, config, { part, manifest, prepare, progress }),
    ).catch((error: unknown) => {
      throw translated(error);
    });
    if (isCarried) keepSecretKey(dataDir, config.secretKey);
    return { ...placed, keyWritten: isCarried ? join(dataDir, "secret-key") : null };
  } finally {
    remove();
    process.off("exit", remove);
  }
}

interface Placing {
  readonly part: string;
  readonly manifest: Manifest;
  readonly prepare: () => Promise<Ended>;
  readonly progress: RowsProgress;
}

async function place(
  context: ConfigContext,
  config: KeyedConfig,
  { part, manifest, prepare, progress }: Placing,
): Promise<Omit<Restored, "keyWritten">> {
  const { database } = config;
  if (database.engine === "sqlite") {
    return whileUnused(database.file, async () => {
      const ended = await prepare();
      const redisKeys = await emptyOwnRedis(config, manifest.installation?.id ?? null);
      const stamp = new Date(context.clock.now()).toISOString().replaceAll(/[:.]/g, "");
      return { ...ended, redisKeys, kept: replaceFile(part, database.file, stamp) };
    });
  }
  await refuseUsedPostgres(database.url, "fill");
  const target = openDatabase(config);
  await migrate(target, context.clock).finally(() => target.close());
  const ended = await prepare();
  const redisKeys = await emptyOwnRedis(config, manifest.installation?.id ?? null);
  await moveData({ sourceFile: part, targetUrl: database.url, progress });
  return { ...ended, redisKeys, kept: null };
}

/** What is left to do where the database was put back by other means. Throws a ToldError as `restoreBackup` does. */
export async function finishRestore(
  context: ConfigContext,
  { isNewKey, list: named }: Options,
): Promise<Restored> {
  const found = context.completeConfig("look");
  requireDatabaseFile(found);
  const { database } = found;
  if (database.engine === "sqlite") await whileUnused(database.file, () => {});
  else await explained(found, () => refuseUsedPostgres(database.url, "keep"));
  const db = openDatabase(found);
  try {
    return await explained(found, async () => {
      await requireSchema(found, db);
      await refuseUnfinished(db);
      await migrate(db, context.clock);
      const identity = await readIdentity(db);
      const { config } = keyForRestore(context, identity, { carried: null, isNewKey });
      const list = listForRestore(config, named, identity?.id ?? null);
      const redisKeys = await emptyOwnRedis(config, identity?.id ?? null);
      const ended = await endAll(context, config, db, { isNewKey, list, manifest: null });
      return { ...ended, redisKeys, kept: null, keyWritten: null };
    });
  } finally {
    await db.close();
  }
}

interface Ended extends EndedByRestore {
  readonly joinedAgain: JoinedAgain | null;
  readonly erasedAgain: ErasedAgain | null;
}

async function endAll(
  { clock, source }: ConfigContext,
  config: KeyedConfig,
  db: Database,
  what: { isNewKey: boolean; list: DeletedList | null; manifest: Manifest | null },
): Promise<Ended> {
  const { isNewKey, list, manifest } = what;
  const identity = await readIdentity(db);
  if (isNewKey && identity) await changeIdentity(db, config.secretKey, identity.id);
  const restored = { backup_of: manifest?.madeAt ?? "(other means)", new_key: isNewKey };
  const log = createLog("error");
  const { audit, events } = createEventParts({ db, clock, log });
  const ended = await endWhatWas(db, { clock, audit, actor: operatorActor(source), restored });
  if (list === null) return { ...ended, joinedAgain: null, erasedAgain: null };
  const secretKeys = secretKeysOf(config);
  const erasedNames = createErasedNames(secretKeys);
  const queue = createSqlJobsAdmin(db, clock);
  const users = createUsers({ db, clock });
  const jobs = createOutbox({ db, clock });
  const parts = { db, clock, log, audit, events, users, erasedNames, secretKeys, jobs };
  const joins = createJoins({
    ...{ ...parts, tellsNumbers: false, passwords: createPasswords() },
    ...{ groups: createGroups({ db }), permissions: createPermissions({ db }) },
  });
  const joinedAgain = await joinAgain({ db, joins, users }, list, operatorActor(source));
  const erasedAgain = await eraseAgain({ ...parts, queue }, list, joinedAgain.left);
  return { ...ended, joinedAgain, erasedAgain };
}

function emptyOwnRedis(config: KeyedConfig, id: string | null): Promise<number> {
  return withRedisClaim(config, async (claim, empty) => {
    refuseForeignRedis((await claim?.owner()) ?? null, id);
    return empty();
  });
}
