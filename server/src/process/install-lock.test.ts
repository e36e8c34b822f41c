import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

/** Two starts that install at once would take each other's files away. */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "meiduo-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A folder that is there already is somebody else at work: mkdir fails, and so does the process. */
const work = `
import { mkdirSync, rmdirSync } from "node:fs";
import { withInstallLock } from ${JSON.stringify(new URL("install-lock.mjs", import.meta.url).href)};
const [, folder, then] = process.argv;
await withInstallLock(folder + "/lock", () => {
  mkdirSync(folder + "/at-work");
  if (then === "die") process.kill(process.pid, "SIGKILL");
  for (const end = performance.now() + 20; performance.now() < end; );
  rmdirSync(folder + "/at-work");
});
`;

async function contend(then = "end"): Promise<[code: number | null, signal: string | null]> {
  const args = ["--input-type=module", "-e", work, folder, then];
  const child = spawn(process.execPath, args, { stdio: "ignore" });
  return (await once(child, "close")) as [number | null, string | null];
}

test("of many at once one works at a time, also after one was killed at work", async () => {
  expect(await contend("die")).toEqual([null, "SIGKILL"]);
  rmSync(join(folder, "at-work"), { recursive: true });
  const ended = await Promise.all(Array.from({ length: 8 }, () => contend()));
  expect(ended).toEqual(ended.map(() => [0, null]));
  expect(readdirSync(folder)).toEqual(["lock"]);
  // The killed one's number, and one for each of the others; only the last is kept, none is half made.
  expect(readdirSync(join(folder, "lock")).every((name) => /^\d+$/.test(name))).toBe(true);
  expect(readdirSync(join(folder, "lock"))).toContain("9");
});

test("another process that has the number of a dead one does not hold its lock", async () => {
  await contend();
  writeFileSync(join(folder, "lock", "5"), `${process.pid} 1`);
  expect(await contend()).toEqual([0, null]);
  expect(readdirSync(join(folder, "lock"))).toContain("6");
});
