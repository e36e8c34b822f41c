import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { atEnd } from "../at-end.ts";
import { linkPackages } from "./packages.ts";

/** Another version of the project, checked out beside this one. */
export interface Commit {
  readonly id: string;
  /** As `git log --oneline` shows it. */
  readonly line: string;
}

function git(tree: string, ...args: string[]) {
  return spawnSync("git", ["-C", tree, ...args], { encoding: "utf8" });
}

/** The commit that `ref` names in this repository; null where there is none, "no-history" where there is no git. */
export function findCommit(tree: string, ref: string): Commit | null | "no-history" {
  if (git(tree, "rev-parse", "--git-dir").status !== 0) return "no-history";
  const found = git(tree, "rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`);
  if (found.status !== 0) return null;
  const id = found.stdout.trim();
  return { id, line: git(tree, "log", "-1", "--oneline", "--no-decorate", id).stdout.trim() };
}

/**
 * Checks the commit out into a new folder in `folder`, with this checkout's packages where those are what it asks for.
 * It goes when this process ends, by a signal too; what stood here is not touched.
 */
export function checkOut(tree: string, { id }: Commit, folder: string): { tree: string; isLinked: boolean } {
  const path = join(folder, "there");
  // Before there is one: a signal may come while it is made.
  atEnd(() => {
    git(tree, "worktree", "remove", "--force", path);
    git(tree, "worktree", "prune");
  });
  const made = git(tree, "worktree", "add", "--quiet", "--detach", path, id);
  if (made.status !== 0) throw new Error(`git worktree add failed: ${made.stderr}`);
  return { tree: path, isLinked: linkPackages(tree, path) };
}
