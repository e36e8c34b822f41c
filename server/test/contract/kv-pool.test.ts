import { expect, it } from "vitest";
import { key } from "../../src/engines/kv/kv.ts";
import { createSqlKv } from "../../src/engines/kv/sql-kv.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { notTested } from "../support/not-tested.ts";
import { hasProductionEngines, temporaryPostgres } from "../support/test-engines.ts";

const name = "200 batches of one subject take one connection of PostgreSQL's pool";
if (hasProductionEngines) {
  it(name, async () => {
    const db = await temporaryPostgres();
    try {
      const kv = createSqlKv(db, systemClock);
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
} else notTested(name);
