/**
 * `npm run test:release`: what is tested before a release and takes too long for every change, in named steps; with names,
 * those alone. Fails where something that it needs is missing: here nobody would read a line that says what was not tested.
 *
 *     npm run test:release
 *     npm run test:release -- "clock +40d" "leap day"
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readTool } from "./read-options.ts";

/** Each ends with the line `<n> passed, <m> failed`, or writes vitest's report. */
interface Step {
  readonly name: string;
  readonly script: readonly string[];
  readonly report?: string;
}

const folder = mkdtempSync(join(tmpdir(), "meiduo-release-"));
const atClock = (name: string, clock: string): Step => ({
  name,
  script: ["scripts/test.ts", "--clock", clock],
});
function vitest(name: string, project: string, file: string): Step {
  const report = join(folder, `${name.replaceAll(" ", "-")}.json`);
  const reporters = ["--reporter=verbose", "--reporter=json", `--outputFile.json=${report}`];
  const script = ["node_modules/vitest/vitest.mjs", "run", "--project", project, ...reporters, file];
  return { name, script, report };
}
const steps: readonly Step[] = [
  // A test with a date in it passes until that date; over midnight into a leap year's March as well.
  atClock("clock +1d", "+1d"),
  atClock("clock +40d", "+40d"),
  atClock("clock +400d", "+400d"),
  atClock("leap day", "2028-02-29T23:59:30Z"),
  vitest("minimal Debian", "release", "server/test/release/minimal-debian.test.ts"),
  vitest("package", "release", "server/test/release/package-matrix.test.ts"),
  // Services in Go and Java that verify our tokens.
  vitest("verify tokens", "release", "server/test/release/verify-tokens.test.ts"),
  // What the SMS vendors' own SDKs ask and sign is what we do.
  vitest("SMS SDKs", "release", "server/test/release/sms-sdks.test.ts"),
  vitest("mini program", "release", "server/test/release/mini-program.test.ts"),
  vitest("images", "release", "server/test/release/images.test.ts"),
  vitest("rollback", "release", "server/test/release/rollback.test.ts"),
  vitest("alert rules", "release", "server/test/release/prometheus-rules.test.ts"),
  vitest("scale", "release", "server/test/release/scale.test.ts"),
  // Every page in every look, for somebody to look at: e2e/screenshots.
  vitest("screenshots", "e2e", "e2e/pages/screenshots.test.ts"),
  vitest("console pictures", "e2e", "e2e/pages/console-pictures.test.ts"),
];

const { words: wanted } = readTool("test:release");
const unknown = wanted.filter((name) => !steps.some((step) => step.name === name));
if (unknown.length > 0) {
  const known = steps.map(({ name }) => name).join(", ");
  process.stderr.write(`No such step: ${unknown.join(", ")}. Known: ${known}\n`);
  process.exit(2);
}
const totals = { passed: 0, failed: 0 };
for (const step of steps.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  process.stdout.write(`… ${step.name}\n`);
  const { passed, failed } = await run(step);
  process.stdout.write(`${failed === 0 ? "✓" : "✗"} ${step.name}  ${passed} passed, ${failed} failed\n`);
  totals.passed += passed;
  totals.failed += failed;
}
rmSync(folder, { recursive: true, force: true });
process.stdout.write(`${totals.passed} passed, ${totals.failed} failed\n`);
process.exit(totals.failed > 0 ? 1 : 0);

async function run({ script, report }: Step): Promise<{ passed: number; failed: number }> {
  const child = spawn(process.execPath, script, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, CI: "true", EVERY_LOOK: "true" },
  });
  let said = "";
  child.stdout.on("data", (chunk) => {
    process.stdout.write(chunk);
    said = `${said}${chunk}`.slice(-1000);
  });
  const [code] = await once(child, "close");
  const { passed, failed } = report === undefined ? countedIn(said) : countedBy(report);
  // Nothing run is no pass, nor is a run that failed without a failed test.
  return { passed, failed: Math.max(failed, code === 0 && passed > 0 ? 0 : 1) };
}

function countedIn(said: string): { passed: number; failed: number } {
  const [, passed = "0", failed = "1"] = /(\d+) passed, (\d+) failed\s*$/.exec(said) ?? [];
  return { passed: Number(passed), failed: Number(failed) };
}

function countedBy(report: string): { passed: number; failed: number } {
  try {
    const counted = JSON.parse(readFileSync(report, "utf8")) as Record<string, number>;
    const passed = counted.numPassedTests ?? 0;
    // A test that did not run is no pass.
    return { passed, failed: (counted.numTotalTests ?? 0) - passed };
  } catch {
    // Vitest did not get to its report, and has said why.
    return { passed: 0, failed: 1 };
  }
}
