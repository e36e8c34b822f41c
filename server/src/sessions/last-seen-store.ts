import { type Db, statement } from "../engines/database/database.ts";

const lastSeen = statement("sessions.lastSeen", (db, values: { userId: number; version: number }) =>
  db
    .selectFrom("sessions")
    .select((row) => row.fn.max("last_seen_at").as("at"))
    .where("user_id", "=", values.userId)
    .where("credentials_version", "=", values.version),
);

/** When any session under these credentials was used last; null where there was none. */
export async function lastSeenIn(
  db: Db,
  values: { userId: number; version: number },
): Promise<number | null> {
  const at = (await db.first(lastSeen, values))?.at ?? null;
  return at === null ? null : Number(at);
}
