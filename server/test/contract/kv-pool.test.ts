import { expect, it } from "vitest";
import { key } from "../../src/engines/kv/kv.ts";
import { createSqlKv } from "../../src/engines/kv/sql-kv.ts";
import { lockSubject } from "../../src/engines/kv/sql-kv-entries.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { notTested } from "../support/not-tested.ts";
import { hasProductionEngines, temporaryPostgres } from "../support/test-engines.ts";

const name = "200 batches of one subject take one connection of PostgreSQL's pool";
const hangs =
  "while PostgreSQL answers one batch of a subject not at all, the others are refused and count nothing";
if (hasProductionEngines) {
  it(name, async () => {
    const db = await temporaryPostgres();
    try {
      const kv = createSqlKv(db, systemClock, { turnLimitMillis: 60_000 });
      const count = (subject: string) =>
        kv.batch(
          ["hour", "day"].map(
            (rule) =>
              ({
                ...{ verb: "increment", key: key("limit", subject, rule), limit: 50, ttlSeconds: 60 },
              }) as const,
          ),
        );
      const flood = Array.from({ length: 200 }, () => count("one-name"));
      await flood[0];
      // One of the flood at most, while its turn begins.
      expect(db.stats().waiting).toBeLessThan(2);
      expect((await count("another")).map(({ refused }) => refused)).toEqual([false, false]);
      const outcomes = await Promise.all(flood);
      expect(outcomes.filter((both) => both.every(({ refused }) => !refused))).toHaveLength(50);
    } finally {
      await db.close();
    }
  });

  it(hangs, async () => {
    const db = await temporaryPostgres();
    const unlock = Promise.withResolvers<void>();
    try {
      const kv = createSqlKv(db, systemClock, { turnLimitMillis: 100 });
      const [hour, day] = [key("limit", "one-name", "hour"), key("limit", "one-name", "day")];
      const count = () =>
        kv.batch([hour, day].map((key) => ({ verb: "increment", key, limit: 50, ttlSeconds: 60 }) as const));
      const locked = Promise.withResolvers<void>();
      const holder = db.transaction(async (transaction) => {
        await lockSubject(transaction, hour);
        locked.resolve();
        await unlock.promise;
      });
      await locked.promise;
      const first = count().then(
        () => 1,
        () => 0,
      );
      const refused = await Promise.allSettled(Array.from({ length: 5 }, count));
      for (const one of refused) {
        const reason = { code: "unavailable", retryAfterSeconds: 2 };
        expect(one).toMatchObject({ status: "rejected", reason });
      }
      unlock.resolve();
      await holder;
      const counted = await first;
      expect((await count()).map((outcome) => outcome.count)).toEqual([counted + 1, counted + 1]);
    } finally {
      unlock.resolve();
      await db.close();
    }
  });
} else {
  notTested(name);
  notTested(hangs);
}
