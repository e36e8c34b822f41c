import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readSuiteReport } from "./suite-report.ts";

const folder = mkdtempSync(join(tmpdir(), "meiduo-suite-report-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, seconds: number, ...tests: object[]) => ({
  name: resolve(name),
  status: tests.some((one) => "failureMessages" in one) || tests.length === 0 ? "failed" : "passed",
  ...{ startTime: 1000, endTime: 1000 + seconds * 1000, assertionResults: tests },
});
const passed = { status: "passed", fullName: "a" };
const failed = { status: "failed", fullName: "group b", failureMessages: ["Error: late\n    at c.ts:1"] };

function reportOf(testResults: object[], numbers: object) {
  const path = join(folder, "report.json");
  const none = {
    numPassedTests: 0,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    numTotalTests: 0,
  };
  writeFileSync(path, JSON.stringify({ ...none, ...numbers, testResults }));
  return readSuiteReport(path);
}

test("names each failed test by file and first line, and what took longest", () => {
  const numbers = { numPassedTests: 2, numFailedTests: 1, numTotalTests: 3 };
  expect(reportOf([file("x/a.test.ts", 1, passed), file("x/b.test.ts", 3, passed, failed)], numbers)).toEqual(
    {
      ...{ passed: 2, failed: 1, skipped: 0, skippedByWish: 0, slowest: "b.test.ts 3 s, a.test.ts 1 s" },
      failures: ["x/b.test.ts > group b: Error: late"],
      failedFiles: ["x/b.test.ts"],
    },
  );
});

test("a file that could not be loaded is a failure, though no test of it failed", () => {
  const numbers = { numPassedTests: 1, numTotalTests: 1 };
  expect(reportOf([file("a.test.ts", 1, passed), file("b.test.ts", 1)], numbers)).toMatchObject({
    ...{ failed: 1, failures: ["b.test.ts: could not be run"], failedFiles: ["b.test.ts"] },
  });
});

test("a test that is skipped where nothing failed was skipped by somebody's wish", () => {
  const skipped = { status: "skipped", fullName: "s" };
  const numbers = { numPassedTests: 1, numFailedTests: 1, numPendingTests: 2, numTotalTests: 4 };
  const report = reportOf(
    [file("a.test.ts", 1, passed, skipped), file("b.test.ts", 1, failed, skipped)],
    numbers,
  );
  expect(report).toMatchObject({ skipped: 2, skippedByWish: 1 });
});

test("a suite that wrote no report, or ran no test, failed", () => {
  expect(readSuiteReport(join(folder, "none.json"))).toMatchObject({ passed: 0, failed: 1 });
  expect(reportOf([], {})).toMatchObject({ passed: 0, failed: 1 });
});
