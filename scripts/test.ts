/**
 * `npm test`: every check and every suite, several at a time where they don't disturb each other, progress
 * while they run, one line of totals at the end. A suite that can't run on this machine is named, and fails
 * the run under CI=true: a skipped test is not a pass.
 *
 *     npm test                         everything
 *     npm test -- server race          only the steps named
 *     npm test -- --clock +40d         the suites on SQLite, as if it were 40 days later
 *     npm test -- --clock 2028-02-29T23:59:30Z server
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { missingEngines } from "../server/test/support/engines.ts";
import { type FalseClock, faketimeMissing, falseClock, falseTime, findFaketime } from "./false-clock.ts";
import { findChromium } from "./find-chromium.mjs";
import { readTool } from "./read-options.ts";
import { readSuiteReport, type SuiteResult } from "./suite-report.ts";

interface Step {
  readonly name: string;
  readonly command: readonly string[];
  /** Suites report how many tests passed and failed; checks count as one. */
  readonly suite?: boolean;
  /** Why it can't run here, or null. */
  readonly missing?: () => string | null;
  /** When it shall be while the step runs; see false-clock.ts. */
  readonly clock?: string;
  /**
   * Other suites use the machine beside it, and it waits: for processes, a registry, a browser, engines shared by many. Where
   * no more files fail than this, they run once more, alone; what passes then is named as unsteady, with its first error, so
   * that it is mended. What is about races, or computes alone, has no second try.
   */
  readonly secondTryOf?: number;
}

const bin = (name: string, ...args: string[]) => [
  process.execPath,
  join("node_modules", ...name.split("/")),
  ...args,
];
const vitest = (...args: string[]) => bin("vitest/vitest.mjs", "run", ...args);
const needsChromium = () =>
  findChromium() !== null
    ? null
    : "Chromium is not installed: the journeys in a real browser were not tested (Debian: apt-get install chromium, or set CHROMIUM_PATH)";

const needsEngines = (what: string) => {
  const missing = missingEngines();
  return missing.length === 0 ? null : `${missing.join(" and ")} is not installed: ${what} were not run`;
};

const lighthouse = "pages/lighthouse.test.ts";

/** Redis lives in the machine's time, so what starts one of its own can't be compared with a false clock. */
const withoutRedis = ["--exclude", "server/test/contract/redis-*.test.ts", "--exclude", "**/node_modules/**"];

/** Steps one after another. */
type Lane = readonly Step[];

/** Groups run one after another, the lanes of a group side by side. */
const groups: readonly (readonly Lane[])[] = [
  [
    [{ name: "types", command: bin("typescript/bin/tsc", "-p", ".") }],
    [{ name: "site types", command: bin("vue-tsc/bin/vue-tsc.js", "-p", "web/tsconfig.json", "--noEmit") }],
    [{ name: "client types", command: bin("typescript/bin/tsc", "-p", "client") }],
    [{ name: "lint", command: bin("@biomejs/biome/bin/biome", "ci", "--diagnostic-level=warn", ".") }],
    [{ name: "site build", command: [process.execPath, "scripts/build-site.ts"] }],
  ],
  [
    [
      { name: "unit", command: vitest("--project", "unit"), suite: true },
      { name: "server", command: vitest("--project", "server"), suite: true, secondTryOf: 2 },
      { name: "web", command: vitest("--project", "web", "--project", "client"), suite: true },
      // Also `race-on-postgres`, where PostgreSQL is the store as well.
      { name: "race", command: vitest("--project", "race*"), suite: true },
      {
        name: "postgres+redis",
        command: vitest("--project", "postgres+redis"),
        ...{ suite: true, secondTryOf: 2 },
        missing: () => needsEngines("the suites on PostgreSQL and Redis"),
      },
    ],
    // Waits for processes to start and die more than it computes.
    [
      { name: "fault", command: vitest("--project", "fault"), suite: true, secondTryOf: 5 },
      // Waits for the registry.
      { name: "package", command: vitest("--project", "package"), suite: true, secondTryOf: 5 },
      {
        // More than 400 days from when it was written, over midnight into a leap year's March; hashes have no date. The suites
        // of the whole application at this time and at others: `npm run test:release`.
        name: "leap day",
        command: vitest(
          ...["--project", "unit", "--project", "server", "server/src", "server/test/contract/jobs"],
          ...withoutRedis,
          ...["--exclude", "server/src/passwords/**"],
        ),
        suite: true,
        missing: faketimeMissing,
        clock: "2028-02-29T23:59:30Z",
      },
    ],
  ],
  [
    [
      {
        name: "e2e",
        command: vitest("--project", "e2e", "--exclude", lighthouse, "--exclude", "**/node_modules/**"),
        ...{ suite: true, secondTryOf: 5, missing: needsChromium },
      },
      // What people feel is measured, so nothing runs beside it.
      {
        name: "lighthouse",
        command: vitest("--project", "e2e", `e2e/${lighthouse}`),
        ...{ suite: true, secondTryOf: 1, missing: needsChromium },
      },
    ],
  ],
];

interface Result {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly missing: string | null;
  readonly failures: readonly string[];
  /** Run again, alone, when everything else has ended. */
  readonly again?: { readonly step: Step; readonly files: readonly string[] };
}

const { values, words: positionals } = readTool("test");
const { clock: givenClock } = values;
/** Under a false clock: what runs without a browser and without servers that live in the machine's time. */
const underFalseClock: readonly (readonly Lane[])[] = [
  [
    ["unit", "server", "race", "web"].map((name) => ({
      name,
      command: vitest(
        ...["--project", name, ...(name === "web" ? ["--project", "client"] : []), ...withoutRedis],
      ),
      suite: true,
      missing: faketimeMissing,
      clock: givenClock ?? "",
    })),
  ],
];
if (givenClock !== undefined && falseTime(givenClock, Date.now()) === null) {
  process.stderr.write(
    `--clock must be days such as +40d or a time such as 2028-02-29T23:59:30Z. --clock 请写天数（如 +40d）或时刻（如 2028-02-29T23:59:30Z）。\n`,
  );
  process.exit(2);
}
const planned = givenClock === undefined ? groups : underFalseClock;
const wanted = positionals;
const known = planned.flat(2).map((step) => step.name);
const unknown = wanted.filter((name) => !known.includes(name));
// A mistyped step would be a run that tests nothing and passes.
if (unknown.length > 0) {
  process.stderr.write(`No such step: ${unknown.join(", ")}. Known: ${known.join(", ")}\n`);
  process.exit(2);
}
const reports = mkdtempSync(join(tmpdir(), "meiduo-test-"));
const strict = process.env.CI === "true";
const results: Result[] = [];
for (const group of planned) {
  await Promise.all(
    group.map(async (lane) => {
      const steps = lane.filter((step) => wanted.length === 0 || wanted.includes(step.name));
      for (const step of steps) results.push(await run(step));
    }),
  );
}
const unsteady: string[] = [];
for (const [at, { again, ...first }] of results.entries()) {
  if (again === undefined) continue;
  say(`… ${first.name}, again and alone: ${again.files.join(", ")}`);
  const second = await run({
    ...again.step,
    ...{ name: `${first.name} again`, command: [...again.step.command, ...again.files] },
  });
  if (second.failed > 0) continue;
  unsteady.push(...first.failures);
  results[at] = { ...first, passed: first.passed + first.failed, failed: 0, failures: [] };
}
rmSync(reports, { recursive: true, force: true });

const passed = results.reduce((sum, result) => sum + result.passed, 0);
const failed = results.reduce((sum, result) => sum + result.failed, 0);
for (const result of results) if (result.missing) say(`NOT TESTED ${result.name}: ${result.missing}`);
for (const failure of unsteady) say(`UNSTEADY, failed once and passed alone: ${failure}`);
for (const { name, failed, failures } of results) {
  if (failed > 0) say([`FAILED ${name}`, ...failures].join("\n  "));
}
say(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);

async function run(step: Step): Promise<Result> {
  const { name } = step;
  const missing = step.missing?.() ?? null;
  if (missing) return { name, passed: 0, failed: strict ? 1 : 0, missing, failures: [] };
  const startedAt = performance.now();
  const now = Date.now();
  const time =
    step.clock === undefined ? null : falseClock(findFaketime()!, falseTime(step.clock, now)!, now);
  say(`… ${step.name}${time === null ? "" : ` at ${time.startsAt}`}`);
  const report = join(reports, `${step.name.replaceAll(" ", "-")}.json`);
  const extra = step.suite ? ["--reporter=dot", "--reporter=json", `--outputFile.json=${report}`] : [];
  const { code, output } = await execute([...step.command, ...extra], time);
  const ok = code === 0;
  const counted = step.suite ? readSuiteReport(report) : checked(ok);
  // Vitest can fail without a failed test: an unhandled error.
  const failed = counted.failed + counted.skipped || (ok ? 0 : 1);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  say(`${failed === 0 ? "✓" : "✗"} ${name}  ${counted.passed} passed, ${failed} failed  (${seconds} s)`);
  if (counted.slowest) say(`  longest: ${counted.slowest}`);
  if (counted.skipped > 0) say(`  ${counted.skipped} skipped tests count as failed`);
  if (failed > 0) say(output.trimEnd());
  const { failures, failedFiles: files } = counted;
  const fewFailed = files.length > 0 && files.length <= (step.secondTryOf ?? 0);
  const runsAgain = fewFailed && counted.skippedByWish === 0;
  const again = runsAgain ? { again: { step, files } } : {};
  return { name, passed: counted.passed, failed, missing: null, failures, ...again };
}

function checked(ok: boolean): SuiteResult {
  const nothing = { skipped: 0, skippedByWish: 0, slowest: "", failures: [], failedFiles: [] };
  return { ...nothing, passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
}

function execute(
  command: readonly string[],
  time: FalseClock | null,
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command[0]!, command.slice(1), {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, FORCE_COLOR: "0", ...time?.env },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    child.on("error", (error) => resolve({ code: 1, output: `${output}${error.message}` }));
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
