import { type Db, statement } from "../engines/database/database.ts";

const lastSeen = statement("sessions.lastSeen", (db, values: { userId: number; version: number }) =>
  db
    .selectFrom("sessions")
    .select((row) => row.fn.max("last_seen_at").as("at"))
    .where("user_id", "=", values.userId)
    .where("credentials_version", "=", values.version)
    // What staff do in the owner's place is no sign of the owner.
    .where("impersonator_id", "is", null),
);

/** When its owner used any session under these credentials last; null where there was none. */
export async function lastSeenIn(
  db: Db,
  values: { userId: number; version: number },
): Promise<number | null> {
  const at = (await db.first(lastSeen, values))?.at ?? null;
  return at === null ? null : Number(at);
}
