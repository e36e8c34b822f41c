import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type DjangoUser, djangoDatabase } from "../../../test/support/django-database.ts";
import { contents, exportTo, runImport } from "../../../test/support/django-import.ts";
import { someone } from "../../../test/support/holders.ts";
import { enginePairs, temporaryDatabase } from "../../../test/support/test-engines.ts";
import type { Database } from "../../engines/database/database.ts";
import { nameKey } from "../../kernel/name-key.ts";
import { createPasswords } from "../../passwords/passwords.ts";
import { createPermissions } from "../../permissions/permissions.ts";
import type { Finding } from "../sources/import-report.ts";
import { openDjangoSource } from "../sources/open-source.ts";
import { pageSize } from "./import-pages.ts";

const vectors = new URL("../../../test/vectors/import/", import.meta.url).pathname;
const original = join(vectors, "original-database.sqlite3");
const passwords = createPasswords();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "meiduo-django-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Truth {
  users: { username: string; email_as_given: string; password: string | null; mobile: string }[];
  oauth: { username: string; openid: string; loginType: string }[];
}
const truth = JSON.parse(readFileSync(join(vectors, "ground-truth.json"), "utf8")) as Truth;

describe.each(enginePairs)("the original's database into %s", (pair) => {
  let db: Database;
  beforeEach(async () => {
    db = await temporaryDatabase(pair);
    await createPermissions({ db }).declare();
  });
  afterEach(() => db.close());

  test("a dry run finds everything and writes nothing", async () => {
    const before = await contents(db);
    const { report, findings } = await runImport(db, original, { dryRun: true });
    expect(await contents(db)).toEqual(before);
    expect(report.users).toEqual({ read: 10, imported: 10, already: 0, refused: 0 });
    expect(report.bindings).toEqual({ read: 3, imported: 3, already: 0, refused: 0 });
    expect(findings.map(({ kind, name }) => [kind, name])).toEqual([
      ["disabled_account", "disabled1"],
      ["empty_mobile", "noemail"],
      ["unusable_password", "unusable"],
      ["duplicate_email", "dupmail1"],
      ["duplicate_email", "dupmail2"],
    ]);
  });

  test("every known password logs in, by every name but the contested ones", {
    timeout: 60_000,
  }, async () => {
    await runImport(db, original);
    const users = new Map(
      (await db.kysely.selectFrom("users").selectAll().execute()).map((user) => [user.username, user]),
    );
    const owners = new Map(
      (await db.kysely.selectFrom("login_names").selectAll().execute()).map((row) => [
        row.name_key,
        row.user_id,
      ]),
    );
    expect(users.size).toBe(truth.users.length);
    for (const { username, password, email_as_given: email, mobile } of truth.users) {
      const user = users.get(username)!;
      expect(owners.get(nameKey(username))).toBe(user.id);
      if (mobile) expect(owners.get(nameKey(mobile))).toBe(user.id);
      if (email === "dup@qq.com") expect(owners.has(nameKey(email))).toBe(false);
      else if (email) expect(owners.get(nameKey(email))).toBe(user.id);
      const given = password ?? "12345678aA";
      const verdict = await passwords.verify(given, user.password_hash, someone, { trimmed: true });
      expect([username, verdict.ok]).toEqual([username, password !== null]);
      const padded = await passwords.verify(` ${given} `, user.password_hash, someone, {
        trimmed: user.password_trimmed === 1,
      });
      expect(padded.matched).toBe(password);
    }
    expect(users.get("admin")).toMatchObject({
      id: 5,
      is_staff: 1,
      is_superuser: 1,
      is_active: 1,
      last_login_at: Date.UTC(2026, 10, 22, 15, 33, 10, 828),
      joined_at: Date.UTC(2026, 10, 22, 15, 33, 10, 514),
    });
    expect(users.get("disabled1")).toMatchObject({ is_active: 0, is_staff: 0 });
    expect(users.get("noemail")).toMatchObject({ email: null, mobile: null });
    expect(users.get("全民python")).toMatchObject({ first_name: "三", last_name: "张" });
    const bindings = await db.kysely.selectFrom("bindings").selectAll().orderBy("account_key").execute();
    expect(bindings.map((row) => [row.provider, row.account_key, row.user_id])).toEqual([
      ["weibo", "1234567890", 1],
      ["github", "583231", 1],
      ["qq", "OPENID1", 3],
    ]);
  });

  test("a second run changes nothing, and what was withdrawn here stays withdrawn", async () => {
    await runImport(db, original);
    await db.kysely.deleteFrom("bindings").where("account_key", "=", "OPENID1").execute();
    await db.kysely.updateTable("users").set({ password_hash: "!changed" }).where("id", "=", 1).execute();
    const before = await contents(db);
    const { report, findings } = await runImport(db, original);
    expect(await contents(db)).toEqual(before);
    expect(report.users).toEqual({ read: 10, imported: 0, already: 10, refused: 0 });
    expect(report.bindings).toEqual({ read: 3, imported: 0, already: 2, refused: 1 });
    expect(findings.map(({ kind, table, name }) => [kind, table, name])).toEqual([
      ["withdrawn_here", "bindings", "user #3"],
    ]);
  });

  test("new accounts continue above the imported ids, and never below an id that was given out", async () => {
    await runImport(db, original);
    expect(await newcomer()).toBe(11);
    for (let id = 12; id < 20; id++) expect(await newcomer()).toBe(id);
    await db.kysely.deleteFrom("users").where("id", ">", 10).execute();
    await runImport(db, original);
    expect(await newcomer()).toBe(20);
  });

  async function newcomer(): Promise<number> {
    const { id } = await db.kysely
      .insertInto("users")
      .values({
        ...{ username: "newcomer", email: null, mobile: null, first_name: "", last_name: "" },
        ...{ password_hash: "!", password_trimmed: 0, is_active: 1, is_staff: 0, is_superuser: 0 },
        ...{ email_verified: 0, credentials_version: 0, joined_at: 0, created_at: 0, updated_at: 0 },
      })
      .returning("id")
      .executeTakeFirstOrThrow();
    return id;
  }

  test("import, export, import: identical", async () => {
    await runImport(db, original);
    await db.kysely.insertInto("groups").values({ id: 7, name: "客服" }).execute();
    const made = { app: "mall", model: "", codename: "refund_order", name: "Can refund" };
    await db.kysely.insertInto("permissions").values(made).execute();
    const permissions = await db.kysely.selectFrom("permissions").selectAll().execute();
    const idOf = (codename: string) => permissions.find((row) => row.codename === codename)!.id;
    await db.kysely
      .insertInto("group_permissions")
      .values([
        { group_id: 7, permission_id: idOf("view_user") },
        { group_id: 7, permission_id: idOf("refund_order") },
      ])
      .execute();
    await db.kysely.insertInto("user_groups").values({ user_id: 1, group_id: 7 }).execute();
    const extra = { user_id: 2, permission_id: idOf("view_group") };
    await db.kysely.insertInto("user_permissions").values(extra).execute();
    await db.kysely.updateTable("users").set({ mobile: null }).where("id", "=", 8).execute();
    await db.kysely.deleteFrom("login_names").where("name_key", "=", "13800000008").execute();

    const file = join(folder, "export.json");
    const objects = await exportTo(db, file);
    const mobiles = objects.filter(({ model }) => model === "users.user").map(({ fields }) => fields.mobile);
    expect(new Set(mobiles).size).toBe(10);
    expect(mobiles).toContain("");
    expect(mobiles).toContain("#8");

    const second = await temporaryDatabase(pair);
    try {
      const { report } = await runImport(second, file);
      expect(report.users).toMatchObject({ imported: 10, refused: 0 });
      expect(report.groups.imported).toBe(1);
      expect(await contents(second)).toEqual(await contents(db));
    } finally {
      await second.close();
    }
  });
});

describe("awkward rows", () => {
  let db: Database;
  beforeEach(async () => {
    db = await temporaryDatabase("sqlite");
  });
  afterEach(() => db.close());

  async function importUsers(users: DjangoUser[], sql = "", options: Parameters<typeof runImport>[2] = {}) {
    const file = join(folder, "source.sqlite3");
    const source = djangoDatabase(file);
    for (const user of users) source.user(user);
    source.exec(sql);
    source.close();
    return runImport(db, file, options);
  }
  const owner = async (name: string) =>
    (
      await db.kysely
        .selectFrom("login_names")
        .select("user_id")
        .where("name_key", "=", nameKey(name))
        .executeTakeFirst()
    )?.user_id ?? null;
  const about = (findings: Finding[], id: number) =>
    findings.filter(
      (finding) =>
        finding.id === id && finding.kind !== "unusable_password" && finding.kind !== "empty_mobile",
    );

  test("user names that differ by case only: the older account keeps it", async () => {
    const { findings } = await importUsers([
      { id: 3, username: "Python01", email: "a@qq.com" },
      { id: 9, username: "python01", email: "b@qq.com" },
      { id: 10, username: "PYTHON01" },
    ]);
    expect(await owner("python01")).toBe(3);
    expect(await owner("b@qq.com")).toBe(9);
    expect(about(findings, 3)).toEqual([]);
    expect(about(findings, 9)).toMatchObject([{ kind: "case_only_duplicate", detail: "python01, also #3" }]);
    expect(about(findings, 10).map(({ kind }) => kind)).toEqual(["case_only_duplicate", "unreachable"]);
  });

  test("a user name that is another's address: the user name wins, whatever the order", async () => {
    const { findings } = await importUsers([
      { id: 1, username: "victim01", email: "x@qq.com" },
      { id: 2, username: "X@qq.com", email: "y@qq.com" },
    ]);
    expect(await owner("x@qq.com")).toBe(2);
    expect(about(findings, 1)).toMatchObject([{ kind: "email_is_a_username", detail: "x@qq.com, also #2" }]);
    expect(about(findings, 2)).toEqual([]);
  });

  test("an account named by its own address is no conflict", async () => {
    const { findings } = await importUsers([{ id: 1, username: "b1@qq.com", email: "B1@qq.com" }]);
    expect(await owner("b1@QQ.com")).toBe(1);
    expect(about(findings, 1)).toEqual([]);
  });

  test("shared addresses and numbers log nobody in", async () => {
    const { kinds } = await importUsers([
      { id: 1, username: "first", email: "same@qq.com", mobile: "13800000001" },
      { id: 2, username: "second", email: "SAME@qq.com", mobile: "13800000001" },
    ]);
    expect(await owner("same@qq.com")).toBeNull();
    expect(await owner("13800000001")).toBeNull();
    expect(kinds.filter((kind) => kind.startsWith("duplicate"))).toEqual([
      "duplicate_email",
      "duplicate_mobile",
      "duplicate_email",
      "duplicate_mobile",
    ]);
    const emails = await db.kysely.selectFrom("users").select("email").orderBy("id").execute();
    expect(emails.map(({ email }) => email)).toEqual(["same@qq.com", "SAME@qq.com"]);
  });

  test("numbers are proved where the operator says so: as of the last log-in there, and none that is odd or shared", async () => {
    const users = [
      { id: 1, username: "first", mobile: "13800000001", last_login: "2026-11-28 10:00:00" },
      { id: 2, username: "second", mobile: "13800000002" },
      { id: 3, username: "third", mobile: "13800000003" },
      { id: 4, username: "fourth", mobile: "13800000003" },
      { id: 5, username: "fifth", mobile: "0571-1234" },
      { id: 6, username: "sixth" },
    ];
    const proved = async () =>
      db.kysely.selectFrom("users").select(["proved_mobile", "mobile_proved_at"]).orderBy("id").execute();
    const nothing = { proved_mobile: null, mobile_proved_at: null };
    await importUsers(users, "", { numbersProved: true });
    expect(await proved()).toEqual([
      { proved_mobile: "13800000001", mobile_proved_at: Date.UTC(2026, 10, 28, 10) },
      { proved_mobile: "13800000002", mobile_proved_at: Date.UTC(2026, 10, 22, 15, 33, 10, 266) },
      ...[nothing, nothing, nothing, nothing],
    ]);
  });

  test("no number is proved where nobody says so", async () => {
    await importUsers([{ id: 1, username: "first", mobile: "13800000001" }]);
    const found = await db.kysely.selectFrom("users").select(["mobile", "proved_mobile"]).execute();
    expect(found).toEqual([{ mobile: "13800000001", proved_mobile: null }]);
  });

  test("names that differ by accents only are two, and said", async () => {
    const { findings } = await importUsers([
      { id: 1, username: "jose" },
      { id: 2, username: "José" },
      { id: 3, username: "jõse" },
    ]);
    expect([await owner("jose"), await owner("josé"), await owner("JÕSE")]).toEqual([1, 2, 3]);
    expect(about(findings, 2)).toMatchObject([{ kind: "accent_only_duplicate" }]);
    expect(about(findings, 3)).toMatchObject([{ kind: "accent_only_duplicate" }]);
  });

  test("fields that don't fit", async () => {
    const { report, findings } = await importUsers([
      { id: 1, username: "x".repeat(151) },
      { id: 2, username: "" },
      { id: 3, username: "long", email: `${"e".repeat(250)}@qq.com`, mobile: "13800000001".repeat(2) },
      { id: 4, username: "named", first_name: "n".repeat(200) },
      { id: 5, username: "timeless", date_joined: "0000-00-00 00:00:00", last_login: "yesterday" },
    ]);
    expect(report.users).toEqual({ read: 5, imported: 3, already: 0, refused: 2 });
    expect(about(findings, 1)).toMatchObject([{ kind: "refused_username" }]);
    expect(about(findings, 2)).toMatchObject([{ kind: "refused_username" }]);
    expect(about(findings, 3).map(({ kind }) => kind)).toEqual(["field_dropped", "field_dropped"]);
    expect(about(findings, 4)).toMatchObject([{ kind: "field_cut" }]);
    expect(about(findings, 5).map(({ kind }) => kind)).toEqual(["bad_time", "bad_time"]);
    const rows = await db.kysely.selectFrom("users").selectAll().orderBy("id").execute();
    expect(rows[0]).toMatchObject({ id: 3, email: null, mobile: null });
    expect(rows[1]!.first_name).toHaveLength(150);
    expect(rows[2]).toMatchObject({ joined_at: 0, last_login_at: null });
  });

  test("hashes that will not verify are kept and said", async () => {
    const { findings } = await importUsers([
      { id: 1, username: "broken", password: "pbkdf2_sha256$abc$salt$xx" },
      { id: 2, username: "legacy", password: "md5$salt$5682f1347e3c98a0a7b2b9a8891524cf" },
      { id: 3, username: "endless", password: `pbkdf2_sha256$${"9".repeat(300)}` },
      { id: 4, username: "none", password: "" },
      { id: 5, username: "crypt", password: "crypt$$sae.8Lvv1gVsk" },
      { id: 6, username: "costly", password: "scrypt$1048576$salt$8$5$aaaa" },
      { id: 7, username: "unsalted", password: "5682f1347e3c98a0a7b2b9a8891524cf" },
      { id: 8, username: "plain", password: "12345678" },
    ]);
    const found = findings.filter(({ kind }) => kind !== "empty_mobile");
    expect(found.map(({ id, kind, detail }) => [id, kind, detail])).toEqual([
      [1, "broken_hash", "pbkdf2_sha256$…"],
      [2, "hasher_off", "md5"],
      [3, "broken_hash", "removed: empty or too long to be a hash"],
      [4, "broken_hash", "removed: empty or too long to be a hash"],
      [5, "hasher_unknown", "crypt"],
      [6, "broken_hash", "scrypt$1048576…"],
      [7, "hasher_off", "unsalted_md5"],
      [8, "broken_hash", "12345678…"],
    ]);
    const hashes = await db.kysely.selectFrom("users").select("password_hash").orderBy("id").execute();
    expect(hashes.map((row) => row.password_hash)).toEqual([
      "pbkdf2_sha256$abc$salt$xx",
      "md5$salt$5682f1347e3c98a0a7b2b9a8891524cf",
      "!",
      "!",
      "crypt$$sae.8Lvv1gVsk",
      "scrypt$1048576$salt$8$5$aaaa",
      "5682f1347e3c98a0a7b2b9a8891524cf",
      "12345678",
    ]);
    expect(JSON.stringify(findings)).not.toContain("5682f1347e3c98a0a7b2b9a8891524cf");
  });

  test("bindings: the first of a person stays; unknown, broken and ownerless ones are reported", async () => {
    const { report, findings } = await importUsers(
      [
        { id: 1, username: "first" },
        { id: 2, username: "second" },
      ],
      `insert into tb_oauth_user values
        (1, '2026-01-01 00:00:00', '2026-01-01 00:00:00', 'SAME', 2, '1'),
        (2, '2026-01-02 00:00:00', '2026-01-02 00:00:00', 'SAME', 1, '1'),
        (3, '2026-01-02 00:00:00', '2026-01-02 00:00:00', 'SAME', 2, '1'),
        (4, '2026-01-02 00:00:00', '2026-01-02 00:00:00', 'SAME', 1, '2'),
        (5, '2026-01-02 00:00:00', '2026-01-02 00:00:00', 'X', 1, '9'),
        (6, '2026-01-02 00:00:00', '2026-01-02 00:00:00', '', 1, '1'),
        (7, '2026-01-02 00:00:00', '2026-01-02 00:00:00', 'Y', 77, '1');
       insert into tb_users_groups values (1, 1, 5), (2, 99, 5);`,
    );
    const kept = await db.kysely.selectFrom("bindings").selectAll().orderBy("provider").execute();
    expect(kept.map((row) => [row.provider, row.account_key, row.user_id])).toEqual([
      ["qq", "SAME", 2],
      ["weibo", "SAME", 1],
    ]);
    expect(report.bindings).toMatchObject({ imported: 2, refused: 4 });
    const said = findings
      .filter(({ table }) => table !== "users")
      .map(({ kind, table, id }) => [kind, table, id]);
    expect(said).toEqual([
      ["orphan", "user_groups", 1],
      ["duplicate_binding", "bindings", 2],
      ["duplicate_binding", "bindings", 3],
      ["unknown_provider", "bindings", 5],
      ["broken_binding", "bindings", 6],
      ["orphan", "user_groups", 0],
      ["orphan", "bindings", 0],
    ]);
  });

  test("into a server that has accounts already: theirs win", async () => {
    await importUsers([
      { id: 1, username: "resident", email: "r@qq.com", date_joined: "2020-01-01 00:00:00" },
    ]);
    rmSync(join(folder, "source.sqlite3"));
    const { report, findings } = await importUsers([
      { id: 1, username: "stranger", email: "s@qq.com" },
      { id: 2, username: "Resident", email: "R@qq.com", mobile: "13800000002" },
    ]);
    expect(report.users).toMatchObject({ imported: 1, refused: 1 });
    expect(about(findings, 1)).toMatchObject([{ kind: "id_taken_here", detail: "resident" }]);
    expect(about(findings, 2).map(({ kind }) => kind)).toEqual(["name_taken_here", "name_taken_here"]);
    expect([await owner("resident"), await owner("r@qq.com"), await owner("13800000002")]).toEqual([1, 1, 2]);
    expect(await owner("stranger")).toBeNull();
  });

  test("an import that was cut off goes on and ends the same", async () => {
    const file = join(folder, "many.sqlite3");
    const source = djangoDatabase(file);
    source.exec("begin");
    for (let id = 1; id <= 5_000; id++) {
      source.user({
        id,
        username: `user${id}`,
        email: `u${id % 4_990}@qq.com`,
        mobile: `138${String(id).padStart(8, "0")}`,
      });
    }
    source.exec(
      "commit; insert into tb_users_groups select id, id, 1 from tb_users; insert into auth_group values (1, 'all')",
    );
    source.close();
    let pages = 0;
    const cut = runImport(db, file, {
      onProgress: ({ step }) => {
        if (step === "writing" && ++pages === 2) throw new Error("cut off");
      },
    });
    await expect(cut).rejects.toThrow("cut off");
    const half = await db.kysely.selectFrom("users").select("id").execute();
    expect(half).toHaveLength(2 * pageSize);
    const { report } = await runImport(db, file);
    expect(report.users).toEqual({
      ...{ read: 5_000, imported: 5_000 - 2 * pageSize, already: 2 * pageSize, refused: 0 },
    });
    const whole = await temporaryDatabase("sqlite");
    await runImport(whole, file);
    expect(await contents(db)).toEqual(await contents(whole));
    expect((await contents(db)).user_groups).toHaveLength(5_000);
    await whole.close();
  });
});

describe("sources that are none", () => {
  test.each([
    ["not-there.sqlite3", undefined, /can't be read/],
    ["empty.json", "", /is empty/],
    ["cut.json", '[{"model": "users.user", "pk": 1, "fields": {', /ends in the middle/],
    ["other.json", "hello", /unexpected “hello”/],
    ["nousers.json", '[{"model": "goods.sku", "pk": 1, "fields": {}}]', /no users/],
  ])("%s", async (name, content, reason) => {
    const file = join(folder, name);
    if (content !== undefined) writeFileSync(file, content);
    await expect(openDjangoSource(file)).rejects.toThrow(reason);
  });

  test("an address of another kind", async () => {
    await expect(openDjangoSource("oracle://x")).rejects.toThrow(/Known sources/);
  });
});
