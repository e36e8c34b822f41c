import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createUsers } from "../../src/accounts/users.ts";
import { openDatabase } from "../../src/app/engines.ts";
import { completeConfig, loadConfig } from "../../src/cli/command-config.ts";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { migrate } from "../../src/engines/database/migrate.ts";
import { openSqlite } from "../../src/engines/database/sqlite.ts";
import { createGroups } from "../../src/permissions/groups.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { saidTerminal, unstopped } from "../support/said-terminal.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** `manage user join`: for people who can't log in to both of their accounts. */
const clock = fakeClock();
let folder: string;
let round = 0;
let names: { kept: string; joined: string };
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "meiduo-join-"));
  await inDatabase((db) => migrate(db, clock));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(async () => {
  names = { kept: `zhangsan${++round}`, joined: `user2045719${round}` };
  await inDatabase(async (db) => {
    const users = createUsers({ db, clock });
    for (const username of Object.values(names)) {
      const row = { username, email: `${username}@qq.com`, password_hash: "!", email_verified: 1 as const };
      await db.transaction((transaction) => users.add(transaction, row));
    }
  });
});

async function inDatabase<Result>(work: (db: ReturnType<typeof openSqlite>) => Promise<Result>) {
  const db = openSqlite(join(folder, "meiduo.sqlite3"));
  return work(db).finally(() => db.close());
}
const there = (name: string) => inDatabase((db) => createUsers({ db, clock }).byLoginName(name));

async function run(...line: string[]) {
  const terminal = saidTerminal("en", { answers: [], interactive: false });
  const code = await runCommandLine(["user", "join", ...line], {
    ...{ terminal, loadConfig, completeConfig, clock, folder, openDatabase, host: unstopped },
    readSource: () => ({ DATA_DIR: folder, SECRET_KEY: testSecretKey }),
    refuseBeside: () => {},
  });
  return { code, ...terminal.said };
}
const why = ["--reason", "asked by mail"] as const;

it("shows what would become of both without --yes, and asks why", async () => {
  expect((await run(names.kept, names.joined, "--yes")).code).toBe(2);
  const { code, out, notes } = await run(names.kept, names.joined, ...why);
  expect([code, notes]).toEqual([1, expect.stringContaining("--yes")]);
  expect(out).toMatch(new RegExp(`lost\\s+address\\s+${names.joined}@qq.com`));
  expect(await there(names.joined)).not.toBeNull();
});

it("says what the owner of the account that goes would have shown, and whose address no reason has", async () => {
  const joined = await there(names.joined);
  const proved = { mobile: "13800138000", proved_mobile: "13800138000", mobile_proved_at: clock.now() };
  const set = (columns: object) =>
    inDatabase((db) => db.kysely.updateTable("users").set(columns).where("id", "=", joined!.id).execute());
  await set({ ...proved, second_factor_at: clock.now() });
  const { code, notes } = await run(names.kept, names.joined, ...why);
  expect([code, notes]).toEqual([
    1,
    expect.stringContaining("whoever asks gets SMS at 138****8000 and has its second factor"),
  ]);
  await set({ mobile: null, proved_mobile: null, mobile_proved_at: null, second_factor_at: null });
  const named = await run(names.kept, names.joined, "--reason", "mailed by a@example.com", "--yes");
  expect([named.code, named.notes]).toEqual([1, expect.stringContaining("out of the reason")]);
  expect(await there(names.joined)).not.toBeNull();
});

it("does it with --yes, under the operator's name, and tells of it once", async () => {
  const joined = await there(names.joined);
  const kept = await there(names.kept);
  await inDatabase(async (db) => {
    const now = clock.now();
    await db.kysely
      .insertInto("webhook_endpoints")
      .values({
        ...{ url: "https://shop.example/in", events: "", state: "on", sealed: "sealed" },
        ...{ created_at: now, updated_at: now, paused_until: 0 },
      })
      .execute();
  });
  const { code, out } = await run(names.kept, names.joined, ...why, "--yes", "--json");
  expect([code, JSON.parse(out)]).toMatchObject([
    0,
    { kept_id: kept!.id, joined_id: joined!.id, problems: [], done: true },
  ]);
  expect(await there(names.joined)).toBeNull();
  const left = await inDatabase(async ({ kysely }) => ({
    joins: await kysely.selectFrom("account_joins").selectAll().execute(),
    entries: await kysely.selectFrom("audit_entries").select(["action", "actor_id", "after"]).execute(),
    jobs: await kysely.selectFrom("jobs").select("name").orderBy("name").execute(),
    told: await kysely
      .selectFrom("webhook_deliveries")
      .select("type")
      .where("type", "=", "account.joined")
      .execute(),
  }));
  expect(left.joins).toMatchObject([{ user_id: kept!.id, joined_by: "operator" }]);
  expect(
    left.entries.map(({ action, actor_id, after }) => [action, actor_id, JSON.parse(after).reason]),
  ).toEqual([
    ["user.join", null, "asked by mail"],
    // Nothing that was written of somebody who is gone.
    ["user.joined-away", null, undefined],
  ]);
  expect(left.jobs.map(({ name }) => name)).toEqual([
    "erase-traces",
    // For what the notices leave.
    "erase-traces",
    "forget-joined",
    "security-notice",
    "security-notice",
  ]);
  expect(left.told).toHaveLength(1);
});

it("is prevented by what prevents the owner", async () => {
  const joined = await there(names.joined);
  await inDatabase(async (db) => {
    const groups = createGroups({ db });
    const { id } = await groups.add(db, { name: "vip", permissions: [] });
    await groups.setOfUser(db, joined!.id, [id]);
  });
  const { code, notes } = await run(names.kept, names.joined, ...why, "--yes");
  expect([code, notes]).toEqual([1, expect.stringContaining("in a group")]);
  expect(await there(names.joined)).not.toBeNull();
  expect((await run(names.kept, names.kept, ...why)).code).toBe(1);
});
