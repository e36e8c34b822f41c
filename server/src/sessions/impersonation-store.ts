import { sql } from "kysely";
import { type Db, statement } from "../engines/database/database.ts";
import { insertSession } from "./session-store.ts";

/** A session in which somebody of the staff acts, with what decides whether they still may. Times in epoch milliseconds. */
export interface Impersonation {
  readonly id: string;
  readonly user_id: number;
  readonly created_at: number;
  readonly expires_at: number;
  /** Who acts, as they are now. */
  readonly impersonator: number;
  readonly username: string;
  readonly is_active: 0 | 1;
  readonly is_staff: 0 | 1;
  readonly is_superuser: 0 | 1;
  /** Their own session, which lives. */
  readonly own_id: string;
  readonly own_seen_at: number;
  readonly own_idle_seconds: number | null;
}

/**
 * Sessions that live, of an account that is active and as it was then, by somebody who is, too, and whose own session lives. Whether
 * they are still staff with the permission, and the account is not, is asked of what this returns.
 */
const living = (db: Db, now: number) =>
  db.kysely
    .selectFrom("sessions")
    .innerJoin("users as owner", "owner.id", "sessions.user_id")
    .innerJoin("users as staff", "staff.id", "sessions.impersonator_id")
    .innerJoin("sessions as own", "own.id", "sessions.impersonator_session")
    .select(["sessions.id", "sessions.user_id", "sessions.created_at", "sessions.expires_at"])
    .select(["staff.id as impersonator", "staff.username", "staff.is_active", "staff.is_staff"])
    .select(["staff.is_superuser", "own.id as own_id", "own.last_seen_at as own_seen_at"])
    .select(["own.idle_seconds as own_idle_seconds"])
    .where("sessions.impersonator_id", "is not", null)
    .where("sessions.ended_at", "is", null)
    .where("sessions.expires_at", ">", now)
    .whereRef("sessions.credentials_version", "=", "owner.credentials_version")
    .where("owner.is_active", "=", 1)
    .where("owner.is_staff", "=", 0)
    .where("owner.is_superuser", "=", 0)
    .where("staff.is_active", "=", 1)
    .whereRef("own.user_id", "=", "staff.id")
    .whereRef("own.credentials_version", "=", "staff.credentials_version")
    .where("own.ended_at", "is", null)
    .where("own.expires_at", ">", now)
    .where((row) =>
      row.or([
        row("own.idle_seconds", "is", null),
        row(sql<number>`own.last_seen_at + 1000 * own.idle_seconds`, ">", now),
      ]),
    );

/** What a request in such a session must know; null where it is over. */
export async function findImpersonation(db: Db, id: string, now: number): Promise<Impersonation | null> {
  return (await living(db, now).where("sessions.id", "=", id).executeTakeFirst()) ?? null;
}

/** Those of one account, or all there are, the newest first; at most 100. */
export function listImpersonations(db: Db, userId: number | null, now: number): Promise<Impersonation[]> {
  const all = living(db, now).orderBy("sessions.created_at", "desc").orderBy("sessions.id").limit(100);
  return (userId === null ? all : all.where("sessions.user_id", "=", userId)).execute();
}

const ownersOf = statement("sessions.impersonatedBy", (db, values: { impersonator: number; now: number }) =>
  db
    .selectFrom("sessions")
    .select("user_id")
    .distinct()
    .where("impersonator_id", "=", values.impersonator)
    .where("ended_at", "is", null)
    .where("expires_at", ">", values.now),
);

/** Whose accounts they are in which that member of the staff has a session. */
export async function impersonatedBy(
  db: Db,
  values: { impersonator: number; now: number },
): Promise<number[]> {
  return (await db.all(ownersOf, values)).map(({ user_id }) => user_id);
}

const endThose = statement(
  "sessions.endImpersonations",
  (db, values: { impersonator: number; now: number; by: string }) =>
    db
      .updateTable("sessions")
      .set({ ended_at: values.now, expires_at: values.now, ended_by: values.by })
      .where("impersonator_id", "=", values.impersonator)
      .where("ended_at", "is", null)
      .where("expires_at", ">", values.now)
      .returning("user_id"),
);

/** Ends what that member of the staff has open, and returns whose accounts they are. */
export async function endImpersonationsBy(
  db: Db,
  values: { impersonator: number; now: number; by: string },
): Promise<number[]> {
  return (await db.all(endThose, values)).map(({ user_id }) => user_id);
}

interface NewImpersonation {
  readonly id: string;
  readonly userId: number;
  readonly version: number;
  readonly impersonator: number;
  readonly ownSession: string;
  readonly now: number;
  readonly end: number;
}

/** The session's device and network stay empty: they would be the member of staff's. Nobody proved to be its owner, ever. */
export async function insertImpersonation(db: Db, values: NewImpersonation): Promise<void> {
  await insertSession(db, {
    ...{ id: values.id, user_id: values.userId, credentials_version: values.version },
    ...{ way: "impersonation", provider: null, user_agent: "", network: "" },
    ...{ created_at: values.now, last_seen_at: values.now, expires_at: values.end, idle_seconds: null },
    ...{ proved_at: 0, factor: null },
    ...{ impersonator_id: values.impersonator, impersonator_session: values.ownSession },
  });
}
