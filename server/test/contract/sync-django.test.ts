import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openSyncTarget } from "../../src/django/sync/open-target.ts";
import { syncDjango } from "../../src/django/sync/sync-django.ts";
import type { Database } from "../../src/engines/database/database.ts";
import { djangoMissing, djangoSite } from "../support/django-site.ts";
import { type EngineServer, missingEngines } from "../support/engines.ts";
import { mariadbMissing, startMariadb } from "../support/mariadb.ts";
import { type OldService, onMysql, onPostgres, onSqlite } from "../support/old-service.ts";
import { temporarySqlite } from "../support/sqlite.ts";
import { hasProductionEngines } from "../support/test-engines.ts";

/** An old Django service's table learns accounts from here, on each engine that it may live on. */
let mariadb: EngineServer | null = null;
beforeAll(async () => {
  if (mariadbMissing === null) mariadb = await startMariadb();
}, 120_000);
afterAll(() => mariadb?.destroy());

it("MariaDB and PostgreSQL are there to be tested with", () => {
  if (!process.env.CI) return;
  // Under a false clock the engines are there, and are not used: they live in the machine's time.
  expect([mariadbMissing, missingEngines()]).toEqual([null, []]);
});

const engines = [
  ["SQLite", true, onSqlite],
  ["MySQL", mariadbMissing === null, () => onMysql(mariadb!)],
  ["PostgreSQL", hasProductionEngines, onPostgres],
] as const;

describe.each(engines.filter(([, isThere]) => isThere))("into a table on %s", (engine, _, open) => {
  let db: Database;
  let old: OldService;
  const hash = (name: string) => `argon2$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$${name}`;

  beforeEach(async () => {
    db = await temporarySqlite();
    old = await open();
    return async () => {
      await old.close();
      await db.close();
    };
  }, 60_000);

  let made = 0;
  async function account(id: number, username: string, more: object = {}) {
    const now = 1_764_000_000_000 + ++made;
    await db.kysely
      .insertInto("users")
      .values({
        ...{ id, username, email: `${username}@example.com`, mobile: null, first_name: "", last_name: "" },
        ...{ password_hash: hash(username), password_trimmed: 0, email_verified: 1, credentials_version: 0 },
        ...{ is_active: 1, is_staff: 0, is_superuser: 0, joined_at: now, created_at: now, updated_at: now },
        ...more,
      })
      .execute();
  }
  async function sync(more: Partial<Parameters<typeof syncDjango>[2]> = {}) {
    const target = await openSyncTarget(old.address);
    try {
      return await syncDjango(db, target, {
        ...{ dryRun: false, hashes: false, renames: false, since: 0, constants: {} },
        unusable: () => `!${"x".repeat(40)}`,
        ...more,
      });
    } finally {
      await target.close();
    }
  }
  const oldRow = (id: number, username: string, password = "pbkdf2_sha256$1$s$h", active = true) =>
    old.exec(`insert into tb_users values (${id}, '${password}', null, ${engine === "PostgreSQL" ? "false" : 0},
      '${username}', '', '', '', ${engine === "PostgreSQL" ? "true" : 1}, ${engine === "PostgreSQL" ? active : Number(active)},
      '2020-01-01 00:00:00', '${id}')`);

  it("new accounts come with an unusable password, and a second run writes nothing", async () => {
    await account(7, "python07");
    await account(8, "全民😀", { is_active: 0, is_staff: 1, is_superuser: 1 });
    expect(await sync({ dryRun: true })).toMatchObject({ accounts: 2, added: 2, updated: 0, refused: 0 });
    expect(await old.rows()).toEqual([]);
    expect(await sync()).toMatchObject({ accounts: 2, added: 2, updated: 0, refused: 0 });
    const rows = await old.rows();
    expect(rows).toMatchObject([
      { id: 7, username: "python07", is_active: 1, is_staff: 0, is_superuser: 0, email: "", mobile: "#7" },
      { id: 8, username: "全民😀", is_active: 0, is_staff: 0, is_superuser: 0, email: "", mobile: "#8" },
    ]);
    for (const { password } of rows) expect(password).toMatch(/^!x{40}$/);
    expect(await sync()).toMatchObject({ accounts: 2, added: 0, updated: 0, refused: 0 });
    expect(await old.rows()).toEqual(rows);
  });

  it("the service's own next row gets a free id", async () => {
    await account(70, "python70");
    await sync();
    await old.exec(`insert into tb_users (password, is_superuser, username, first_name, last_name, email, is_staff,
      is_active, date_joined, mobile) select '!', is_superuser, 'next', '', '', '', is_staff, is_active, date_joined, 'n'
      from tb_users`);
    expect((await old.rows()).map(({ id }) => Number(id) > 70 || Number(id) === 70)).toEqual([true, true]);
  });

  it("what changed here changes there: whether it is active, and a password that is no longer good", async () => {
    await account(7, "python07", { is_active: 0 });
    await account(8, "python08", { password_hash: "pbkdf2_sha256$1$s$h" });
    await account(9, "python09");
    for (const id of [7, 8, 9]) await oldRow(id, `python0${id}`);
    expect(await sync()).toMatchObject({ added: 0, updated: 2, refused: 0 });
    const rows = await old.rows();
    expect(rows.map(({ is_active }) => is_active)).toEqual([0, 1, 1]);
    expect(rows.map(({ password }) => String(password)[0])).toEqual(["!", "p", "!"]);
    // Its staff are its own business.
    expect(rows.map(({ is_staff }) => is_staff)).toEqual([1, 1, 1]);
    expect(await sync()).toMatchObject({ updated: 0 });
  });

  it("a row with the id or the name of another is left as it is, and named", async () => {
    await account(7, "python07");
    await account(8, "python08");
    await account(9, "n".repeat(151));
    await account(10, "python10");
    await oldRow(7, "somebody");
    await oldRow(99, "python08");
    const before = await old.rows();
    const report = await sync();
    expect(report).toMatchObject({ accounts: 4, added: 1, updated: 0, refused: 3 });
    expect(report.conflicts).toEqual([
      { kind: "id_is_anothers", id: 7, username: "python07", there: "somebody" },
      { kind: "name_is_anothers", id: 8, username: "python08", there: "#99" },
      { kind: "name_too_long", id: 9, username: "n".repeat(151), there: "" },
    ]);
    expect((await old.rows()).filter(({ id }) => id !== 10)).toEqual(before);
  });

  it("a row gets the name that its account has now only when told, and only in place of its own former one", async () => {
    await account(7, "newname7");
    await account(8, "newname8", { is_active: 0 });
    await account(9, "newname9");
    await account(10, "newname10");
    for (const id of [7, 8, 9, 10]) await oldRow(id, `Oldname${id}`, "!");
    await oldRow(11, "newname10", "!");
    const held = [8, 10].map((id) => ({ name_key: `oldname${id}`, user_id: id, kind: "username" as const }));
    const others = [
      { name_key: "oldname7", user_id: 8, kind: "username" as const },
      { name_key: "oldname9", user_id: 9, kind: "email" as const },
    ];
    const rows = [...held, ...others].map((row) => ({ ...row, given_up_at: 1 }));
    await db.kysely.insertInto("held_names").values(rows).execute();
    expect(await sync()).toMatchObject({ renamed: 0, updated: 0, refused: 4 });
    expect(await sync({ renames: true, dryRun: true })).toMatchObject({ renamed: 1, updated: 1, refused: 3 });
    const report = await sync({ renames: true });
    expect(report.conflicts.map(({ kind, id }) => [kind, id])).toEqual([
      ["id_is_anothers", 7],
      ["id_is_anothers", 9],
      ["name_is_anothers", 10],
    ]);
    expect((await old.rows()).map(({ username, is_active }) => [username, is_active])).toEqual([
      ...[
        ["Oldname7", 1],
        ["newname8", 0],
        ["Oldname9", 1],
        ["Oldname10", 1],
        ["newname10", 1],
      ],
    ]);
    expect(await sync({ renames: true })).toMatchObject({ renamed: 0, updated: 0, refused: 3 });
  });

  it("hashes go over only when told", async () => {
    await account(7, "python07");
    await account(8, "python08", { password_hash: "!none" });
    await account(9, "python09", { password_hash: `pbkdf2_sha256$${"9".repeat(200)}` });
    await sync();
    expect((await old.rows()).map(({ password }) => String(password)[0])).toEqual(["!", "!", "!"]);
    expect(await sync({ hashes: true })).toMatchObject({ updated: 1 });
    expect((await old.rows()).map(({ password }) => password)).toEqual([
      hash("python07"),
      expect.stringMatching(/^!/),
      expect.stringMatching(/^!/),
    ]);
  });

  it("only what changed lately is looked at, where that is asked for", async () => {
    await account(7, "python07", { updated_at: 1_000 });
    await account(8, "python08", { updated_at: 5_000 });
    expect(await sync({ since: 2_000 })).toMatchObject({ accounts: 1, added: 1 });
    expect((await old.rows()).map(({ id }) => id)).toEqual([8]);
  });

  it("a column of the service's own is filled as told, and refused before anything is written otherwise", async () => {
    await old.exec("alter table tb_users add column level varchar(10) not null default 'x'");
    if (engine === "SQLite") return;
    await old.exec("alter table tb_users alter column level drop default");
    await account(7, "python07");
    await expect(sync()).rejects.toMatchObject({
      en: expect.stringContaining("The columns level of tb_users"),
    });
    await expect(sync({ constants: { is_staff: "1" } })).rejects.toThrow(/is_staff/);
    expect(await old.rows()).toEqual([]);
    await sync({ constants: { level: "bronze" } });
    expect(await old.rows()).toMatchObject([{ id: 7, level: "bronze" }]);
  });

  it("more than a page is written, and goes on after an interruption", async () => {
    const rows = Array.from({ length: 1_203 }, (_, i) => i + 1);
    for (const id of rows) await account(id, `user${id}`);
    const target = await openSyncTarget(old.address);
    let runs = 0;
    const failing = {
      ...target,
      run(sql: string, parameters: readonly (string | number | null)[]) {
        if (++runs === 700) throw new Error("cut off");
        return target.run(sql, parameters);
      },
    };
    const options = {
      dryRun: false,
      hashes: false,
      renames: false,
      since: 0,
      constants: {},
      unusable: () => "!x",
    };
    await expect(syncDjango(db, failing, options)).rejects.toThrow("cut off");
    expect(await old.rows()).toHaveLength(500);
    const report = await syncDjango(db, target, options);
    expect(report).toMatchObject({ accounts: 1_203, added: 703, updated: 0, refused: 0 });
    await target.close();
    expect(await old.rows()).toHaveLength(1_203);
  });
});

describe.skipIf(djangoMissing !== null)("a real Django", () => {
  it("has the people who were written, and logs them in by hashes that were sent alone", async () => {
    const folder = mkdtempSync(join(tmpdir(), "meiduo-old-"));
    const db = await temporarySqlite();
    try {
      const site = join(folder, "site.sqlite3");
      djangoSite(site, ["migrate"]);
      const { createPasswords } = await import("../../src/passwords/passwords.ts");
      const { someone } = await import("../support/holders.ts");
      const passwords = createPasswords();
      const [now, username] = [Date.now(), "python07"];
      await db.kysely
        .insertInto("users")
        .values({
          ...{ id: 7, username, email: null, mobile: null, first_name: "", last_name: "" },
          ...{ password_hash: await passwords.hash("12345678aA", someone), password_trimmed: 0 },
          ...{ email_verified: 1, credentials_version: 0, is_active: 1, is_staff: 0, is_superuser: 0 },
          ...{ joined_at: now, created_at: now, updated_at: now },
        })
        .execute();
      const options = {
        dryRun: false,
        renames: false,
        since: 0,
        constants: {},
        unusable: passwords.unusable,
      };
      const logIn = () => JSON.parse(djangoSite(site, ["login"], JSON.stringify([username, "12345678aA"])));
      for (const hashes of [false, true]) {
        const target = await openSyncTarget(site);
        expect(await syncDjango(db, target, { ...options, hashes })).toMatchObject({ refused: 0 });
        await target.close();
        expect(logIn()).toBe(hashes ? 7 : null);
      }
      expect(Object.keys(JSON.parse(djangoSite(site, ["permissions"])))).toEqual([username]);
    } finally {
      await db.close();
      rmSync(folder, { recursive: true, force: true });
    }
  }, 120_000);
});
