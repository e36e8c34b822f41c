import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

test("every test of a release has its step", () => {
  const steps = readFileSync(resolve(import.meta.dirname, "test-release.ts"), "utf8");
  const files = readdirSync(resolve(import.meta.dirname, "../server/test/release"));
  expect(files.filter((file) => !steps.includes(`"server/test/release/${file}"`))).toEqual([]);
});

test("a release is tested at other times, and a mistyped step is none that passes", () => {
  const root = resolve(import.meta.dirname, "..");
  const { status, stderr } = spawnSync(process.execPath, [join("scripts", "test-release.ts"), "clock +2d"], {
    cwd: root,
    encoding: "utf8",
  });
  expect(status).toBe(2);
  const [said = "", known = ""] = stderr.trimEnd().split(" Known: ");
  expect(said).toBe("No such step: clock +2d.");
  const times = ["clock +1d", "clock +40d", "clock +400d", "leap day"];
  const rest = ["minimal Debian", "scale", "screenshots"];
  expect(known.split(", ")).toEqual(expect.arrayContaining([...times, ...rest]));
});
