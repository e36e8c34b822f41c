import { existsSync, readFileSync } from "node:fs";
import { basename, relative } from "node:path";

/** Of vitest's JSON report, what is read here. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numTotalTests: number;
  readonly testResults: readonly FileResult[];
}

interface FileResult {
  readonly name: string;
  readonly status: string;
  readonly startTime: number;
  readonly endTime: number;
  readonly assertionResults: readonly {
    readonly status: string;
    readonly fullName: string;
    readonly failureMessages?: readonly string[] | null;
  }[];
}

export interface SuiteResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Of these, those in files that did not fail: nothing but somebody's wish skips them. */
  readonly skippedByWish: number;
  /** The files that took longest, with their seconds: where the time of a run goes. */
  readonly slowest: string;
  /** A line each: `<file> > <test>: <first line of its error>`. */
  readonly failures: readonly string[];
  /** Where they are, relative to the checkout. */
  readonly failedFiles: readonly string[];
}

const nothing = { passed: 0, skipped: 0, skippedByWish: 0, slowest: "", failures: [], failedFiles: [] };

/** What a suite's JSON report says. A suite that wrote none, or ran no test, failed. */
export function readSuiteReport(file: string): SuiteResult {
  if (!existsSync(file)) return { ...nothing, failed: 1 };
  const report = JSON.parse(readFileSync(file, "utf8")) as Report;
  const failed = report.testResults.filter(({ status }) => status === "failed");
  return {
    passed: report.numPassedTests,
    // A file that couldn't be loaded has no test that failed.
    failed: Math.max(report.numFailedTests, failed.length) + (report.numTotalTests === 0 ? 1 : 0),
    skipped: report.numPendingTests + report.numTodoTests,
    skippedByWish: report.testResults
      .filter(({ status }) => status !== "failed")
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ status }) => !["passed", "failed"].includes(status)).length,
    slowest: slowestOf(report.testResults),
    failures: failed.flatMap(failuresOf),
    failedFiles: failed.map(({ name }) => relative(process.cwd(), name)),
  };
}

function failuresOf({ name, assertionResults }: FileResult): string[] {
  const file = relative(process.cwd(), name);
  const tests = assertionResults.filter(({ status }) => status === "failed");
  if (tests.length === 0) return [`${file}: could not be run`];
  return tests.map(({ fullName, failureMessages }) => {
    const [message = ""] = (failureMessages?.[0] ?? "").split("\n");
    return `${file} > ${fullName}: ${message}`;
  });
}

function slowestOf(files: readonly FileResult[]): string {
  return files
    .map(({ name, startTime, endTime }) => ({ name: basename(name), seconds: (endTime - startTime) / 1000 }))
    .toSorted((a, b) => b.seconds - a.seconds)
    .slice(0, 5)
    .map(({ name, seconds }) => `${name} ${seconds.toFixed(0)} s`)
    .join(", ");
}
