import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { djangoDatabase } from "../../../test/support/django-database.ts";
import { contents, exportTo, runImport } from "../../../test/support/django-import.ts";
import { enginePairs, temporaryDatabase } from "../../../test/support/test-engines.ts";
import type { Database } from "../../engines/database/database.ts";

/** A second import: what the source gained comes over, what it changed is reported, nothing is lost silently. */
const at = "'2026-01-01 00:00:00'";
let folder: string;
let source: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "meiduo-again-"));
  source = join(folder, "source.sqlite3");
  const made = djangoDatabase(source);
  for (const id of [1, 2, 3]) {
    made.user({
      id,
      username: `user${id}`,
      password: `argon2$${id}`,
      email: `u${id}@qq.com`,
      mobile: `1380000000${id}`,
    });
  }
  made.user({ id: 4, username: "" });
  made.exec(`
    insert into django_content_type values (1, 'mall', 'order');
    insert into auth_permission values (1, 1, 'refund_order', 'Can refund'), (2, 1, 'view_order', 'Can view');
    insert into auth_group values (1, 'support'), (2, 'buyers');
    insert into auth_group_permissions values (1, 1, 1);
    insert into tb_users_groups values (1, 1, 1), (2, 2, 1);
    insert into tb_users_user_permissions values (1, 1, 1);
    insert into tb_oauth_user values (1, ${at}, ${at}, 'QQ1', 1, '1'), (2, ${at}, ${at}, 'QQ2', 2, '1');
  `);
  made.close();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function change(sql: string): void {
  const database = new DatabaseSync(source);
  database.exec(sql);
  database.close();
}
const kept = (findings: { kind: string; table: string; id: number; detail: string }[]) =>
  findings
    .filter(
      ({ kind }) => !["broken_hash", "unusable_password", "empty_mobile", "refused_username"].includes(kind),
    )
    .map(({ kind, table, id, detail }) => [kind, table, id, detail]);

describe.each(enginePairs)("a second import into %s", (pair) => {
  let db: Database;
  beforeEach(async () => {
    db = await temporaryDatabase(pair);
  });
  afterEach(() => db.close());

  test("brings what the source gained, and the third changes nothing", async () => {
    await runImport(db, source);
    change(`
      insert into tb_users_groups values (3, 1, 2), (4, 3, 2);
      insert into tb_users_user_permissions values (2, 2, 2);
      insert into tb_oauth_user values (3, ${at}, ${at}, 'QQ3', 3, '1'), (4, ${at}, ${at}, 'WB1', 1, '2');
      insert into auth_group_permissions values (2, 1, 2);
    `);
    const rehearsal = await runImport(db, source, { dryRun: true });
    const before = await contents(db);
    const { report, findings } = await runImport(db, source);
    expect(findings).toEqual(rehearsal.findings);
    expect({ ...report, dryRun: true }).toEqual(rehearsal.report);
    expect(report.bindings).toEqual({ read: 4, imported: 2, already: 2, refused: 0 });
    expect(kept(findings)).toEqual([
      ["group_differs", "groups", 1, "mall.view_order"],
      ["added_since", "user_groups", 1, "group_id 2"],
      ["added_since", "user_groups", 3, "group_id 2"],
      ["added_since", "user_permissions", 2, "permission_id 2"],
      ["added_since", "bindings", 3, "qq"],
      ["added_since", "bindings", 4, "weibo"],
    ]);
    const after = await contents(db);
    expect(before.user_groups).toHaveLength(2);
    expect(after.user_groups).toHaveLength(4);
    expect(after.user_permissions).toHaveLength(2);
    expect(after.bindings.map((row) => (row as { account_key: string }).account_key).sort()).toEqual(
      ["QQ1", "QQ2", "QQ3", "WB1"].sort(),
    );
    const third = await runImport(db, source);
    expect(await contents(db)).toEqual(after);
    expect(third.report.bindings).toEqual({ read: 4, imported: 0, already: 4, refused: 0 });
    expect(kept(third.findings)).toEqual([["group_differs", "groups", 1, "mall.view_order"]]);
  });

  test("leaves what was withdrawn here withdrawn, also what a second import had added, and says so", async () => {
    await runImport(db, source);
    change(`insert into tb_users_groups values (3, 3, 2);`);
    await runImport(db, source);
    await db.kysely.deleteFrom("user_groups").where("user_id", "in", [1, 3]).execute();
    await db.kysely.deleteFrom("user_permissions").execute();
    await db.kysely.deleteFrom("bindings").where("account_key", "=", "QQ2").execute();
    const before = await contents(db);
    const { findings } = await runImport(db, source);
    expect(await contents(db)).toEqual(before);
    expect(kept(findings)).toEqual([
      ["withdrawn_here", "user_groups", 1, "group_id 1"],
      ["withdrawn_here", "user_groups", 3, "group_id 2"],
      ["withdrawn_here", "user_permissions", 1, "permission_id 1"],
      ["withdrawn_here", "bindings", 2, "qq"],
    ]);
  });

  test("says what changed in the source since, changes none of it, and is silent about what changed here", async () => {
    await runImport(db, source);
    await db.kysely.updateTable("users").set({ password_hash: "!renewed" }).where("id", "=", 3).execute();
    change(`
      update tb_users set password = 'pbkdf2_sha256$1$other$x', email = 'new@qq.com' where id = 1;
      update tb_users set is_active = 0, mobile = '13900000000' where id = 2;
      update tb_users set last_login = '2026-11-22 20:00:00' where id = 3;
    `);
    const before = await contents(db);
    for (let run = 0; run < 2; run++) {
      const { findings } = await runImport(db, source);
      expect(kept(findings)).toEqual([
        ["changed_in_source", "users", 1, "password, email"],
        ["disabled_in_source", "users", 2, ""],
        ["changed_in_source", "users", 2, "mobile"],
      ]);
      expect(JSON.stringify(findings)).not.toContain("pbkdf2_sha256");
    }
    expect(await contents(db)).toEqual(before);
  });

  test("what hangs on a refused account is refused with it, and counted", async () => {
    change(`
      insert into tb_users_groups values (3, 4, 1);
      insert into tb_oauth_user values (3, ${at}, ${at}, 'QQ4', 4, '1');
    `);
    for (let run = 0; run < 2; run++) {
      const { report, findings } = await runImport(db, source);
      expect(report.users.refused).toBe(1);
      expect(report.bindings.refused).toBe(1);
      expect(kept(findings)).toEqual([
        ["owner_refused", "user_groups", 4, "group_id 1"],
        ["owner_refused", "bindings", 3, "qq"],
      ]);
    }
    expect((await contents(db)).bindings).toHaveLength(2);
  });

  test("rows with ids that are none are reported, and what hangs on them", async () => {
    change(`
      insert into tb_users select 0, password, last_login, 0, 'zero', '', '', '', 0, 1, date_joined, '' from tb_users where id = 1;
      insert into tb_users select -5, password, last_login, 0, 'minus', '', '', '', 0, 1, date_joined, '' from tb_users where id = 1;
      insert into tb_oauth_user values (0, ${at}, ${at}, 'QQ0', 0, '1'), (-1, ${at}, ${at}, 'QQ5', 3, '1');
    `);
    const { report, findings } = await runImport(db, source);
    expect(report.users).toEqual({ read: 6, imported: 3, already: 0, refused: 3 });
    expect(report.bindings).toEqual({ read: 4, imported: 3, already: 0, refused: 1 });
    expect(kept(findings)).toEqual([
      ["refused_id", "users", -5, ""],
      ["refused_id", "users", 0, ""],
      ["owner_refused", "bindings", 0, "qq"],
    ]);
    expect((await contents(db)).users).toHaveLength(3);
  });

  test("an account that signed up in the middle of the import keeps its id and its names", async () => {
    const now = { joined_at: 7, created_at: 7, updated_at: 7 };
    const newcomer = { id: 2, username: "User1", email: null, first_name: "", last_name: "", ...now };
    const signUp = async () => {
      await db.kysely
        .insertInto("users")
        .values({
          ...{ ...newcomer, password_hash: "!own", password_trimmed: 0, is_active: 1, is_staff: 0 },
          ...{ is_superuser: 0, email_verified: 0, credentials_version: 0 },
        })
        .execute();
      await db.kysely.insertInto("login_names").values({ name_key: "user1", user_id: 2 }).execute();
    };
    let looks = 0;
    let signedUp: Promise<void> | null = null;
    const { findings } = await runImport(db, source, {
      // The fourth look at a hash: the server was found empty, and the only page is being planned.
      isUsableHash() {
        if (++looks === 4) signedUp = signUp();
        return true;
      },
    });
    await signedUp;
    // More looks than two passes take: the page was planned anew.
    expect(looks).toBeGreaterThan(6);
    const users = await db.kysely.selectFrom("users").select(["id", "username"]).orderBy("id").execute();
    expect(users.map(({ id, username }) => [id, username])).toEqual([
      [1, "user1"],
      [2, "User1"],
      [3, "user3"],
    ]);
    const names = await db.kysely.selectFrom("login_names").selectAll().where("user_id", "=", 2).execute();
    expect(names.map(({ name_key }) => name_key)).toEqual(["user1"]);
    expect(kept(findings).map(([kind, , id]) => [kind, id])).toEqual([
      ["id_taken_here", 2],
      ["name_taken_here", 1],
      ["owner_refused", 2],
      ["owner_refused", 2],
    ]);
  });

  test("a server's own export, imported into itself, changes nothing", async () => {
    await runImport(db, source);
    await db.kysely.deleteFrom("django_imports").execute();
    const file = join(folder, "own.json");
    await exportTo(db, file);
    await db.kysely.deleteFrom("bindings").where("account_key", "=", "QQ2").execute();
    const before = await contents(db);
    const { report, findings } = await runImport(db, file);
    expect(await contents(db)).toEqual(before);
    expect(report.users).toEqual({ read: 3, imported: 0, already: 3, refused: 0 });
    expect(kept(findings)).toEqual([["withdrawn_here", "bindings", 2, "qq"]]);
  });
});
