import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { makeFolder } from "./make-folder.ts";

const root = mkdtempSync(join(tmpdir(), "meiduo-make-folder-"));
afterAll(() => rmSync(root, { recursive: true }));

it("makes what is missing, with the mode asked for, and leaves what is there", () => {
  const folder = join(root, "a", "b", "c");
  makeFolder(folder, 0o700);
  makeFolder(folder, 0o755);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(root, "a")).mode & 0o777).toBe(0o700);
});

it("fails where a file is in the way", () => {
  const file = join(root, "file");
  writeFileSync(file, "");
  expect(() => makeFolder(file)).toThrow(/EEXIST/);
  expect(() => makeFolder(join(file, "data"))).toThrow(/ENOTDIR/);
});

it.runIf(process.platform === "linux")(
  "fails, instead of trying for ever, where no folder can be made",
  () => {
    expect(() => makeFolder("/proc/meiduo/data")).toThrow(/ENOENT/);
  },
);
