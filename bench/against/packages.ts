import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { missingPackages } from "../../scripts/install.mjs";

/** npm's record of what is installed, without which the launcher would install everything. */
const record = ".package-lock.json";

/**
 * Gives the checkout `to` the packages installed in `from`, as links. Returns whether those are all it asks for;
 * otherwise nothing is left there, and its own launcher installs.
 */
export function linkPackages(from: string, to: string): boolean {
  const folders = ["", ...workspacesOf(from)].filter(
    (folder) => existsSync(join(from, folder, "node_modules")) && existsSync(join(to, folder)),
  );
  const made = folders.map((folder) => join(to, folder, "node_modules"));
  for (const folder of folders) {
    linkEntries(join(from, folder, "node_modules"), join(to, folder, "node_modules"));
  }
  if (missingPackages(to).length === 0) return true;
  for (const folder of made) rmSync(folder, { recursive: true });
  return false;
}

function workspacesOf(tree: string): string[] {
  return JSON.parse(readFileSync(join(tree, "package.json"), "utf8")).workspaces ?? [];
}

/** Real folders of links: what is written beside the packages (caches, stamps) is each checkout's own. */
function linkEntries(from: string, to: string): void {
  mkdirSync(to);
  for (const name of readdirSync(from)) {
    const [source, target] = [join(from, name), join(to, name)];
    // A workspace, or a program of a package: the same way from here leads to this checkout's own.
    if (lstatSync(source).isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else if (name.startsWith("@") || name === ".bin") linkEntries(source, target);
    else if (name === record) copyFileSync(source, target);
    else if (!name.startsWith(".")) symlinkSync(source, target);
  }
}
