import { isSameName } from "../../accounts/account-field.ts";
import type { Db } from "../../engines/database/database.ts";
import { nameKey } from "../../kernel/name-key.ts";
import { djangoHashLength } from "../export/export-django.ts";
import { type Row, SourceError } from "../sources/django-reader.ts";
import { findDjangoTables } from "../sources/django-tables.ts";
import { isTrue, type SyncTarget } from "./sync-target.ts";

/**
 * Brings accounts that are new or changed here into an old Django service's own table, so that its orders have somebody
 * to belong to. Promises: a row is touched only where id and user name are both the account's; one with the one and not
 * the other is left as it is and named (attack: an account here that gets the orders of somebody else there), but for
 * the name that this same account had here before, where renaming is asked for; no hash goes over unless told, so nobody logs in there by a password; staff and superusers there are neither made nor changed;
 * nothing is deleted. Each page is one transaction there, and a page that agrees writes nothing, so it may be ended at
 * any time and run again. Memory does not grow with the number of accounts. Guard: sync-django.test.ts.
 */
interface SyncOptions {
  readonly dryRun: boolean;
  readonly usersTable?: string | undefined;
  /** Write our hashes there, which Django verifies: then people can still log in there. */
  readonly hashes: boolean;
  /** Follow those who changed their user name here: the row has the one that they gave up and that is held for them. */
  readonly renames: boolean;
  /** Only accounts made or changed since, epoch milliseconds; 0 for all. */
  readonly since: number;
  /** What a new row gets in columns that this product does not know. */
  readonly constants: Readonly<Record<string, string>>;
  readonly unusable: () => string;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Why a row there is left as it is. */
export type Conflict = "id_is_anothers" | "name_is_anothers" | "name_too_long";

export interface SyncReport {
  readonly target: string;
  accounts: number;
  added: number;
  updated: number;
  renamed: number;
  refused: number;
  /** The first thousand of those that were refused, each with whose the row there is. */
  readonly conflicts: {
    readonly kind: Conflict;
    readonly id: number;
    readonly username: string;
    readonly there: string;
  }[];
}

const pageSize = 500;
const namedConflicts = 1_000;
/** AbstractUser.username. */
const djangoNameLength = 150;
const written = [
  "id",
  "username",
  "password",
  "is_active",
  "is_staff",
  "is_superuser",
  "date_joined",
] as const;
/** Django's, and the tutorial's, that may not be null there. */
const blanks: Readonly<Record<string, string | number>> = {
  ...{ first_name: "", last_name: "", email: "", email_active: 0 },
};

type Account = Awaited<ReturnType<typeof pageOf>>[number];

/** Throws SourceError for a table that it can't fill, before anything is written. */
export async function syncDjango(db: Db, target: SyncTarget, options: SyncOptions): Promise<SyncReport> {
  const { users: table, userColumns } = await findDjangoTables(target, options);
  const needed = await target.neededColumns(table);
  refuseConstants(table, userColumns, options.constants);
  refuseUnfilled(table, needed, options.constants);
  const report: SyncReport = {
    ...{ target: target.description, accounts: 0, added: 0, updated: 0, renamed: 0 },
    ...{ refused: 0, conflicts: [] },
  };
  const total = await countOf(db, options.since);
  let last = 0;
  for (;;) {
    const page = await pageOf(db, last, options.since);
    if (page.length === 0) break;
    last = page.at(-1)!.id;
    const work = () => syncPage(page, { db, target, table, needed, options, report });
    await (options.dryRun ? work() : target.transaction(work));
    report.accounts += page.length;
    options.onProgress?.(report.accounts, total);
  }
  if (!options.dryRun && report.added > 0) await target.countOn(table);
  return report;
}

interface Place {
  readonly db: Db;
  readonly target: SyncTarget;
  readonly table: string;
  readonly needed: readonly string[];
  readonly options: SyncOptions;
  readonly report: SyncReport;
}

async function syncPage(page: readonly Account[], place: Place): Promise<void> {
  const { target, table, options } = place;
  const rows = await target.all(
    `select id, username, password, is_active from ${target.quote(table)}
      where id in (${page.map(() => "?").join(", ")})`,
    page.map(({ id }) => id),
  );
  const byId = new Map(rows.map((row) => [Number(row.id), row]));
  const givenUp = options.renames ? await namesGivenUp(place.db, page) : new Set<string>();
  for (const account of page) {
    const row = byId.get(account.id);
    if (row === undefined) await addRow(account, place);
    else if (String(row.username) === account.username) await updateRow(account, row, place);
    else if (options.renames && wasNamed(account, String(row.username), givenUp)) {
      await renameRow(account, row, place);
    } else refuse(account, "id_is_anothers", String(row.username), place.report);
  }
}

async function addRow(account: Account, place: Place): Promise<void> {
  const { target, table, needed, options, report } = place;
  const { id, username } = account;
  if ([...username].length > djangoNameLength) return refuse(account, "name_too_long", "", report);
  // By the engine's own idea of equal names, which its unique index has, too.
  const [taken] = await target.all(`select id from ${target.quote(table)} where username = ?`, [username]);
  if (taken !== undefined) return refuse(account, "name_is_anothers", `#${taken.id}`, report);
  report.added++;
  if (options.dryRun) return;
  const values: Record<string, string | number> = {
    ...{ id, username, password: passwordOf(account, options), is_active: account.is_active },
    ...{ is_staff: 0, is_superuser: 0, date_joined: timeOf(account.joined_at) },
  };
  for (const column of needed) {
    if (column in values) continue;
    // Unique there; an import reads `#7` as none.
    const blank = column === "mobile" ? `#${id}` : blanks[column];
    values[column] = options.constants[column] ?? blank ?? "";
  }
  for (const [column, value] of Object.entries(options.constants)) values[column] = value;
  const names = Object.keys(values);
  await target.run(
    `insert into ${target.quote(table)} (${names.map((name) => target.quote(name)).join(", ")})
      values (${names.map(() => "?").join(", ")})`,
    Object.values(values),
  );
}

/** The user names that these accounts had before and that nobody else may take, as `<id> <key>`. */
async function namesGivenUp(db: Db, page: readonly Account[]): Promise<ReadonlySet<string>> {
  const ids = page.map(({ id }) => id);
  const rows = await db.kysely
    .selectFrom("held_names")
    .select(["user_id", "name_key"])
    .where("user_id", "in", ids)
    .where("kind", "=", "username")
    .execute();
  return new Set(rows.map(({ user_id, name_key }) => `${user_id} ${name_key}`));
}

const wasNamed = ({ id, username }: Account, there: string, givenUp: ReadonlySet<string>): boolean =>
  isSameName(username, there) || givenUp.has(`${id} ${nameKey(there)}`);

async function renameRow(account: Account, row: Row, place: Place): Promise<void> {
  const { target, table, options, report } = place;
  const { id, username } = account;
  if ([...username].length > djangoNameLength) return refuse(account, "name_too_long", "", report);
  const others = `select id from ${target.quote(table)} where username = ? and id <> ?`;
  const [taken] = await target.all(others, [username, id]);
  if (taken !== undefined) return refuse(account, "name_is_anothers", `#${taken.id}`, report);
  report.renamed++;
  if (!options.dryRun) {
    const rename = `update ${target.quote(table)} set username = ? where id = ? and username = ?`;
    await target.run(rename, [username, id, String(row.username)]);
  }
  await updateRow(account, { ...row, username }, place);
}

async function updateRow(account: Account, row: Row, place: Place): Promise<void> {
  const { target, table, options, report } = place;
  const isActive = isTrue(row.is_active) ? 1 : 0;
  const password = changedPassword(account, String(row.password), options);
  if (isActive === account.is_active && password === null) return;
  report.updated++;
  if (options.dryRun) return;
  await target.run(
    `update ${target.quote(table)} set is_active = ?, password = ? where id = ? and username = ?`,
    [account.is_active, password ?? String(row.password), account.id, account.username],
  );
}

/**
 * Null where the row's is to stay: it opens nothing, or what is good here. A password that is another one there was
 * changed here since, and the old one must not go on.
 */
function changedPassword(account: Account, there: string, options: SyncOptions): string | null {
  if (there === account.password_hash) return null;
  const wanted = passwordOf(account, options);
  const isShut = wanted.startsWith("!");
  return isShut && there.startsWith("!") ? null : wanted;
}

function passwordOf({ password_hash: hash }: Account, { hashes, unusable }: SyncOptions): string {
  return hashes && hash.length <= djangoHashLength && !hash.startsWith("!") ? hash : unusable();
}

function refuse({ id, username }: Account, kind: Conflict, there: string, report: SyncReport): void {
  report.refused++;
  if (report.conflicts.length < namedConflicts) report.conflicts.push({ kind, id, username, there });
}

function refuseConstants(
  table: string,
  columns: ReadonlySet<string>,
  constants: Readonly<Record<string, string>>,
): void {
  const wrong = Object.keys(constants).find((name) => !columns.has(name) || written.includes(name as never));
  if (wrong === undefined) return;
  throw new SourceError(
    `--set 不能用于列 ${wrong}：表 ${table} 没有它，或它由同步写入。`,
    `--set can't be used for ${wrong}: ${table} has no such column, or it is written by the sync itself.`,
  );
}

/** A column that a row must have and nobody gives a value would fail in the middle. */
function refuseUnfilled(
  table: string,
  needed: readonly string[],
  constants: Readonly<Record<string, string>>,
): void {
  const known = new Set<string>([...written, ...Object.keys(blanks), ...Object.keys(constants), "mobile"]);
  const unknown = needed.filter((column) => !known.has(column));
  if (unknown.length === 0) return;
  const names = unknown.join(", ");
  throw new SourceError(
    `表 ${table} 的列 ${names} 不能为空且没有缺省值，请用 --set <列>=<值> 给出。`,
    `The columns ${names} of ${table} may not be null and have no default. Give them by --set <column>=<value>.`,
  );
}

const pageOf = (db: Db, after: number, since: number) =>
  db.kysely
    .selectFrom("users")
    .select(["id", "username", "password_hash", "is_active", "joined_at"])
    .where("id", ">", after)
    .where("updated_at", ">=", since)
    .orderBy("id")
    .limit(pageSize)
    .execute();

async function countOf(db: Db, since: number): Promise<number> {
  const { count } = await db.kysely
    .selectFrom("users")
    .select((row) => row.fn.countAll<number>().as("count"))
    .where("updated_at", ">=", since)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** As Django stores it, in UTC. */
const timeOf = (at: number) => new Date(at).toISOString().replace("T", " ").replace("Z", "");
