import { type Db, statement } from "../engines/database/database.ts";
import { type Clock, dayMillis } from "../kernel/clock.ts";
import { randomToken } from "../kernel/ids.ts";
import { type Asker, deviceLifeDays } from "./asker.ts";

/**
 * Of which devices an account's owner was told. A device here is a browser on a system, wherever it is: somebody who
 * travels, or whose address changes every night, is told nothing new. Promise: of many log-ins from a new device at once
 * one tells, and none after it for 180 days without a log-in from there; a change of credentials forgets nothing here,
 * unlike what makes a device known (known-devices.ts). Guard: new-device.test.ts, sessions.race.test.ts.
 */
export type DeviceNotices = ReturnType<typeof createDeviceNotices>;

interface Place {
  readonly userId: number;
  readonly deviceKey: string;
}

const find = statement("device_notices.find", (db, values: Place & { since: number }) =>
  db
    .selectFrom("device_notices")
    .select("last_seen_at")
    .where("user_id", "=", values.userId)
    .where("device_key", "=", values.deviceKey)
    .where("last_seen_at", ">", values.since),
);

const put = statement("device_notices.put", (db, values: Place & { mark: string; now: number }) =>
  db
    .insertInto("device_notices")
    .values({
      user_id: values.userId,
      device_key: values.deviceKey,
      mark: values.mark,
      last_seen_at: values.now,
    })
    .onConflict((conflict) =>
      conflict
        .columns(["user_id", "device_key"])
        .doUpdateSet({ last_seen_at: (row) => row.ref("excluded.last_seen_at") }),
    )
    .returning("mark"),
);

const purge = statement("device_notices.purge", (db, values: { before: number; limit: number }) =>
  db
    .deleteFrom("device_notices")
    .where((row) =>
      row(row.refTuple("user_id", "device_key"), "in", (old) =>
        old
          .selectFrom("device_notices")
          .select(["user_id", "device_key"])
          .where("last_seen_at", "<=", values.before)
          .limit(values.limit)
          .$asTuple("user_id", "device_key"),
      ),
    )
    .returning("device_key"),
);

export function createDeviceNotices({ db, clock }: { readonly db: Db; readonly clock: Clock }) {
  return {
    /** Notes a log-in from the device; `tell` runs in the transaction that notes it first, and in no other. */
    async note(
      userId: number,
      { programKey: deviceKey, before }: Pick<Asker, "programKey" | "before">,
      tell: (transaction: Db) => Promise<void>,
    ): Promise<void> {
      const now = clock.now();
      // Once a day is enough to know that it is in use.
      if ((await db.first(find, { userId, deviceKey, since: now - dayMillis })) !== null) return;
      const since = now - deviceLifeDays * dayMillis;
      const earlier = before.map(({ programKey }) =>
        db.first(find, { userId, deviceKey: programKey, since }),
      );
      const isTold = (await Promise.all(earlier)).some((row) => row !== null);
      const mark = randomToken();
      await db.transaction(async (transaction) => {
        const row = await transaction.first(put, { userId, deviceKey, mark, now });
        if (row?.mark === mark && !isTold) await tell(transaction);
      });
    },

    /** Removes up to `limit` devices not seen for 180 days. */
    purge: async (limit: number): Promise<number> =>
      (await db.all(purge, { before: clock.now() - deviceLifeDays * dayMillis, limit })).length,
  };
}
