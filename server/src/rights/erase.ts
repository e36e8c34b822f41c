import { sql } from "kysely";
import { removeAccount, writeErasureBegun } from "../accounts/change.ts";
import type { ErasedNames } from "../accounts/erased-names.ts";
import type { User } from "../accounts/record.ts";
import type { Users } from "../accounts/users.ts";
import { releaseAvatars } from "../avatars/avatar-owners.ts";
import type { Db } from "../engines/database/database.ts";
import type { Jobs, JobsAdmin } from "../engines/jobs/jobs.ts";
import { forgetMailsOf } from "../engines/mail/forget-mails.ts";
import type { Events } from "../events/events.ts";
import type { Clock } from "../kernel/clock.ts";
import type { SecretKeys } from "../kernel/keys.ts";
import { nameKeys } from "../kernel/name-key.ts";
import { isHeld } from "./deletion-holds.ts";
import { insertDeleted } from "./deletion-store.ts";
import { eraseTracesJob, speaksOf, tracesDelaySeconds } from "./erase-traces-job.ts";
import { forgetInNotes, forgetWritten, type NotesSeen } from "./forget-written.ts";
import { pseudonymise } from "./pseudonymise.ts";

/**
 * Removes everything that is kept about an account, at once or not at all. Promise: what is left is the id with the day it went,
 * the audit log without anything of the person, and digests of the names, which are nobody's for a while (guards:
 * deletion.test.ts; erasure-dump.test.ts looks in every table, at once, for a value of its own in every personal column).
 */
export interface EraseDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly users: Users;
  readonly erasedNames: ErasedNames;
  readonly secretKeys: SecretKeys;
  readonly queue: Pick<JobsAdmin, "forget">;
  readonly events: Pick<Events, "record">;
  readonly jobs: Pick<Jobs, "enqueueWith">;
}

/**
 * Decides, in one transaction, that the account is erased now: what follows takes back what third parties gave and tells the owner, and
 * neither can be undone. Returns the account as it is then; null where the erasure was cancelled, is not due, or a service has it wait.
 * From here on no service has it wait any more. Again for one that began already.
 */
export async function beginErasure(
  { db, clock, users }: Pick<EraseDeps, "db" | "clock" | "users">,
  userId: number,
): Promise<User | null> {
  return db.transaction(async (transaction) => {
    const user = await users.lock(transaction, userId);
    const now = clock.now();
    if (user === null || !isDue(user, now)) return null;
    if (user.erasure_begun_at !== null) return user;
    if (await isHeld(transaction, user.id, now)) return null;
    await writeErasureBegun(transaction, user.id, now);
    return { ...user, erasure_begun_at: now };
  });
}

const isDue = ({ deletion_due_at: dueAt }: User, now: number) => dueAt !== null && dueAt <= now;

/** Whether it was erased: not where it was cancelled, or a service has it wait. */
export async function eraseAccount(deps: EraseDeps, seen: User): Promise<boolean> {
  const { db, clock, users, queue } = deps;
  const began = clock.now();
  const notesSeen = isDue(seen, began) ? await forgetInNotes(db, await keysOf(db, seen), began) : undefined;
  const given = await db.transaction(async (transaction) => {
    const user = await users.lock(transaction, seen.id);
    const now = clock.now();
    // Cancelled, or done by somebody else.
    if (user === null || !isDue(user, now)) return null;
    if (await isHeld(transaction, user.id, now)) return null;
    // While there is a row: its version says that this is the last.
    await deps.events.record(transaction, { type: "user.deleted", userId: user.id });
    return eraseWithin(transaction, deps, user, { notesSeen });
  });
  if (given === null) return false;
  const names = new Set(given);
  // What the queue still holds speaks to nobody any more: done ones stay a day else, dead ones two weeks.
  await queue.forget((payload) => speaksOf(payload, seen.id, (name) => names.has(name)));
  return true;
}

/**
 * Erases an account that the caller's transaction has locked, whatever its reason; returns the keys of its names. `kept`: keys that are
 * another account's by now (joining/joins.ts), and so are held for nobody. `notesSeen`: as in forget-written.ts. The caller tells who
 * is to know.
 */
export async function eraseWithin(
  transaction: Db,
  { clock, erasedNames, secretKeys, jobs }: Pick<EraseDeps, "clock" | "erasedNames" | "secretKeys" | "jobs">,
  user: User,
  {
    kept,
    notesSeen,
  }: { readonly kept?: ReadonlySet<string>; readonly notesSeen?: NotesSeen | undefined } = {},
): Promise<readonly string[]> {
  const now = clock.now();
  const keys = (await keysOf(transaction, user)).filter((key) => kept?.has(key) !== true);
  const had = new Set(await keysHad(transaction, user.id));
  // What it wrote down and never had is nobody's to be kept from.
  const held = keys.filter((key) => had.has(key));
  await erasedNames.hold(transaction, held, now);
  await transaction.kysely.deleteFrom("held_names").where("user_id", "=", user.id).execute();
  await eraseMessages(transaction, user, keys);
  await forgetWritten(transaction, keys, notesSeen);
  await pseudonymise(transaction, user.id, keys);
  await releaseAvatars(transaction, user.id, now);
  // What receivers answered of the person; that they were told stays, by ids alone.
  await transaction.kysely
    .updateTable("webhook_deliveries")
    .set({ last_answer: null, last_error: null })
    .where("user_id", "=", user.id)
    .execute();
  await removeAccount(transaction, user.id);
  await insertDeleted(transaction, secretKeys, { user_id: user.id, deleted_at: now });
  // Whatever becomes of the process from here on.
  await jobs.enqueueWith(
    transaction,
    eraseTracesJob,
    { erasedId: user.id },
    { delaySeconds: tracesDelaySeconds },
  );
  return keys;
}

/**
 * Keys (kernel/name-key.ts) of every name, address and number that the account has, and of those that it gave up not long ago. None that is
 * another account's to log in by: an address that both have is that one's where it was proved, and so is a number that went on to
 * somebody else. Attack: an address that one only wrote down, and an erasure that takes its owner's mails and holds it for nobody
 * (guard: erasure-of-others.test.ts).
 */
export async function keysOf(db: Db, user: User): Promise<readonly string[]> {
  const keys = [...new Set((await namesOf(db, user)).flatMap((name) => [...nameKeys(name)]))];
  const others = await db.kysely
    .selectFrom("login_names")
    .select("name_key")
    .where("name_key", "in", keys)
    .where("user_id", "!=", user.id)
    .execute();
  const theirs = new Set(others.map(({ name_key }) => name_key));
  return keys.filter((key) => !theirs.has(key));
}

async function namesOf(transaction: Db, user: User): Promise<string[]> {
  const replaced = await transaction.kysely
    .selectFrom("address_changes")
    .select("value_before")
    .where("user_id", "=", user.id)
    .execute();
  const now = [user.username, user.email, user.mobile, user.proved_mobile];
  const had = await keysHad(transaction, user.id);
  const found = [...now, ...replaced.map((row) => row.value_before), ...had];
  return found.filter((name): name is string => name !== null && name !== "");
}

/** Keys of the names that the account logs in by, and of those that it logged in by and that are held for it. */
async function keysHad({ kysely }: Db, userId: number): Promise<string[]> {
  const rows = await kysely
    .selectFrom("login_names")
    .select("name_key")
    .where("user_id", "=", userId)
    .unionAll(kysely.selectFrom("held_names").select("name_key").where("user_id", "=", userId))
    .execute();
  return rows.map(({ name_key }) => name_key);
}

/** What was sent to the person or asked for by them, and invitations to their address. */
async function eraseMessages(transaction: Db, { id }: User, keys: readonly string[]): Promise<void> {
  const { kysely } = transaction;
  await forgetMailsOf(transaction, id);
  await kysely
    .deleteFrom("mails")
    .where("to_key", "in", [...keys])
    .execute();
  await kysely
    .deleteFrom("mailbox_messages")
    .where("to_key", "in", [...keys])
    .execute();
  await kysely
    .deleteFrom("invitations")
    // As it was typed, in capitals maybe; the index has it so.
    .where(sql<string>`lower(email)`, "in", [...keys])
    .execute();
}
