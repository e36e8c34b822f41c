import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { readBenchOptions } from "./options.ts";

const argv = [...process.argv];
const read = (...args: string[]) => {
  process.argv = ["node", "run.ts", ...args];
  return readBenchOptions();
};
afterEach(() => {
  process.argv = argv;
});

it("compares with a commit on both engines, nine pairs, at most a twentieth dearer", () => {
  expect(read("--against", "HEAD")).toEqual({
    ...{ kind: "against", ref: "HEAD", pairs: 9, limit: 1.05 },
    ...{ engines: ["sqlite", "postgres"], seconds: 1.5, accounts: 1000, only: null },
  });
});

it("takes every option of a comparison", () => {
  const args = "--against HEAD~2 --pairs 12 --limit 1.1 --seconds 0.5 --accounts 10 --engine postgres";
  expect(read(...args.split(" "), "--only", "count,mail")).toEqual({
    ...{ kind: "against", ref: "HEAD~2", pairs: 12, limit: 1.1 },
    ...{ engines: ["postgres"], seconds: 0.5, accounts: 10, only: ["count", "mail"] },
  });
});

it("makes tables where nothing is compared", () => {
  expect(read("--engine", "both", "--growth", "1000000")).toEqual({
    ...{ kind: "tables", engines: ["sqlite", "postgres"], rounds: 5, growth: 1_000_000, dry: false },
    ...{ seconds: 3, accounts: 1000, only: null },
  });
});

describe("what can't be measured is one sentence in both languages, and nothing begins", () => {
  it.each([
    ["a commit that isn't there", ["--against", "no-such-commit"], 'no commit "no-such-commit"'],
    ["an option taken for a commit", ["--against", "--all"], "--against"],
    ["a file taken for a commit", ["--against", "HEAD:package.json"], 'no commit "HEAD:package.json"'],
    ["too few pairs to judge", ["--against", "HEAD", "--pairs", "8"], "--pairs must be at least 9"],
    ["a limit that is none", ["--against", "HEAD", "--limit", "0"], "--limit"],
    ["a row that is not compared", ["--against", "HEAD", "--only", "hello"], "start, count, email-count"],
    ["rounds of a comparison", ["--against", "HEAD", "--rounds", "3"], "--rounds does not go with --against"],
    ["pairs of nothing", ["--pairs", "9"], "--pairs goes with --against only"],
  ])("%s", (_, args, said) => {
    const run = fileURLToPath(new URL("run.ts", import.meta.url));
    const { status, stdout, stderr } = spawnSync(process.execPath, [run, ...args], { encoding: "utf8" });
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(said);
    expect(stderr).toMatch(/^[^\n]*[\u4e00-\u9fff][^\n]*\n$/u);
  });
});
