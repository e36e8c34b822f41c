import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { linkPackages } from "./packages.ts";
import { findCommit } from "./work-tree.ts";

/** A project of two commits with one package, one workspace and a program, as npm leaves them. */
let root = "";
let project = "";
const git = (...args: string[]) => {
  const named = ["-c", "user.name=A", "-c", "user.email=a@example.com", ...args];
  const { status, stdout, stderr } = spawnSync("git", ["-C", project, ...named], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
};
const write = (file: string, content: unknown) =>
  writeFileSync(join(project, file), typeof content === "string" ? content : JSON.stringify(content));
const lock = (version: string) => ({ packages: { "node_modules/thing": { version } } });

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "meiduo-work-tree-"));
  project = join(root, "project");
  for (const folder of ["client", "node_modules/thing", "node_modules/@own", "node_modules/.bin"])
    mkdirSync(join(project, folder), { recursive: true });
  git("init", "--quiet");
  write(".gitignore", "node_modules\n");
  write("package.json", { workspaces: ["client"] });
  write("package-lock.json", lock("1.0.0"));
  write("client/version", "older");
  git("add", "-A");
  git("commit", "--quiet", "-m", "older: a client");
  write("client/version", "newer");
  git("commit", "--quiet", "-am", "newer: another client");
  write("node_modules/.package-lock.json", lock("1.0.0"));
  write("node_modules/thing/package.json", { version: "1.0.0" });
  write("node_modules/.leftover", "");
  symlinkSync("../../client", join(project, "node_modules/@own/client"));
  symlinkSync("../thing/package.json", join(project, "node_modules/.bin/thing"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

it("finds commits by whatever git takes for one, and nothing else", () => {
  const line = `${git("rev-parse", "--short", "HEAD~1")} older: a client`;
  expect(findCommit(project, "HEAD~1")).toEqual({ id: git("rev-parse", "HEAD~1"), line });
  expect(findCommit(project, "HEAD:package.json")).toBeNull();
  expect(findCommit(project, "--all")).toBeNull();
  expect(findCommit(project, "no-such-commit")).toBeNull();
  mkdirSync(join(root, "elsewhere"));
  expect(findCommit(join(root, "elsewhere"), "HEAD")).toBe("no-history");
});

/** Checks out HEAD~1 as `bench` does, in a process of its own, prints where, and waits for what ends it. */
async function checkOutElsewhere() {
  const module = (name: string) => JSON.stringify(fileURLToPath(new URL(name, import.meta.url)));
  const script = `
    import { checkOut, findCommit } from ${module("work-tree.ts")};
    import { useScratchFolder } from ${module("../scratch-folder.ts")};
    const project = ${JSON.stringify(project)};
    console.log(JSON.stringify(checkOut(project, findCommit(project, "HEAD~1"), useScratchFolder())));
    process.stdin.once("data", () => process.exit(0));`;
  const file = join(root, "check-out.ts");
  writeFileSync(file, script);
  const child = spawn(process.execPath, [file], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once("data", (text) => resolve(String(text)));
    child.once("close", () => reject(new Error("it ended")));
  });
  return { child, ended, ...(JSON.parse(line) as { tree: string; isLinked: boolean }) };
}

it.each([
  ["its own end", null, 0],
  ["Ctrl-C", "SIGINT", 130],
  ["kill", "SIGTERM", 143],
] as const)(
  "checks out another commit beside this one, and leaves nothing behind after %s",
  async (_, signal, code) => {
    const { child, ended, tree, isLinked } = await checkOutElsewhere();
    expect(isLinked).toBe(true);
    expect(readFileSync(join(tree, "client/version"), "utf8")).toBe("older");
    expect(readFileSync(join(project, "client/version"), "utf8")).toBe("newer");
    if (signal === null) child.stdin.write("\n");
    else child.kill(signal);
    expect(await ended).toBe(code);
    expect(existsSync(tree)).toBe(false);
    expect(git("worktree", "list").split("\n")).toHaveLength(1);
    expect(existsSync(join(project, "node_modules/thing/package.json"))).toBe(true);
  },
);

it("links packages, and workspaces and programs to the checkout's own", () => {
  const other = join(root, "other");
  git("worktree", "add", "--quiet", "--detach", other, "HEAD~1");
  expect(linkPackages(project, other)).toBe(true);
  const real = (file: string) => realpathSync(join(other, "node_modules", file));
  expect(real("thing")).toBe(realpathSync(join(project, "node_modules/thing")));
  expect(real("@own/client")).toBe(realpathSync(join(other, "client")));
  expect(existsSync(join(other, "node_modules/.bin/thing"))).toBe(true);
  expect(existsSync(join(other, "node_modules/.leftover"))).toBe(false);
});

it("links nothing where the other commit asks for another version", () => {
  write("package-lock.json", lock("2.0.0"));
  git("commit", "--quiet", "-am", "another thing");
  const other = join(root, "other");
  git("worktree", "add", "--quiet", "--detach", other, "HEAD");
  expect(linkPackages(project, other)).toBe(false);
  expect(existsSync(join(other, "node_modules"))).toBe(false);
  expect(existsSync(join(project, "node_modules/thing/package.json"))).toBe(true);
});
