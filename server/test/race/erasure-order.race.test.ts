import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import { removeAccount } from "../../src/accounts/change.ts";
import { openDatabase } from "../../src/app/engines.ts";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { insertDeleted } from "../../src/rights/deletion-store.ts";
import { pseudonymise } from "../../src/rights/pseudonymise.ts";
import { begin, impersonationOn, impersonationUrl, makeHelper, sessionOf } from "../support/impersonation.ts";
import { cancelByLink, cancelTokenIn, makeLoser } from "../support/lost-factor.ts";
import { makePerson, type Person, password } from "../support/people.ts";
import { dataFolder } from "../support/product-process.ts";
import { saidTerminal, unstopped } from "../support/said-terminal.ts";
import { startTestApp, type TestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/**
 * Whoever changes what is an account's and writes it into the audit log has the account's lock before its rows', as an erasure does, which
 * has the account, then the log, then the rows: else the two wait for one another, and PostgreSQL ends one of them.
 */
let site: TestApp;
let root: Person;
beforeAll(async () => {
  site = await startTestApp({ env: impersonationOn });
  root = await makePerson(site, "rootuser", { is_superuser: 1 });
});
afterAll(() => site.close());

/** Where somebody else has them, PostgreSQL says so at once; SQLite has one writer. */
const rowsOf = ["data_exports", "sessions", "lost_factors"] as const;

/** An erasure of the account, with `meanwhile` begun when it has gone through the log; nobody has a row that it takes next. */
async function erasedWhile<Result>(id: number, meanwhile: () => Promise<Result>): Promise<Result> {
  let begun: Promise<Result> | undefined;
  await site.app.db.transaction(async (transaction) => {
    await site.app.users.lock(transaction, id);
    await pseudonymise(transaction, id, []);
    begun = meanwhile();
    // Long enough for whoever doesn't wait.
    await setTimeout(700);
    for (const table of transaction.engine === "postgres" ? rowsOf : []) {
      const rows = sql`select 1 from ${sql.table(table)} where user_id = ${id} for update nowait`;
      await rows.execute(transaction.kysely);
    }
    await removeAccount(transaction, id);
    await insertDeleted(transaction, [testSecretKey], { user_id: id, deleted_at: site.clock.now() });
  });
  return begun!;
}

const lateEntries = (id: number, action: string) =>
  site.app.db.kysely
    .selectFrom("audit_entries")
    .select("id")
    .where("target_id", "=", id)
    .where("action", "=", action)
    .execute();

it("an export that is being made: nothing is said of it", async () => {
  const { id, token } = await makePerson(site, "exports1", { email: "exports1@example.com" });
  const asked = await site.as(token)({ method: "POST", url: "/user/export/", payload: {} });
  expect(asked.statusCode, asked.body).toBe(202);
  await erasedWhile(id, () => site.runJobs());
  expect(await lateEntries(id, "user.export-made")).toEqual([]);
});

it("manage user export: no file", async () => {
  const { id, username } = await makePerson(site, "exports2");
  const folder = dataFolder();
  const file = join(folder.path, "own.zip");
  const config = { ...site.config, secretKey: testSecretKey };
  const terminal = saidTerminal("en");
  const code = await erasedWhile(id, () =>
    runCommandLine(["user", "export", username, "--into", file], {
      ...{ terminal, clock: site.clock, folder: folder.path, openDatabase, host: unstopped },
      ...{ loadConfig: async () => config, completeConfig: () => config, refuseBeside: () => {} },
      readSource: () => ({ SECRET_KEY: testSecretKey, MEIDUO_CALLED_BY: "wang" }),
    }),
  );
  // On SQLite it waits before it looks.
  expect([code, terminal.said.notes]).toEqual([1, expect.stringMatching(/was erased just now|no account/)]);
  expect(existsSync(file)).toBe(false);
  expect(await lateEntries(id, "user.export-made")).toEqual([]);
  folder.release();
});

it("a session of which something replaced was shown", async () => {
  const { id, username } = await makePerson(site, "replayed1");
  const post = (url: string, payload: object) => site.anonymous({ method: "POST", url, payload });
  const entered = await post("/users/authorizations/", { username, password, refresh: true });
  const refresh = { refresh_token: entered.json().refresh_token };
  expect((await post("/user/tokens/refresh/", refresh)).statusCode).toBe(200);
  site.clock.advance(120);
  const answer = await erasedWhile(id, () => post("/user/tokens/refresh/", refresh));
  expect(answer.statusCode, answer.body).toBe(401);
});

it("a session that staff end", async () => {
  const { id, token } = await makePerson(site, "ended001");
  const url = `/admin/users/${id}/sessions/${sessionOf(token)}/`;
  const answer = await erasedWhile(id, () => site.as(root.token)({ method: "DELETE", url }));
  expect(answer.statusCode, answer.body).toBe(404);
});

it("one in which staff act, that is ended, and that of before when they begin another", async () => {
  for (const other of [false, true]) {
    const helper = await makeHelper(site, `helper${other}`);
    const { id } = await makePerson(site, `actedfor${other}`);
    const { id: next } = await makePerson(site, `actednext${other}`);
    expect((await begin(site, helper, id)).statusCode).toBe(201);
    const answer = await erasedWhile(id, () =>
      other
        ? begin(site, helper, next)
        : site.as(helper.token)({ method: "DELETE", url: impersonationUrl(id) }),
    );
    expect(answer.statusCode, answer.body).toBe(other ? 201 : 404);
  }
});

it("a lost second factor's removal that is cancelled", async () => {
  const loser = await makeLoser(site, "losers01");
  expect((await loser.call("ask/")).statusCode).toBeLessThan(300);
  await site.runJobs();
  const answer = await erasedWhile(loser.id, () => cancelByLink(site, cancelTokenIn(site, loser.email)));
  expect(answer.statusCode, answer.body).toBeLessThan(500);
});
