import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { djangoDatabase } from "../../../test/support/django-database.ts";
import { contents, erasedHereOf, runImport } from "../../../test/support/django-import.ts";
import { enginePairs, temporaryDatabase } from "../../../test/support/test-engines.ts";
import { testSecretKey } from "../../../test/support/test-secret-key.ts";
import { writeDeletionDue } from "../../accounts/change.ts";
import { createErasedNames } from "../../accounts/erased-names.ts";
import { createUsers } from "../../accounts/users.ts";
import { createEventParts } from "../../app/webhooks.ts";
import type { Database } from "../../engines/database/database.ts";
import { createOutbox } from "../../engines/jobs/outbox.ts";
import { createSqlJobsAdmin } from "../../engines/jobs/sql-jobs-admin.ts";
import { identityOf } from "../../installation/identity.ts";
import { systemClock } from "../../kernel/clock.ts";
import { createLog } from "../../kernel/log.ts";
import { deletedKeptMillis, purgeDeleted } from "../../rights/deletion-store.ts";
import { eraseAccount } from "../../rights/erase.ts";
import { eraseAgain } from "../../rights/erase-again.ts";

/** Whoever was erased here is not back by the next import, which the operator is told to run again. */
const at = "'2026-01-01 00:00:00'";
const log = createLog("silent");
let folder: string;
let source: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "meiduo-erased-"));
  source = join(folder, "source.sqlite3");
  const made = djangoDatabase(source);
  for (const id of [1, 2, 3]) {
    const names = { username: `user${id}`, email: `u${id}@qq.com`, mobile: `1380000000${id}` };
    made.user({ id, password: `argon2$${id}`, ...names });
  }
  made.exec(`
    insert into django_content_type values (1, 'mall', 'order');
    insert into auth_permission values (1, 1, 'refund_order', 'Can refund');
    insert into auth_group values (1, 'support');
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
const erasedKinds = [
  "erased_here",
  "maybe_erased_here",
  "name_erased_here",
  "owner_refused",
  "update_refused",
];
const told = (findings: { kind: string; table: string; id: number; detail: string }[]) =>
  findings
    .filter(({ kind }) => erasedKinds.includes(kind))
    .map(({ kind, table, id, detail }) => [kind, table, id, detail]);

describe.each(enginePairs)("into %s", (pair) => {
  let db: Database;
  const parts = () => ({
    ...{
      db,
      clock: systemClock,
      erasedNames: createErasedNames([testSecretKey]),
      secretKeys: [testSecretKey] as const,
    },
    ...{ users: createUsers({ db, clock: systemClock }), jobs: createOutbox({ db, clock: systemClock }) },
    ...{ queue: createSqlJobsAdmin(db, systemClock) },
    events: createEventParts({ db, clock: systemClock, log }).events,
  });
  beforeEach(async () => {
    db = await temporaryDatabase(pair);
  });
  afterEach(() => db.close());

  async function erase(id: number): Promise<void> {
    const user = (await parts().users.byId(id))!;
    await writeDeletionDue(db, id, systemClock.now() - 1, systemClock.now() - 1);
    expect(await eraseAccount(parts(), { ...user, deletion_due_at: 1 })).toBe(true);
  }
  const idsHere = async () =>
    (await db.kysely.selectFrom("users").select("id").orderBy("id").execute()).map(({ id }) => id);

  test("an erased account, its groups and its binding stay away, and are told of and counted", async () => {
    await runImport(db, source);
    await erase(1);
    const before = await contents(db);
    for (const run of [{ dryRun: true }, {}, { update: true, disableDeleted: true }]) {
      const { report, findings } = await runImport(db, source, run);
      expect(report.users).toEqual({ read: 3, imported: 0, already: 2, refused: 1 });
      expect(report.bindings).toEqual({ read: 2, imported: 0, already: 1, refused: 1 });
      expect(told(findings)).toEqual([
        ["erased_here", "users", 1, ""],
        ["owner_refused", "user_groups", 1, "group_id 1"],
        ["owner_refused", "user_permissions", 1, "permission_id 1"],
        ["owner_refused", "bindings", 1, "qq"],
      ]);
      expect(await contents(db)).toEqual(before);
    }
    expect(await idsHere()).toEqual([2, 3]);
  });

  test("also where nobody is left here, and what is new in the source still comes", async () => {
    await runImport(db, source);
    for (const id of [1, 2, 3]) await erase(id);
    change(`insert into tb_users select 9, password, last_login, 0, 'user9', '', '', '', 0, 1, date_joined, ''
      from tb_users where id = 1`);
    const { report } = await runImport(db, source);
    expect(report.users).toEqual({ read: 4, imported: 1, already: 0, refused: 3 });
    expect(await idsHere()).toEqual([9]);
  });

  test("the id of an account that was made here and erased goes to nobody of the source", async () => {
    await runImport(db, source);
    const made = await db.transaction((transaction) =>
      parts().users.add(transaction, { username: "native", email: null, password_hash: "!" }, "operator"),
    );
    const id = "id" in made ? made.id : 0;
    await erase(id);
    change(`update tb_users set id = ${id} where id = 3`);
    const { findings } = await runImport(db, source);
    expect(told(findings)).toEqual([["erased_here", "users", id, ""]]);
    expect(await idsHere()).toEqual([1, 2, 3]);
  });

  test("an erasure between the look and the writing counts", async () => {
    let looks = 0;
    let erased: Promise<unknown> | null = null;
    const { findings } = await runImport(db, source, {
      isUsableHash() {
        if (++looks === 4) {
          erased = db.kysely.insertInto("deleted_accounts").values({ user_id: 2, deleted_at: 7 }).execute();
        }
        return true;
      },
    });
    await erased;
    expect(looks).toBeGreaterThan(6);
    expect(told(findings)).toContainEqual(["erased_here", "users", 2, ""]);
    expect(await idsHere()).toEqual([1, 3]);
  });

  test("an erased account's names lead to nobody for their time, and the account is kept without them", async () => {
    await runImport(db, source);
    await erase(1);
    change("update tb_users set id = 7 where id = 1; delete from tb_users_groups; delete from tb_oauth_user");
    for (const run of [{ dryRun: true }, {}]) {
      const { findings } = await runImport(db, source, { emailsConfirmed: true, ...run });
      expect(told(findings)).toEqual([
        ["name_erased_here", "users", 7, "username"],
        ["name_erased_here", "users", 7, "email"],
        ["name_erased_here", "users", 7, "mobile"],
      ]);
    }
    const names = db.kysely.selectFrom("login_names").select("name_key").where("user_id", "=", 7);
    expect(await names.execute()).toEqual([]);
    const row = db.kysely.selectFrom("users").select(["email_verified"]).where("id", "=", 7);
    expect(await row.executeTakeFirst()).toEqual({ email_verified: 0 });
    // Nor by a later change in the source.
    change("update tb_users set email = 'U1@qq.com' where id = 2");
    const { findings } = await runImport(db, source, { update: true });
    expect(told(findings)).toContainEqual(["update_refused", "users", 2, "email: erased here"]);
    const kept = db.kysely.selectFrom("users").select(["email"]).where("id", "=", 2);
    expect(await kept.executeTakeFirst()).toEqual({ email: "u2@qq.com" });
  });

  test("the list outside the database tells what a restored database does not know", async () => {
    const { id: installation } = await identityOf(db, { secretKey: testSecretKey } as never, systemClock);
    const file = join(folder, "deleted-accounts.json");
    const erased_at = new Date(systemClock.now() - 3_600_000).toISOString();
    const write = (of: string) =>
      writeFileSync(
        file,
        JSON.stringify({ installation: of, highest_id: 3, deleted: [{ id: 2, erased_at }] }),
      );
    write("another");
    const foreign = await runImport(db, source, { dryRun: true, erased: await erasedHereOf(db, file) });
    expect(told(foreign.findings)).toEqual([]);
    write(installation);
    const { findings } = await runImport(db, source, { erased: await erasedHereOf(db, file) });
    expect(told(findings).slice(0, 1)).toEqual([["erased_here", "users", 2, ""]]);
    expect(await idsHere()).toEqual([1, 3]);
  });

  test("a restore that finds nobody to erase again still knows the ids of the list", async () => {
    const deleted = [{ id: 2, erased_at: new Date(systemClock.now() - 3_600_000).toISOString() }];
    await eraseAgain(parts(), { installation: "one", highest_id: 3, deleted });
    const { findings } = await runImport(db, source);
    expect(told(findings).slice(0, 1)).toEqual([["erased_here", "users", 2, ""]]);
  });

  test("after the year of the list, no id up to the last that it forgot comes back", async () => {
    await identityOf(db, { secretKey: testSecretKey } as never, systemClock);
    change("update tb_users set username = '' where id = 3");
    await runImport(db, source);
    await erase(2);
    expect(await purgeDeleted(db, systemClock.now() + deletedKeptMillis, 100)).toBe(1);
    change("update tb_users set username = 'user3' where id = 3");
    const { report, findings } = await runImport(db, source);
    expect(told(findings).slice(0, 1)).toEqual([["maybe_erased_here", "users", 2, ""]]);
    // Above it, who is missing was never erased.
    expect(report.users).toEqual({ read: 3, imported: 1, already: 1, refused: 1 });
    expect(await idsHere()).toEqual([1, 3]);
  });
});
