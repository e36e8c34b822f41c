/** The client as it is published, and a folder of somebody who installs it. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** npm without what the machine's user or this run has set, with an empty home: `HOME` is the folder. */
function bareNpm(home: string, folder: string, ...words: string[]): string {
  const path = [dirname(process.execPath), join(root, "node_modules/.bin"), process.env.PATH].join(":");
  const env = { PATH: path, HOME: home, npm_config_update_notifier: "false" };
  return execFileSync("npm", words, {
    cwd: folder,
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/**
 * Packs the client with its own scripts and answers the tarball's path. From a copy: the checkout is packed by several
 * tests at a time.
 */
export function packClient(): string {
  const folder = mkdtempSync(join(tmpdir(), "meiduo-packed-"));
  const client = join(folder, "client");
  mkdirSync(client);
  for (const name of ["tsconfig.json", "LICENSE"]) cpSync(join(root, name), join(folder, name));
  for (const name of readdirSync(join(root, "client"))) {
    if (/^(node_modules|dist|test|LICENSE)$/.test(name)) continue;
    cpSync(join(root, "client", name), join(client, name), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  bareNpm(folder, client, "pack", "--pack-destination", folder, "--silent");
  return join(folder, readdirSync(folder).find((name) => name.endsWith(".tgz"))!);
}

/** A new folder with this package.json, in which the tarball is installed, without a network and with an empty home. */
export function folderWithClient(tarball: string, packageJson: object = { type: "module" }): string {
  const folder = mkdtempSync(join(tmpdir(), "meiduo-adopter-"));
  const home = mkdtempSync(join(tmpdir(), "meiduo-home-"));
  writeFileSync(join(folder, "package.json"), JSON.stringify(packageJson));
  bareNpm(home, folder, "install", tarball, "--offline", "--no-audit", "--no-fund", "--silent");
  return folder;
}

/** Makes packages of this checkout usable in the folder, as if they had been installed there. */
export function lendPackages(folder: string, names: readonly string[]): void {
  for (const name of names) {
    const target = join(folder, "node_modules", name);
    mkdirSync(dirname(target), { recursive: true });
    symlinkSync(join(root, "node_modules", name), target);
  }
}
