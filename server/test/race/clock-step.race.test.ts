import { expect, it } from "vitest";
import { moveEntriesNearer } from "../../src/engines/kv/sql-kv-entries.ts";
import { startTestApp } from "../support/test-app.ts";

it("of many processes that notice one step of the clock one moves the entries, once, and again at the next", async () => {
  const test = await startTestApp();
  try {
    const { db } = test.app;
    const [now, hour] = [test.clock.now(), 3_600_000];
    const entry = { entry_key: "limit:{x}", value: "1" };
    await db.kysely
      .insertInto("kv_entries")
      .values({ ...entry, expires_at: now + 10 * hour })
      .execute();
    const expiresAt = async () =>
      (
        await db.kysely
          .selectFrom("kv_entries")
          .select("expires_at")
          .where("entry_key", "=", entry.entry_key)
          .executeTakeFirstOrThrow()
      ).expires_at;
    const step = (at: number) =>
      Promise.all(Array.from({ length: 8 }, () => moveEntriesNearer(db, hour, at)));
    expect((await step(now)).filter((moved) => moved > 0)).toHaveLength(1);
    expect(await expiresAt()).toBe(now + 9 * hour);
    expect((await step(now - hour)).filter((moved) => moved > 0)).toHaveLength(1);
    expect(await expiresAt()).toBe(now + 8 * hour);
  } finally {
    await test.close();
  }
});
