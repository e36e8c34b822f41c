import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { djangoDatabase } from "../../../test/support/django-database.ts";
import { contents, runImport } from "../../../test/support/django-import.ts";
import { enginePairs, temporaryDatabase } from "../../../test/support/test-engines.ts";
import { changeUser, endTokens } from "../../accounts/user-change.ts";
import { createUsers } from "../../accounts/users.ts";
import { createAudit } from "../../audit/audit.ts";
import { tokens } from "../../cli/manage/tokens-command.ts";
import type { Terminal } from "../../cli/terminal/terminal.ts";
import type { Database } from "../../engines/database/database.ts";
import { systemClock } from "../../kernel/clock.ts";
import type { ImportOptions } from "./import-django.ts";
import { replaceRecord } from "./import-store.ts";

/** What a later import makes of accounts that were deleted, disabled, demoted or changed in the source since. */
const at = "'2026-01-01 00:00:00'";
let folder: string;
let source: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "meiduo-update-"));
  source = join(folder, "source.sqlite3");
  const made = djangoDatabase(source);
  for (let id = 1; id <= 8; id++) {
    made.user({ id, username: `user${id}`, email: `u${id}@qq.com`, mobile: `1380000000${id}` });
  }
  made.exec(`
    insert into auth_group values (1, 'support');
    insert into tb_users_groups values (1, 1, 1), (2, 2, 1);
    insert into tb_oauth_user values (1, ${at}, ${at}, 'QQ1', 1, '1'), (2, ${at}, ${at}, 'QQ2', 2, '1');
    update tb_users set is_superuser = 1, is_staff = 1 where id in (3, 8);
  `);
  made.close();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function change(sql: string): void {
  const database = new DatabaseSync(source);
  database.exec(sql);
  database.close();
}

describe.each(enginePairs)("a later import into %s", (pair) => {
  let db: Database;
  beforeEach(async () => {
    db = await temporaryDatabase(pair);
    await runImport(db, source);
  });
  afterEach(() => db.close());

  const again = async (options: Partial<ImportOptions> = {}) => {
    const { findings } = await runImport(db, source, options);
    return findings
      .filter(({ kind }) => !["unusable_password", "empty_mobile"].includes(kind))
      .map(({ kind, table, id, detail }) => [kind, table, id, detail]);
  };
  const byName = (name: string) => createUsers({ db, clock: systemClock }).byLoginName(name);
  const touch = (id: number, changes: Parameters<typeof changeUser>[3]) =>
    db.transaction((transaction) => changeUser(transaction, systemClock, id, changes));

  test("says of each account what it lost in the source and still has here, and changes nothing", async () => {
    change(`
      delete from tb_users where id = 7;
      delete from tb_oauth_user where id = 1;
      delete from tb_users_groups where id = 2;
      update tb_users set is_active = 0 where id = 2;
      update tb_users set is_superuser = 0, is_staff = 0 where id = 3;
      update tb_users set is_superuser = 0, first_name = 'x' where id = 8;
      update tb_users set email = 'new4@qq.com', password = '!other' where id = 4;
    `);
    const before = await contents(db);
    const expected = [
      ["disabled_in_source", "users", 2, ""],
      ["demoted_in_source", "users", 3, "staff, superuser"],
      ["changed_in_source", "users", 4, "password, email"],
      ["demoted_in_source", "users", 8, "superuser"],
      ["changed_in_source", "users", 8, "names"],
      ["deleted_in_source", "user_groups", 2, "group_id 1"],
      ["deleted_in_source", "bindings", 1, "qq"],
      ["deleted_in_source", "users", 7, ""],
    ];
    expect(await again({ dryRun: true })).toEqual(expected);
    expect(await again()).toEqual(expected);
    expect(await again()).toEqual(expected);
    expect(await contents(db)).toEqual(before);
  });

  test("with --update takes it over where nobody touched the account here, and only there", async () => {
    await touch(5, { first_name: "theirs" });
    change(`
      delete from tb_oauth_user where id = 1;
      delete from tb_users_groups where id = 2;
      update tb_users set is_active = 0 where id = 2;
      update tb_users set is_superuser = 0 where id = 3;
      update tb_users set email = 'New4@QQ.com', password = '!other' where id = 4;
      update tb_users set email = 'new5@qq.com', is_active = 0 where id = 5;
      update tb_users set username = 'renamed6' where id = 6;
    `);
    const before = await contents(db);
    const expected = [
      ["updated", "users", 2, "flags, active"],
      ["updated", "users", 3, "flags, superuser"],
      ["updated", "users", 4, "password, email"],
      ["disabled_in_source", "users", 5, "touched here since: left"],
      ["changed_in_source", "users", 5, "email; touched here since: left"],
      ["updated", "users", 6, "names"],
      ["updated", "user_groups", 2, "group_id 1, deleted in the source: removed"],
      ["updated", "bindings", 1, "qq, deleted in the source: removed"],
    ];
    expect(await again({ update: true, dryRun: true })).toEqual(expected);
    expect(await contents(db)).toEqual(before);
    expect(await again({ update: true })).toEqual(expected);
    expect(await byName("user2")).toMatchObject({ is_active: 0, credentials_changed_at: expect.any(Number) });
    expect(await byName("user3")).toMatchObject({ is_superuser: 0, is_staff: 1 });
    const changed = { email: "New4@qq.com", password_hash: "!other", password_trimmed: 1 };
    expect(await byName("new4@qq.com")).toMatchObject({
      ...changed,
      credentials_changed_at: expect.any(Number),
    });
    expect(await byName("u4@qq.com")).toBeNull();
    expect(await byName("user5")).toMatchObject({ is_active: 1, email: "u5@qq.com" });
    expect(await byName("renamed6")).toMatchObject({ id: 6 });
    expect(await byName("user6")).toBeNull();
    expect((await contents(db)).bindings).toMatchObject([{ account_key: "QQ2" }]);
    expect((await contents(db)).user_groups).toEqual([{ user_id: 1, group_id: 1 }]);
    // Once is enough; and what was taken over can change again.
    const left = expected.filter(([kind]) => String(kind).endsWith("_in_source"));
    expect(await again({ update: true })).toEqual(left);
    change(
      "update tb_users set is_active = 1 where id = 2; update tb_users set password = '!third' where id = 4",
    );
    expect(await again({ update: true })).toEqual([
      ["updated", "users", 2, "flags"],
      ["updated", "users", 4, "password"],
      ...left,
    ]);
  });

  test("with --update after every token of every account was ended still knows whom nobody touched here", async () => {
    await touch(5, { first_name: "theirs" });
    await db.transaction((transaction) => endTokens(transaction, systemClock, 6));
    // As a version before the one that records it left them, and as its accounts began.
    await db.kysely.updateTable("users").set({ credentials_version: 0 }).where("id", "=", 7).execute();
    const { facts } = await db.kysely
      .selectFrom("django_imports")
      .select("facts")
      .where("user_id", "=", 7)
      .executeTakeFirstOrThrow();
    await replaceRecord(db, 7, facts.replace(/ v:\d+/, ""));
    const terminal = { language: "en", print() {} } as unknown as Terminal;
    const commandLine = { id: null, name: "test", requestId: null };
    const context = {
      db,
      terminal,
      clock: systemClock,
      audit: createAudit({ db, clock: systemClock }),
      actor: commandLine,
    };
    // Again and again, or a number that happens to be right would show nothing.
    for (let i = 0; i < 5; i++) {
      expect(await tokens.run(context as never, { verb: "end-all", words: [], json: false } as never)).toBe(
        0,
      );
    }
    change("update tb_users set first_name = 'x' where id in (2, 5, 6, 7)");
    expect(await again({ update: true })).toEqual([
      ["updated", "users", 2, "names"],
      ["changed_in_source", "users", 5, "names; touched here since: left"],
      ["changed_in_source", "users", 6, "names; touched here since: left"],
      ["updated", "users", 7, "names"],
    ]);
    expect((await again()).filter(([kind]) => kind !== "changed_in_source")).toEqual([]);
  });

  test("refuses what the rules of accounts refuse, and nothing of that account is changed", async () => {
    await touch(7, { email: "wanted@qq.com" });
    change(`
      update tb_users set email = 'wanted@qq.com', first_name = 'x' where id = 4;
      update tb_users set is_superuser = 0 where id in (3, 8);
    `);
    expect(await again({ update: true })).toEqual([
      ["updated", "users", 3, "flags, superuser"],
      ["update_refused", "users", 4, "email: email_taken"],
      ["update_refused", "users", 8, "last_superuser"],
    ]);
    expect(await byName("user4")).toMatchObject({ email: "u4@qq.com", first_name: "" });
    expect(await byName("user8")).toMatchObject({ is_superuser: 1 });
  });

  test("disables who was deleted in the source when told to, unless somebody touched the account here", async () => {
    await touch(6, { first_name: "theirs" });
    change("delete from tb_users where id in (2, 6, 7)");
    expect((await again()).filter(([kind]) => kind === "deleted_in_source")).toHaveLength(3);
    const told = (await again({ disableDeleted: true })).filter(([, table]) => table === "users");
    expect(told).toEqual([
      ["disabled_as_deleted", "users", 2, ""],
      ["deleted_in_source", "users", 6, "touched here since: left"],
      ["disabled_as_deleted", "users", 7, ""],
    ]);
    expect(await byName("user2")).toMatchObject({ is_active: 0, credentials_changed_at: expect.any(Number) });
    expect(await byName("user6")).toMatchObject({ is_active: 1 });
    const after = (await again({ disableDeleted: true })).filter(([, table]) => table === "users");
    expect(after).toEqual([["deleted_in_source", "users", 6, "touched here since: left"]]);
  });

  test("disables nobody where most accounts are gone: that is another site", async () => {
    change("delete from tb_users where id > 2");
    const told = (await again({ disableDeleted: true })).filter(([kind]) => kind === "deleted_in_source");
    expect(told).toHaveLength(6);
    expect(told[0]).toEqual(["deleted_in_source", "users", 3, "more gone than there: not disabled"]);
    expect(await byName("user7")).toMatchObject({ is_active: 1 });
  });

  test("reads the records of earlier versions, which had one fingerprint of names and flags", async () => {
    const { hash } = await import("node:crypto");
    const short = (value: string) => hash("sha256", value, "base64url").slice(0, 8);
    for (const id of [1, 2, 3, 4]) {
      const flags = id === 3 ? [1, 1, 1] : [1, 0, 0];
      const facts = [
        `p:${short("!unusable")}`,
        `e:${short(`u${id}@qq.com`)}`,
        `m:${short(`1380000000${id}`)}`,
      ];
      await db.kysely.updateTable("users").set({ credentials_version: 0 }).where("id", "=", id).execute();
      const record = [...facts, `a:${short(JSON.stringify([`user${id}`, "", "", ...flags]))}`].join(" ");
      await db.kysely
        .updateTable("django_imports")
        .set({ facts: record })
        .where("user_id", "=", id)
        .execute();
    }
    expect((await again()).filter(([kind]) => kind !== "added_since" && kind !== "withdrawn_here")).toEqual(
      [],
    );
    const { facts } = await db.kysely
      .selectFrom("django_imports")
      .select("facts")
      .where("user_id", "=", 4)
      .executeTakeFirstOrThrow();
    expect(facts).not.toContain("a:");
    await db.kysely
      .updateTable("django_imports")
      .set({
        facts: `p:${short("!unusable")} e:${short("u4@qq.com")} m:${short("13800000004")} a:${short(JSON.stringify(["user4", "", "", 1, 0, 0]))}`,
      })
      .where("user_id", "=", 4)
      .execute();
    change("update tb_users set is_active = 0 where id = 4");
    expect(await again({ update: true })).toEqual([["updated", "users", 4, "names or flags, active"]]);
    expect(await byName("user4")).toMatchObject({ is_active: 0 });
  });
});
