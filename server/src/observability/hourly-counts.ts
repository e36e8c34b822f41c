import { sql } from "kysely";
import type { Db } from "../engines/database/database.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";

/**
 * How often what happened, by the hour and for 35 days, for who has no Prometheus: the console's overview. Each process adds once a minute, by its maintenance, what
 * its counters have grown by, so no request writes anything for it, and no table of people is counted. What a process that is killed
 * had not added is lost, a minute at most (guard: hourly-counts.race.test.ts).
 */
interface Row {
  readonly hour: number;
  readonly name: string;
  readonly count: number;
}

declare module "../engines/database/tables.ts" {
  interface Tables {
    hourly_counts: { -readonly [Name in keyof Row]: Row[Name] };
  }
}

/** Counters since the start of the process, by name: `log_in:password`. */
export type Counters = () => Readonly<Record<string, number>>;
export type HourCounts = { readonly hour: number; readonly counts: Readonly<Record<string, number>> };

export interface HourlyCounts {
  /** Adds what has grown since. */
  flush(): Promise<void>;
  /** Whole hours from `from` (hours since 1970) on, the earliest first; those in which nothing happened are missing. */
  since(from: number): Promise<HourCounts[]>;
  /** A part of the maintenance: adds, and removes an hour of more than 35 days ago; returns `limit` where there may be another one. */
  tend(limit: number): Promise<number>;
  close(): Promise<void>;
}

const keptHours = 35 * 24;
export const hourOf = (millis: number): number => Math.floor(millis / 3_600_000);

export function createHourlyCounts(deps: {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Pick<Log, "warn">;
  readonly counters: Counters;
}): HourlyCounts {
  const { db, clock, log, counters } = deps;
  let written: Readonly<Record<string, number>> = {};
  let last: Promise<void> = Promise.resolve();

  async function add(): Promise<void> {
    const now = counters();
    const hour = hourOf(clock.now());
    const grown = Object.entries(now)
      .map(([name, count]) => ({ hour, name, count: count - (written[name] ?? 0) }))
      .filter(({ count }) => count > 0)
      // In one order, in which no two processes wait for each other's rows.
      .sort((one, other) => (one.name < other.name ? -1 : 1));
    if (grown.length === 0) return;
    await db.kysely
      .insertInto("hourly_counts")
      .values(grown)
      .onConflict((conflict) =>
        conflict
          .columns(["hour", "name"])
          .doUpdateSet({ count: sql<number>`hourly_counts.count + excluded.count` }),
      )
      .execute();
    written = { ...now };
  }

  function flush(): Promise<void> {
    last = last.then(add).catch((error: unknown) => {
      // Added with the next minute's.
      log.warn({ err: error }, "the hour's counts could not be written");
    });
    return last;
  }

  return {
    flush,
    async since(from) {
      const query = db.kysely.selectFrom("hourly_counts").selectAll().where("hour", ">=", from);
      const hours = new Map<number, Record<string, number>>();
      for (const { hour, name, count } of await query.orderBy("hour").execute()) {
        const counts = hours.get(hour) ?? {};
        counts[name] = Number(count);
        hours.set(hour, counts);
      }
      return [...hours].map(([hour, counts]) => ({ hour, counts }));
    },
    async tend(limit) {
      await flush();
      const before = hourOf(clock.now()) - keptHours;
      const oldest = await db.kysely
        .selectFrom("hourly_counts")
        .select("hour")
        .where("hour", "<", before)
        .orderBy("hour")
        .limit(1)
        .executeTakeFirst();
      if (oldest === undefined) return 0;
      // An hour has a few dozen names.
      const gone = db.kysely.deleteFrom("hourly_counts").where("hour", "=", oldest.hour).returning("hour");
      await gone.execute();
      return limit;
    },
    close: flush,
  };
}
