import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { changeUser } from "../../src/accounts/user-change.ts";
import type { Database } from "../../src/engines/database/database.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { djangoDatabase } from "../support/django-database.ts";
import { runImport } from "../support/django-import.ts";
import { enginePairs, temporaryDatabase } from "../support/test-engines.ts";

/** A later import that takes changes over while people change their accounts: what a person changed here stays. */
const people = 40;

describe.each(enginePairs)("%s", (pair) => {
  let db: Database;
  let folder: string;
  beforeEach(async () => {
    db = await temporaryDatabase(pair);
    folder = mkdtempSync(join(tmpdir(), "meiduo-update-race-"));
  });
  afterEach(async () => {
    await db.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it(`${people} accounts changed here and in the source at once`, async () => {
    const source = join(folder, "source.sqlite3");
    const made = djangoDatabase(source);
    for (let id = 1; id <= people; id++) made.user({ id, username: `user${id}`, first_name: "imported" });
    made.close();
    await runImport(db, source);
    const site = new DatabaseSync(source);
    site.exec("update tb_users set first_name = 'source', last_name = 'source'");
    site.close();

    const touch = (id: number) =>
      db.transaction((transaction) => changeUser(transaction, systemClock, id, { first_name: "theirs" }));
    const ids = Array.from({ length: people }, (_, index) => index + 1);
    await Promise.all([runImport(db, source, { update: true }), ...ids.map(touch)]);

    const users = await db.kysely.selectFrom("users").selectAll().orderBy("id").execute();
    // Whichever came first, the person's word stands; and never half of what the source says.
    expect(users.map(({ first_name }) => first_name)).toEqual(ids.map(() => "theirs"));
    expect(users.every(({ last_name }) => last_name === "" || last_name === "source")).toBe(true);
    const { kinds } = await runImport(db, source, { update: true });
    expect(kinds).not.toContain("updated");
  });

  it("two imports at once take each change over once", async () => {
    const source = join(folder, "source.sqlite3");
    const made = djangoDatabase(source);
    for (let id = 1; id <= people; id++) made.user({ id, username: `user${id}` });
    made.close();
    await runImport(db, source);
    const site = new DatabaseSync(source);
    site.exec("update tb_users set password = '!other', username = 'renamed' || id");
    site.close();
    const runs = await Promise.all([1, 2, 3].map(() => runImport(db, source, { update: true })));
    const updated = runs.flatMap(({ findings }) => findings.filter(({ kind }) => kind === "updated"));
    expect(updated.map(({ id }) => id).sort((a, b) => a - b)).toEqual(
      Array.from({ length: people }, (_, index) => index + 1),
    );
    const names = await db.kysely.selectFrom("login_names").select("name_key").execute();
    expect(names).toHaveLength(people);
    expect(names.every(({ name_key }) => name_key.startsWith("renamed"))).toBe(true);
  });
});
