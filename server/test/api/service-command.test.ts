import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openDatabase } from "../../src/app/engines.ts";
import { completeConfig, loadConfig } from "../../src/cli/command-config.ts";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { readConfig } from "../../src/config/config.ts";
import { migrate } from "../../src/engines/database/migrate.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { saidTerminal, unstopped } from "../support/said-terminal.ts";
import { startTestApp } from "../support/test-app.ts";
import { testSecretKey } from "../support/test-secret-key.ts";

/** `manage service`: what an operator reads, and that it is good at a server on the same database. */
const clock = fakeClock(Date.now());
let folder: string;
const source = () => ({
  ...{ DATA_DIR: folder, SECRET_KEY: testSecretKey },
  ...{ DATABASE_URL: `sqlite:${join(folder, "meiduo.sqlite3")}` },
});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "meiduo-service-"));
  const db = openDatabase(readConfig(source()));
  await migrate(db, clock);
  await db.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(...line: string[]) {
  const terminal = saidTerminal("en", { answers: [], interactive: false });
  const code = await runCommandLine(["service", ...line], {
    ...{ terminal, loadConfig, completeConfig, clock, folder, openDatabase, host: unstopped },
    readSource: source,
    refuseBeside: () => {},
  });
  return { code, out: terminal.said.out, notes: terminal.said.notes };
}

it("makes a service that a server lets in, lists it, rotates it and revokes it", async () => {
  const made = await run("create", "orders", "--scope", "audit.view_auditentry", "--days", "3", "--json");
  expect(made.code, made.notes).toBe(0);
  expect(made.notes).toContain("Keep the secret now");
  const { secret, created_at, expires_at } = JSON.parse(made.out);
  expect([secret, expires_at - created_at]).toEqual([
    expect.stringMatching(/^meiduo_svc_[0-9A-Za-z]{46}$/),
    3 * 24 * 3600 * 1000,
  ]);
  const rotated = await run("rotate", "orders", "--keep-hours", "5");
  const next = rotated.out.trim().split("\n").at(-1)!;
  expect(rotated.out).toContain("  old secret until ");

  const app = await startTestApp({ env: source(), clock });
  const statusOf = async (one: string) =>
    (await app.anonymous({ url: "/admin/audit/", headers: { authorization: `Bearer ${one}` } })).statusCode;
  try {
    expect([await statusOf(secret), await statusOf(next)]).toEqual([200, 200]);
    const list = await run("list");
    expect(list.out).toContain("orders  audit.view_auditentry");
    for (const one of [secret, next]) expect(list.out).not.toContain(one);
    expect((await run("rotate", "orders")).notes).toContain("has two good secrets already");
    expect(await run("revoke", "orders")).toMatchObject({ code: 0, out: "Revoked.\n" });
    expect([await statusOf(secret), await statusOf(next)]).toEqual([401, 401]);
  } finally {
    await app.close();
  }
  expect((await run("list")).out.trim()).toBe("");
});

it.each([
  [["create", "orders"], 2, "Say by --scope what it may do."],
  [["create", "orders", "--scope", "no.such"], 1, "There is no permission “no.such”."],
  [["create", "orders", "--scope", "auth.add_group"], 1, "can't have the permission"],
  [["create", "orders", "--scope", "users.view_user", "--network", "10.0.0.0/99"], 1, "is no network"],
  [["create", "Orders", "--scope", "users.view_user"], 1, "begins with a small letter"],
  [["create", "orders", "--scope", "users.view_user", "--days", "0"], 2, "--days must be a whole number"],
  [["rotate", "nobody"], 1, "There is no service nobody."],
  [["rotate", "nobody", "--keep-hours", "x"], 2, "--keep-hours must be a whole number"],
  [["revoke", "nobody"], 1, "There is no service nobody."],
])("%j ends with %i", async (line, code, said) => {
  const answer = await run(...line);
  expect([answer.code, answer.notes]).toEqual([code, expect.stringContaining(said)]);
});
