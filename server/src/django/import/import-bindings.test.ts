import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { djangoDatabase } from "../../../test/support/django-database.ts";
import { runImport } from "../../../test/support/django-import.ts";
import { temporarySqlite } from "../../../test/support/sqlite.ts";
import type { Database } from "../../engines/database/database.ts";

/** Third-party bindings wherever a Django site keeps them: none is dropped or called another provider's in silence. */
let folder: string;
let db: Database;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "meiduo-bindings-"));
  db = await temporarySqlite();
});
afterEach(async () => {
  await db.close();
  rmSync(folder, { recursive: true, force: true });
});

const sourceWith = (sql: string) => {
  const file = join(folder, "source.sqlite3");
  const made = djangoDatabase(file);
  for (const id of [1, 2, 3]) made.user({ id, username: `user${id}` });
  made.exec(`drop table tb_oauth_user; ${sql}`);
  made.close();
  return file;
};
const bound = async () =>
  (await db.kysely.selectFrom("bindings").selectAll().orderBy("provider").orderBy("user_id").execute()).map(
    ({ provider, account_key, user_id }) => [provider, account_key, user_id],
  );
const told = (findings: { kind: string; table: string; name: string; detail: string }[]) =>
  findings.filter(({ table }) => table === "bindings").map(({ kind, name, detail }) => [kind, name, detail]);

const classic = (table: string, ...rows: [number, string, number][]) =>
  `create table ${table} (id integer primary key, create_time, update_time, openid, user_id integer);
   ${rows.map(([id, openid, user]) => `insert into ${table} values (${id}, '2026-01-01 00:00:00', null, '${openid}', ${user});`).join("\n")}`;

describe("a live database", () => {
  test("with a table for each provider: all are read, by their names", async () => {
    const source = sourceWith(
      classic("tb_oauth_qq", [1, "QQ1", 1]) + classic("tb_oauth_sina", [1, "100", 1], [2, "200", 2]),
    );
    const { report, findings } = await runImport(db, source);
    expect(await bound()).toEqual([
      ["qq", "QQ1", 1],
      ["weibo", "100", 1],
      ["weibo", "200", 2],
    ]);
    expect(report.bindings).toMatchObject({ read: 3, imported: 3 });
    expect(told(findings)).toEqual([]);
    expect((await runImport(db, source)).report.bindings).toMatchObject({ read: 3, already: 3 });
  });

  test("a provider's name and an openid make no binding: who paid or starred something doesn't log in", async () => {
    const source = sourceWith(`
      create table tb_qq_payment (id integer primary key, user_id integer, openid, amount);
      insert into tb_qq_payment values (1, 1, 'PAYER', 5);
      create table github_star (id integer primary key, user_id integer, uid);
      insert into github_star values (1, 1, '583231');
      create table tb_oauth_sina (id integer primary key, openid, account_id integer);
      insert into tb_oauth_sina values (1, '100', 1);
      create table tb_bind_qq (id integer primary key, user_id integer, qq_openid);
      create table tb_weixin (id integer primary key, user_id integer, unionid);
    `);
    const { findings } = await runImport(db, source);
    expect(await bound()).toEqual([]);
    // Whatever may hold identities and isn't read has a finding.
    expect(told(findings).map(([kind, name]) => [kind, name])).toEqual(
      ["tb_bind_qq", "tb_oauth_sina", "tb_qq_payment", "tb_weixin"].map((table) => [
        "unsure_bindings",
        table,
      ]),
    );
  });

  test("with Weibo's alone: it is not QQ's", async () => {
    await runImport(db, sourceWith(classic("tb_oauth_sina", [1, "100", 1])));
    expect(await bound()).toEqual([["weibo", "100", 1]]);
  });

  test("whose table doesn't say its provider: left out with what to say, and read when it is said", async () => {
    const source = sourceWith(classic("tb_oauth", [1, "X1", 1]));
    const { findings } = await runImport(db, source);
    expect(await bound()).toEqual([]);
    expect(told(findings)).toEqual([
      ["unsure_bindings", "tb_oauth", "--bindings tb_oauth=qq, or weibo, github, wechat:<appid>"],
    ]);
    const again = await runImport(db, source, { bindingTables: ["tb_oauth=github"] });
    expect(await bound()).toEqual([["github", "X1", 1]]);
    expect(told(again.findings)).toEqual([["added_since", "user #1", "github"]]);
  });

  test.each(["tb_oauth", "tb_oauth=google", "tb_users=qq", "nowhere=qq", "tb_oauth=qq:app"])(
    "--bindings %s is refused",
    async (choice) => {
      const source = sourceWith(classic("tb_oauth", [1, "X1", 1]));
      await expect(runImport(db, source, { bindingTables: [choice] })).rejects.toThrow(/bindings/);
    },
  );

  test("WeChat's identities come with what they belong to", async () => {
    const source = sourceWith(classic("tb_oauth_weixin", [1, "oABC", 1]));
    expect(told((await runImport(db, source)).findings)).toEqual([
      ["bare_wechat", "user #1", "tb_oauth_weixin, wechat "],
    ]);
    await runImport(db, source, { bindingTables: ["tb_oauth_weixin=wechat:wx0123"] });
    expect(await bound()).toEqual([["wechat", "wx0123:oABC", 1]]);
  });

  test("of allauth and of social-auth: the providers we know, the rest named", async () => {
    const source = sourceWith(`
      create table socialaccount_socialaccount (id integer primary key, provider, uid, last_login, date_joined, extra_data, user_id integer);
      insert into socialaccount_socialaccount values (1, 'github', '42', null, '2026-01-01 00:00:00', '{}', 1), (2, 'google', '7', null, null, '{}', 2);
      create table social_auth_usersocialauth (id integer primary key, provider, uid, extra_data, user_id integer, created, modified);
      insert into social_auth_usersocialauth values (1, 'weibo', '9', '{}', 3, '2026-01-01 00:00:00', null), (2, 'github', '42', '{}', 2, null, null);
      create table tb_social_links (id integer primary key, user_id integer, token);
      create table tb_orders (id integer primary key, user_id integer, uid);
    `);
    const { findings } = await runImport(db, source);
    expect(await bound()).toEqual(
      [
        ["github", "42", 2],
        ["weibo", "9", 3],
      ].sort(),
    );
    expect(told(findings).map(([kind, name]) => [kind, name])).toEqual(
      expect.arrayContaining([
        ["unsure_bindings", "tb_social_links"],
        ["unknown_provider", "user #2"],
        ["duplicate_binding", "user #1"],
      ]),
    );
    expect(told(findings)).toHaveLength(3);
  });
});

test("a dump names what it holds that is not read: fields, models, providers", async () => {
  const user = (pk: number) => ({
    model: "users.user",
    pk,
    fields: {
      password: "!",
      username: `user${pk}`,
      is_superuser: false,
      is_staff: false,
      is_active: true,
      date_joined: "2026-01-01T00:00:00Z",
      wechat_no: "x",
      'odd"name': 1,
    },
  });
  const file = join(folder, "dump.json");
  const at = "2026-01-01T00:00:00Z";
  writeFileSync(
    file,
    JSON.stringify([
      user(1),
      user(2),
      { model: "goods.sku", pk: 1, fields: { name: "phone" } },
      { model: "goods.sku", pk: 2, fields: { name: "pad" } },
      {
        model: "oauth.oauthqquser",
        pk: 1,
        fields: { user: 1, openid: "QQ1", create_time: at, update_time: at },
      },
      { model: "oauth.oauthsinauser", pk: 1, fields: { user: ["user2"], openid: "100" } },
      { model: "oauth.oauthuser", pk: 1, fields: { user: 1, openid: "W", loginType: "2" } },
      { model: "oauth.thing", pk: 1, fields: { user: 1, openid: "T" } },
      {
        model: "socialaccount.socialaccount",
        pk: 1,
        fields: { user: 2, provider: "github", uid: "42", extra_data: {} },
      },
    ]),
  );
  const { findings } = await runImport(db, file);
  expect(await bound()).toEqual([
    ["github", "42", 2],
    ["qq", "QQ1", 1],
    ["weibo", "W", 1],
    ["weibo", "100", 2],
  ]);
  expect(
    findings
      .filter(({ kind }) => /^un(read|known|sure)/.test(kind))
      .map(({ kind, name, detail }) => [kind, name, detail]),
  ).toEqual([
    ["unknown_column", "wechat_no", "tb_users"],
    ["unknown_column", 'odd"name', "tb_users"],
    ["unsure_bindings", "oauth_thing", expect.stringContaining("--bindings oauth_thing=qq")],
    ["unread_objects", "goods.sku", "2 objects"],
  ]);
});
