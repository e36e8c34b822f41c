import { sql } from "kysely";
import { type Db, statement } from "../engines/database/database.ts";

const displace = statement(
  "sessions.displace",
  (db, values: { userId: number; version: number; id: string; most: number; now: number }) =>
    db
      .updateTable("sessions")
      .set({ ended_at: values.now, expires_at: values.now, ended_by: "displaced" })
      .where("user_id", "=", values.userId)
      .where("credentials_version", "=", values.version)
      .where("idle_seconds", "is not", null)
      .where("ended_at", "is", null)
      .where("expires_at", ">", values.now)
      .where("id", "not in", (kept) =>
        kept
          .selectFrom("sessions")
          .select("id")
          .where("user_id", "=", values.userId)
          .where("credentials_version", "=", values.version)
          .where("idle_seconds", "is not", null)
          .where("ended_at", "is", null)
          .where("expires_at", ">", values.now)
          // The new one first, also within its millisecond.
          .orderBy(sql`case when id = ${values.id} then 0 else 1 end`)
          .orderBy("last_seen_at", "desc")
          .orderBy("id")
          .limit(values.most),
      )
      .returning("id"),
);

/** Ends what an account has beyond `most` sessions with refresh tokens, those unused longest; never the one of `id`. */
export async function displaceSessions(
  db: Db,
  values: { userId: number; version: number; id: string; most: number; now: number },
): Promise<void> {
  await db.all(displace, values);
}
