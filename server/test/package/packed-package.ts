import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { packPackage } from "../../../scripts/package-tarball.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The npm package of this checkout. */
    tarball: string;
    /** What npm has fetched in this run: each folder has a home of its own, and not each fetches everything. */
    npmCache: string;
  }
}

/** Packs once for all files of a run. */
export default async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), "meiduo-packed-"));
  project.provide("tarball", await packPackage(folder));
  project.provide("npmCache", join(folder, "npm-cache"));
  return () => rmSync(folder, { recursive: true, force: true });
}
