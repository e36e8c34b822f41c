import { type Db, statement } from "../engines/database/database.ts";
import type { Flag } from "../engines/database/flag.ts";

/** The table `lost_factors`: requests to have a lost second factor removed. Times in epoch milliseconds. */
export interface LostFactor {
  readonly id: string;
  readonly user_id: number;
  readonly credentials_version: number;
  readonly asked_at: number;
  readonly ripe_at: number;
  readonly lapses_at: number;
  /** 1 where a device asked that the account knew. */
  readonly known_device: Flag;
}

export type CancelledBy = "link" | "log_in" | "session" | "known_device";

export interface End {
  readonly id: string;
  readonly ended: "cancelled" | "done" | "expired";
  readonly by: CancelledBy | null;
  readonly now: number;
}

interface Row extends LostFactor {
  readonly ended_at: number | null;
  readonly ended: End["ended"] | null;
  readonly cancelled_by: CancelledBy | null;
}

declare module "../engines/database/tables.ts" {
  interface Tables {
    lost_factors: { -readonly [Name in keyof Row]: Row[Name] };
  }
}

const columns = [
  ...(["id", "user_id", "credentials_version", "asked_at", "ripe_at"] as const),
  ...(["lapses_at", "known_device"] as const),
];

const open = statement("lost_factors.open", (db, values: { userId: number }) =>
  db
    .selectFrom("lost_factors")
    .select(columns)
    .where("user_id", "=", values.userId)
    .where("ended_at", "is", null),
);

/** The account's one that has not ended; its time may be over. */
export function findOpen(db: Db, userId: number): Promise<LostFactor | null> {
  return db.first(open, { userId });
}

const byId = statement("lost_factors.byId", (db, values: { id: string }) =>
  db
    .selectFrom("lost_factors")
    .select([...columns, "ended"])
    .where("id", "=", values.id),
);

export function findLostFactor(db: Db, id: string): Promise<(LostFactor & Pick<Row, "ended">) | null> {
  return db.first(byId, { id });
}

const insert = statement("lost_factors.insert", (db, values: LostFactor) =>
  db
    .insertInto("lost_factors")
    .values({
      ...{ id: values.id, user_id: values.user_id, credentials_version: values.credentials_version },
      ...{ asked_at: values.asked_at, ripe_at: values.ripe_at, lapses_at: values.lapses_at },
      ...{ known_device: values.known_device, ended_at: null, ended: null, cancelled_by: null },
    })
    .returning("id"),
);

export async function insertLostFactor(transaction: Db, row: LostFactor): Promise<void> {
  await transaction.first(insert, row);
}

const end = statement("lost_factors.end", (db, values: End) =>
  db
    .updateTable("lost_factors")
    .set({ ended_at: values.now, ended: values.ended, cancelled_by: values.by })
    .where("id", "=", values.id)
    .where("ended_at", "is", null)
    .returning("id"),
);

/** Ends it: of any number of callers exactly one gets true. */
export async function endLostFactor(transaction: Db, values: End): Promise<boolean> {
  return (await transaction.first(end, values)) !== null;
}

const since = statement("lost_factors.since", (db, values: { userId: number; since: number }) =>
  db
    .selectFrom("lost_factors")
    .select("asked_at")
    .where("user_id", "=", values.userId)
    .where("asked_at", ">", values.since)
    .orderBy("asked_at"),
);

/** When the account asked since then, the oldest first. */
export async function askedSince(db: Db, userId: number, from: number): Promise<number[]> {
  return (await db.all(since, { userId, since: from })).map(({ asked_at }) => asked_at);
}

const purge = statement("lost_factors.purge", (db, values: { before: number; limit: number }) =>
  db
    .deleteFrom("lost_factors")
    .where("id", "in", (old) =>
      old.selectFrom("lost_factors").select("id").where("asked_at", "<=", values.before).limit(values.limit),
    )
    .returning("id"),
);

/** Removes up to `limit` that were asked for before; returns how many. */
export async function purgeLostFactors(db: Db, before: number, limit: number): Promise<number> {
  return (await db.all(purge, { before, limit })).length;
}
