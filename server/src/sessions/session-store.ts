import { sql } from "kysely";
import { type User, userColumns } from "../accounts/record.ts";
import { type Db, statement } from "../engines/database/database.ts";
import type { SessionsTable } from "../engines/database/tables.ts";

/** A row as it is read. */
export type SessionRow = {
  readonly [Name in keyof Omit<SessionsTable, "counter" | "rotations">]: SessionsTable[Name];
} & {
  readonly counter: number;
  readonly rotations: string;
};

/** An account with what a request must know of its session; null where that has ended or never was. */
export type UserInSession = User & {
  readonly session_id: string | null;
  readonly session_seen_at: number | null;
  readonly session_idle_seconds: number | null;
  /** The second factor that was given in it. */
  readonly session_factor: string | null;
  /** Who of the staff acts in it; null for its owner. */
  readonly session_impersonator: number | null;
};

/** One indexed read, as without sessions: an account and, where it lives, the session. */
const userInSession = statement("sessions.user", (db, values: { userId: number; id: string; now: number }) =>
  db
    .selectFrom("users")
    .leftJoin("sessions", (join) =>
      join
        .onRef("sessions.user_id", "=", "users.id")
        .on("sessions.id", "=", values.id)
        .on("sessions.ended_at", "is", null)
        .on("sessions.expires_at", ">", values.now)
        .on((on) =>
          on.or([
            on("sessions.idle_seconds", "is", null),
            on(sql<number>`sessions.last_seen_at + 1000 * sessions.idle_seconds`, ">", values.now),
          ]),
        ),
    )
    .select(userColumns)
    .select([
      "sessions.id as session_id",
      "sessions.last_seen_at as session_seen_at",
      "sessions.idle_seconds as session_idle_seconds",
      "sessions.factor as session_factor",
      "sessions.impersonator_id as session_impersonator",
    ])
    .where("users.id", "=", values.userId),
);

export function findUserInSession(
  db: Db,
  values: { userId: number; id: string; now: number },
): Promise<UserInSession | null> {
  return db.first(userInSession, values);
}

/** A session by its id, and whose it is: what a request that shows its cookie must know. One read by two primary keys. */
export type SessionWithUser = UserInSession & {
  readonly session_id: string;
  readonly session_seen_at: number;
  readonly session_version: number;
  readonly session_counter: number;
  readonly session_rotations: string;
  readonly session_created_at: number;
  readonly session_expires_at: number;
  readonly session_ended_at: number | null;
  readonly session_user_agent: string;
  readonly session_network: string;
};

const withUser = statement("sessions.withUser", (db, values: { id: string }) =>
  db
    .selectFrom("sessions")
    .innerJoin("users", "users.id", "sessions.user_id")
    .select(userColumns)
    .select([
      "sessions.id as session_id",
      "sessions.last_seen_at as session_seen_at",
      "sessions.idle_seconds as session_idle_seconds",
      "sessions.factor as session_factor",
      "sessions.impersonator_id as session_impersonator",
      "sessions.credentials_version as session_version",
      "sessions.counter as session_counter",
      "sessions.rotations as session_rotations",
      "sessions.created_at as session_created_at",
      "sessions.expires_at as session_expires_at",
      "sessions.ended_at as session_ended_at",
      "sessions.user_agent as session_user_agent",
      "sessions.network as session_network",
    ])
    .where("sessions.id", "=", values.id),
);

export function findSessionWithUser(db: Db, id: string): Promise<SessionWithUser | null> {
  return db.first(withUser, { id });
}

type NewSession = Omit<SessionRow, "counter" | "rotations" | "ended_at" | "ended_by">;

const insert = statement("sessions.insert", (db, values: NewSession) =>
  db
    .insertInto("sessions")
    .values({
      id: values.id,
      user_id: values.user_id,
      credentials_version: values.credentials_version,
      way: values.way,
      provider: values.provider,
      user_agent: values.user_agent,
      network: values.network,
      created_at: values.created_at,
      last_seen_at: values.last_seen_at,
      expires_at: values.expires_at,
      idle_seconds: values.idle_seconds,
      proved_at: values.proved_at,
      factor: values.factor,
      impersonator_id: values.impersonator_id,
      impersonator_session: values.impersonator_session,
    })
    .returning("id"),
);

export async function insertSession(db: Db, session: NewSession): Promise<void> {
  await db.first(insert, session);
}

const byId = statement("sessions.byId", (db, values: { id: string }) =>
  db.selectFrom("sessions").selectAll().where("id", "=", values.id),
);

export function findSession(db: Db, id: string): Promise<SessionRow | null> {
  return db.first(byId, { id });
}

interface End {
  readonly id: string;
  readonly userId: number;
  readonly now: number;
  /** Who or what ended it. */
  readonly by: string;
}

const end = statement("sessions.end", (db, values: End) =>
  db
    .updateTable("sessions")
    .set({ ended_at: values.now, expires_at: values.now, ended_by: values.by })
    .where("id", "=", values.id)
    .where("user_id", "=", values.userId)
    .where("ended_at", "is", null)
    .where("expires_at", ">", values.now)
    .returning(["id", "impersonator_id"]),
);

/** Ends a session of that account; null where it had ended, or is none of theirs. */
export function endSession(db: Db, values: End): Promise<{ readonly impersonator_id: number | null } | null> {
  return db.first(end, values);
}

interface Live {
  readonly userId: number;
  /** The account's present credentials: others have ended the session. */
  readonly version: number;
  readonly now: number;
}

const live = statement("sessions.live", (db, values: Live) =>
  db
    .selectFrom("sessions")
    .selectAll()
    .where("user_id", "=", values.userId)
    .where("credentials_version", "=", values.version)
    .where("ended_at", "is", null)
    .where("expires_at", ">", values.now)
    .where((or) =>
      or.or([
        or("idle_seconds", "is", null),
        or(sql<number>`last_seen_at + 1000 * idle_seconds`, ">", values.now),
      ]),
    )
    .orderBy("last_seen_at", "desc")
    .orderBy("id")
    .limit(100),
);

/** An account's sessions that live, the one used last first, at most 100. */
export function liveSessions(db: Db, values: Live): Promise<SessionRow[]> {
  return db.all(live, values);
}

const endOthers = statement("sessions.endOthers", (db, values: Live & { keep: string; by: string }) =>
  db
    .updateTable("sessions")
    .set({ ended_at: values.now, expires_at: values.now, ended_by: values.by })
    .where("user_id", "=", values.userId)
    .where("credentials_version", "=", values.version)
    .where("id", "<>", values.keep)
    .where("ended_at", "is", null)
    .where("expires_at", ">", values.now)
    .returning("id"),
);

/** Ends every session of the account but `keep`; returns how many. */
export async function endOtherSessions(db: Db, values: Live & { keep: string; by: string }): Promise<number> {
  return (await db.all(endOthers, values)).length;
}

const seen = statement("sessions.seen", (db, values: { id: string; now: number; before: number }) =>
  db
    .updateTable("sessions")
    .set({ last_seen_at: values.now })
    .where("id", "=", values.id)
    .where("last_seen_at", "<=", values.before)
    .returning("id"),
);

/** Notes that it was seen, unless another request did so after `before`. */
export async function writeSeen(db: Db, values: { id: string; now: number; before: number }): Promise<void> {
  await db.first(seen, values);
}

const proved = statement(
  "sessions.proved",
  (db, values: { id: string; userId: number; now: number; factor: string | null }) =>
    db
      .updateTable("sessions")
      .set({ proved_at: values.now, factor: sql<string | null>`coalesce(${values.factor}, factor)` })
      .where("id", "=", values.id)
      .where("user_id", "=", values.userId)
      .where("ended_at", "is", null)
      .returning("id"),
);

/** Notes that its owner proved themselves, and by which second factor. `now` in epoch milliseconds. */
export async function writeProved(
  db: Db,
  values: { id: string; userId: number; now: number; factor: string | null },
): Promise<void> {
  await db.first(proved, values);
}

const purge = statement("sessions.purge", (db, values: { before: number; limit: number }) =>
  db
    .deleteFrom("sessions")
    .where("id", "in", (old) =>
      old.selectFrom("sessions").select("id").where("expires_at", "<=", values.before).limit(values.limit),
    )
    .returning("id"),
);

/** Removes up to `limit` sessions that ended before that. */
export async function purgeSessions(db: Db, before: number, limit: number): Promise<number> {
  return (await db.all(purge, { before, limit })).length;
}
