import { afterAll, beforeAll, expect, test } from "vitest";
import { fakeClock } from "../../test/support/fake-clock.ts";
import { capturedLog } from "../../test/support/log.ts";
import { saidTerminal, unstopped } from "../../test/support/said-terminal.ts";
import { temporarySqlite } from "../../test/support/sqlite.ts";
import { testMail } from "../../test/support/test-jobs.ts";
import { type Audit, createAudit } from "../audit/audit.ts";
import type { Database } from "../engines/database/database.ts";
import { PermanentFailure } from "../engines/jobs/jobs.ts";
import { createLocalJobs, type LocalJobs } from "../engines/jobs/local-runner.ts";
import { ToldError } from "../errors/told-error.ts";
import { readInput } from "./command/read-input.ts";
import { jobs } from "./jobs-command.ts";
import { UsageError } from "./terminal/read-arguments.ts";

let db: Database;
let local: LocalJobs;
let audit: Audit;
const actor = { id: null, name: "wang (manage)", requestId: null, isOperator: true };
beforeAll(async () => {
  db = await temporarySqlite();
  audit = createAudit({ db, clock: fakeClock() });
  const definition = {
    ...testMail,
    attempts: 1,
    backoffSeconds: 1,
    backoffLimitSeconds: 1,
    handler: async () => {
      throw new PermanentFailure("550 no <person@example.com>");
    },
  };
  local = createLocalJobs({ db, clock: fakeClock(), log: capturedLog(), definitions: [definition] });
  await local.jobs.enqueue(testMail, { to: "person@example.com" }, { id: "letter" });
  await local.runner.runDue();
  await local.jobs.enqueue(testMail, { to: "other@example.com" }, { id: "waits", delaySeconds: 60 });
});
afterAll(() => db.close());

/** As the command line runs it on this queue: the text of the result or of the refusal, and the exit code. */
async function runIn(language: "zh" | "en", args: readonly string[]) {
  const terminal = saidTerminal(language);
  const clock = fakeClock();
  const app = { jobs: local.admin, db, audit };
  const context = { terminal, clock, host: unstopped, source: {}, path: String, app, actor };
  try {
    const exitCode = await jobs.run(context, readInput(jobs, args));
    return { text: terminal.said.out.trimEnd(), exitCode };
  } catch (error) {
    if (!(error instanceof ToldError)) throw error;
    return { text: error[language], exitCode: error instanceof UsageError ? 2 : 1 };
  }
}
const run = (...args: string[]) => runIn("en", args);
const runZh = (...args: string[]) => runIn("zh", args);

test("list counts and shows jobs without a full address", async () => {
  const { text, exitCode } = await run("list");
  expect(exitCode).toBe(0);
  expect(text).toContain("waiting 1 · running 0 · done 0 · dead 1");
  expect(text).toMatch(/dead {5}test\.mail .*letter {2}PermanentFailure: 550 no <p\*\*\*@example\.com>/);
  expect(text).not.toMatch(/person@|other@/);
  expect((await run("list", "--state", "dead")).text).not.toContain("waits");
});

test("list speaks Chinese where the terminal does", async () => {
  const { text } = await runZh("list");
  expect(text).toContain("等待中 1 · 执行中 0 · 已完成 0 · 已失败 1");
  expect(text).toMatch(/已失败 {2}test\.mail .*执行 1 次 {2}letter {2}PermanentFailure/);
  expect(text).not.toMatch(/\b(waiting|dead|runs)\b|person@|other@/);
});

test("list --json is for programs, in every language the same", async () => {
  expect(await runZh("list", "--json")).toEqual(await run("list", "--json"));
  const { counts, jobs } = JSON.parse((await run("list", "--json")).text);
  expect(counts.dead).toBe(1);
  expect(jobs).toHaveLength(2);
});

test("show tells one job, or that there is none", async () => {
  expect(JSON.parse((await run("show", "letter")).text)).toMatchObject({ id: "letter", state: "dead" });
  expect(await run("show", "nobody")).toEqual({ text: 'There is no job "nobody".', exitCode: 1 });
  expect(await runZh("show", "nobody")).toEqual({ text: "没有任务“nobody”。", exitCode: 1 });
});

test("retry puts a dead letter back, once", async () => {
  expect(await run("retry", "letter")).toEqual({ text: "Put back: 1.", exitCode: 0 });
  expect((await run("retry", "letter")).exitCode).toBe(1);
  expect(await runZh("retry", "letter")).toEqual({ text: "没有失败的任务“letter”。", exitCode: 1 });
  expect(await runZh("retry", "all")).toEqual({ text: "没有失败的任务。", exitCode: 1 });
});

test("discard removes one that waits, and both are in the audit log as the console writes them", async () => {
  await local.jobs.enqueue(testMail, { to: "person@example.com" }, { id: "unwanted", delaySeconds: 60 });
  expect(await run("discard", "unwanted")).toEqual({ text: "Removed the job unwanted.", exitCode: 0 });
  expect(await local.admin.show("unwanted")).toBeNull();
  expect((await run("discard", "unwanted")).text).toBe(
    'There is no job "unwanted" that waits or is a dead letter.',
  );
  expect(await runZh("discard", "nobody")).toEqual({
    text: "没有等待中或失败的任务“nobody”。",
    exitCode: 1,
  });
  const { entries } = await audit.list({ limit: 9 });
  expect(entries.map(({ action, target, before, after }) => [action, target, before, after])).toEqual([
    ["job.discard", "test.mail unwanted", { state: "waiting" }, { state: "removed" }],
    ["job.retry", "test.mail letter", { state: "dead" }, { state: "waiting" }],
  ]);
});

test("drain wants a yes", async () => {
  expect(await run("drain")).toEqual({
    text: "This removes waiting jobs for good; add --yes to do it.",
    exitCode: 1,
  });
  expect(await run("drain", "--yes")).toEqual({ text: "Removed: 2.", exitCode: 0 });
  expect((await runZh("drain")).text).toContain("确认请加 --yes");
  expect(await runZh("drain", "--yes")).toEqual({ text: "已删除：0。", exitCode: 0 });
});

test.each([
  ["explode"],
  ["list", "--state", "odd"],
  ["list", "--limit", "x"],
  ["show"],
  ["--odd"],
  ["--limit"],
  ["a", "b", "c"],
])("%s %s is not understood, in both languages", async (...args) => {
  const { text, exitCode } = await run(...args);
  expect(exitCode).toBe(2);
  expect(text).not.toMatch(/\p{Script=Han}/u);
  const zh = await runZh(...args);
  expect(zh.exitCode).toBe(2);
  expect(zh.text).toMatch(/\p{Script=Han}/u);
});

test("every verb has its result as one line of JSON", async () => {
  await local.jobs.enqueue(testMail, { to: "person@example.com" }, { id: "again" });
  expect(JSON.parse((await run("show", "again", "--json")).text)).toMatchObject({ state: "waiting" });
  await local.runner.runDue();
  for (const [args, result] of [
    [["retry", "all"], { retried: 1 }],
    [["drain", "--yes"], { removed: 1 }],
  ] as const) {
    const { text } = await run(...args, "--json");
    expect(text.split("\n")).toHaveLength(1);
    expect(JSON.parse(text)).toEqual(result);
  }
});
