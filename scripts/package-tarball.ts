import { spawnSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { buildSiteApart } from "../server/src/site/build-site.ts";
import { packageManifest } from "./package-manifest.ts";

/**
 * The npm package of this checkout. Promise: it holds what runs and nothing else. No test, no TypeScript (Node runs none
 * in node_modules) and no package of development is in it. Its files lie below `dist` as they lie in the repository, so
 * that what finds a file by its place finds it in both.
 */
const root = resolve(import.meta.dirname, "..");

/** What the compiler leaves alone, as patterns from the root. */
const besideSources = [
  "docs/openapi.json",
  "server/src/passwords/common-passwords.txt*",
  "server/src/process/*.{mjs,d.mts}",
  "sandbox/*.{html,css,js}",
  "web/dist/**/*",
];

/** What lies at the package's own root: its path there by its path here. */
const atRoot = {
  LICENSE: "LICENSE",
  "CHANGELOG.md": "CHANGELOG.md",
  "server/README.md": "README.md",
  "server/README.zh.md": "README.zh.md",
  "server/bin/meiduo-accounts.mjs": "bin/meiduo-accounts.mjs",
};

/** Packs into the folder, which is made where it is missing, and resolves with the tarball's path. */
export async function packPackage(into: string): Promise<string> {
  await buildSiteApart();
  const stage = mkdtempSync(join(tmpdir(), "meiduo-package-"));
  try {
    compile(join(stage, "dist"));
    for (const file of globSync(besideSources, { cwd: root, withFileTypes: true })) {
      if (file.isFile()) copy(join(file.parentPath, file.name), join(stage, "dist"));
    }
    for (const [from, to] of Object.entries(atRoot)) cpSync(join(root, from), join(stage, to));
    writeFileSync(join(stage, "package.json"), `${JSON.stringify(packageManifest(), null, 2)}\n`);
    mkdirSync(into, { recursive: true });
    const packed = run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", into], stage);
    const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
    return join(into, filename);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

function compile(outDir: string): void {
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  run(process.execPath, [tsc, "-p", join(root, "server", "tsconfig.package.json"), "--outDir", outDir], root);
}

function copy(file: string, dist: string): void {
  const to = join(dist, file.slice(root.length + 1));
  mkdirSync(dirname(to), { recursive: true });
  cpSync(file, to);
}

/** What it printed. Throws with all of it where it failed. */
function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    ...{
      cwd,
      encoding: "utf8",
      maxBuffer: 2 ** 26,
      shell: process.platform === "win32" && command === "npm",
    },
  });
  if (status === 0) return stdout;
  throw new Error(`${command} ${args[0]} failed: ${error?.message ?? ""}\n${stdout ?? ""}${stderr ?? ""}`);
}
