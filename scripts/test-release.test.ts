import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

test("a release is tested at other times, and a mistyped step is none that passes", () => {
  const root = resolve(import.meta.dirname, "..");
  const { status, stderr } = spawnSync(process.execPath, [join("scripts", "test-release.ts"), "clock +2d"], {
    cwd: root,
    encoding: "utf8",
  });
  expect(status).toBe(2);
  expect(stderr).toBe(
    "No such step: clock +2d. Known: clock +1d, clock +40d, clock +400d, leap day, minimal Debian\n",
  );
});
