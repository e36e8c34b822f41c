/**
 * `npm run test:release`: what is tested before a release and takes too long for every change. Fails where something
 * that it needs is missing: here nobody would read a line that says what was not tested.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "meiduo-release-"));
const report = join(folder, "report.json");
const vitest = ["node_modules/vitest/vitest.mjs", "run", "--project", "release"];
const reporters = ["--reporter=verbose", "--reporter=json", `--outputFile.json=${report}`];
const child = spawn(process.execPath, [...vitest, ...reporters, ...process.argv.slice(2)], {
  stdio: ["ignore", "inherit", "inherit"],
  env: { ...process.env, CI: "true" },
});
const [code] = await once(child, "exit");
let [passed, failed] = [0, code === 0 ? 0 : 1];
try {
  const counted = JSON.parse(readFileSync(report, "utf8")) as Record<string, number>;
  passed = counted.numPassedTests ?? 0;
  // A test that did not run is no pass.
  failed = Math.max(failed, (counted.numTotalTests ?? 0) - passed);
} catch {
  // Vitest did not get to its report, and has said why.
}
rmSync(folder, { recursive: true, force: true });
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
