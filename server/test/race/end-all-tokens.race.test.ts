import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { endAllTokens } from "../../src/accounts/change.ts";
import { changeUser, endTokens } from "../../src/accounts/user-change.ts";
import { createUsers } from "../../src/accounts/users.ts";
import type { Database } from "../../src/engines/database/database.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { enginePairs, temporaryDatabase } from "../support/test-engines.ts";

/** Every token at once, while people change their accounts: no token of before may be good afterwards. */
describe.each(enginePairs)("%s", (pair) => {
  let db: Database;
  beforeEach(async () => {
    db = await temporaryDatabase(pair);
  });
  afterEach(() => db.close());

  it("every version of before is gone, whatever else changed the account, and nothing else is lost", async () => {
    const users = createUsers({ db, clock: systemClock });
    const ids: number[] = [];
    for (let i = 0; i < 30; i++) {
      const made = await db.transaction((transaction) =>
        users.add(transaction, { username: `person${i}`, email: null, password_hash: "!" }),
      );
      if ("taken" in made) throw new Error("taken");
      ids.push(made.id);
    }
    const versions = async () => {
      const rows = await db.kysely
        .selectFrom("users")
        .select("credentials_version as version")
        .orderBy("id")
        .execute();
      return rows.map(({ version }) => version);
    };
    const before = await versions();
    const endAll = () => db.transaction((transaction) => endAllTokens(transaction, systemClock.now()));
    const [first, second] = await Promise.all([
      endAll(),
      endAll(),
      ...ids.map((id) =>
        db.transaction((transaction) => changeUser(transaction, systemClock, id, { first_name: "new" })),
      ),
      ...ids
        .slice(0, 10)
        .map((id) => db.transaction((transaction) => endTokens(transaction, systemClock, id))),
    ]);
    expect([first.accounts, second.accounts]).toEqual([30, 30]);
    const after = await versions();
    expect(after.filter((version, i) => version === before[i])).toEqual([]);
    expect(new Set(after).size).toBe(30);
    const names = await db.kysely.selectFrom("users").select("first_name").execute();
    expect(names.every(({ first_name }) => first_name === "new")).toBe(true);
  });
});
