import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openDatabase } from "../../src/app/engines.ts";
import { completeConfig, loadConfig } from "../../src/cli/command-config.ts";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { readConfig } from "../../src/config/config.ts";
import { migrate } from "../../src/engines/database/migrate.ts";
import { createGroups } from "../../src/permissions/groups.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { saidTerminal, unstopped } from "../support/said-terminal.ts";
import { startTestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

const clock = fakeClock(Date.now());
let folder: string;
const source = () => ({
  ...{ DATA_DIR: folder, SECRET_KEY: testSecretKey, PUBLIC_SITE_URL: "https://www.example.com" },
  ...{ DATABASE_URL: `sqlite:${join(folder, "meiduo.sqlite3")}` },
});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "meiduo-invite-"));
  const db = openDatabase(readConfig(source()));
  await migrate(db, clock);
  await createGroups({ db }).add(db, { name: "testers", permissions: [] });
  await db.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(...line: string[]) {
  const terminal = saidTerminal("en", { answers: [], interactive: false });
  const code = await runCommandLine(["invite", ...line], {
    ...{ terminal, loadConfig, completeConfig, clock, folder, openDatabase, host: unstopped },
    readSource: source,
    refuseBeside: () => {},
  });
  return { code, out: terminal.said.out, notes: terminal.said.notes };
}

it("makes an invitation whose link lets somebody into its group, lists it and withdraws it", async () => {
  const made = await run("create", "--group", "testers", "--uses", "2", "--days", "3", "--json");
  expect(made.code, made.notes).toBe(0);
  const { id, link, created_at, expires_at, max_uses } = JSON.parse(made.out);
  expect(link).toMatch(/^https:\/\/www\.example\.com\/register#invitation=[\w-]{43}$/);
  expect([max_uses, expires_at - created_at]).toEqual([2, 3 * 24 * 3600 * 1000]);

  const app = await startTestApp({ env: { ...source(), SIGN_UP: "invitation" }, clock });
  try {
    const invitation = link.split("=")[1];
    const email_code = await app.codeFor("guest@example.com");
    const answer = await app.anonymous({
      method: "POST",
      url: "/users/",
      payload: {
        ...{ username: "guest_01", email: "guest@example.com", email_code, invitation, allow: "true" },
        ...{ password: "12345678aA", password2: "12345678aA" },
      },
    });
    expect(answer.statusCode, answer.body).toBe(201);
    expect(await app.app.groups.ofUser(answer.json().id)).toMatchObject([{ name: "testers" }]);
  } finally {
    await app.close();
  }

  expect((await run("list")).out).toContain(` ${id} 1/2 `);
  expect(await run("revoke", String(id))).toMatchObject({ code: 0, out: "Withdrawn.\n" });
  expect((await run("list")).out.trim()).toBe("");
  expect((await run("revoke", String(id))).code).toBe(1);
});

it("mails one, and then shows no link", async () => {
  const made = await run("create", "--email", "guest2@例子.中国", "--json");
  expect(JSON.parse(made.out)).toMatchObject({
    email: "guest2@xn--fsqu00a.xn--fiqs8s",
    link: null,
    max_uses: 1,
  });
  const db = openDatabase(readConfig(source()));
  const jobs = await db.kysely
    .selectFrom("jobs")
    .select("name")
    .where("name", "=", "invitation-mail")
    .execute();
  await db.close();
  expect(jobs).toHaveLength(1);
});

it.each([
  [["create", "--group", "nobody"], 1, "There is no group nobody."],
  [["create", "--email", "no address"], 1, "valid email"],
  [["create", "--uses", "0"], 2, "--uses must be a whole number from 1 to 1000"],
  [["create", "--days", "91"], 2, "--days must be a whole number from 1 to 90"],
  [["create", "--email", "a@example.com", "--uses", "2"], 2, "An invitation that is mailed works once."],
  [["revoke", "x"], 2, "<id> must be a whole number"],
])("%j ends with %i", async (line, code, said) => {
  const answer = await run(...line);
  expect([answer.code, answer.notes]).toEqual([code, expect.stringContaining(said)]);
});
