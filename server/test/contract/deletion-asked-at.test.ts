import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { up } from "../../migrations/0084-deletion-asked-at.ts";
import { createUsers } from "../../src/accounts/users.ts";
import type { Database } from "../../src/engines/database/database.ts";
import { dayMillis, systemClock } from "../../src/kernel/clock.ts";
import { enginePairs, temporaryDatabase } from "../support/test-engines.ts";

/** Deletions that are under way when the column for the time of asking comes, and holds of theirs. */
const now = Date.parse("2026-11-23T12:00:00Z");

describe.each(enginePairs)("%s", (pair) => {
  let db: Database;
  beforeAll(async () => {
    db = await temporaryDatabase(pair);
  });
  afterAll(() => db.close());

  async function waiting(username: string, dueAt: number | null): Promise<number> {
    const account = { username, email: null, password_hash: "!" };
    const users = createUsers({ db, clock: systemClock });
    const made = await db.transaction((transaction) => users.add(transaction, account, "operator"));
    if ("taken" in made) throw new Error(made.taken);
    const { id } = made;
    await db.kysely.updateTable("users").set({ deletion_due_at: dueAt }).where("id", "=", id).execute();
    return id;
  }
  const noted = (id: number, action: string, at: number) =>
    db.kysely
      .insertInto("audit_entries")
      .values({
        ...{ at, actor_id: id, actor: "x", action, target_kind: "user", target_id: id, target: "x" },
        ...{ before: "{}", after: "{}", request_id: null },
      })
      .execute();
  const held = (id: number, until: number) =>
    db.kysely
      .insertInto("deletion_holds")
      .values({ user_id: id, service: "orders", reason: "open", held_at: now, held_until: until })
      .execute();

  it("get the time that the audit log has, or the earliest that it can have been; no hold goes beyond", async () => {
    const asked = now - 5 * dayMillis;
    // Asked for, cancelled, asked for again, and then made due at once.
    const again = await waiting("asked-again", now);
    await noted(again, "user.deletion-asked", asked - 40 * dayMillis);
    await noted(again, "user.deletion-cancelled", asked - 39 * dayMillis);
    await noted(again, "user.deletion-asked", asked);
    await noted(again, "user.deletion-asked", now);
    await held(again, asked + 28 * dayMillis);
    const unknown = await waiting("not-in-the-log", now + 2 * dayMillis);
    await held(unknown, now + dayMillis);
    const nobody = await waiting("stays", null);
    await noted(nobody, "user.deletion-asked", asked);
    await sql`alter table users drop column deletion_asked_at`.execute(db.kysely);
    await up(db.kysely as never);
    const rows = await sql<{ id: number; deletion_asked_at: number | null }>`
      select id, deletion_asked_at from users order by id`.execute(db.kysely);
    expect(rows.rows.map(({ id, deletion_asked_at: at }) => [Number(id), at && Number(at)])).toEqual([
      [again, asked],
      [unknown, now - 13 * dayMillis],
      [nobody, null],
    ]);
    const holds = await db.kysely
      .selectFrom("deletion_holds")
      .select("held_until")
      .orderBy("user_id")
      .execute();
    expect(holds).toEqual([{ held_until: asked + 21 * dayMillis }, { held_until: now + dayMillis }]);
  });
});
