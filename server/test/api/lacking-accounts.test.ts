import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDatabase } from "../../src/app/engines.ts";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { checkSecondFactors } from "../../src/cli/doctor/second-factor-check.ts";
import { migrate } from "../../src/engines/database/migrate.ts";
import { openSqlite } from "../../src/engines/database/sqlite.ts";
import { countLackingUntil } from "../../src/factors/lacking-accounts.ts";
import { makePerson } from "../support/people.ts";
import { saidTerminal, unstopped } from "../support/said-terminal.ts";
import { switchOnSecondFactor } from "../support/second-factor.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** Who must have a second factor and has none, as operators and administrators see it. */
let site: TestApp;
let folder: string;
let rootToken: string;
const ids: Record<string, number> = {};
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "meiduo-lacking-"));
  site = await startTestApp({
    env: {
      SECOND_FACTOR_REQUIRED_FOR: rules,
      MFA_TRUST_PROVIDERS: "nowhere:amr=mfa",
    },
  });
  const root = await makePerson(site, "root01", { is_superuser: 1 });
  rootToken = root.token;
  for (const [username, standing] of [
    ["clerk01", { is_staff: 1 }],
    ["viewer01", { permissions: ["users.view_user"] }],
    ["editor01", {}],
    ["visitor01", {}],
    ["gone01", { is_staff: 1, is_active: 0 }],
    ["safe01", { is_staff: 1 }],
  ] as const) {
    ids[username] = (await makePerson(site, username, standing)).id;
  }
  const { db, groups } = site.app;
  await db.transaction(async (transaction) => {
    const editors = await groups.add(transaction, { name: "editors", permissions: [] });
    await groups.setOfUser(transaction, ids.editor01!, [editors.id]);
  });
  await switchOnSecondFactor(site, "safe01");
});
afterAll(async () => {
  await site.close();
  rmSync(folder, { recursive: true, force: true });
});

const rules = "staff,group:editors,permission:users.view_user,group:nobody-made-it";

async function run(line: readonly string[], more: Record<string, string> = {}, language: "zh" | "en" = "en") {
  const terminal = saidTerminal(language);
  const config = { ...site.config, secretKey: testSecretKey };
  const code = await runCommandLine([...line], {
    ...{ terminal, clock: site.clock, folder, openDatabase, host: unstopped },
    loadConfig: async () => config,
    completeConfig: () => config,
    readSource: () => ({ SECRET_KEY: testSecretKey, MEIDUO_CALLED_BY: "wang", ...more }),
    refuseBeside: () => {},
  });
  return { code, ...terminal.said };
}

const lacking = ["root01", "clerk01", "viewer01", "editor01"];

test("second-factor missing lists them, with their day where it is known", async () => {
  const { code, out } = await run(["second-factor", "missing", "--json"]);
  expect(code).toBe(0);
  const found = JSON.parse(out) as { username: string; due: string | null }[];
  expect(found.map(({ username }) => username)).toEqual(lacking);
  // Their first log-in was when they were made, and the member of the group was none then.
  const due = new Date(site.clock.now() + 14 * 86_400_000).toISOString();
  expect(found.map((one) => one.due)).toEqual([due, due, due, null]);
  expect((await run(["second-factor", "missing"])).out).toContain("clerk01");
});

test("administrators find them, and who has one", async () => {
  const list = async (filter: string) => {
    const answer = await site.as(rootToken)({ url: `/admin/users/?second_factor=${filter}` });
    return answer.json().results.map(({ username }: { username: string }) => username);
  };
  expect(await list("missing")).toEqual(lacking);
  expect(await list("on")).toEqual(["safe01"]);
  expect(await list("off")).toEqual([...lacking, "visitor01", "gone01"]);
  expect((await site.as(rootToken)({ url: "/admin/users/?second_factor=maybe" })).statusCode).toBe(400);
});

test("the doctor counts them, and names rules and issuers that are none", async () => {
  const found = await checkSecondFactors(site.config);
  const texts = found.map(({ level, en }) => `${level}: ${en}`);
  expect(texts).toEqual([
    expect.stringMatching(/^warn: MFA_TRUST_PROVIDERS names nowhere/),
    expect.stringMatching(/^warn: .* 4 have none: second-factor missing/),
    expect.stringMatching(/^fail: .* group:nobody-made-it, which does not exist/),
  ]);
});

describe("check-config", () => {
  const demand = { SECOND_FACTOR_REQUIRED_FOR: rules };
  const ofSite = (): Record<string, string> => {
    const { database } = site.config;
    return database.engine === "sqlite"
      ? { ...demand, DATABASE_URL: `sqlite:${database.file}` }
      : { ...demand, DATABASE_URL: database.url };
  };
  const look = async (more: Record<string, string>) => {
    const { code, out, notes } = await run(["check-config", "--json"], { DATA_DIR: folder, ...more });
    expect([code, notes]).toEqual([0, ""]);
    return JSON.parse(out).second_factor;
  };

  test("counts them beside the settings, and names rules that bind nobody", async () => {
    const found = { required_for: rules, lacking: 4, unknown: ["group:nobody-made-it"], reason: null };
    expect(await look(ofSite())).toEqual(found);
    const { out } = await run(["check-config"], { DATA_DIR: folder, ...ofSite() });
    expect(out).toMatch(
      /^# a second factor is demanded of staff,.* without one: 4: .* group:nobody-made-it does not/m,
    );
    const inChinese = await run(["check-config"], { DATA_DIR: folder, ...ofSite() }, "zh");
    expect(inChinese.out).toMatch(/^# 必须开启两步验证的：staff,.*没有开启的账号：4：/m);
  });

  test("changes nothing of the database that it looks at", async () => {
    const before = await site.app.db.kysely.selectFrom("users").selectAll().orderBy("id").execute();
    await look(ofSite());
    expect(await site.app.db.kysely.selectFrom("users").selectAll().orderBy("id").execute()).toEqual(before);
  });

  test("says why they are not known, makes nothing, and passes", async () => {
    expect(await look(demand)).toMatchObject({
      lacking: null,
      reason: { en: expect.stringContaining("no database yet") },
    });
    expect(readdirSync(folder)).toEqual([]);
    const { out } = await run(["check-config"], { DATA_DIR: folder, ...demand });
    expect(out).toMatch(/^# .*not known, because there is no database yet: doctor has it/m);
    // A port of this machine at which nobody listens.
    const away = await look({ ...demand, DATABASE_URL: "postgres://a:hunter2@127.0.0.1:1/b" });
    expect(away.reason.en).toContain("doesn't answer");
    expect(JSON.stringify(away)).not.toContain("hunter2");
  });

  test("leaves alone what is empty, is no database, or has another version's schema", async () => {
    const file = join(folder, "other.sqlite3");
    const said = async () => (await look({ ...demand, DATABASE_URL: `sqlite:${file}` })).reason.en;
    writeFileSync(file, "");
    expect(await said()).toContain("no database yet");
    writeFileSync(file, "this is a letter to nobody, and no database at all".repeat(40));
    expect(await said()).toContain("can't be opened");
    rmSync(file);
    const older = openSqlite(file);
    await migrate(older, site.clock);
    const { name } = await older.kysely
      .selectFrom("schema_migrations")
      .select("name")
      .orderBy("name", "desc")
      .executeTakeFirstOrThrow();
    await older.kysely.deleteFrom("schema_migrations").where("name", "=", name).execute();
    await older.close();
    const before = readFileSync(file);
    expect(await said()).toContain("another version's schema");
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(readdirSync(folder)).toEqual(["other.sqlite3"]);
    rmSync(file);
  });

  test("says nothing of it where nobody must, nor where the settings are wrong", async () => {
    expect(await look({ SECOND_FACTOR_REQUIRED_FOR: "nobody" })).toBeNull();
    const { out } = await run(["check-config"], { DATA_DIR: folder });
    expect(out).not.toContain("# a second factor");
    const wrong = await run(["check-config", "--json"], { ...demand, DATA_DIR: folder, API_PORT: "many" });
    expect([wrong.code, JSON.parse(wrong.out).second_factor]).toEqual([1, null]);
  });

  test("gives up counting at its time, and counts over more than one stretch", async () => {
    const { db } = site.app;
    const demanded = site.config.secondFactorPolicy.rules;
    expect(await countLackingUntil(db, demanded, performance.now() - 1)).toBeNull();
    expect(await countLackingUntil(db, demanded, performance.now() + 60_000, 2)).toBe(4);
  });
});

describe("second-factor reset", () => {
  test("takes it from the last superuser, too: with a reason, every session ended, told and audited", async () => {
    const { recoveryCodes } = await switchOnSecondFactor(site, "root01");
    expect((await run(["second-factor", "reset", "root01"])).code).not.toBe(0);
    const { webhooks } = site.app;
    const operator = { id: null, name: "op (manage)", requestId: null };
    const wanted = { url: "https://siem.example/in", events: ["audit.entry", "factor.removed"] };
    const { endpoint } = await webhooks.add(operator, wanted);
    const done = await run(["second-factor", "reset", "root01", "--reason", "phone and codes are lost"]);
    expect([done.code, done.out]).toEqual([0, expect.stringContaining("root01")]);
    expect((await site.as(rootToken)({ url: "/user/" })).statusCode).toBe(401);
    expect((await site.app.users.byLoginName("root01"))?.second_factor_at).toBeNull();
    const { audit } = { audit: await site.app.db.kysely.selectFrom("audit_entries").selectAll().execute() };
    expect(audit.at(-1)).toMatchObject({
      action: "user.reset-second-factor",
      actor: expect.stringContaining("wang"),
    });
    expect(audit.at(-1)!.after).toContain("phone and codes are lost");
    expect(recoveryCodes).toHaveLength(10);
    const told = (await webhooks.deliveries(endpoint.id, { limit: 10 })).map(({ body }) => JSON.parse(body));
    const news = told.map(({ type, data }) => [type, data.action ?? null]);
    // The mail and the entry mean one event.
    expect(news.filter(([type]) => type === "factor.removed")).toEqual([["factor.removed", null]]);
    expect(news).toContainEqual(["audit.entry", "user.reset-second-factor"]);
    await webhooks.remove(operator, endpoint.id);
  });

  test("refuses an account without one, and one that is not there", async () => {
    const reason = ["--reason", "phone and codes are lost"];
    expect((await run(["second-factor", "reset", "visitor01", ...reason])).code).not.toBe(0);
    expect((await run(["second-factor", "reset", "nobody01", ...reason])).code).not.toBe(0);
  });
});
