import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createUsers } from "../../src/accounts/users.ts";
import { openDatabase } from "../../src/app/engines.ts";
import { createAudit } from "../../src/audit/audit.ts";
import { completeConfig, loadConfig } from "../../src/cli/command-config.ts";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { allCommands } from "../../src/cli/commands.ts";
import { readConfig } from "../../src/config/config.ts";
import { databaseLine } from "../../src/engines/database/database-in-use.ts";
import { migrate } from "../../src/engines/database/migrate.ts";
import { openSqlite } from "../../src/engines/database/sqlite.ts";
import { createPasswords } from "../../src/passwords/passwords.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { someone } from "../support/holders.ts";
import { saidTerminal, unstopped } from "../support/said-terminal.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

const original = new URL("../vectors/import/original-database.sqlite3", import.meta.url).pathname;
const clock = fakeClock();
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "meiduo-manage-"));
  await inDatabase((db) => migrate(db, clock));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Run {
  code: number;
  out: string;
  notes: string;
  /** Which database is used, where that is reported. */
  database: string;
}

/** Variables beside the folder and the key. */
let environment: Record<string, string> = {};
afterEach(() => {
  environment = {};
});

/** Runs a command; `answers` are what the person types, or the lines of standard input. */
async function run(
  line: string[],
  answers: string[] = [],
  interactive = true,
  language: "zh" | "en" = "en",
): Promise<Run> {
  const source = { DATA_DIR: folder, SECRET_KEY: testSecretKey, ...environment };
  const terminal = saidTerminal(language, { answers, interactive });
  const code = await runCommandLine(line, {
    ...{ terminal, loadConfig, completeConfig, clock, folder, openDatabase, host: unstopped },
    readSource: () => source,
    refuseBeside: () => {},
  });
  const { out, notes } = terminal.said;
  const database = notes.split("\n").filter((note) => note.startsWith("Database "));
  return { code, out, notes: notes.replace(/^Database .*\n/gm, ""), database: database.join("\n") };
}

async function inDatabase<Result>(
  work: (db: ReturnType<typeof openSqlite>) => Promise<Result>,
): Promise<Result> {
  const db = openSqlite(join(folder, "meiduo.sqlite3"));
  return work(db).finally(() => db.close());
}
const userNamed = (name: string) => inDatabase((db) => createUsers({ db, clock }).byLoginName(name));

describe("the database", () => {
  test.each([
    "user show boss",
    "changepassword boss --password-stdin",
    "group list",
    "export-django out.json",
  ])("%s refuses where there is none, and makes none", async (line) => {
    for (const empty of [false, true]) {
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
      // As an interrupted first start leaves it, and as another program's.
      if (empty) writeFileSync(join(folder, "meiduo.sqlite3"), "");
      const { code, notes } = await run(line.split(" "), ["long enough pass"], false);
      expect([code, notes]).toEqual([1, expect.stringMatching(/no database yet at SQLite .*meiduo.sqlite3/)]);
      const size = statSync(join(folder, "meiduo.sqlite3"), { throwIfNoEntry: false })?.size;
      expect(size).toBe(empty ? 0 : undefined);
    }
  });

  test("commands that may make it say which one they use", async () => {
    rmSync(join(folder, "meiduo.sqlite3"));
    const made = await run(
      ["createsuperuser", "--username", "boss", "--password-stdin"],
      ["long enough pass"],
      false,
    );
    expect([made.code, made.database]).toEqual([
      0,
      `Database 数据库  SQLite ${join(folder, "meiduo.sqlite3")}`,
    ]);
    const imported = await run(["import-django", original]);
    expect([imported.code, imported.database]).toEqual([0, made.database]);
    expect((await run(["user", "show", "boss"])).database).toBe("");
  });

  test("PostgreSQL is named without its log-in", () => {
    const config = readConfig({
      SECRET_KEY: testSecretKey,
      DATABASE_URL: "postgres://me:hunter2@db:5433/meiduo?x=1",
    });
    expect(databaseLine(config)).toBe("Database 数据库  PostgreSQL db:5433/meiduo");
  });
});

describe("createsuperuser", () => {
  test("asks for what is missing, and again where the password is refused or mistyped", async () => {
    const typed = ["boss", "Boss@Example.COM", "short", "long enough pass", "mistyped", "long enough pass"];
    const { code, notes } = await run(["createsuperuser"], [...typed, "long enough pass"]);
    expect(code).toBe(0);
    expect(notes).toContain("at least 8 characters");
    expect(notes).toContain("do not match");
    const user = (await userNamed("boss@example.com"))!;
    expect(user).toMatchObject({ username: "boss", email: "Boss@example.com", is_superuser: 1, is_staff: 1 });
    expect((await createPasswords().verify("long enough pass", user.password_hash, someone)).ok).toBe(true);
    const { entries } = await inDatabase((db) => createAudit({ db, clock }).list({ limit: 5 }));
    expect(entries).toMatchObject([{ action: "user.create", target: "boss", actor: { id: null } }]);
    expect(JSON.stringify(entries)).not.toContain("long enough pass");
  });

  test("works without a terminal, the password on standard input, the result as JSON", async () => {
    const line = ["createsuperuser", "--username", "boss", "--password-stdin", "--json"];
    const { code, out } = await run(line, ["long enough pass"], false);
    expect([code, JSON.parse(out)]).toEqual([0, { id: 1, username: "boss", email: null }]);
  });

  test("refuses a taken name, a bad password, and having nobody to ask; then there is no account", async () => {
    const line = ["createsuperuser", "--username", "boss", "--password-stdin"];
    expect((await run(line, ["12345678"], false)).code).toBe(1);
    expect(await userNamed("boss")).toBeNull();
    expect((await run(line, ["long enough pass"], false)).code).toBe(0);
    const again = await run(
      ["createsuperuser", "--username", "BOSS", "--password-stdin"],
      ["long enough pass"],
      false,
    );
    expect([again.code, again.notes]).toEqual([1, "BOSS: the user name is taken.\n"]);
    expect((await run(["createsuperuser"], [], false)).code).toBe(2);
    expect((await run(["createsuperuser", "--password", "x"], [], false)).code).toBe(2);
  });
});

describe("on an imported site", () => {
  beforeEach(async () => {
    expect((await run(["import-django", original, "--apply"])).code).toBe(0);
  });

  test("changepassword changes it, ends the tokens and drops the trimming mark", async () => {
    const before = (await userNamed("python01"))!;
    const { code } = await run(["changepassword", "44@qq.com"], ["a new password", "a new password"]);
    expect(code).toBe(0);
    const after = (await userNamed("python01"))!;
    expect(after.credentials_version).not.toBe(before.credentials_version);
    expect(after.password_trimmed).toBe(0);
    expect((await createPasswords().verify("a new password", after.password_hash, someone)).ok).toBe(true);
    const missing = await run(["changepassword", "nobody"], []);
    expect([missing.code, missing.notes]).toEqual([1, "There is no account nobody.\n"]);
  });

  test("user shows, deactivates, renames, and finds accounts without a log-in name by their id", async () => {
    const shown = JSON.parse((await run(["user", "show", "#10", "--json"])).out);
    expect(shown).toMatchObject({ username: "unusable", usable_password: false, groups: [] });
    expect((await run(["user", "show", "python01"])).out).not.toMatch(/pbkdf2|argon2/);
    expect(JSON.parse((await run(["user", "deactivate", "python01", "--json"])).out).is_active).toBe(false);
    expect(JSON.parse((await run(["user", "activate", "python01", "--json"])).out).is_active).toBe(true);
    expect(JSON.parse((await run(["user", "rename", "dupmail1", "renamed1", "--json"])).out).id).toBe(7);
    expect(await userNamed("dupmail1")).toBeNull();
    expect((await userNamed("renamed1"))?.id).toBe(7);
    const before = (await userNamed("renamed1"))?.credentials_version;
    expect((await run(["user", "end-tokens", "renamed1"])).code).toBe(0);
    expect((await userNamed("renamed1"))?.credentials_version).not.toBe(before);
  });

  test("tokens end-all ends every account's, and only with --yes", async () => {
    const versions = () =>
      inDatabase((db) =>
        db.kysely
          .selectFrom("users")
          .select(["id", "credentials_version as version"])
          .orderBy("id")
          .execute(),
      );
    const before = await versions();
    const refused = await run(["tokens", "end-all"]);
    expect([refused.code, refused.notes]).toEqual([
      1,
      "Everybody will have to log in again; add --yes to do it.\n",
    ]);
    expect((await run(["tokens", "end-all"], [], true, "zh")).notes).toContain("--yes");
    expect((await run(["tokens", "end", "--yes"])).code).toBe(2);
    expect(await versions()).toEqual(before);
    const done = await run(["tokens", "end-all", "--yes", "--json"]);
    expect([done.code, JSON.parse(done.out)]).toEqual([0, { accounts: before.length }]);
    const after = await versions();
    expect(after.filter(({ version }, i) => version === before[i]!.version)).toEqual([]);
    const [entry] = await inDatabase((db) =>
      db.kysely.selectFrom("audit_entries").selectAll().orderBy("id", "desc").limit(1).execute(),
    );
    expect(entry).toMatchObject({ action: "system.end-all-tokens", target_kind: "system" });
  });

  test("the last superuser stays one", async () => {
    const { code, notes } = await run(["user", "unmake-superuser", "admin"]);
    expect([code, notes]).toEqual([1, "This is the last active superuser. Appoint another one first.\n"]);
    expect((await run(["user", "make-superuser", "python01"])).code).toBe(0);
    expect((await run(["user", "unmake-superuser", "admin"])).code).toBe(0);
  });

  test("group makes groups, grants, and moves members", async () => {
    expect((await run(["group", "create", "support", "users.view_user"])).code).toBe(0);
    expect((await run(["group", "grant", "support", "auth.view_group"])).code).toBe(0);
    expect((await run(["group", "grant", "support", "no.such"])).notes).toContain("no.such");
    expect((await run(["group", "add", "support", "python01", "44@qq.com"])).code).toBe(0);
    expect(JSON.parse((await run(["group", "show", "support", "--json"])).out).permissions).toEqual([
      "auth.view_group",
      "users.view_user",
    ]);
    expect(JSON.parse((await run(["user", "show", "python01", "--json"])).out).groups).toEqual(["support"]);
    expect((await run(["group", "remove", "support", "python01"])).code).toBe(0);
    expect(JSON.parse((await run(["user", "show", "python01", "--json"])).out).groups).toEqual([]);
    expect((await run(["group", "delete", "support"])).code).toBe(0);
    expect((await run(["group", "show", "support"])).code).toBe(1);
  });

  test("export-django writes a file only its owner can read", async () => {
    const file = join(folder, "out.json");
    const { code, out } = await run(["export-django", file, "--json"]);
    expect([code, JSON.parse(out)]).toMatchObject([0, { users: 10, bindings: 3, skippedBindings: 0 }]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, "utf8"))).toBeInstanceOf(Array);
  });

  test("export-django names the bindings that a Django site can't use", async () => {
    const userId = (await userNamed("python01"))!.id;
    const keys = { qq: "UID_ABC", wechat: "unionid:o6_x" };
    await inDatabase(async (db) => {
      for (const [provider, account_key] of Object.entries(keys)) {
        const shown = { nickname: null, avatar: null };
        const row = { provider, account_key, user_id: userId, is_alias: 0 as const, ...shown, created_at: 1 };
        await db.kysely.insertInto("bindings").values(row).execute();
      }
    });
    const { out } = await run(["export-django", join(folder, "out.json")]);
    expect(out).toContain(`1 QQ bindings have a unionid and no openid (accounts ${userId})`);
    expect(out).toContain(`1 WeChat bindings are written as unionid:… or <appid>:… (accounts ${userId})`);
    await inDatabase((db) =>
      db.kysely.deleteFrom("bindings").where("account_key", "in", Object.values(keys)).execute(),
    );
  });

  test("moves both ways are in the audit log: who, how many, from and to where", async () => {
    const file = join(folder, "out.json");
    expect((await run(["export-django", file])).code).toBe(0);
    const { entries } = await inDatabase((db) => createAudit({ db, clock }).list({ limit: 5 }));
    const actor = { id: null, name: `${userInfo().username} (manage)`, requestId: null };
    expect(entries).toMatchObject([
      {
        ...{ action: "system.export-django", targetKind: "system", target: file, actor },
        after: { users: 10, groups: 0, bindings: 3 },
      },
      {
        ...{ action: "system.import-django", targetKind: "system", target: `SQLite file ${original}`, actor },
        after: { users: 10, groups: 0, bindings: 3 },
      },
    ]);
    expect(entries).toHaveLength(2);
    expect(JSON.stringify(entries)).not.toMatch(/pbkdf2|argon2/);
  });

  test("an export that can't be finished leaves no file with hashes behind", async () => {
    const inTheWay = join(folder, "taken.json");
    mkdirSync(join(inTheWay, "full"), { recursive: true });
    expect(await run(["export-django", inTheWay])).toMatchObject({
      code: 1,
      notes: `${inTheWay} can't be written: that is a folder.\n`,
    });
    expect(existsSync(`${inTheWay}.partial`)).toBe(false);
  });

  test("hashes longer than Django's column are named by an export, which a cut would make useless", async () => {
    const long = `scrypt$131072$${"s".repeat(30)}$8$1$${"A".repeat(86)}==`;
    await inDatabase((db) =>
      db.kysely.updateTable("users").set({ password_hash: long }).where("id", "=", 3).execute(),
    );
    const file = join(folder, "out.json");
    const asJson = JSON.parse((await run(["export-django", file, "--json"])).out);
    expect(asJson).toMatchObject({ users: 10, longHashes: { count: 1, firstIds: [3] } });
    const { out } = await run(["export-django", file]);
    expect(out).toContain(
      "1 password hash is longer than the 128 characters of Django's column (accounts 3)",
    );
    expect(out).not.toContain("scrypt$");
    expect(readFileSync(file, "utf8")).toContain(long);
  });

  test("numbers that the original's column has no room for are named by an export, and written whole", async () => {
    const [longest, foreign] = ["+49151234567890", "+85291234567"];
    await inDatabase(async (db) => {
      const give = (id: number, mobile: string) =>
        db.kysely.updateTable("users").set({ mobile }).where("id", "=", id).execute();
      await give(3, longest);
      await give(4, foreign);
    });
    const file = join(folder, "numbers.json");
    const asJson = JSON.parse((await run(["export-django", file, "--json"])).out);
    expect(asJson).toMatchObject({ users: 10, longMobiles: { count: 2, firstIds: [3, 4] } });
    const { out } = await run(["export-django", file]);
    expect(out).toContain(
      "2 numbers of other countries are longer than the 11 characters of the original's mobile column (accounts 3, 4)",
    );
    expect(out).toContain("max_length=16");
    expect(out).not.toContain(longest);
    const written: { model: string; fields: { mobile?: string } }[] = JSON.parse(readFileSync(file, "utf8"));
    const mobiles = written.filter(({ model }) => model === "users.user").map(({ fields }) => fields.mobile);
    expect(mobiles).toEqual(expect.arrayContaining([longest, foreign]));
    const without = await run(["export-django", file, "--no-mobile", "--json"]);
    expect(JSON.parse(without.out).longMobiles.count).toBe(0);
  });
});

describe("import-django", () => {
  test("is a dry run unless told to apply, and writes every finding to the report", async () => {
    const file = join(folder, "report.jsonl");
    const { code, out } = await run(["import-django", original, "--report", file]);
    expect(code).toBe(0);
    expect(out).toContain("duplicate_email (2): several accounts have this address");
    expect(out).toContain("accounts: 10 read, 10 to import, 0 here already, 0 refused");
    expect(out).toContain("This was a dry run");
    expect(await userNamed("python01")).toBeNull();
    const lines = readFileSync(file, "utf8").trim().split("\n");
    expect(lines.map((line) => JSON.parse(line).kind)).toEqual([
      "disabled_account",
      "empty_mobile",
      "unusable_password",
      "duplicate_email",
      "duplicate_email",
    ]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("says what is wrong with a source, and that it can't be reached, without its password", async () => {
    const missing = await run(["import-django", join(folder, "none.sqlite3")]);
    expect([missing.code, missing.notes]).toMatchObject([1, expect.stringContaining("can't be read")]);
    const away = await run(["import-django", "-"], ["mysql://root:hunter2secret@127.0.0.1:1/meiduo"]);
    expect(away.code).toBe(1);
    expect(away.notes).toContain("MySQL at 127.0.0.1:1 can't be reached");
    expect(away.notes).not.toContain("hunter2secret");
  });
});

describe("check-config", () => {
  test("names every problem at once, as text and as JSON, and shows no secret", async () => {
    environment = { API_PORT: "many", WEB_PORT: "some", SMTP_URL: "smtp://a:hunter2@mail.example.com" };
    const { code, out, notes } = await run(["check-config"]);
    expect([code, out]).toEqual([1, ""]);
    expect(notes).toMatch(/API_PORT .*\n.*WEB_PORT /);
    const json = await run(["check-config", "--json"]);
    const said = JSON.parse(json.out);
    expect([json.code, json.notes, said.ok]).toEqual([1, "", false]);
    expect(said.problems.map(({ variable }: { variable: string }) => variable)).toEqual([
      "API_PORT",
      "WEB_PORT",
    ]);
    expect(json.out + notes).not.toMatch(/hunter2|meiduo-golden/);
  });

  test("shows what is in force, and makes no database", async () => {
    rmSync(join(folder, "meiduo.sqlite3"));
    environment = { API_PORT: "8123" };
    const { code, out } = await run(["check-config"]);
    expect(code).toBe(0);
    expect(out).toContain("API_PORT=8123\n");
    const json = JSON.parse((await run(["check-config", "--json"])).out);
    expect(json).toMatchObject({ ok: true, problems: [] });
    expect(json.variables).toContainEqual(
      expect.objectContaining({ name: "API_PORT", value: "8123", isDefault: false }),
    );
    expect(existsSync(join(folder, "meiduo.sqlite3"))).toBe(false);
    expect((await run(["check-config", "--hosts"])).out).toContain(
      "PUBLIC_SITE_URL=http://www.meiduo.com:8080\n",
    );
    expect((await run(["check-config", "--yaml"])).code).toBe(2);
  });
});

describe("a call that can't be understood", () => {
  test.each([
    ["user fly somebody"],
    ["user show"],
    ["user rename somebody"],
    ["group"],
    ["group fly"],
    ["group fly support"],
    ["group list support"],
    ["group create"],
    ["group grant support"],
    ["group delete support another"],
    ["changepassword"],
    ["changepassword a b"],
    ["createsuperuser boss"],
    ["createsuperuser --username"],
    ["createsuperuser --password=hunter2"],
    ["import-django"],
    ["import-django a b"],
    ["import-django --dry-run a"],
    ["export-django"],
    ["export-django out.json --user-model user"],
    ["export-django out.json --binding-model oauth"],
    ["doctor now"],
    ["check-config now"],
  ])("%s: exit code 2, the reason and the usage, in both languages", async (line) => {
    for (const language of ["zh", "en"] as const) {
      const { code, out, notes } = await run(line.split(" "), [], false, language);
      expect([code, out]).toEqual([2, ""]);
      const [reason, , usage] = notes.split("\n");
      expect(/\p{Script=Han}/u.test(reason!)).toBe(language === "zh");
      const name = line.split(" ")[0]!;
      expect(usage).toContain(name === "check-config" ? `npm run ${name}` : `npm run manage -- ${name}`);
      expect(notes).not.toContain("hunter2");
    }
    expect(existsSync(join(folder, "out.json"))).toBe(false);
  });
});

describe("what can't be done", () => {
  test.each([
    ["user show nobody", "没有账号 nobody。", "There is no account nobody."],
    ["user deactivate #99", "没有账号 #99。", "There is no account #99."],
    ["user rename admin2 x", "没有账号 admin2。", "There is no account admin2."],
    ["group show none", "没有用户组 none。", "There is no group none."],
    ["group add none nobody", "没有用户组 none。", "There is no group none."],
    [`group create ${"x".repeat(151)}`, "用户组的名称须为 1 到 150", "A group's name has 1 to 150"],
    ["export-django none/out.json", "没有这个目录", "there is no such folder"],
    ["export-django .", "那是一个目录", "that is a folder"],
    [`import-django ${original} --report none/r.jsonl`, "没有这个目录", "there is no such folder"],
    ["import-django none.sqlite3", "无法读取", "can't be read"],
    ["import-django mysql://root:a#hunter2@db/x", "百分号编码", "percent-encoded"],
    [`import-django ${original} --users-table none`, "没有表 none", "The table none is missing"],
  ])("%s: exit code 1 and one sentence, without a stack or a password", async (line, zh, en) => {
    for (const [language, text] of [["zh", zh] as const, ["en", en] as const]) {
      const { code, out, notes } = await run(line.split(" "), [], false, language);
      expect([code, out]).toEqual([1, ""]);
      expect(notes).toContain(text);
      expect(notes.trim().split("\n")).toHaveLength(1);
      expect(notes).not.toMatch(/hunter2|at .*:\d+:\d+/);
    }
  });
});

test("files that are named are seen from where the person stands", async () => {
  expect((await run(["export-django", "here.json"])).code).toBe(0);
  expect((await run(["import-django", "here.json"])).notes).toContain("no users");
  expect(existsSync(join(folder, "here.json"))).toBe(true);
});

test("a report that lay there for everybody to read is its owner's alone when it is written anew", async () => {
  const file = join(folder, "report.jsonl");
  writeFileSync(file, "old", { mode: 0o644 });
  expect((await run(["import-django", original, "--report", file])).code).toBe(0);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

const namesByManage = (await allCommands()).filter(({ npmScript }) => !npmScript).map(({ name }) => name);
test.each(namesByManage)("%s --help explains itself without touching a database", async (name) => {
  const { code, out } = await run([name, "--help"]);
  expect(code).toBe(0);
  expect(out).toContain(`npm run manage -- ${name}`);
});
