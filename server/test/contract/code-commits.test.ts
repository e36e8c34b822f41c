import { StatementSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startTestApp, type TestApp } from "../support/test-app.ts";

/** On SQLite a commit costs as much as several statements: a code request has one. */
let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ env: { CODE_REQUEST_LIMIT: "100" } });
});
afterAll(async () => {
  vi.restoreAllMocks();
  await app.close();
});

const ask = async (email: string) => {
  const run = vi.spyOn(StatementSync.prototype, "run");
  const { statusCode } = await app.anonymous({ url: `/verifications/email_codes/${email}/` });
  const commits = (run.mock.contexts as StatementSync[]).filter(
    ({ sourceSQL }) => sourceSQL === "commit",
  ).length;
  run.mockRestore();
  return { statusCode, commits };
};

test("a code request is one commit, with the network's count, the address's and the mail", async () => {
  expect(await ask("one@qq.com")).toEqual({ statusCode: 200, commits: 1 });
  await app.runJobs();
  expect(app.mailbox.map(({ to }) => to)).toEqual(["one@qq.com"]);
});

test("one that is refused leaves the network's count alone", async () => {
  const counts = () => app.app.db.kysely.selectFrom("kv_entries").selectAll().orderBy("entry_key").execute();
  const before = await counts();
  expect((await ask("one@qq.com")).statusCode).toBe(400);
  const after = await counts();
  const changed = after.filter((row, i) => row.value !== before[i]?.value);
  expect(after.length).toBe(before.length);
  expect(changed).toEqual([]);
});
