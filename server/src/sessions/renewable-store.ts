import { type User, userColumns } from "../accounts/record.ts";
import { type Db, statement } from "../engines/database/database.ts";
import type { SessionRow } from "./session-store.ts";

const sessionColumns = [
  "credentials_version",
  "way",
  "provider",
  "user_agent",
  "network",
  "created_at",
  "last_seen_at",
  "expires_at",
  "idle_seconds",
  "counter",
  "rotations",
  "ended_at",
  "ended_by",
  "proved_at",
  "factor",
  "impersonator_id",
  "impersonator_session",
] as const satisfies readonly Exclude<keyof SessionRow, "id" | "user_id">[];

/** Both in one read: what a refused token costs is this. */
const renewable = statement("sessions.renewable", (db, values: { id: string; userId: number }) =>
  db
    .selectFrom("users")
    .leftJoin("sessions", (join) =>
      join.onRef("sessions.user_id", "=", "users.id").on("sessions.id", "=", values.id),
    )
    .select(userColumns)
    .select("sessions.id as session_id")
    .select(sessionColumns.map((name) => `sessions.${name} as session_${name}` as const))
    .where("users.id", "=", values.userId),
);

/** The account, and its session of that id, in whatever state they are; null where there is none. */
export async function findRenewable(
  db: Db,
  values: { id: string; userId: number },
): Promise<{ account: User | null; row: SessionRow | null }> {
  const found = await db.first(renewable, values);
  if (found === null || found.session_id === null) return { account: found, row: null };
  const members = sessionColumns.map((name) => [name, (found as Columns)[`session_${name}`]]);
  const session = Object.fromEntries(members) as Omit<SessionRow, "id" | "user_id">;
  return { account: found, row: { id: values.id, user_id: found.id, ...session } };
}

type Columns = Readonly<Record<string, unknown>>;
