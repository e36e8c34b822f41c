import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { up } from "../../migrations/0014-readable-domains.ts";
import { up as keepApart } from "../../migrations/0015-domains-apart.ts";
import { createUsers, type Users } from "../../src/accounts/users.ts";
import type { Database } from "../../src/engines/database/database.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { enginePairs, temporaryDatabase } from "../support/test-engines.ts";

/** One address in several writings of its domain is one name, however many ask for it, and however it came in. */
const callers = 30;
const forms = (local: string) => [
  `${local}@例子.中国`,
  `${local}@xn--fsqu00a.xn--fiqs8s`,
  `${local}@例子。中国`,
];
const unusable = `!${randomBytes(8).toString("hex")}`;

describe.each(enginePairs)("%s", (pair) => {
  let db: Database;
  let users: Users;
  beforeAll(async () => {
    db = await temporaryDatabase(pair);
    users = createUsers({ db, clock: systemClock });
  });
  afterAll(() => db.close());

  const add = (username: string, email: string | null) =>
    db
      .transaction(async (transaction) => {
        const account = { username, email, password_hash: unusable };
        const created = await users.add(transaction, account, "operator");
        if ("taken" in created) throw new Error(created.taken);
        return created.id;
      })
      .catch((error: Error) => {
        if (!/^(username|email)$/.test(error.message)) throw error;
        return null;
      });
  /** As a version before the keys were folded by domain wrote it. */
  const writeEarlier = async (username: string, email: string) => {
    const id = (await add(username, null))!;
    await db.kysely.updateTable("users").set({ email }).where("id", "=", id).execute();
    const row = { name_key: email.toLowerCase(), user_id: id };
    await db.kysely.insertInto("login_names").values(row).execute();
    return id;
  };

  it(`gives one address in three writings to one of ${callers} at once`, async () => {
    const writings = forms("race");
    const made = await Promise.all(
      Array.from({ length: callers }, (_, i) => add(`racer${i}`, writings[i % writings.length]!)),
    );
    expect(made.filter((id) => id !== null)).toHaveLength(1);
    for (const writing of writings) expect((await users.byLoginName(writing))?.id).toBe(made.find(Boolean));
    // Whoever lost, lost the user name as well: nothing of them is left.
    const names = await db.kysely.selectFrom("login_names").select("name_key").execute();
    expect(names).toHaveLength(3);
  });

  it("finds an address that an earlier version brought, and lets nobody else have it meanwhile", async () => {
    const id = await writeEarlier("earlier1", "old@例子.中国");
    expect(await add("later1", "old@xn--fsqu00a.xn--fiqs8s")).toBeNull();
    await up(db.kysely as never);
    for (const form of forms("old")) expect((await users.byLoginName(form))?.id).toBe(id);
    await up(db.kysely as never);
    expect((await users.byLoginName("old@例子.中国"))?.id).toBe(id);
  });

  it("leaves each of two accounts the writing it has, and says so in the audit log", async () => {
    const first = (await add("first1", null))!;
    const row = { name_key: "both@xn--fsqu00a.xn--fiqs8s", user_id: first };
    await db.kysely.insertInto("login_names").values(row).execute();
    const second = await writeEarlier("second1", "both@例子.中国");
    await up(db.kysely as never);
    expect((await users.byLoginName("both@xn--fsqu00a.xn--fiqs8s"))?.id).toBe(first);
    expect((await users.byLoginName("both@例子.中国"))?.id).toBe(second);
    const entries = await db.kysely.selectFrom("audit_entries").selectAll().execute();
    expect(entries).toMatchObject([
      { action: "user.shared-address", target_id: second, after: `{"other_account":${first}}` },
    ]);
  });

  it("gives back the address of another domain that an earlier version folded into an account's", async () => {
    const before = await db.kysely.selectFrom("audit_entries").selectAll().execute();
    const hold = (name_key: string, user_id: number) =>
      db.kysely.insertInto("login_names").values({ name_key, user_id }).execute();
    const writeFolded = async (username: string, email: string, folded: string) => {
      const id = (await add(username, null))!;
      await db.kysely.updateTable("users").set({ email }).where("id", "=", id).execute();
      await hold(folded, id);
      return id;
    };
    // As imported; as signed up, which stored the punycode and both keys; and one whose other name the folded form is.
    const imported = await writeFolded("folded1", "a@faß.de", "a@fass.de");
    const signedUp = await writeFolded("folded2", "b@xn--fa-hia.de", "b@fass.de");
    await hold("b@xn--fa-hia.de", signedUp);
    const both = await writeFolded("c@fass.de", "c@faß.de", "c@xn--fa-hia.de");
    await hold("other@βόλοσ.gr", imported);
    const greek = await writeFolded("folded3", "d@βόλος.gr", "d@βόλοσ.gr");
    const twin = await writeFolded("folded4", "e@faß.de", "e@fass.de");
    await hold("e@xn--fa-hia.de", imported);

    for (let times = 0; times < 2; times++) await keepApart(db.kysely as never);
    const holders = async (...names: string[]) =>
      Promise.all(names.map(async (name) => (await users.byLoginName(name))?.id ?? null));
    expect(await holders("a@faß.de", "b@faß.de", "d@βόλος.gr")).toEqual([imported, signedUp, greek]);
    expect(await holders("a@fass.de", "b@fass.de", "d@βόλοσ.gr")).toEqual([null, null, null]);
    expect(await holders("c@faß.de", "c@fass.de")).toEqual([both, both]);
    expect(await add("newcomer1", "a@fass.de")).not.toBeNull();
    const names = await db.kysely.selectFrom("login_names").select("name_key").execute();
    expect(names).toContainEqual({ name_key: "other@βόλοσ.gr" });
    const entries = await db.kysely.selectFrom("audit_entries").selectAll().orderBy("id").execute();
    expect(entries.slice(before.length)).toMatchObject([
      { action: "user.shared-address", target_id: twin, after: `{"other_account":${imported}}` },
    ]);
  });
});
