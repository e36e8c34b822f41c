import type { Kysely } from "kysely";
import { type Db, statement } from "../engines/database/database.ts";
import type { Tables } from "../engines/database/tables.ts";

interface Rotation {
  readonly id: string;
  readonly version: number;
  /** The number it had when this was decided. */
  readonly from: number;
  readonly to: number;
  readonly rotations: string;
  readonly now: number;
  readonly idleSeconds: number;
  readonly userAgent: string;
  readonly network: string;
}

const rotationOn = (db: Kysely<Tables>, values: Rotation) =>
  db
    .updateTable("sessions")
    .set({
      counter: values.to,
      rotations: values.rotations,
      last_seen_at: values.now,
      idle_seconds: values.idleSeconds,
      user_agent: values.userAgent,
      network: values.network,
    })
    .where("id", "=", values.id)
    .where("counter", "=", values.from)
    .where("ended_at", "is", null)
    .where("credentials_version", "=", values.version)
    .returning("id");
const rotate = statement("sessions.rotate", rotationOn);
const rotateAndEndSooner = statement(
  "sessions.rotateAndEndSooner",
  (db, values: Rotation & { expiresAt: number }) =>
    rotationOn(db, values).set({ expires_at: values.expiresAt }),
);

/**
 * Replaces the refresh token; false where another request did, or ended the session, since it was read. `sooner` is its end
 * from now on, in epoch milliseconds, and null where that stays. Two indexes have the end: on SQLite a statement that names it writes both, also where it is the same.
 */
export async function rotateSession(db: Db, rotation: Rotation, sooner: number | null): Promise<boolean> {
  const done =
    sooner === null
      ? db.first(rotate, rotation)
      : db.first(rotateAndEndSooner, { ...rotation, expiresAt: sooner });
  return (await done) !== null;
}
